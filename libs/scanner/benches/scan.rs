//! Throughput of the detectors on prose. Prints; asserts nothing.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a benchmark that measures wall time"
)]

use std::hint::black_box;
use std::time::Instant;

/// Ordinary writing with an identifier now and then, as a request to a model would be.
const PROSE: &str = "The committee met on Tuesday to go through the budget of the coming year. Most of the members agreed that the \
    library should stay open on Saturdays, though nobody could say where the money would come from. Anna promised to ask the council; \
    her note of 12 March 2024 lists four options, and the second of them looks cheap enough. \"We have been here before,\" said the \
    chair, who remembered the winter of 1998 only too well.\n\nOm kvelden gikk de hjem langs elva, og ingen sa noe på en lang stund. \
    Das Wetter war mild, die Straßen fast leer. If you have questions, write to post@example.org or look at https://example.org/budget?year=2024. \
    The instructions above the door were old, and you could still read the rules of the house: no smoking, no dogs, ring twice.\n";

fn main() {
    let text = PROSE.repeat(4 * 1024 * 1024 / PROSE.len());
    for detector in scanner::detectors() {
        measure(detector.name, &text, &[detector]);
    }
    let all: Vec<_> = scanner::detectors().iter().collect();
    measure("all", &text, &all);
    // Texts made to be slow: they must stay within an order of magnitude or two of prose.
    for hostile in [
        "1 ",
        "1.",
        "a:",
        "@a.",
        "eyJ-",
        "://a)",
        "ignore all ",
        "12345678901 ",
        "%41",
        "é1",
        "i ",
        ". ",
        "ehyrf ",
        "selur ",
        "](http://a?b=",
        "4a ",
        "ai, send ",
    ] {
        measure(&format!("hostile {hostile:?}"), &hostile.repeat(256 * 1024 / hostile.len()), &all);
    }
    let started = Instant::now();
    black_box(scanner::scrub(black_box(&text[..256 * 1024])));
    println!("scrub {:8.1} MB/s", 0.262_144 / started.elapsed().as_secs_f64());
}

fn measure(name: &str, text: &str, which: &[&scanner::Detector]) {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let started = Instant::now();
        black_box(scanner::scan(which, black_box(text)));
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{name:20} {:8.1} MB/s", text.len() as f64 / 1e6 / best);
}
