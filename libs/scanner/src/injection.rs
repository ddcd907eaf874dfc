//! Prompt injection and jailbreak by evidence: phrases of many languages, their combinations, and suspicious shapes.
//!
//! The text is normalised (case, width, accents, look-alikes, hidden characters), encoded fragments are decoded and read
//! too. Each kind of evidence counts once per window with the weight of `weight::WEIGHTS`; the score is the logistic
//! function of the sum, so it reads as a probability. A finding is reported from `SCORE_MIN` on.
//!
//! It judges wording, not intent: a request that is harmful in plain words, or a task smuggled in without a word about
//! instructions, is not seen here.

mod decode;
mod disguise;
mod grammar;
mod label;
mod lexicon;
mod normal;
mod shape;
mod sign;
mod tongue;
mod weight;

use crate::Finding;

pub(crate) use label::LABELS;
use sign::{N_SIGNS, Seen, Sign};

/// Below this, evidence is not worth a finding.
const SCORE_MIN: f32 = 0.5;

/// Evidence is weighed together within this many bytes, so that a long document does not add up to an attack.
const WINDOW: usize = 4096;
const STRIDE: usize = WINDOW / 2;

/// What was seen in the most suspicious part of a text, for tuning and for explaining a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub signs: Vec<String>,
    pub score: f32,
}

/// The evidence behind the highest score of a text.
pub fn evidence(text: &str) -> Evidence {
    let signs = signs(text);
    let windows = windows(&signs);
    let best = windows
        .into_iter()
        .max_by(|a, b| weight::score(&a.held).total_cmp(&weight::score(&b.held)));
    let held = best.map_or([false; N_SIGNS], |window| window.held);
    let signs = Sign::ALL
        .iter()
        .filter(|&&sign| held[sign as usize])
        .map(|sign| format!("{sign:?}"))
        .collect();
    Evidence { signs, score: weight::score(&held) }
}

/// All findings of injections and jailbreaks, in order of their start.
pub(crate) fn find(text: &str) -> Vec<Finding> {
    let signs = signs(text);
    let mut findings: Vec<Finding> = Vec::new();
    for window in windows(&signs) {
        let score = weight::score(&window.held);
        if score < SCORE_MIN {
            continue;
        }
        for found in label::findings(&signs[window.first..window.last], &window.held, score) {
            let found = Finding {
                start: crate::chars::floor(text, found.start),
                end: crate::chars::ceil(text, found.end),
                ..found
            };
            // Windows overlap: the same evidence is one finding, with the better score.
            match findings
                .iter_mut()
                .find(|known| known.label == found.label && found.start < known.end)
            {
                Some(known) => {
                    known.end = known.end.max(found.end);
                    known.score = known.score.max(found.score);
                }
                None => findings.push(found),
            }
        }
    }
    findings
}

/// Everything seen in the text, in order of place.
fn signs(text: &str) -> Vec<Seen> {
    let normal = normal::Normal::of(text);
    let mut signs = grammar::signs(&normal);
    signs.extend(normal.hidden);
    signs.extend(disguise::signs(text, &signs));
    signs.extend(shape::signs(text));
    signs.extend(decode::signs(text));
    signs.sort_by_key(|seen| seen.start);
    signs
}

/// The signs `first..last` that lie within one window.
#[derive(Debug)]
struct Window {
    first: usize,
    last: usize,
    held: [bool; N_SIGNS],
}

fn windows(signs: &[Seen]) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut first = 0;
    while first < signs.len() {
        let from = signs[first].start - signs[first].start % STRIDE;
        let last = first + signs[first..].partition_point(|seen| seen.start < from + WINDOW);
        let mut held = [false; N_SIGNS];
        for seen in &signs[first..last] {
            held[seen.sign as usize] = true;
        }
        windows.push(Window { first, last, held });
        first += signs[first..].partition_point(|seen| seen.start < from + STRIDE);
    }
    windows
}
