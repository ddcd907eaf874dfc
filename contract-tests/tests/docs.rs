//! What the documents claim is so: links lead somewhere, names exist, numbers are in order.

use std::{fs, path::Path};

use contract_tests::{Source, root, sources};

/// The locked names of `docs` and dashboards. A name or label that changes here breaks somebody's alert.
const METRICS: &[(&str, &[&str])] = &[
    ("orchestrate_requests_total", &["tenant", "policy", "status"]),
    ("orchestrate_request_duration_ms", &[]),
    ("detector_latency_ms", &["detector", "status"]),
    ("detector_health_status", &["detector"]),
    ("detector_health_check_duration_ms", &["detector"]),
    ("circuit_breaker_state", &["detector", "state"]),
    ("coverage_achieved", &["tenant", "policy"]),
    ("policy_enforcement_total", &["tenant", "policy", "status", "violation_type"]),
    ("mapper_requests_total", &["tenant", "route", "status"]),
    ("mapper_request_duration_seconds", &[]),
    ("mapper_fallback_total", &["reason"]),
    ("mapper_schema_validation_total", &["valid"]),
    ("ingest_events_total", &["tenant", "detector", "status"]),
    ("ingest_batch_size", &[]),
    ("analysis_requests_total", &["tenant", "kind", "status"]),
    ("analysis_lag_seconds", &[]),
    ("ledger_merge_delay_seconds", &[]),
];

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        for link in links(&page.text) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(&page.path).parent().unwrap().to_owned();
            let target = if file.is_empty() { root().join(&page.path) } else { folder.join(file) };
            if !target.exists() {
                broken.push(format!("{}: `{link}`", page.path));
            } else if !heading.is_empty() && !headings(&target).iter().any(|it| it == heading) {
                broken.push(format!("{}: `{link}` has no such heading", page.path));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:#?}");
}

#[test]
fn everything_on_the_map_exists() {
    let known: Vec<String> = sources("").into_iter().map(|it| it.path).collect();
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut named = 0;
    let mut broken = Vec::new();
    for name in names(&text) {
        named += 1;
        if !alternatives(&name).iter().all(|it| exists(it, &known)) {
            broken.push(name);
        }
    }
    assert!(20 < named, "the map names {named} things: is it still found?");
    assert!(broken.is_empty(), "ARCHITECTURE.md names what does not exist: {broken:#?}");
}

