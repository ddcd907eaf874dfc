//! Labels mapped per second on one core: `cargo bench -p taxonomy`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_types, reason = "wall-clock time is what is measured")]

use std::{hint::black_box, time::Instant};

use taxonomy::{Catalogue, Context, Controls, FactSet, Rules, Taxonomy, sources};
use types::Disposition;

const ROUNDS: usize = 2_000;

fn main() {
    let start = Instant::now();
    let loaded = Catalogue::load(&sources()).expect("the shipped data loads");
    println!("load: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    drop(loaded);

    let rules = Rules::builtin();
    let words =
        || rules.detectors().iter().flat_map(|it| it.words().iter().map(move |word| (it, word)));
    let exact: Vec<_> = words().map(|(it, word)| (it.detector(), word.raw.clone())).collect();
    let loud: Vec<_> =
        words().map(|(it, word)| (it.detector(), word.raw.to_uppercase() + " ")).collect();
    let labels = Taxonomy::builtin().labels().iter();
    let aliases: Vec<_> =
        labels.flat_map(|it| it.aliases()).map(|it| ("home-made", it.clone())).collect();
    measure("exact", &exact);
    measure("normalised", &loud);
    measure("alias, unknown detector", &aliases);
    measure_resolve();
}

fn measure(name: &str, words: &[(&str, String)]) {
    let rules = Rules::builtin();
    let start = Instant::now();
    let mut found = 0_usize;
    for _ in 0..ROUNDS {
        for (detector, raw) in words {
            found += usize::from(rules.lookup(black_box(detector), "", black_box(raw)).is_some());
        }
    }
    let n_lookups = ROUNDS * words.len();
    let per_second = n_lookups as f64 / start.elapsed().as_secs_f64();
    println!("{name}: {:.2} million labels/s, {found} of {n_lookups} found", per_second / 1e6);
}

fn measure_resolve() {
    let facts = FactSet::default();
    let context = Context {
        disposition: Disposition::Exposed,
        recurring: false,
        incident: false,
        on: time::macros::date!(2026 - 11 - 21),
        facts: &facts,
    };
    let labels = Taxonomy::builtin().labels();
    let start = Instant::now();
    let mut n_rows = 0;
    for _ in 0..ROUNDS {
        for label in labels {
            n_rows += black_box(Controls::builtin().resolve(*label, &context)).len();
        }
    }
    let n_labels = ROUNDS * labels.len();
    let per_second = n_labels as f64 / start.elapsed().as_secs_f64();
    println!("resolve: {:.2} million labels/s, {n_rows} rows", per_second / 1e6);
}
