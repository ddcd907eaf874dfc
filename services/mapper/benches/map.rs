//! How many labels a second one core maps by rule, in process. Run it with `cargo bench -p mapper --bench map`.

#![expect(clippy::print_stdout, clippy::disallowed_types, reason = "a bench measures and prints")]

use std::{collections::HashMap, hint::black_box, time::Instant};

use mapper::mapping::{self, Ladder, Thresholds, Word};
use taxonomy::{Rules, Taxonomy};
use types::Confidence;

const ROUNDS: usize = 2_000;

fn main() {
    let ladder = Ladder {
        taxonomy: Taxonomy::builtin(),
        rules: Rules::builtin(),
        thresholds: Thresholds { default: Confidence::ZERO, by_detector: HashMap::new() },
    };
    let exact: Vec<(&str, String)> = words(|raw| raw.to_owned());
    let normalised: Vec<(&str, String)> = words(|raw| format!(" {}", raw.to_uppercase()));
    let unknown: Vec<(&str, String)> = words(|raw| format!("{raw} that nobody knows"));
    for (name, words) in [("exact", &exact), ("normalised", &normalised), ("unknown", &unknown)] {
        measure(name, &ladder, words);
    }
}

/// Every word of every shipped vocabulary, changed.
fn words(change: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let vocabularies = Rules::builtin().detectors().iter();
    let words =
        vocabularies.flat_map(|it| it.words().iter().map(|word| (it.detector(), &word.raw)));
    words.map(|(detector, raw)| (detector, change(raw))).collect()
}

fn measure(name: &str, ladder: &Ladder, words: &[(&str, String)]) {
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for (detector, raw_label) in words {
            let word = Word { detector, detector_version: "", raw_label, score: Confidence::ONE };
            black_box(mapping::map(ladder, black_box(&word)));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let n_words = u32::try_from(words.len() * ROUNDS).expect("a few million");
    let rate = f64::from(n_words) / seconds;
    println!("{name}: {rate:.0} labels/s, {:.0} ns each", 1e9 / rate);
}
