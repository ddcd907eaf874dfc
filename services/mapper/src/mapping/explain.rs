//! The same ladder, told step by step.

use super::{Fallback, Ladder, Mapping, Word, map};

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub decided: bool,
    pub detail: String,
}

/// What `word` means, and every step until one decided.
pub fn explain(ladder: &Ladder, word: &Word<'_>) -> (Mapping, Vec<Step>) {
    let mapping = map(ladder, word);
    let Word { detector, detector_version, raw_label, score } = *word;
    let hit = ladder.rules.lookup(detector, detector_version, raw_label);
    let decided_by_rule = mapping.fallback.is_none();

    let mut steps = Vec::new();
    for (step, name) in RULES {
        let found = hit.as_ref().filter(|it| it.step == step);
        let detail = match (&found, step) {
            (Some(hit), _) => format!("the word stands for {}", hit.label),
            (None, taxonomy::Step::Exact) => nothing_exact(ladder, detector, detector_version),
            (None, taxonomy::Step::Normalised) => {
                "no word of the detector differs only in case or separators".to_owned()
            }
            (None, taxonomy::Step::Alias) => "no label has the word as its one alias".to_owned(),
        };
        let is_last = found.is_some();
        steps.push(Step { name, decided: is_last && decided_by_rule, detail });
        if is_last {
            break;
        }
    }
    if hit.is_some() {
        let threshold = ladder.thresholds.of(detector).get();
        let detail = match mapping.fallback {
            None => format!("the score {} reaches the threshold {threshold}", score.get()),
            Some(_) => format!("the score {} is below the threshold {threshold}", score.get()),
        };
        steps.push(Step { name: "threshold", decided: false, detail });
    }
    if let Some(reason) = mapping.fallback {
        steps.extend(fallback_steps(ladder, &mapping, reason));
    }
    (mapping, steps)
}

const RULES: [(taxonomy::Step, &str); 3] = [
    (taxonomy::Step::Exact, "exact"),
    (taxonomy::Step::Normalised, "normalised"),
    (taxonomy::Step::Alias, "alias"),
];

fn nothing_exact(ladder: &Ladder, detector: &str, detector_version: &str) -> String {
    match ladder.rules.vocabulary(detector, detector_version) {
        Some(it) => format!("not among the {} words of `{}`", it.words().len(), it.detector()),
        None => "no vocabulary of this detector is known".to_owned(),
    }
}

fn fallback_steps(ladder: &Ladder, mapping: &Mapping, reason: Fallback) -> Vec<Step> {
    let by_group = mapping.label != ladder.taxonomy.unknown();
    let mut steps = Vec::new();
    if reason == Fallback::LowConfidence {
        let detail = match by_group {
            true => format!("{} is the general label of the group", mapping.label),
            false => "the group has no general label".to_owned(),
        };
        steps.push(Step { name: "parent group", decided: by_group, detail });
    }
    if !by_group {
        let detail = format!("nothing decided, so it is {}", mapping.label);
        steps.push(Step { name: "fallback", decided: true, detail });
    }
    steps
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;
    use crate::mapping::tests::{confidence, ladder};

    #[track_caller]
    fn check(detector: &str, raw_label: &str, score: f64, expected: Expect) {
        let score = confidence(score);
        let word = Word { detector, detector_version: "", raw_label, score };
        let (_, steps) = explain(&ladder(), &word);
        let lines = steps.iter().map(|Step { name, decided, detail }| {
            format!("{} {name}: {detail}\n", if *decided { '*' } else { '-' })
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_rule_decides() {
        check(
            "presidio",
            "us_ssn",
            0.9,
            expect![[r#"
                - exact: not among the 121 words of `presidio`
                * normalised: the word stands for PII.Identifier.SSN
                - threshold: the score 0.9 reaches the threshold 0.6
            "#]],
        );
    }

    #[test]
    fn a_low_score_ends_at_the_group() {
        check(
            "presidio",
            "US_SSN",
            0.1,
            expect![[r#"
                - exact: the word stands for PII.Identifier.SSN
                - threshold: the score 0.1 is below the threshold 0.6
                * parent group: PII.Identifier.Other is the general label of the group
            "#]],
        );
    }

    #[test]
    fn a_word_nobody_knows_falls_all_the_way() {
        check(
            "nobody",
            "flurbl",
            1.0,
            expect![[r#"
                - exact: no vocabulary of this detector is known
                - normalised: no word of the detector differs only in case or separators
                - alias: no label has the word as its one alias
                * fallback: nothing decided, so it is OTHER.Unknown
            "#]],
        );
    }

    proptest! {
        #[test]
        fn exactly_one_step_decides(detector in "presidio|detoxify|\\PC{0,8}", raw_label in "US_SSN|us ssn|toxic|\\PC{0,8}", score in 0.0..=1.0) {
            let word = Word { detector: &detector, detector_version: "", raw_label: &raw_label, score: confidence(score) };
            let (mapping, steps) = explain(&ladder(), &word);
            prop_assert_eq!(steps.iter().filter(|it| it.decided).count(), 1);
            prop_assert_eq!(mapping, map(&ladder(), &word));
        }
    }
}
