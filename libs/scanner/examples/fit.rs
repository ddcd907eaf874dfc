//! Fits the weights of `src/injection/weight.rs` and prints them as they stand there.
//!
//! `fit TRAIN.jsonl [TEST.jsonl…]` reads lines of `{text, label, source}` (label 1 is an attack; `kind: "attack"` says
//! the same). Logistic regression with an L2 penalty and no negative weight, by projected gradient descent from zero: no
//! chance is involved, the same file gives the same table. It prints the accuracy per source in five-fold cross
//! validation (line number modulo five), the table fitted on all of TRAIN, and its figures on each TEST.
//!
//! Evidence is that of the most suspicious window under the weights compiled in, so run it again after a change.
#![expect(clippy::print_stdout, reason = "a command-line tool")]

use std::collections::BTreeMap;

use serde_json::Value;

/// Building blocks: what they make together counts, not they.
const BLOCKS: &str = "Override Prior Own Instruction Target Reveal Ask Secret Personal Begin Reply OwnReply Steer Code Lack Norm \
    Fiction OwnInstruction Call Machine Reads Hiding Content Say Voided Act Loot Handover Address UserTurn AssistantTurn \
    Backwards Rotated Without Bound Maker Given IAm Rank Must Vocative OwnNorm";

/// Strong signs that are rare in public prompts: at least this much.
const FLOORS: &[(&str, f32)] = &[
    ("Coaxing", 0.5),
    ("Concealment", 0.8),
    ("EncodedAttack", 2.0),
    ("Exfiltration", 1.5),
    ("FreedMachine", 1.0),
    ("Hail", 0.8),
    ("Hidden", 0.4),
    ("HiddenOrder", 1.5),
    ("InstructionOverride", 1.5),
    ("KnownJailbreak", 1.5),
    ("NewRules", 0.4),
    ("ObeyText", 0.8),
    ("Revoked", 1.0),
    ("SentAway", 0.7),
    ("Splitting", 0.7),
    ("StayInCharacter", 0.8),
    ("SwappedTask", 1.0),
    ("TagText", 2.5),
    ("TemplateToken", 0.8),
    ("ToolAbuse", 0.8),
    ("Vendor", 0.3),
];

/// Topics that honest people write about: at most this much.
const CEILINGS: &[(&str, f32)] = &[
    ("AccessWords", 2.6),
    ("Cipher", 0.9),
    ("ContentOverride", 0.6),
    ("Encoded", 0.5),
    ("Flood", 2.0),
    ("Hail", 1.0),
    ("Mode", 1.2),
    ("OverridePrior", 0.9),
    ("PersonalProbe", 1.3),
    ("PromptMention", 0.8),
    ("Splitting", 1.0),
    ("Vendor", 0.5),
    ("Verbatim", 0.9),
];

/// The threshold of 0.5 lies where the fit says this.
const THRESHOLD: f32 = 0.4;

const PENALTY: f32 = 3.0;
const STEPS: usize = 4_000;
const RATE: f32 = 0.0015;
const FOLDS: usize = 5;

struct Line {
    signs: Vec<usize>,
    attack: bool,
    source: String,
}

struct Model {
    bias: f32,
    weights: Vec<f32>,
}

impl Model {
    fn flags(&self, line: &Line) -> bool {
        0.0 <= self.bias + line.signs.iter().map(|&sign| self.weights[sign]).sum::<f32>()
    }
}