#[test]
fn every_locked_metric_is_registered_under_its_name() {
    let names = fs::read_to_string(root().join("libs/runtime/src/metrics/names.rs")).unwrap();
    let flat: String = names.chars().filter(|it| !it.is_whitespace()).collect();
    let broken: Vec<_> = METRICS
        .iter()
        .filter(|(name, labels)| {
            let labels: Vec<_> = labels.iter().map(|it| format!("\"{it}\"")).collect();
            let wanted = format!("name:\"{name}\",labels:[{}]", labels.join(","));
            // A long list ends with a comma.
            let wrapped = format!("name:\"{name}\",labels:[{},]", labels.join(","));
            !flat.contains(&wanted) && !flat.contains(&wrapped)
        })
        .collect();
    assert!(broken.is_empty(), "not in libs/runtime: {broken:#?}");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let mut names: Vec<String> = fs::read_dir(root().join("docs/adr"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for (i, name) in names.iter().enumerate() {
        let expected = format!("{:04}-", i + 1);
        assert!(
            name.starts_with(&expected),
            "expected a file {expected}…, found {name}; all: {names:#?}"
        );
        let text = fs::read_to_string(root().join("docs/adr").join(name)).unwrap();
        let title = format!("# {}. ", i + 1);
        assert!(text.starts_with(&title), "docs/adr/{name} starts without `{title}`");
        for part in ["## Context", "## Decision", "## Consequences"] {
            assert!(text.contains(part), "docs/adr/{name} has no `{part}`");
        }
    }
}

#[test]
fn every_decision_that_is_mentioned_exists() {
    let decisions: Vec<String> = sources("docs/adr").into_iter().map(|it| it.path).collect();
    let mut broken = Vec::new();
    for source in sources("") {
        let mentions = ["adr/", "ADR "].into_iter().flat_map(|it| source.text.match_indices(it));
        for (at, mark) in mentions {
            let number: String = source.text[at + mark.len()..].chars().take(4).collect();
            let is_number = number.len() == 4 && number.bytes().all(|it| it.is_ascii_digit());
            let prefix = format!("docs/adr/{number}-");
            if is_number && !decisions.iter().any(|it| it.starts_with(&prefix)) {
                broken.push(format!("{}: adr/{number}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "decisions that nobody made: {broken:#?}");
}

/// The checks above find what they look for.
#[test]
fn a_broken_document_is_noticed() {
    assert_eq!(links("a [b](c.md#d) and <https://e>, [f](https://g)"), ["c.md#d"]);
    assert_eq!(slug("Inside a service: three kinds"), "inside-a-service-three-kinds");
    assert_eq!(
        names("`libs/types`, `mapping.rs`, `fn it()`, `a b/c`"),
        ["libs/types", "mapping.rs"]
    );
    assert_eq!(alternatives("a/{b,c}.rs"), ["a/b.rs", "a/c.rs"]);
    let known = ["services/mapper/src/store.rs".to_owned()];
    assert!(
        exists("store.rs", &known)
            && exists("services/mapper/", &known)
            && exists("src/store.rs", &known)
    );
    assert!(!exists("tore.rs", &known) && !exists("services/map", &known));
}

/// The pages of the repository. README.md and ARCHITECTURE.md must be there.
fn pages() -> Vec<Source> {
    let pages: Vec<Source> =
        sources("").into_iter().filter(|it| it.path.ends_with(".md")).collect();
    for page in ["README.md", "ARCHITECTURE.md"] {
        assert!(pages.iter().any(|it| it.path == page), "{page} is missing");
    }
    pages
}

/// Targets of all links that stay in the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.match_indices("](").filter_map(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        Some(&rest[..rest.find(')')?])
    });
    targets.filter(|it| !it.contains("://") && !it.starts_with("mailto:")).collect()
}

fn headings(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap_or_default();
    let titles = text.lines().filter(|it| it.starts_with('#'));
    titles.map(|it| slug(it.trim_start_matches('#'))).collect()
}

/// The anchor of a heading.
fn slug(title: &str) -> String {
    let kept = title.trim().to_lowercase();
    let kept = kept.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

/// Everything between backticks that looks like a file or folder.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            continue;
        }
        for name in line.split('`').skip(1).step_by(2) {
            let is_plain =
                name.chars().all(|it| it.is_ascii_alphanumeric() || "-_./{},".contains(it));
            let is_file = [".rs", ".md", ".toml", ".proto", ".sql", ".txt", ".yaml"]
                .iter()
                .any(|it| name.ends_with(it));
            let is_address = name.starts_with('/') || name.contains("//");
            if is_plain && !is_address && (is_file || (name.contains('/') && !name.contains(".v1")))
            {
                found.push(name.to_owned());
            }
        }
    }
    found
}

/// `a/{b,c}.rs` is `a/b.rs` and `a/c.rs`.
fn alternatives(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else { return vec![name.to_owned()] };
    let Some((inside, after)) = rest.split_once('}') else { return vec![name.to_owned()] };
    inside.split(',').map(|it| format!("{before}{it}{after}")).collect()
}

/// Says whether a file ends with `name`, or lies in a folder that does.
fn exists(name: &str, known: &[String]) -> bool {
    let name = name.trim_start_matches("./").trim_end_matches('/');
    root().join(name).exists()
        || known.iter().any(|path| {
            let path = format!("/{path}/");
            path.contains(&format!("/{name}/"))
        })
}
