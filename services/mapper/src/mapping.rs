//! What a detector's word means: by rule, else by fallback. Pure: no clock, no database, no wire.
//!
//! The ladder of the domain, as it is read here:
//! 1. A **rule** holds when the word is known to the letter, after normalisation, or as an alias. The confidence is the
//!    detector's own score.
//! 2. A score below the detector's threshold takes the **fallback** even where a rule holds: the detector is not sure
//!    what it saw, so the mapper says only what kind of thing it was, with the general label of the rule's group and the
//!    same confidence. Where the taxonomy has no label that wide the answer is `OTHER.Unknown`.
//! 3. A word that no rule knows is `OTHER.Unknown`, whatever its score. A malformed finding is `OTHER.ModelError`.
//!
//! `OTHER.Unknown` by fallback and `OTHER.ModelError` claim nothing, so their confidence is 0; the detector's score stays
//! with the finding. Every input has exactly one label, and the mapper counts every fallback with its reason.

mod explain;

use std::collections::HashMap;

use taxonomy::{Label, Rules, Taxonomy};
use types::{Confidence, Route};

pub use explain::{Step, explain};

/// What the mapper goes by.
#[derive(Debug)]
pub struct Ladder {
    pub taxonomy: &'static Taxonomy,
    pub rules: &'static Rules,
    pub thresholds: Thresholds,
}

/// From which score on a detector is believed.
#[derive(Debug, Clone)]
pub struct Thresholds {
    pub default: Confidence,
    pub by_detector: HashMap<String, Confidence>,
}

/// One detector's word with its score.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    pub detector: &'a str,
    pub detector_version: &'a str,
    pub raw_label: &'a str,
    pub score: Confidence,
}

/// What the word means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mapping {
    pub label: Label,
    pub confidence: Confidence,
    pub route: Route,
    /// Why the fallback was taken, when it was.
    pub fallback: Option<Fallback>,
}

/// Why the fallback was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fallback {
    UnknownLabel,
    LowConfidence,
    Malformed,
}

/// What a mapping was made with, so that it can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Versions {
    pub taxonomy: String,
    pub frameworks: String,
    pub detector_mapping: String,
    pub model: String,
}

/// Maps `word`. Never fails: what nobody knows has a label, too.
pub fn map(ladder: &Ladder, word: &Word<'_>) -> Mapping {
    let Word { detector, detector_version, raw_label, score } = *word;
    let Some(hit) = ladder.rules.lookup(detector, detector_version, raw_label) else {
        return unknown(ladder, Fallback::UnknownLabel);
    };
    if score < ladder.thresholds.of(detector) {
        return unsure(ladder, hit.label, score);
    }
    Mapping { label: hit.label, confidence: score, route: hit.route(), fallback: None }
}

/// The mapping of a finding whose values make no sense.
pub fn malformed(ladder: &Ladder) -> Mapping {
    Mapping {
        label: ladder.taxonomy.model_error(),
        confidence: Confidence::ZERO,
        route: Route::Fallback,
        fallback: Some(Fallback::Malformed),
    }
}

/// The widest that can be said of a finding for which `label` is too exact.
fn unsure(ladder: &Ladder, label: Label, score: Confidence) -> Mapping {
    let general = ladder.taxonomy.general(label.parent());
    let Some(label) = general.filter(|it| *it != ladder.taxonomy.unknown()) else {
        return unknown(ladder, Fallback::LowConfidence);
    };
    let fallback = Some(Fallback::LowConfidence);
    Mapping { label, confidence: score, route: Route::Fallback, fallback }
}

fn unknown(ladder: &Ladder, reason: Fallback) -> Mapping {
    Mapping {
        label: ladder.taxonomy.unknown(),
        confidence: Confidence::ZERO,
        route: Route::Fallback,
        fallback: Some(reason),
    }
}

impl Thresholds {
    pub fn of(&self, detector: &str) -> Confidence {
        self.by_detector.get(detector).copied().unwrap_or(self.default)
    }
}

impl Fallback {
    pub const ALL: [Fallback; 3] =
        [Fallback::UnknownLabel, Fallback::LowConfidence, Fallback::Malformed];

    /// The value of the metric's label.
    pub fn as_str(self) -> &'static str {
        match self {
            Fallback::UnknownLabel => "unknown_label",
            Fallback::LowConfidence => "low_confidence",
            Fallback::Malformed => "malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    pub(super) fn ladder() -> Ladder {
        let by_detector = [("perspective-api".to_owned(), confidence(0.3))].into();
        Ladder {
            taxonomy: Taxonomy::builtin(),
            rules: Rules::builtin(),
            thresholds: Thresholds { default: confidence(0.6), by_detector },
        }
    }

