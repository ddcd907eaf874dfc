//! Built-in detectors: personal data, secrets, prompt injection and jailbreak.
//!
//! A pure library over `&str`: no IO, no clock, no model. Every engine is linear in the text, so no input can make it
//! slow. What a finding means in the taxonomy is the mapper's business; each detector only declares its own words.
//!
//! Scores are classes, not guesses (see `score`): what carries a check digit *and* context is worth more than a check
//! digit alone, that more than a shape. A failed check digit is no finding.

mod chars;
mod injection;
mod offsets;
mod pii;
mod score;
mod scrub;
mod secrets;

pub use injection::Evidence;
pub use injection::evidence as injection_evidence;
pub use offsets::code_points;
pub use scrub::scrub;

/// One raw result of a detector. Carries no content: only where, what and how sure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The detector's own word, one of its `labels`.
    pub label: &'static str,
    /// 0..1, never 0.
    pub score: f32,
    /// Byte offset of the first byte, always on a char boundary.
    pub start: usize,
    /// Byte offset behind the last byte, always on a char boundary.
    pub end: usize,
}

/// One word of a detector and the canonical label of taxonomy 2026.11 it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub raw: &'static str,
    pub canonical: &'static str,
}

/// A built-in detector. Its version changes whenever a finding or a score may change.
#[derive(Debug)]
pub struct Detector {
    pub name: &'static str,
    pub version: &'static str,
    /// The full vocabulary: no finding carries another word.
    pub labels: &'static [Word],
    find: fn(&str) -> Vec<Finding>,
}

impl Detector {
    /// Findings in order of their place in the text.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let mut findings = (self.find)(text);
        findings.sort_by(|a, b| (a.start, a.end, a.label).cmp(&(b.start, b.end, b.label)));
        debug_assert!(
            findings.iter().all(|finding| self.labels.iter().any(|word| word.raw == finding.label))
        );
        findings
    }
}

static DETECTORS: [Detector; 3] = [
    Detector { name: "builtin-pii", version: "1.1.0", labels: pii::LABELS, find: pii::find },
    Detector {
        name: "builtin-secrets",
        version: "1.1.0",
        labels: secrets::LABELS,
        find: secrets::find,
    },
    Detector {
        name: "builtin-injection",
        version: "1.1.0",
        labels: injection::LABELS,
        find: injection::find,
    },
];

/// All built-in detectors.
pub fn detectors() -> &'static [Detector] {
    &DETECTORS
}

/// The built-in detector of that name.
pub fn detector(name: &str) -> Option<&'static Detector> {
    DETECTORS.iter().find(|detector| detector.name == name)
}

/// Findings of several detectors over one text, grouped by detector in the order asked.
pub fn scan<'d>(which: &[&'d Detector], text: &str) -> Vec<(&'d Detector, Finding)> {
    let mut findings = Vec::new();
    for &detector in which {
        findings.extend(detector.scan(text).into_iter().map(|finding| (detector, finding)));
    }
    findings
}
