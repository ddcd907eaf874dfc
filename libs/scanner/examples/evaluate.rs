//! Prints precision, recall and F-scores of the built-in detectors on labelled texts.
//!
//! `evaluate pii FILE.json…` reads arrays of `{full_text, spans: [{entity_type, start_position, end_position}]}`,
//! `evaluate injection FILE.jsonl` lines of `{text, label, kind}`; `evaluate signs FILE.jsonl` prints the evidence per
//! line, from which the weights are fitted.
#![expect(clippy::print_stdout, reason = "a command-line tool")]

use std::collections::BTreeMap;

use serde_json::Value;

/// The words compared, under the name the labelled texts use.
const KINDS: &[(&str, &str)] = &[
    ("CREDIT_CARD", "CREDIT_CARD"),
    ("EMAIL_ADDRESS", "EMAIL_ADDRESS"),
    ("IBAN", "IBAN_CODE"),
    ("IPV4_ADDRESS", "IP_ADDRESS"),
    ("IPV6_ADDRESS", "IP_ADDRESS"),
    ("PHONE_NUMBER", "PHONE_NUMBER"),
    ("URL", "DOMAIN_NAME"),
    ("US_SSN", "US_SSN"),
    ("NO_FODSELSNUMMER", "NO_NATIONAL_ID"),
    ("NO_D_NUMMER", "NO_NATIONAL_ID"),
    ("NO_SYNTHETIC_ID", "NO_NATIONAL_ID"),
    ("NO_ORGANISASJONSNUMMER", "NO_ORG_NUMBER"),
    ("NO_KONTONUMMER", "NO_BANK_ACCOUNT"),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    for path in arguments {
        let text = std::fs::read_to_string(&path).expect("the file is readable");
        match what.as_str() {
            "pii" => pii(&serde_json::from_str(&text).expect("the file is a JSON array")),
            "injection" => injection(&lines(&text)),
            "signs" => signs(&lines(&text)),
            _ => println!("usage: evaluate pii|injection|signs FILE…"),
        }
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is a JSON object"))
        .collect()
}

#[derive(Default)]
struct Counts {
    hits: usize,
    missed: usize,
    false_alarms: usize,
}

impl Counts {
    fn print(&self, name: &str) {
        let Counts { hits, missed, false_alarms } = *self;
        let precision = hits as f64 / (hits + false_alarms).max(1) as f64;
        let recall = hits as f64 / (hits + missed).max(1) as f64;
        let f = |beta: f64| {
            (1.0 + beta * beta) * precision * recall / (beta * beta * precision + recall).max(1e-9)
        };
        println!(
            "{name:40} n {:5}  precision {precision:.3}  recall {recall:.3}  F1 {:.3}  F2 {:.3}",
            hits + missed,
            f(1.0),
            f(2.0)
        );
    }
}

fn pii(texts: &Value) {
    let detector = scanner::detector("builtin-pii").expect("it is built in");
    let verbose = std::env::args().any(|argument| argument == "--verbose");
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for text in texts.as_array().expect("an array") {
        let full_text = text["full_text"].as_str().unwrap_or_default();
        let findings = detector.scan(full_text);
        let points = scanner::code_points(full_text, &findings);
        let mut found: Vec<(&str, usize, usize)> = Vec::new();
        for (finding, (start, end)) in findings.iter().zip(points) {
            let kind = KINDS.iter().find(|(word, _)| *word == finding.label).map(|(_, kind)| *kind);
            found.extend(kind.map(|kind| (kind, start, end)));
        }
        for span in text["spans"].as_array().into_iter().flatten() {
            let Some(&(_, kind)) = KINDS.iter().find(|(_, kind)| span["entity_type"] == *kind)
            else {
                continue;
            };
            let at = |name: &str| {
                span[name].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0)
            };
            let (start, end) = (at("start_position"), at("end_position"));
            let count = counts.entry(kind).or_default();
            match found
                .iter()
                .position(|&(other, from, to)| other == kind && from < end && start < to)
            {
                Some(index) => {
                    found.remove(index);
                    count.hits += 1;
                }
                None => {
                    count.missed += 1;
                    if verbose {
                        println!("missed {kind}: {}", span["entity_value"]);
                    }
                }
            }
        }
        for (kind, start, end) in found {
            counts.entry(kind).or_default().false_alarms += 1;
            if verbose {
                println!("false {kind} {start}..{end}: {full_text:?}");
            }
        }
    }
    let mut total = Counts::default();
    for (kind, count) in &counts {
        count.print(kind);
        total.hits += count.hits;
        total.missed += count.missed;
        total.false_alarms += count.false_alarms;
    }
    total.print("all");
}

fn injection(texts: &[Value]) {
    let detector = scanner::detector("builtin-injection").expect("it is built in");
    let mut counts = Counts::default();
    let mut by_kind: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for text in texts {
        let flagged = !detector.scan(text["text"].as_str().unwrap_or_default()).is_empty();
        let attack = text["label"] == 1;
        match (attack, flagged) {
            (true, true) => counts.hits += 1,
            (true, false) => counts.missed += 1,
            (false, true) => counts.false_alarms += 1,
            (false, false) => {}
        }
        let name = format!(
            "{} {}",
            text["source"].as_str().unwrap_or_default(),
            text["kind"].as_str().unwrap_or_default()
        );
        for name in [
            name,
            text["kind"]
                .as_str()
                .unwrap_or_default()
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
        ] {
            let (right, n) = by_kind.entry(name).or_default();
            *right += usize::from(attack == flagged);
            *n += 1;
        }
    }
    counts.print("attacks");
    for (kind, (right, n)) in by_kind {
        println!("{kind:75} n {n:4}  accuracy {:.3}", right as f64 / n as f64);
    }
}

fn signs(texts: &[Value]) {
    for text in texts {
        let evidence = scanner::injection_evidence(text["text"].as_str().unwrap_or_default());
        println!("{}", evidence.signs.join(" "));
    }
}
