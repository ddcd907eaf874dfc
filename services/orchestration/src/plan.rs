//! From a policy and a content to the checks that have to happen: detector x part x chunk. Pure.
//!
//! Every detector the policy names is in the product, also one that will not run, so that what did not look is seen.
//! The one exception are *pushing* detectors: the mesh cannot call them, so they belong to no detection. Whether they
//! look at what they should is told by their run reports, and analysis measures it.

pub mod chunk;

use crate::{
    detector::{Kind, Registry},
    ledger::State,
    policy::{ContentType, Policy, PolicyDetector},
};

pub use chunk::Chunk;

/// Everything that has to happen for one detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Detectors in the order of the policy, then parts, then chunks.
    pub checks: Vec<PlannedCheck>,
}

/// One detector on one chunk of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCheck {
    /// Which entry of the policy's detectors.
    pub entry: usize,
    pub detector: String,
    pub version: String,
    pub part: u32,
    pub chunk: u32,
    pub required: bool,
    pub threshold: f64,
    /// The line of the policy that makes it run or not run.
    pub policy_line: String,
    pub task: Task,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Give the detector this piece of the part.
    Call(Chunk),
    /// Nothing to call: the state is known before anything ran.
    Settled(State, &'static str),
}

/// The checks that `policy` asks for on `parts`.
pub fn plan(
    policy: &Policy,
    registry: &Registry,
    content_type: ContentType,
    parts: &[&str],
) -> Plan {
    let mut checks = Vec::new();
    for (entry, named) in policy.detectors.iter().enumerate() {
        let detector = registry.find(&named.detector);
        if detector.is_some_and(|detector| detector.kind == Kind::Push) {
            continue;
        }
        for (part, text) in (0..).zip(parts) {
            let chunks = match detector {
                Some(detector) => chunk::chunks(text, detector.text_bytes_max),
                None => vec![Chunk::whole(text)],
            };
            for (number, piece) in (0..).zip(chunks) {
                let (task, policy_line) = match detector {
                    None => (not_configured(), format!("detectors[{entry}]")),
                    Some(_) if skips(named, content_type) => {
                        (skipped(), format!("detectors[{entry}].content_types"))
                    }
                    Some(_) => (Task::Call(piece), format!("detectors[{entry}]")),
                };
                checks.push(PlannedCheck {
                    entry,
                    detector: named.detector.clone(),
                    version: detector.map(|it| it.version.clone()).unwrap_or_default(),
                    part,
                    chunk: number,
                    required: named.required,
                    threshold: named.threshold,
                    policy_line,
                    task,
                });
            }
        }
    }
    Plan { checks }
}

fn skips(named: &PolicyDetector, content_type: ContentType) -> bool {
    !named.content_types.is_empty() && !named.content_types.contains(&content_type)
}

fn not_configured() -> Task {
    Task::Settled(State::NotConfigured, "no detector of this name is configured")
}

fn skipped() -> Task {
    Task::Settled(State::SkippedByPolicy, "the policy runs it on other content types only")
}

impl Plan {
    /// The checks that call a detector, in order.
    pub fn calls(&self) -> impl Iterator<Item = (&PlannedCheck, &Chunk)> {
        self.checks.iter().filter_map(|check| match &check.task {
            Task::Call(chunk) => Some((check, chunk)),
            Task::Settled(..) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;
    use crate::{policy::default_policy, verdict::testing};

    #[track_caller]
    fn check(
        change: impl FnOnce(&mut Policy),
        content_type: ContentType,
        text: &str,
        expected: Expect,
    ) {
        let mut policy = default_policy(["called", "pushing", "nobody"]);
        change(&mut policy);
        let registry = Registry::new(
            [
                testing::detector("called", Kind::BuiltIn, 16),
                testing::detector("pushing", Kind::Push, 0),
            ],
            [],
        );
        let mut actual = String::new();
        for check in plan(&policy, &registry, content_type, &[text]).checks {
            let PlannedCheck { detector, part, chunk, policy_line, task, .. } = check;
            let what = match task {
                Task::Call(chunk) => format!("call {:?} for {:?}", chunk.seen, chunk.own),
                Task::Settled(state, _) => state.as_str().to_owned(),
            };
            writeln!(actual, "{detector} {part}/{chunk} {policy_line}: {what}").unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_pushing_detector_belongs_to_no_detection_and_an_unknown_one_shows() {
        check(
            |_| (),
            ContentType::Text,
            "short",
            expect![[r#"
                called 0/0 detectors[0]: call 0..5 for 0..5
                nobody 0/0 detectors[2]: not_configured
            "#]],
        );
    }

    #[test]
    fn a_detector_for_code_is_skipped_on_prose() {
        check(
            |it| it.detectors[0].content_types = vec![ContentType::Code],
            ContentType::Text,
            "short",
            expect![[r#"
                called 0/0 detectors[0].content_types: skipped_by_policy
                nobody 0/0 detectors[2]: not_configured
            "#]],
        );
    }

    #[test]
    fn text_over_the_limit_is_split_and_never_clipped() {
        check(
            |it| it.detectors.truncate(1),
            ContentType::Text,
            "0123456789abcdefghij",
            expect![[r#"
                called 0/0 detectors[0]: call 0..12 for 0..8
                called 0/1 detectors[0]: call 4..20 for 8..16
                called 0/2 detectors[0]: call 12..20 for 16..20
            "#]],
        );
    }

    proptest! {
        #[test]
        fn the_number_of_checks_is_the_product(setting in testing::setting()) {
            let n_product: usize = setting
                .policy
                .detectors
                .iter()
                .filter_map(|named| match setting.registry.find(&named.detector) {
                    Some(detector) if detector.kind == Kind::Push => None,
                    Some(detector) => Some(detector.text_bytes_max),
                    None => Some(usize::MAX),
                })
                .map(|limit| setting.parts().iter().map(|text| chunk::chunks(text, limit).len()).sum::<usize>())
                .sum();
            prop_assert_eq!(setting.plan().checks.len(), n_product);
        }
    }
}
