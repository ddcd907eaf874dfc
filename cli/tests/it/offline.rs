//! What needs no mesh: help, completions, generation, and clear words where a mesh is missing.

use crate::world::World;

#[tokio::test]
async fn every_verb_explains_itself() {
    let world = World::new();
    let help = world.run(&["--help"], "").await;
    assert_eq!(help.status, Some(0), "{help:?}");
    for verb in [
        "up",
        "ingest",
        "detect",
        "map",
        "explain",
        "events",
        "coverage",
        "risk",
        "gaps",
        "report",
        "taxonomy",
        "frameworks",
        "tenants",
        "keys",
        "generate",
        "doctor",
        "config",
        "bench",
        "completions",
    ] {
        assert!(help.stdout.contains(&format!("  {verb} ")), "{verb} is missing: {help:?}");
        let own = world.run(&[verb, "--help"], "").await;
        assert_eq!(own.status, Some(0), "{own:?}");
        assert!(own.stdout.contains("Usage:"), "{own:?}");
    }
}

#[tokio::test]
async fn without_a_mesh_the_way_out_is_named() {
    let answer = World::new().run(&["gaps"], "").await;
    assert_eq!(answer.status, Some(1), "{answer:?}");
    assert!(answer.stderr.contains("llama-mapper up"), "{answer:?}");
}

#[tokio::test]
async fn a_mesh_that_is_away_has_an_exit_status_of_its_own() {
    // Port 9 is the discard service, which nobody runs.
    let args = ["--key", "lmk_x_y", "--mapper", "http://127.0.0.1:9", "taxonomy", "show"];
    let answer = World::new().run(&args, "").await;
    assert_eq!(answer.status, Some(4), "{answer:?}");
    assert!(answer.stderr.contains("doctor"), "{answer:?}");
}

#[tokio::test]
async fn the_same_seed_and_end_generate_the_same_lines_and_their_truth() {
    let world = World::new();
    let args = ["generate", "--findings", "1000", "--seed", "3", "--end", "2026-11-21T10:00:00Z"];
    let (one, two) = tokio::join!(world.run(&args, ""), world.run(&args, ""));
    assert_eq!(one.stdout, two.stdout);
    let mut with_truth = args.to_vec();
    with_truth.push("--truth");
    let truth = world.run(&with_truth, "").await.json();
    let findings = one.stdout.lines().filter(|line| !line.starts_with("{\"run\"")).count();
    assert_eq!(truth["sent"].as_u64(), Some(findings as u64));
}

#[tokio::test]
async fn a_wrong_configuration_names_the_key_and_its_source() {
    let world = World::new();
    let file = world.data_dir().join("mapper.toml");
    let text = "[server]\nlisten = \"nowhere\"\n[database]\nurl = \"postgres://localhost\"\n\
                [identity]\nmesh_key = \"no secret, but as long as one must be\"\n";
    std::fs::write(&file, text).unwrap();
    let answer =
        world.run(&["config", "check", "mapper", "--config", file.to_str().unwrap()], "").await;
    assert_eq!(answer.status, Some(1), "{answer:?}");
    assert!(answer.stderr.contains("server.listen"), "{answer:?}");
    assert!(answer.stderr.contains("mapper.toml"), "{answer:?}");
}

#[tokio::test]
async fn up_leaves_a_folder_alone_that_is_not_its_own() {
    let world = World::new();
    let folder = world.data_dir().join("mesh");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("thesis.txt"), "years of work").unwrap();
    let answer = world.run(&["up", "--fresh", "--once"], "").await;
    assert_eq!(answer.status, Some(1), "{answer:?}");
    assert!(folder.join("thesis.txt").exists());
}

#[tokio::test]
async fn a_reader_who_has_seen_enough_is_no_error() {
    use std::io::{BufRead as _, BufReader};

    let world = World::new();
    for args in [&["completions", "bash"][..], &["generate", "--findings", "20000"]] {
        let mut child = world
            .command(args)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        // Read one line and close the pipe.
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
