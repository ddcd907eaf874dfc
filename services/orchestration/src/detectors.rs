//! The detectors that ship with the mesh: the built-in ones, which run here, and the vocabularies of those that push.

use std::{collections::BTreeSet, ops::Range};

use taxonomy::Rules;

use crate::{
    detector::{Detector, Kind},
    ledger::Raw,
    verdict::Versions,
};

/// Longest text that a built-in detector is given in one piece. Long texts become several checks, which run side by
/// side and end within the budget.
pub(crate) const TEXT_BYTES_MAX: usize = 128 * 1024;

/// Every detector that ships with the mesh.
pub(crate) fn shared() -> Vec<Detector> {
    let pushing = Rules::builtin().detectors().iter().map(|vocabulary| Detector {
        name: vocabulary.detector().to_owned(),
        kind: Kind::Push,
        version: String::new(),
        labels: vocabulary.words().iter().map(|word| word.label.name().to_owned()).collect(),
        groups: vocabulary.groups().iter().map(|&group| group.to_owned()).collect(),
        shared: true,
        revision: 0,
        text_bytes_max: 0,
    });
    // Last, so that they win where a vocabulary has the same name.
    pushing.chain(scanner::detectors().iter().map(built_in)).collect()
}

fn built_in(detector: &scanner::Detector) -> Detector {
    let labels: BTreeSet<String> =
        detector.labels.iter().map(|word| word.canonical.to_owned()).collect();
    let groups = labels
        .iter()
        .flat_map(|label| label.match_indices('.').map(|(end, _)| label[..end].to_owned()))
        .collect();
    Detector {
        name: detector.name.to_owned(),
        kind: Kind::BuiltIn,
        version: detector.version.to_owned(),
        labels,
        groups,
        shared: true,
        revision: 0,
        text_bytes_max: TEXT_BYTES_MAX,
    }
}

/// Whether the mesh calls the detector `name`, so that it makes no reports of its own.
pub(crate) fn is_built_in(name: &str) -> bool {
    scanner::detector(name).is_some()
}

/// What the built-in detector `name` says about `text`, which starts at the byte `at` of its part. None where there is
/// no such detector.
pub(crate) fn scan(name: &str, text: &str, at: usize) -> Option<Vec<Raw>> {
    let findings = scanner::detector(name)?.scan(text);
    let raw = findings.into_iter().map(|finding| Raw {
        label: finding.label.to_owned(),
        score: score(finding.score),
        span: at + finding.start..at + finding.end,
    });
    Some(raw.collect())
}

/// Builds the tables of every built-in detector, which each does when it first looks at something.
pub(crate) fn warm_up() {
    for detector in scanner::detectors() {
        detector.scan("warm up");
    }
}

/// The words that the built-in detector `name` can say, in order.
pub(crate) fn raw_labels(name: &str) -> Vec<String> {
    let words = scanner::detector(name).map(|detector| detector.labels).unwrap_or_default();
    let mut labels: Vec<String> = words.iter().map(|word| word.raw.to_owned()).collect();
    labels.sort();
    labels
}

/// Spans of bytes of `text` as spans of code points, in one pass.
pub(crate) fn code_points(text: &str, spans: &[Range<usize>]) -> Vec<(usize, usize)> {
    let findings: Vec<scanner::Finding> = spans
        .iter()
        .map(|span| scanner::Finding { label: "", score: 1.0, start: span.start, end: span.end })
        .collect();
    scanner::code_points(text, &findings)
}

/// What this build would map with: for an answer in which there was nothing to map.
pub(crate) fn versions() -> Versions {
    let catalogue = taxonomy::builtin();
    Versions {
        taxonomy: catalogue.taxonomy.version().to_owned(),
        frameworks: catalogue.controls.version().to_owned(),
        detector_mapping: catalogue.rules.version().to_owned(),
        model: "none".to_owned(),
    }
}

/// 0.95 is 0.95, and not what is left of it after two ways of writing it down.
fn score(score: f32) -> f64 {
    let rounded = (f64::from(score) * 10_000.0).round() / 10_000.0;
    rounded.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ones_can_be_called() {
        for name in ["builtin-pii", "builtin-secrets", "builtin-injection"] {
            let detector = shared().into_iter().rfind(|it| it.name == name).unwrap();
            assert_eq!(detector.kind, Kind::BuiltIn);
            assert!(!detector.groups.is_empty() && !raw_labels(name).is_empty());
            assert_eq!(scan(name, "", 0), Some(Vec::new()));
        }
        assert_eq!(scan("nobody", "", 0), None);
    }

    #[test]
    fn every_word_stands_for_a_label_of_the_taxonomy() {
        for detector in shared() {
            for label in &detector.labels {
                assert!(
                    taxonomy::Taxonomy::builtin().label(label).is_some(),
                    "{}: {label}",
                    detector.name
                );
            }
        }
    }

    #[test]
    fn scores_keep_their_decimals() {
        assert_eq!(score(0.95_f32), 0.95);
    }
}
