//! The dependency rules of ARCHITECTURE.md, checked on the source text.

use std::collections::HashSet;

use contract_tests::{Source, sources};

/// What a module of a service is, by its name. A name that is not here is a noun of the domain: core.
const SHELL: &[(&str, Kind)] = &[
    ("main", Kind::Boot),
    ("lib", Kind::Boot),
    ("config", Kind::Boot),
    ("app", Kind::App),
    ("error", Kind::App),
    ("cache", Kind::Door),
    ("clients", Kind::Door),
    ("rpc", Kind::Door),
    ("store", Kind::Door),
    // What several doors translate in the same way.
    ("wire", Kind::Door),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boot,
    App,
    Door,
    Core,
}

/// Words that only the modules named beside them may use, in every service.
const OWNERS: &[(&str, &[&str])] = &[
    // SQL is in one place; others hold a pool or a transaction as a value.
    ("sqlx", &["store", "app", "error"]),
    ("sqlx::query", &["store"]),
    ("query!", &["store"]),
    ("query_as!", &["store"]),
    ("query_scalar!", &["store"]),
    // The wire ends at the doors that speak it; `lib` hands the descriptors to the contract.
    ("proto", &["rpc", "clients", "wire", "lib"]),
    ("tonic", &["rpc", "clients", "wire", "error"]),
    ("prost", &["rpc", "clients", "wire"]),
    ("prost_types", &["rpc", "clients", "wire"]),
    ("redis", &["cache"]),
    ("moka", &["cache"]),
    // The clock, randomness and new ids are read once, by the app, and handed on.
    ("SystemTime::now", &["app"]),
    ("now_utc", &["app"]),
    ("now_v7", &["app"]),
    ("new_v4", &["app"]),
    ("getrandom", &["app"]),
    ("rand", &["app"]),
    // Time that passes, and nothing else: how long a call took, how old an answer is.
    ("Instant::now", &["app", "cache", "clients", "rpc"]),
    // The environment is read by `runtime::config` only.
    ("std::env", &[]),
    ("env::var", &[]),
];

/// Words that a kind of module must not use, whoever else may.
const FORBIDDEN: &[(Kind, &[&str])] = &[
    (
        Kind::Core,
        &[
            "async fn",
            "async move",
            ".await",
            "anyhow",
            "app::",
            "clients::",
            "error::",
            "futures",
            "runtime",
            "rpc::",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "store::",
            "tokio",
            "tracing",
            "wire::",
        ],
    ),
    (Kind::App, &["rpc::", "wire::"]),
    (Kind::Door, &["anyhow"]),
];

/// What one door must not know of another: they meet in the app.
const STRANGERS: &[(&str, &[&str])] = &[
    ("cache", &["app::", "clients::", "rpc::", "store::", "wire::"]),
    ("clients", &["app::", "cache::", "rpc::", "store::"]),
    ("rpc", &["cache::", "clients::", "store::"]),
    ("store", &["app::", "cache::", "clients::", "rpc::", "wire::"]),
    ("wire", &["app::", "cache::", "clients::", "rpc::", "store::"]),
];

/// Which of our own crates a crate may use. Tests may also use `testkit`, which no shipped code names.
const DEPENDENCIES: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("libs/types", &[]),
    ("libs/cluster", &[]),
    ("libs/scanner", &[]),
    ("libs/taxonomy", &["types"]),
    ("libs/runtime", &["proto", "types"]),
    ("libs/testkit", &["cluster", "proto", "runtime", "scanner", "types"]),
    ("services/analysis", &["proto", "runtime", "scanner", "taxonomy", "types"]),
    ("services/mapper", &["proto", "runtime", "scanner", "taxonomy", "types"]),
    ("services/orchestration", &["proto", "runtime", "scanner", "taxonomy", "types"]),
    (
        "cli",
        &[
            "analysis",
            "cluster",
            "mapper",
            "orchestration",
            "proto",
            "runtime",
            "scanner",
            "taxonomy",
            "types",
        ],
    ),
    (
        "contract-tests",
        &["analysis", "mapper", "orchestration", "proto", "runtime", "taxonomy", "types"],
    ),
];

const LINES_MAX: usize = 400;

/// Files that are longer than they should be, and why that is better than two files.
const LONG: &[(&str, &str)] = &[(
    "cli/src/args.rs",
    "the whole command line is one declaration, which reads like its own help",
)];