    pub(super) fn confidence(score: f64) -> Confidence {
        score.try_into().unwrap()
    }

    /// `word` is `detector raw_label score`.
    #[track_caller]
    fn check(word: &str, expected: Expect) {
        let parts: Vec<&str> = word.split(' ').collect();
        let [detector, raw_label, score] = parts[..] else { panic!("three words") };
        let score = confidence(score.parse().unwrap());
        let word = Word { detector, detector_version: "", raw_label, score };
        let Mapping { label, confidence, route, fallback } = map(&ladder(), &word);
        let fallback = fallback.map_or("", Fallback::as_str);
        expected.assert_eq(format!("{label} {} {route} {fallback}", confidence.get()).trim_end());
    }

    #[test]
    fn a_known_word_has_the_detectors_own_score() {
        check("presidio US_SSN 0.85", expect!["PII.Identifier.SSN 0.85 rule"]);
    }

    #[test]
    fn case_and_separators_do_not_count() {
        check("presidio us-ssn 0.85", expect!["PII.Identifier.SSN 0.85 rule"]);
    }

    #[test]
    fn a_detector_nobody_knows_may_speak_in_canonical_names() {
        check("nobody PII.Identifier.SSN 1", expect!["PII.Identifier.SSN 1 alias"]);
    }

    #[test]
    fn the_threshold_itself_is_enough() {
        check("presidio US_SSN 0.6", expect!["PII.Identifier.SSN 0.6 rule"]);
    }

    #[test]
    fn an_unsure_detector_is_believed_only_the_group() {
        check("presidio US_SSN 0.59", expect!["PII.Identifier.Other 0.59 fallback low_confidence"]);
    }

    #[test]
    fn a_detector_has_its_own_threshold() {
        check("perspective-api TOXICITY 0.3", expect!["HARM.SPEECH.Toxicity 0.3 rule"]);
        check(
            "perspective-api TOXICITY 0.29",
            expect!["HARM.SPEECH.Toxicity 0.29 fallback low_confidence"],
        );
    }

    #[test]
    fn a_word_nobody_knows_is_unknown_at_any_score() {
        check("presidio flurbl 1", expect!["OTHER.Unknown 0 fallback unknown_label"]);
        check("presidio flurbl 0", expect!["OTHER.Unknown 0 fallback unknown_label"]);
    }

    #[test]
    fn a_malformed_finding_is_a_model_error() {
        let Mapping { label, confidence, route, fallback } = malformed(&ladder());
        let text = format!("{label} {} {route} {fallback:?}", confidence.get());
        expect!["OTHER.ModelError 0 fallback Some(Malformed)"].assert_eq(&text);
    }

    fn words() -> impl Strategy<Value = (String, String, f64)> {
        let known: Vec<(String, String)> = Rules::builtin()
            .detectors()
            .iter()
            .flat_map(|it| {
                it.words().iter().map(|word| (it.detector().to_owned(), word.raw.clone()))
            })
            .collect();
        let known = prop::sample::select(known);
        let any = ("\\PC{0,12}", "\\PC{0,24}");
        (prop_oneof![known, any], 0.0..=1.0)
            .prop_map(|((detector, raw), score)| (detector, raw, score))
    }

    proptest! {
        #[test]
        fn every_word_has_one_label_whatever_came_before(words in prop::collection::vec(words(), 1..20), turn in 0usize..20) {
            let ladder = ladder();
            let map_one = |(detector, raw_label, score): &(String, String, f64)| {
                let score = confidence(*score);
                map(&ladder, &Word { detector, detector_version: "", raw_label, score })
            };
            let in_order: Vec<Mapping> = words.iter().map(map_one).collect();
            let mut turned = words.clone();
            let turn = turn % words.len();
            turned.rotate_left(turn);
            let mut again: Vec<Mapping> = turned.iter().map(map_one).collect();
            again.rotate_right(turn);
            prop_assert_eq!(&in_order, &again);
            for mapping in in_order {
                prop_assert_eq!(ladder.taxonomy.label(mapping.label.name()), Some(mapping.label));
                prop_assert_eq!(mapping.fallback.is_some(), mapping.route == Route::Fallback);
            }
        }

        #[test]
        fn a_higher_score_never_makes_the_label_less_exact((detector, raw, score) in words()) {
            let ladder = ladder();
            let at = |score: f64| {
                let score = confidence(score);
                map(&ladder, &Word { detector: &detector, detector_version: "", raw_label: &raw, score })
            };
            if at(score).fallback.is_none() {
                prop_assert_eq!(at(1.0).label, at(score).label);
            }
        }
    }
}
