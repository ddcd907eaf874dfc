//! The three ways to compute coverage. All of them read the ledger and nothing else.

use std::collections::BTreeMap;

use super::Coverage;
use crate::{
    detector::Registry,
    ledger::{Ledger, State},
    policy::{CoverageMethod, Policy, PolicyDetector},
};

/// What one detector did on everything it had to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Execution {
    Whole,
    /// On some of it, or on none.
    Lacking,
    /// The policy had nothing for it to look at in this content.
    NotAsked,
}

/// Computes coverage by the method of `policy`.
///
/// Detectors that push, or that the policy runs on other content only, had nothing to do here and count on neither side.
/// A detection in which nobody was asked at all covers nothing: an answer may not look on when nothing ran.
pub(super) fn coverage(policy: &Policy, registry: &Registry, ledger: &Ledger) -> Coverage {
    let executions = executions(ledger);
    let of = |named: &PolicyDetector| executions.get(named.detector.as_str()).copied();
    let asked: Vec<(&PolicyDetector, Execution)> = policy
        .detectors
        .iter()
        .filter_map(|named| Some((named, of(named).filter(|it| *it != Execution::NotAsked)?)))
        .collect();

    let achieved = if asked.is_empty() {
        0.0
    } else {
        match policy.coverage_method {
            CoverageMethod::RequiredSet => required_set(&asked),
            CoverageMethod::Weighted => weighted(&asked),
            CoverageMethod::Taxonomy => groups(policy, registry, &asked),
        }
    };
    let missing = asked
        .iter()
        .filter(|(named, execution)| named.required && *execution == Execution::Lacking);
    Coverage {
        method: policy.coverage_method,
        achieved,
        threshold: policy.partial_coverage_threshold,
        missing: missing.map(|(named, _)| named.detector.clone()).collect(),
    }
}

fn executions(ledger: &Ledger) -> BTreeMap<&str, Execution> {
    let mut executions = BTreeMap::new();
    for check in &ledger.checks {
        let here = if check.state == State::SkippedByPolicy {
            Execution::NotAsked
        } else if check.state.executed() {
            Execution::Whole
        } else {
            Execution::Lacking
        };
        let execution = executions.entry(check.detector.as_str()).or_insert(here);
        *execution = match (*execution, here) {
            (Execution::Lacking, _) | (_, Execution::Lacking) => Execution::Lacking,
            (Execution::Whole, _) | (_, Execution::Whole) => Execution::Whole,
            (Execution::NotAsked, Execution::NotAsked) => Execution::NotAsked,
        };
    }
    executions
}

/// Required detectors that executed on everything they had to / required detectors.
fn required_set(asked: &[(&PolicyDetector, Execution)]) -> f64 {
    let required = asked.iter().filter(|(named, _)| named.required);
    let executed = required.clone().filter(|(_, execution)| *execution == Execution::Whole);
    share(executed.count() as f64, required.count() as f64)
}

/// Sum of the weights of detectors that executed / sum of the weights of those that were to execute here.
fn weighted(asked: &[(&PolicyDetector, Execution)]) -> f64 {
    let all: f64 = asked.iter().map(|(named, _)| named.weight).sum();
    let executed = asked.iter().filter(|(_, execution)| *execution == Execution::Whole);
    share(executed.map(|(named, _)| named.weight).sum(), all)
}

/// Required label groups that some executed detector is able to report / required label groups.
fn groups(policy: &Policy, registry: &Registry, asked: &[(&PolicyDetector, Execution)]) -> f64 {
    let executed: Vec<_> = asked
        .iter()
        .filter(|(_, execution)| *execution == Execution::Whole)
        .filter_map(|(named, _)| registry.find(&named.detector))
        .collect();
    let covered =
        policy.required_groups.iter().filter(|group| executed.iter().any(|it| it.covers(group)));
    share(covered.count() as f64, policy.required_groups.len() as f64)
}

/// Nothing required is wholly there.
fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 1.0 } else { (part / whole).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::{
        policy::{ContentType, CoverageMethod},
        verdict::testing::Setting,
    };

    #[track_caller]
    fn check(setting: &Setting, expected: Expect) {
        let coverage = setting.decide().coverage;
        expected.assert_eq(&format!("{:.2} missing {:?}", coverage.achieved, coverage.missing));
    }

    #[test]
    fn the_required_set_counts_detectors() {
        check(&Setting::of(["clean", "flagged:PII.Contact.Email:0.9"]), expect!["1.00 missing []"]);
        check(&Setting::of(["clean", "shed"]), expect![[r#"0.50 missing ["b"]"#]]);
        check(&Setting::of(["unjudged", "shed"]), expect![[r#"0.00 missing ["a", "b"]"#]]);
        let mut optional = Setting::of(["clean", "failed"]);
        optional.policy.detectors[1].required = false;
        check(&optional, expect!["1.00 missing []"]);
    }

    #[test]
    fn weights_count_what_executed() {
        let mut setting = Setting::of(["clean", "failed"]);
        setting.policy.coverage_method = CoverageMethod::Weighted;
        (setting.policy.detectors[0].weight, setting.policy.detectors[1].weight) = (0.7, 0.3);
        check(&setting, expect![[r#"0.70 missing ["b"]"#]]);
    }

    #[test]
    fn the_taxonomy_asks_who_is_able_to_report() {
        let mut setting = Setting::of(["clean", "failed"]);
        setting.policy.coverage_method = CoverageMethod::Taxonomy;
        setting.policy.required_groups =
            ["PII", "SECRET", "HARM.SPEECH", "JAILBREAK"].map(str::to_owned).into();
        check(&setting, expect![[r#"0.50 missing ["b"]"#]]);
    }

    #[test]
    fn a_detector_for_other_content_is_not_missed() {
        let mut setting = Setting::of(["clean"]);
        setting.policy.detectors[1].content_types = vec![ContentType::Code];
        check(&setting, expect!["1.00 missing []"]);
    }
}