#[test]
fn modules_of_a_service_use_only_what_they_may() {
    let mut broken = Vec::new();
    for (service, source) in modules() {
        let module = module(&source.path);
        let kind = kind(&source.path);
        let mut break_rule =
            |rule: String| broken.push(format!("services/{service}: {}: {rule}", source.path));
        for (word, owners) in OWNERS {
            if source.names(word) && !owners.contains(&module) {
                break_rule(format!("`{word}` belongs in {owners:?}"));
            }
        }
        for (_, words) in FORBIDDEN.iter().filter(|(it, _)| *it == kind) {
            for word in words.iter().filter(|word| source.names(word)) {
                break_rule(format!("{kind:?} must not name `{word}`"));
            }
        }
        for (_, words) in STRANGERS.iter().filter(|(it, _)| *it == module) {
            for word in words.iter().filter(|word| reaches(source, word)) {
                break_rule(format!("the door `{module}` must not know `{word}`"));
            }
        }
    }
    nothing(&broken);
}

#[test]
fn crates_depend_only_on_what_they_may() {
    let mut broken = Vec::new();
    let ours: Vec<&str> =
        DEPENDENCIES.iter().map(|(path, _)| path.rsplit('/').next().unwrap()).collect();
    for manifest in manifests() {
        let folder = manifest.path.trim_end_matches("/Cargo.toml");
        let Some((_, allowed)) = DEPENDENCIES.iter().find(|(path, _)| *path == folder) else {
            broken.push(format!("{folder}: a new crate; say in DEPENDENCIES what it may use"));
            continue;
        };
        for (section, name, _) in dependencies(manifest) {
            let is_test_only = name == "testkit" && section == "dev-dependencies";
            if ours.contains(&name) && !allowed.contains(&name) && !is_test_only {
                broken.push(format!("{folder}: must not depend on `{name}`"));
            }
            if section == "build-dependencies" {
                broken.push(format!("{folder}: has a build script"));
            }
        }
    }
    nothing(&broken);
}

#[test]
fn versions_and_lints_come_from_the_workspace() {
    let mut broken = Vec::new();
    for manifest in manifests() {
        for (_, name, value) in dependencies(manifest) {
            if !value.contains("workspace = true") && value != "true" {
                broken.push(format!("{}: `{name}` must come from the workspace", manifest.path));
            }
        }
        // Generated code answers to its generator.
        let is_generated = manifest.path == "proto/Cargo.toml";
        if !is_generated && !manifest.text.contains("[lints]\nworkspace = true\n") {
            broken.push(format!("{}: `[lints] workspace = true` is missing", manifest.path));
        }
        for key in ["edition", "license", "publish", "version"] {
            if !manifest.text.contains(&format!("\n{key}.workspace = true\n")) {
                broken.push(format!("{}: `{key}.workspace = true` is missing", manifest.path));
            }
        }
    }
    nothing(&broken);
}

#[test]
fn every_version_is_of_a_crate_that_somebody_uses() {
    let root =
        repository().iter().find(|it| it.path == "Cargo.toml").expect("the root has a manifest");
    let used: HashSet<&str> = manifests().flat_map(dependencies).map(|(_, name, _)| name).collect();
    let broken: Vec<String> = dependencies(root)
        .filter(|(section, name, _)| *section == "workspace.dependencies" && !used.contains(name))
        .map(|(_, name, _)| format!("nobody uses `{name}`"))
        .collect();
    nothing(&broken);
}

#[test]
fn no_file_is_a_mod_rs_or_outgrows_a_screenful_of_screens() {
    let mut broken = Vec::new();
    let mut long = Vec::new();
    for source in rust() {
        if source.path.ends_with("/mod.rs") {
            broken.push(format!("{}: name it after its module", source.path));
        }
        let shipped = source
            .text
            .find("\n#[cfg(test)]\nmod ")
            .map_or(&*source.text, |end| &source.text[..end]);
        let lines = shipped.lines().count();
        if source.is_test() || lines <= LINES_MAX {
            continue;
        }
        long.push(source.path.clone());
        if !LONG.iter().any(|(path, _)| *path == source.path) {
            broken.push(format!("{}: {lines} lines; make it a folder by noun", source.path));
        }
    }
    for (path, _) in LONG.iter().filter(|(path, _)| !long.iter().any(|it| it == path)) {
        broken.push(format!("{path}: is short now; take it off the list"));
    }
    nothing(&broken);
}

