//! From the ledger and the labels to an answer: coverage, resolved labels, what to do with the content. Pure.

mod conflict;
mod coverage;

#[cfg(test)]
pub(crate) mod testing;

use types::{Route, Severity};

use crate::{
    detector::Registry,
    ledger::Ledger,
    policy::{Action, ConflictResolution, CoverageMethod, Direction, Policy},
};

/// What the mapper makes of one finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub label: String,
    pub severity: Severity,
    pub confidence: f64,
    pub route: Route,
}

/// What the labels of an answer were made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub taxonomy: String,
    pub frameworks: String,
    pub detector_mapping: String,
    pub model: String,
}

/// How much of what the policy requires really ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub method: CoverageMethod,
    pub achieved: f64,
    pub threshold: f64,
    /// Required detectors that did not execute on everything they had to.
    pub missing: Vec<String>,
}

/// One canonical label over all detectors.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedLabel {
    pub label: String,
    pub severity: Severity,
    pub confidence: f64,
    pub resolution: ConflictResolution,
    pub contributors: Vec<String>,
    /// Detectors that executed, are able to report it, and did not.
    pub dissenters: Vec<String>,
    pub action: Action,
    /// Empty when no line asks for anything.
    pub policy_line: String,
}

/// What to do with the content, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub action: Action,
    pub reason: String,
    pub policy_line: String,
}

/// Whether labels took part in the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingState {
    Mapped,
    /// Some label was not there in time; the findings are delivered to the mapper later.
    Deferred,
}

/// Everything that was decided about one detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub verdict: Verdict,
    pub coverage: Coverage,
    /// Gravest first.
    pub labels: Vec<ResolvedLabel>,
    pub mapping: MappingState,
    /// A failure rule, and not the detectors and the mapper, decided some part.
    pub fallback_used: bool,
}

impl Coverage {
    pub fn is_partial(&self) -> bool {
        self.achieved < self.threshold
    }
}

impl MappingState {
    pub const fn as_str(self) -> &'static str {
        match self {
            MappingState::Mapped => "mapped",
            MappingState::Deferred => "deferred",
        }
    }

    pub fn parse(text: &str) -> Option<MappingState> {
        [MappingState::Mapped, MappingState::Deferred].into_iter().find(|it| it.as_str() == text)
    }
}

/// Decides by `policy` what follows from `ledger`. `mappings` are those of the ledger's findings, in their order, with
/// nothing where the mapper was not in time.
pub fn decide(
    policy: &Policy,
    registry: &Registry,
    direction: Direction,
    ledger: &Ledger,
    mappings: &[Option<Mapping>],
) -> Decision {
    let coverage = coverage::coverage(policy, registry, ledger);
    let labels = conflict::resolve(policy, registry, direction, ledger, mappings);
    let all_mapped = mappings.len() == ledger.found.len() && mappings.iter().all(Option::is_some);
    let mapping = if all_mapped { MappingState::Mapped } else { MappingState::Deferred };
    let fallback_used = coverage.is_partial() || mapping == MappingState::Deferred;
    let verdict = verdict(policy, &coverage, &labels, mapping);
    Decision { verdict, coverage, labels, mapping, fallback_used }
}