fn main() {
    let mut names: Vec<String> = Vec::new();
    let mut files =
        std::env::args().skip(1).map(|path| lines(&path, &mut names)).collect::<Vec<_>>();
    if files.is_empty() {
        println!("usage: fit TRAIN.jsonl [TEST.jsonl…]");
        return;
    }
    let train = files.remove(0);

    let mut verdicts = Vec::new();
    for fold in 0..FOLDS {
        let (held, rest): (Vec<_>, Vec<_>) =
            train.iter().enumerate().partition(|(index, _)| index % FOLDS == fold);
        let rest: Vec<&Line> = rest.into_iter().map(|(_, line)| line).collect();
        let model = fit(&rest, &names);
        verdicts.extend(held.into_iter().map(|(_, line)| (line, model.flags(line))));
    }
    report("five-fold", &verdicts);

    let model = fit(&train.iter().collect::<Vec<_>>(), &names);
    report("on what it was fitted on", &judge(&model, &train));
    for test in &files {
        report("test", &judge(&model, test));
    }
    println!("\nBIAS {:.1}", model.bias);
    let mut table: Vec<_> =
        names.iter().zip(&model.weights).filter(|(_, weight)| 0.0 < **weight).collect();
    table.sort_by_key(|(name, _)| *name);
    for (name, weight) in table {
        println!("    (Sign::{name}, {weight:.1}),");
    }
}

fn lines(path: &str, names: &mut Vec<String>) -> Vec<Line> {
    let text = std::fs::read_to_string(path).expect("the file is readable");
    let mut lines = Vec::new();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).expect("each line is a JSON object");
        let evidence = scanner::injection_evidence(value["text"].as_str().unwrap_or_default());
        let mut signs = Vec::new();
        for sign in evidence.signs {
            if BLOCKS.split_whitespace().any(|block| block == sign) {
                continue;
            }
            let index = names.iter().position(|name| *name == sign).unwrap_or_else(|| {
                names.push(sign);
                names.len() - 1
            });
            signs.push(index);
        }
        let attack = value["label"] == 1 || value["kind"] == "attack";
        let source = value["source"].as_str().or(value["kind"].as_str()).unwrap_or_default();
        let source = if attack { format!("{source} attacks") } else { format!("{source} benign") };
        lines.push(Line { signs, attack, source });
    }
    lines
}

/// The weights within their bounds, rounded as they are printed.
fn fit(lines: &[&Line], names: &[String]) -> Model {
    let bounds: Vec<(f32, f32)> = names.iter().map(|name| bounds(name)).collect();
    let mut model = Model { bias: 0.0, weights: bounds.iter().map(|(floor, _)| *floor).collect() };
    for _ in 0..STEPS {
        let mut bias_slope = 0.0;
        let mut slopes: Vec<f32> = model.weights.iter().map(|weight| PENALTY * weight).collect();
        for line in lines {
            let sum = model.bias + line.signs.iter().map(|&sign| model.weights[sign]).sum::<f32>();
            let error = 1.0 / (1.0 + (-sum).exp()) - f32::from(u8::from(line.attack));
            bias_slope += error;
            line.signs.iter().for_each(|&sign| slopes[sign] += error);
        }
        model.bias -= RATE * bias_slope;
        for ((weight, slope), (floor, ceiling)) in model.weights.iter_mut().zip(slopes).zip(&bounds)
        {
            *weight = (*weight - RATE * slope).clamp(*floor, *ceiling);
        }
    }
    let round = |weight: f32| (weight * 10.0).round() / 10.0;
    model.bias = round(model.bias + ((1.0 - THRESHOLD) / THRESHOLD).ln());
    model.weights.iter_mut().for_each(|weight| *weight = round(*weight));
    model
}

fn bounds(name: &str) -> (f32, f32) {
    let of = |table: &[(&str, f32)]| {
        table.iter().find(|(known, _)| *known == name).map(|(_, bound)| *bound)
    };
    (of(FLOORS).unwrap_or(0.0), of(CEILINGS).unwrap_or(3.0))
}

fn judge<'l>(model: &Model, lines: &'l [Line]) -> Vec<(&'l Line, bool)> {
    lines.iter().map(|line| (line, model.flags(line))).collect()
}

fn report(title: &str, verdicts: &[(&Line, bool)]) {
    println!("\n{title}");
    let mut sources: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (line, flagged) in verdicts {
        let all = if line.attack { "all attacks" } else { "all benign" };
        for source in [line.source.as_str(), all] {
            let (right, n) = sources.entry(source).or_default();
            *right += usize::from(*flagged == line.attack);
            *n += 1;
        }
    }
    for (source, (right, n)) in sources {
        println!("  {source:45} n {n:4}  right {:.3}", right as f64 / n as f64);
    }
}
