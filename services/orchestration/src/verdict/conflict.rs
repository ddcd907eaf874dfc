//! How detectors that disagree come to one confidence per label, and what the policy asks for because of it.

use std::collections::{BTreeMap, BTreeSet};

use types::Severity;

use super::{Mapping, ResolvedLabel};
use crate::{
    detector::Registry,
    ledger::Ledger,
    policy::{Action, ConflictResolution, Direction, Policy},
};

/// One label as reported: its severity, and the highest confidence of each detector that reports it.
struct Reported<'l> {
    severity: Severity,
    by: BTreeMap<&'l str, f64>,
}

/// The labels over all detectors, gravest first. Findings below their threshold, and findings without a label, decide
/// nothing.
///
/// A label that its voters turn down (MAJORITY_VOTE) stays in the list with confidence 0 and asks for nothing, so that
/// it shows who reported it.
pub(super) fn resolve(
    policy: &Policy,
    registry: &Registry,
    direction: Direction,
    ledger: &Ledger,
    mappings: &[Option<Mapping>],
) -> Vec<ResolvedLabel> {
    let whole = executed_wholly(ledger);
    let mut labels: Vec<ResolvedLabel> = reported(ledger, mappings)
        .into_iter()
        .map(|(label, Reported { severity, by })| {
            let able = |name: &&str| registry.find(name).is_some_and(|it| it.reports(label));
            let dissenters: BTreeSet<&str> =
                whole.iter().copied().filter(|name| !by.contains_key(name)).filter(able).collect();
            let confidence = confidence(policy, &by, &dissenters);
            let (action, policy_line) = match confidence {
                Some(confidence) => action(policy, label, severity, confidence, direction),
                None => (Action::Allow, String::new()),
            };
            ResolvedLabel {
                label: label.to_owned(),
                severity,
                confidence: confidence.unwrap_or(0.0),
                resolution: policy.conflict_resolution,
                contributors: by.into_keys().map(str::to_owned).collect(),
                dissenters: dissenters.into_iter().map(str::to_owned).collect(),
                action,
                policy_line,
            }
        })
        .collect();
    labels.sort_by(|a, b| {
        let graver = b.severity.cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence));
        graver.then_with(|| a.label.cmp(&b.label))
    });
    labels
}

fn reported<'l>(
    ledger: &'l Ledger,
    mappings: &'l [Option<Mapping>],
) -> BTreeMap<&'l str, Reported<'l>> {
    let mut labels = BTreeMap::new();
    for (found, mapping) in ledger.found.iter().zip(mappings) {
        let Some(mapping) = mapping else { continue };
        if found.below_threshold {
            continue;
        }
        let reported = labels
            .entry(mapping.label.as_str())
            .or_insert_with(|| Reported { severity: mapping.severity, by: BTreeMap::new() });
        let best = reported.by.entry(found.detector.as_str()).or_insert(mapping.confidence);
        *best = best.max(mapping.confidence);
    }
    labels
}

/// Detectors that executed on everything they had: only their silence says something.
fn executed_wholly(ledger: &Ledger) -> BTreeSet<&str> {
    let mut whole: BTreeSet<&str> =
        ledger.checks.iter().map(|check| check.detector.as_str()).collect();
    for check in ledger.checks.iter().filter(|check| !check.state.executed()) {
        whole.remove(check.detector.as_str());
    }
    whole
}

/// None when the label does not hold.
fn confidence(
    policy: &Policy,
    by: &BTreeMap<&str, f64>,
    dissenters: &BTreeSet<&str>,
) -> Option<f64> {
    let highest = by.values().copied().fold(0.0, f64::max);
    match policy.conflict_resolution {
        // The two differ in what they are for, not in the number: with one report enough, the highest is the answer.
        ConflictResolution::MostRestrictive | ConflictResolution::HighestConfidence => {
            Some(highest)
        }
        ConflictResolution::WeightedAverage => {
            let weight = |name: &str| {
                policy
                    .detectors
                    .iter()
                    .find(|named| named.detector == name)
                    .map_or(0.0, |named| named.weight)
            };
            let weights: f64 = by.keys().chain(dissenters).map(|name| weight(name)).sum();
            if weights == 0.0 {
                // Nobody was given a weight, so everybody has the same.
                return Some(by.values().sum::<f64>() / (by.len() + dissenters.len()) as f64);
            }
            Some(
                by.iter().map(|(name, confidence)| weight(name) * confidence).sum::<f64>()
                    / weights,
            )
        }
        ConflictResolution::MajorityVote => {
            let holds = by.len() + dissenters.len() < 2 * by.len();
            holds.then(|| by.values().sum::<f64>() / by.len() as f64)
        }
    }
}