#[test]
fn nothing_is_left_half_done_or_points_outside() {
    // In two halves each, so that this file does not break its own rule.
    let anywhere = [("../sha", "red"), ("/wo", "rk/"), ("/tm", "p/"), ("/ro", "ot/")];
    let in_code = [("to", "do!"), ("unimple", "mented!"), ("#[ign", "ore"), ("#[should", "_panic")];
    let join =
        |halves: &[(&str, &str)]| halves.iter().map(|(a, b)| format!("{a}{b}")).collect::<Vec<_>>();
    let (anywhere, in_code) = (join(&anywhere), join(&in_code));

    let mut broken = Vec::new();
    for source in repository() {
        for word in anywhere.iter().filter(|word| source.text.contains(*word)) {
            broken.push(format!("{}: `{word}`", source.path));
        }
        if !source.is_rust() {
            continue;
        }
        for word in in_code.iter().filter(|word| source.text.contains(*word)) {
            broken.push(format!("{}: `{word}`", source.path));
        }
    }
    nothing(&broken);
}

#[test]
fn every_module_says_what_it_is() {
    let broken: Vec<String> = rust()
        .filter(|source| {
            let first = source.text.lines().next().unwrap_or_default();
            !source.is_test() && !first.starts_with("//! ")
        })
        .map(|source| format!("{}: starts without `//!`", source.path))
        .collect();
    nothing(&broken);
}

/// The rules above find what they look for.
#[test]
fn a_broken_rule_is_noticed() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    assert_eq!(kind("services/mapper/src/mapping/explain.rs"), Kind::Core);
    assert_eq!(kind("services/mapper/src/store/event.rs"), Kind::Door);
    assert!(source("a.rs", "    pub async fn it() {}\n").names("async fn"));
    assert!(reaches(&source("a.rs", "use crate::{app, store};\n"), "store::"));
    assert!(reaches(&source("a.rs", "use crate::{\n    store,\n};\n"), "store::"));
    assert!(!reaches(&source("a.rs", "use crate::finding;\n"), "store::"));
    let manifest = source("cli/Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n");
    assert_eq!(dependencies(&manifest).collect::<Vec<_>>(), [("dependencies", "sqlx", "\"0.9\"")]);
}

fn nothing(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

fn repository() -> &'static [Source] {
    static ALL: std::sync::LazyLock<Vec<Source>> = std::sync::LazyLock::new(|| sources(""));
    &ALL
}

fn rust() -> impl Iterator<Item = &'static Source> {
    repository().iter().filter(|it| it.is_rust())
}

fn manifests() -> impl Iterator<Item = &'static Source> {
    repository().iter().filter(|it| it.path.ends_with("/Cargo.toml"))
}

/// What ships of every service, each file with its service's name.
fn modules() -> impl Iterator<Item = (&'static str, &'static Source)> {
    rust().filter(|it| !it.is_test()).filter_map(|source| {
        let (service, file) = source.path.strip_prefix("services/")?.split_once('/')?;
        file.starts_with("src/").then_some((service, source))
    })
}

/// The module of a service that a file belongs to: `store` for `services/mapper/src/store/event.rs`.
fn module(path: &str) -> &str {
    let inside = path.split("/src/").nth(1).unwrap_or(path);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

fn kind(path: &str) -> Kind {
    let module = module(path);
    SHELL.iter().find(|(name, _)| *name == module).map_or(Kind::Core, |(_, kind)| *kind)
}

/// Says whether the code names a module of its own crate, by path or in a `use` of the crate. `module` ends in `::`.
fn reaches(source: &Source, module: &str) -> bool {
    let name = module.trim_end_matches("::");
    if source.names(&format!("crate::{name}")) {
        return true;
    }
    let code = source.code();
    let groups = code.match_indices("use crate::{").map(|(at, _)| {
        let rest = &code[at..];
        &rest[..rest.find(';').unwrap_or(rest.len())]
    });
    groups.into_iter().any(|group| {
        let flat: String = group.chars().filter(|it| !it.is_whitespace()).collect();
        ["{", ","].iter().any(|before| {
            [",", "}", "::"].iter().any(|after| flat.contains(&format!("{before}{name}{after}")))
        })
    })
}

/// Section, name and value of every dependency in a manifest.
fn dependencies(manifest: &Source) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut section = "";
    manifest.text.lines().filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let (name, value) = line.split_once('=')?;
        let name = name.trim().trim_end_matches(".workspace");
        section.ends_with("dependencies").then_some((section, name, value.trim()))
    })
}
