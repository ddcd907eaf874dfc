//! The check ledger: for each detector x part x chunk exactly one terminal state. Pure.
//!
//! Coverage is computed from the ledger and from nothing else, so a detector that did not look can never count as one
//! that found nothing.

use std::ops::Range;

use crate::plan::{Plan, PlannedCheck, Task, chunk};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Clean,
    Flagged,
    BelowThreshold,
    Cached,
    TimedOut,
    Error,
    Shed,
    SkippedByPolicy,
    NotConfigured,
    Unjudged,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub detector: String,
    /// Empty when it never ran.
    pub detector_version: String,
    pub part: u32,
    pub chunk: u32,
    pub state: State,
    pub required: bool,
    /// Why it ended so; empty for executed checks.
    pub reason: String,
    pub policy_line: String,
    pub duration_ms: f64,
}

/// What a detector made of one chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It looked; this is all it found.
    Judged(Vec<Raw>),
    /// It was asked, and gave no verdict on this chunk.
    Unjudged,
    TimedOut,
    /// It failed. The reason names no content.
    Failed(&'static str),
    /// It was not asked, because it takes no more work at the moment.
    Shed,
}

/// One raw finding of a called detector. Offsets are bytes of the part.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    pub label: String,
    pub score: f64,
    pub span: Range<usize>,
}

/// A raw finding with who found it where.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub detector: String,
    pub detector_version: String,
    pub part: u32,
    pub raw: Raw,
    /// The policy's threshold lets it pass: it is recorded and decides nothing.
    pub below_threshold: bool,
}

/// The whole ledger of one detection, with what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// In the order of the plan.
    pub checks: Vec<Check>,
    pub found: Vec<Found>,
}

impl State {
    pub const ALL: [State; 10] = [
        State::Clean,
        State::Flagged,
        State::BelowThreshold,
        State::Cached,
        State::TimedOut,
        State::Error,
        State::Shed,
        State::SkippedByPolicy,
        State::NotConfigured,
        State::Unjudged,
    ];

    /// Whether the detector really looked. A clean answer covers as much as a finding does.
    pub const fn executed(self) -> bool {
        match self {
            State::Clean | State::Flagged | State::BelowThreshold | State::Cached => true,
            State::TimedOut
            | State::Error
            | State::Shed
            | State::SkippedByPolicy
            | State::NotConfigured
            | State::Unjudged => false,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            State::Clean => "clean",
            State::Flagged => "flagged",
            State::BelowThreshold => "below_threshold",
            State::Cached => "cached",
            State::TimedOut => "timed_out",
            State::Error => "error",
            State::Shed => "shed",
            State::SkippedByPolicy => "skipped_by_policy",
            State::NotConfigured => "not_configured",
            State::Unjudged => "unjudged",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// Closes the ledger: `outcomes` are those of the plan's calls, in the order of the plan, each with how long it took in
/// milliseconds. A call without an outcome is unjudged, never clean.
pub fn settle(plan: &Plan, outcomes: Vec<(Outcome, f64)>) -> Ledger {
    let mut outcomes = outcomes.into_iter();
    let mut settled: Vec<(&PlannedCheck, Outcome, f64)> = Vec::new();
    let mut ledger = Ledger { checks: Vec::new(), found: Vec::new() };
    for planned in &plan.checks {
        match planned.task {
            Task::Settled(..) => settled.push((planned, Outcome::Unjudged, 0.0)),
            Task::Call(_) => {
                let (outcome, duration_ms) = outcomes.next().unwrap_or((Outcome::Unjudged, 0.0));
                settled.push((planned, outcome, duration_ms));
            }
        }
    }
    // Chunks of one detector and part stand together, and only together it shows which finding at a seam is whose.
    for group in settled.chunk_by_mut(|(a, ..), (b, ..)| (a.entry, a.part) == (b.entry, b.part)) {
        own_findings(group);
        for (planned, outcome, duration_ms) in group {
            close(&mut ledger, planned, outcome, *duration_ms);
        }
    }
    ledger
}

/// Leaves each finding to one chunk, so that overlap loses none and doubles none.
fn own_findings(group: &mut [(&PlannedCheck, Outcome, f64)]) {
    let mut judged: Vec<(chunk::Chunk, &mut Vec<Raw>)> = Vec::new();
    for (planned, outcome, _) in group {
        if let (Task::Call(chunk), Outcome::Judged(raw)) = (&planned.task, outcome) {
            judged.push((chunk.clone(), raw));
        }
    }
    chunk::merge(&mut judged);
}

fn close(ledger: &mut Ledger, planned: &PlannedCheck, outcome: &mut Outcome, duration_ms: f64) {
    let PlannedCheck {
        detector, version, part, chunk, required, threshold, policy_line, task, ..
    } = planned;
    let (state, reason) = match (task, &*outcome) {
        (Task::Settled(state, reason), _) => (*state, *reason),
        (Task::Call(_), Outcome::Judged(raw)) if raw.iter().any(|raw| *threshold <= raw.score) => {
            (State::Flagged, "")
        }
        (Task::Call(_), Outcome::Judged(raw)) if raw.is_empty() => (State::Clean, ""),
        (Task::Call(_), Outcome::Judged(_)) => (State::BelowThreshold, ""),
        (Task::Call(_), Outcome::Unjudged) => {
            (State::Unjudged, "the detector gave no verdict on this chunk")
        }
        (Task::Call(_), Outcome::TimedOut) => {
            (State::TimedOut, "the detector did not answer within the budget")
        }
        (Task::Call(_), Outcome::Failed(reason)) => (State::Error, *reason),
        (Task::Call(_), Outcome::Shed) => {
            (State::Shed, "the detector takes no more work at the moment")
        }
    };
    let detector_version = if state.executed() { version.clone() } else { String::new() };
    ledger.checks.push(Check {
        detector: detector.clone(),
        detector_version: detector_version.clone(),
        part: *part,
        chunk: *chunk,
        state,
        required: *required,
        reason: reason.to_owned(),
        policy_line: policy_line.clone(),
        duration_ms,
    });
    let Outcome::Judged(raw) = outcome else { return };
    ledger.found.extend(std::mem::take(raw).into_iter().map(|raw| Found {
        detector: detector.clone(),
        detector_version: detector_version.clone(),
        part: *part,
        below_threshold: raw.score < *threshold,
        raw,
    }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::testing;

    proptest! {
        #[test]
        fn states_add_up_to_the_product(setting in testing::setting()) {
            let plan = setting.plan();
            let ledger = setting.ledger();
            prop_assert_eq!(ledger.checks.len(), plan.checks.len());
            let by_state: usize = State::ALL
                .into_iter()
                .map(|state| ledger.checks.iter().filter(|check| check.state == state).count())
                .sum();
            prop_assert_eq!(by_state, plan.checks.len());
            let mut keys: Vec<_> = ledger.checks.iter().map(|it| (&it.detector, it.part, it.chunk)).collect();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), plan.checks.len());
        }

        #[test]
        fn a_missing_outcome_is_never_clean(setting in testing::setting(), lost in 1usize..4) {
            let plan = setting.plan();
            let mut outcomes = setting.outcomes();
            outcomes.truncate(outcomes.len().saturating_sub(lost));
            let n_given = outcomes.len();
            let ledger = settle(&plan, outcomes);
            let calls = plan.checks.iter().zip(&ledger.checks).filter(|(it, _)| matches!(it.task, Task::Call(_)));
            for (_, check) in calls.skip(n_given) {
                prop_assert_eq!(check.state, State::Unjudged);
            }
        }
    }

    #[test]
    fn a_state_is_what_it_prints() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
    }
}
