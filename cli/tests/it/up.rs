//! The main job, from an empty folder to a verified result.

use std::process::Stdio;

use serde_json::Value;

use crate::{
    collector::{Collector, Traces},
    world::{Answer, World},
};

const ONCE: [&str; 5] = ["--json", "up", "--once", "--findings", "3000"];

#[tokio::test]
async fn what_was_sent_is_what_is_there_and_one_detection_is_one_trace() {
    let world = World::new();
    let (collector, address) = Collector::start().await;

    let first = world.run(&[&ONCE[..], &["--otlp-endpoint", &address]].concat(), "").await;
    let result = verified(&first);
    assert!(result["truth"]["events"].as_u64() > Some(2_900), "{result}");
    assert!(result["sent"]["findings"]["refused"] == result["truth"]["refused"], "{result}");
    for document in ["json", "html"] {
        let path = result["report"][document].as_str().unwrap();
        assert!(std::fs::read_to_string(path).unwrap().len() > 1_000, "{path}");
    }
    let kinds: Vec<_> = result["result"]["gaps"]["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["kind"].as_str().unwrap(), it["subject"].as_str().unwrap()))
        .collect();
    assert!(kinds.contains(&("GAP_KIND_OUTAGE", "llm-guard")), "{kinds:?}");

    let services = ["llama-mapper-analysis", "llama-mapper-mapper", "llama-mapper-orchestration"];
    assert!(one_trace_covers(&collector.traces(), "Detect", services), "{:#?}", collector.traces());

    // The folder is resumed: nothing is sent again, and everything is still there.
    let second = verified(&world.run(&ONCE, "").await);
    assert_eq!(second["sent"]["findings"], Value::Null);
    assert_eq!(second["result"]["events"], result["result"]["events"]);
}

#[tokio::test]
async fn every_verb_answers_while_the_mesh_is_up() {
    let world = World::new();
    let mut mesh = world.stay_up(&[]).await;

    let detected = world.run(&["--json", "detect", "Write to kari@example.com"], "").await.json();
    assert_eq!(detected["findings"][0]["label"], "PII.Contact.Email", "{detected}");
    let request = detected["request_id"].as_str().unwrap();
    let ledger = world.run(&["--json", "coverage", "--request", request], "").await.json();
    assert_eq!(ledger["run"]["detection"]["checks"], detected["checks"]);

    let mapped = world.run(&["--json", "map", "presidio", "US_SSN"], "").await.json();
    assert_eq!(mapped["results"][0]["mapping"]["label"], "PII.Identifier.SSN", "{mapped}");
    let explained = ["--json", "explain", "presidio", "US_SSN", "--disposition", "exposed"];
    let explained = world.run(&explained, "").await.json();
    let controls = explained["controls"].as_array().unwrap();
    assert!(
        controls.iter().any(|it| it["framework"] == "gdpr" && it["holds"] == true),
        "{explained}"
    );

    for verb in [
        &["events", "--limit", "3"][..],
        &["events", "--count-by", "severity"],
        &["risk"],
        &["taxonomy", "show", "PII.Identifier"],
        &["taxonomy", "diff"],
        &["frameworks"],
        &["frameworks", "gdpr"],
        &["proposals"],
        &["policy", "list"],
        &["policy", "show"],
        &["detectors", "list"],
        &["tenants", "list"],
        &["report", "list"],
        &["doctor"],
    ] {
        let table = world.run(verb, "").await;
        assert_eq!(table.status, Some(0), "{verb:?} {table:?}");
        assert!(!table.stdout.trim().is_empty(), "{verb:?}");
        let json = world.run(&[&["--json"], verb].concat(), "").await;
        assert!(json.json().is_object(), "{verb:?} {json:?}");
    }

    refusals(&world).await;
    mesh.interrupt().await;
}

/// Wrong input is answered in words and with the exit status for it, and the good part goes through.
async fn refusals(world: &World) {
    let lines = "{\"finding_id\":\"t-1\",\"detector\":\"presidio\",\"raw_label\":\"PERSON\",\"score\":0.9,\
                 \"occurred_at\":\"2026-11-20T08:00:00Z\"}\nnot json\n\
                 {\"finding_id\":\"t-2\",\"detector\":\"nobody-knows\",\"raw_label\":\"X\",\"score\":0.9,\
                 \"occurred_at\":\"2026-11-20T08:00:00Z\"}\n";
    let answer = world.run(&["--json", "ingest", "-"], lines).await;
    assert_eq!(answer.status, Some(3), "{answer:?}");
    let summary: Value = serde_json::from_str(answer.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&summary["accepted"], &summary["refused"], &summary["unreadable"]),
        (&Value::from(1), &Value::from(1), &Value::from(1)),
        "{answer:?}"
    );
    assert!(answer.stdout.contains("DETECTOR_NOT_FOUND"), "{answer:?}");

    let answer = world.run(&["report", "get", "not-a-uuid"], "").await;
    assert_eq!(answer.status, Some(2), "{answer:?}");
    let answer = world.run(&["--key", "lmk_wrong", "events"], "").await;
    assert_eq!(answer.status, Some(2), "{answer:?}");
    let answer = world.run(&["tenants", "create", "Not A Name"], "").await;
    assert_eq!(answer.status, Some(2), "{answer:?}");
    let answer = world.run(&["tenants", "create", "demo"], "").await;
    assert_eq!(answer.status, Some(2), "{answer:?}");
    assert!(answer.stderr.contains("(CONFLICT, request "), "{answer:?}");
}

impl crate::world::Mesh {
    /// Ctrl-C, and everything comes down in order.
    async fn interrupt(&mut self) {
        let pid = self.child.id().unwrap().to_string();
        let killed = tokio::process::Command::new("kill")
            .args(["-INT", &pid])
            .stdout(Stdio::null())
            .status()
            .await
            .unwrap();
        assert!(killed.success());
        let status = self.child.wait().await.unwrap();
        assert_eq!(status.code(), Some(0));
        while self.lines.next_line().await.unwrap().is_some() {}
    }
}

fn verified(answer: &Answer) -> Value {
    assert_eq!(answer.status, Some(0), "{answer:?}");
    let result = answer.json();
    let broken: Vec<_> =
        result["checks"].as_array().unwrap().iter().filter(|it| it["holds"] != true).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(result["verified"], true);
    result
}

fn one_trace_covers(traces: &Traces, rpc: &str, services: [&str; 3]) -> bool {
    traces.values().any(|spans| {
        let of_rpc = spans.iter().any(|it| it.name.contains(rpc));
        of_rpc && services.iter().all(|service| spans.iter().any(|it| it.service == *service))
    })
}