/// The strongest of what labels ask for and what the failure rule asks for; a label goes first where they are equal.
fn verdict(
    policy: &Policy,
    coverage: &Coverage,
    labels: &[ResolvedLabel],
    mapping: MappingState,
) -> Verdict {
    let mut verdict = Verdict {
        action: Action::Allow,
        reason: "no rule of the policy asks for anything".to_owned(),
        policy_line: String::new(),
    };
    for label in labels.iter().filter(|label| !label.policy_line.is_empty()) {
        if verdict.policy_line.is_empty() || verdict.action < label.action {
            verdict = Verdict {
                action: label.action,
                reason: format!("label {} asks to {}", label.label, label.action.as_str()),
                policy_line: label.policy_line.clone(),
            };
        }
    }
    let failure = match (coverage.is_partial(), mapping) {
        (true, _) => {
            let (achieved, threshold) = (coverage.achieved, coverage.threshold);
            format!("coverage {achieved:.2} is below the threshold {threshold:.2}")
        }
        (false, MappingState::Deferred) => "the mapping was not there in time".to_owned(),
        (false, MappingState::Mapped) => return verdict,
    };
    if verdict.policy_line.is_empty() || verdict.action < policy.on_failure {
        return Verdict {
            action: policy.on_failure,
            reason: format!(
                "{failure}, and the failure rule asks to {}",
                policy.on_failure.as_str()
            ),
            policy_line: "on_failure".to_owned(),
        };
    }
    verdict
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{testing::Setting, *};
    use crate::ledger::State;

    /// `outcomes` is one word per call: `clean`, `flagged:LABEL:score`, `timeout`, `shed`, `failed`, `unjudged`.
    #[track_caller]
    fn check(setting: Setting, expected: Expect) {
        let Decision { verdict, coverage, labels, mapping, fallback_used } = setting.decide();
        let mut actual = String::new();
        let Verdict { action, reason, policy_line } = verdict;
        writeln!(actual, "{} [{policy_line}] {reason}", action.as_str()).unwrap();
        writeln!(actual, "coverage {:.2} missing {:?}", coverage.achieved, coverage.missing)
            .unwrap();
        writeln!(actual, "{} fallback {fallback_used}", mapping.as_str()).unwrap();
        for it in labels {
            let ResolvedLabel {
                label,
                confidence,
                contributors,
                dissenters,
                action,
                policy_line,
                ..
            } = it;
            let by = format!("{contributors:?} against {dissenters:?}");
            writeln!(
                actual,
                "{label} {confidence:.2} by {by}: {} [{policy_line}]",
                action.as_str()
            )
            .unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn all_clean_is_allowed() {
        check(
            Setting::of(["clean", "clean"]),
            expect![[r#"
                allow [] no rule of the policy asks for anything
                coverage 1.00 missing []
                mapped fallback false
            "#]],
        );
    }

    #[test]
    fn the_strongest_action_wins_and_names_its_line() {
        check(
            Setting::of(["flagged:PII.Contact.Email:0.9", "flagged:SECRET.Credential.APIKey:0.8"]),
            expect![[r#"
                block [actions[0]] label SECRET.Credential.APIKey asks to block
                coverage 1.00 missing []
                mapped fallback false
                SECRET.Credential.APIKey 0.80 by ["b"] against ["a"]: block [actions[0]]
                PII.Contact.Email 0.90 by ["a"] against ["b"]: flag [actions[7]]
            "#]],
        );
    }

    #[test]
    fn a_required_detector_that_did_not_look_makes_the_answer_partial() {
        check(
            Setting::of(["clean", "timeout"]),
            expect![[r#"
                flag [on_failure] coverage 0.50 is below the threshold 0.80, and the failure rule asks to flag
                coverage 0.50 missing ["b"]
                mapped fallback true
            "#]],
        );
    }

    #[test]
    fn without_a_mapping_the_failure_rule_decides() {
        let mut setting = Setting::of(["flagged:PII.Contact.Email:0.9", "clean"]);
        setting.deferred = true;
        setting.policy.on_failure = Action::Block;
        check(
            setting,
            expect![[r#"
                block [on_failure] the mapping was not there in time, and the failure rule asks to block
                coverage 1.00 missing []
                deferred fallback true
            "#]],
        );
    }

    #[test]
    fn a_stronger_label_goes_before_a_weaker_failure_rule() {
        check(
            Setting::of(["flagged:SECRET.Credential.APIKey:0.9", "failed"]),
            expect![[r#"
                block [actions[0]] label SECRET.Credential.APIKey asks to block
                coverage 0.50 missing ["b"]
                mapped fallback true
                SECRET.Credential.APIKey 0.90 by ["a"] against []: block [actions[0]]
            "#]],
        );
    }

    #[test]
    fn a_finding_below_the_threshold_decides_nothing_and_still_covers() {
        let mut setting = Setting::of(["flagged:SECRET.Credential.APIKey:0.4", "clean"]);
        setting.policy.detectors[0].threshold = 0.5;
        check(
            setting,
            expect![[r#"
                allow [] no rule of the policy asks for anything
                coverage 1.00 missing []
                mapped fallback false
            "#]],
        );
    }

    #[test]
    fn a_policy_that_calls_nobody_covers_nothing() {
        let mut setting = Setting::of([]);
        setting.policy.detectors = crate::policy::default_policy(["pushing"]).detectors;
        check(
            setting,
            expect![[r#"
                flag [on_failure] coverage 0.00 is below the threshold 0.80, and the failure rule asks to flag
                coverage 0.00 missing []
                mapped fallback true
            "#]],
        );
    }

    proptest! {
        #[test]
        fn coverage_never_rises_when_a_detector_fails(setting in testing::setting(), which in 0usize..6) {
            let before = setting.decide().coverage.achieved;
            let mut worse = setting;
            if let Some(word) = worse.words.get_mut(which) {
                *word = "failed".to_owned();
            }
            let after = worse.decide().coverage;
            prop_assert!(after.achieved <= before + 1e-9, "{} > {before}", after.achieved);
            prop_assert!((0.0..=1.0).contains(&after.achieved));
        }

        #[test]
        fn the_order_of_detectors_does_not_matter(setting in testing::setting()) {
            let one = setting.decide();
            let other = setting.reversed().decide();
            prop_assert!((one.coverage.achieved - other.coverage.achieved).abs() < 1e-9);
            prop_assert_eq!(one.verdict.action, other.verdict.action);
            let names = |it: &Decision| -> Vec<_> {
                it.labels.iter().map(|it| (it.label.clone(), (it.confidence * 1e6).round(), it.contributors.clone(), it.dissenters.clone())).collect()
            };
            prop_assert_eq!(names(&one), names(&other));
        }

        #[test]
        fn missing_are_the_required_ones_that_did_not_execute(setting in testing::setting()) {
            let ledger = setting.ledger();
            let decision = setting.decide();
            for check in ledger.checks.iter().filter(|it| it.required) {
                let lacks = !check.state.executed() && check.state != State::SkippedByPolicy;
                prop_assert!(!lacks || decision.coverage.missing.contains(&check.detector));
            }
        }
    }
}