/// The strongest action of all lines that match, and the first line that asks for it.
fn action(
    policy: &Policy,
    label: &str,
    severity: Severity,
    confidence: f64,
    direction: Direction,
) -> (Action, String) {
    let mut strongest: Option<(Action, usize)> = None;
    for (line, rule) in policy.actions.iter().enumerate() {
        let matches = rule.matches(label, severity, confidence, direction);
        if matches && strongest.is_none_or(|(action, _)| action < rule.action) {
            strongest = Some((rule.action, line));
        }
    }
    match strongest {
        Some((action, line)) => (action, format!("actions[{line}]")),
        None => (Action::Allow, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::{policy::ConflictResolution, verdict::testing::Setting};

    /// Three detectors that are able to report the label; `words` as in [`Setting::of`].
    #[track_caller]
    fn check(
        resolution: ConflictResolution,
        words: [&str; 3],
        weights: [f64; 3],
        expected: Expect,
    ) {
        let mut setting = Setting::of(words);
        setting.policy.conflict_resolution = resolution;
        for (named, weight) in setting.policy.detectors.iter_mut().zip(weights) {
            named.weight = weight;
        }
        let labels = setting.decide().labels;
        let shown: Vec<String> = labels
            .iter()
            .map(|it| {
                format!(
                    "{} {:.2} {:?} against {:?}",
                    it.label, it.confidence, it.contributors, it.dissenters
                )
            })
            .collect();
        expected.assert_eq(&shown.join("\n"));
    }

    const EMAIL_9: &str = "flagged:PII.Contact.Email:0.9";
    const EMAIL_6: &str = "flagged:PII.Contact.Email:0.6";
    const NONE: [f64; 3] = [0.0; 3];

    #[test]
    fn one_report_is_enough_for_the_most_restrictive() {
        check(
            ConflictResolution::MostRestrictive,
            [EMAIL_6, "clean", "clean"],
            NONE,
            expect![[r#"PII.Contact.Email 0.60 ["a"] against ["b", "c"]"#]],
        );
    }

    #[test]
    fn the_highest_confidence_counts() {
        check(
            ConflictResolution::HighestConfidence,
            [EMAIL_6, EMAIL_9, "clean"],
            NONE,
            expect![[r#"PII.Contact.Email 0.90 ["a", "b"] against ["c"]"#]],
        );
    }

    #[test]
    fn dissenters_pull_the_average_down() {
        check(
            ConflictResolution::WeightedAverage,
            [EMAIL_9, "clean", "clean"],
            [0.5, 0.25, 0.25],
            expect![[r#"PII.Contact.Email 0.45 ["a"] against ["b", "c"]"#]],
        );
        check(
            ConflictResolution::WeightedAverage,
            [EMAIL_9, EMAIL_6, "clean"],
            NONE,
            expect![[r#"PII.Contact.Email 0.50 ["a", "b"] against ["c"]"#]],
        );
    }

    #[test]
    fn a_majority_is_more_than_half() {
        check(
            ConflictResolution::MajorityVote,
            [EMAIL_9, EMAIL_6, "clean"],
            NONE,
            expect![[r#"PII.Contact.Email 0.75 ["a", "b"] against ["c"]"#]],
        );
        check(
            ConflictResolution::MajorityVote,
            [EMAIL_9, "clean", "clean"],
            NONE,
            expect![[r#"PII.Contact.Email 0.00 ["a"] against ["b", "c"]"#]],
        );
    }

    #[test]
    fn who_did_not_look_does_not_dissent() {
        check(
            ConflictResolution::MajorityVote,
            [EMAIL_9, "failed", "timeout"],
            NONE,
            expect![[r#"PII.Contact.Email 0.90 ["a"] against []"#]],
        );
    }
}
