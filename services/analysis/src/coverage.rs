//! How much of what the policies required really ran. Pure: computed from check ledgers and run reports, and from
//! nothing else.
//!
//! *Called* detectors: executed checks / all checks, as the ledger of each detection says.
//!
//! *Pushing* detectors: report intervals covered / report intervals expected. Time is cut into slots of the policy's
//! `report_interval_s`; a slot counts as reported when the detector's reports cover at least nine tenths of it (the
//! last tenth is for clocks that disagree). A report without length speaks for the interval before it.
//!
//! Expectations start when a policy that names the detector comes into force, or at the first report that the
//! detector ever sent if that is earlier: who reports is expected to go on reporting, and who is asked to report is
//! expected to start. The time before the tenant's first policy is judged by the first policy that names the
//! detector; every later moment is judged by the policy in force then. A slot is judged only once an interval has
//! passed since its end, because a report may come that late.

mod spans;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    period::{Period, Width},
    policy::{Activation, History},
    rollup::Evidence,
};

pub use spans::Silence;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckState {
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

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a state of a check: `{0}`")]
pub struct UnknownState(String);

impl CheckState {
    pub const ALL: [CheckState; 10] = [
        CheckState::Clean,
        CheckState::Flagged,
        CheckState::BelowThreshold,
        CheckState::Cached,
        CheckState::TimedOut,
        CheckState::Error,
        CheckState::Shed,
        CheckState::SkippedByPolicy,
        CheckState::NotConfigured,
        CheckState::Unjudged,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Clean => "clean",
            CheckState::Flagged => "flagged",
            CheckState::BelowThreshold => "below_threshold",
            CheckState::Cached => "cached",
            CheckState::TimedOut => "timed_out",
            CheckState::Error => "error",
            CheckState::Shed => "shed",
            CheckState::SkippedByPolicy => "skipped_by_policy",
            CheckState::NotConfigured => "not_configured",
            CheckState::Unjudged => "unjudged",
        }
    }

    /// Whether the detector looked. Only what really ran counts.
    pub fn executed(self) -> bool {
        match self {
            CheckState::Clean
            | CheckState::Flagged
            | CheckState::BelowThreshold
            | CheckState::Cached => true,
            CheckState::TimedOut
            | CheckState::Error
            | CheckState::Shed
            | CheckState::SkippedByPolicy
            | CheckState::NotConfigured
            | CheckState::Unjudged => false,
        }
    }
}

impl FromStr for CheckState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<CheckState, UnknownState> {
        let known = CheckState::ALL.into_iter().find(|it| it.as_str() == text);
        known.ok_or_else(|| UnknownState(text.to_owned()))
    }
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Checks of one detector in one bucket that ended the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckCount {
    pub bucket: OffsetDateTime,
    pub detector: String,
    pub state: CheckState,
    pub required: bool,
    pub checks: u64,
    pub evidence: Evidence,
}

/// What a pushing detector said of a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanReport {
    pub id: Uuid,
    pub detector: String,
    pub from: OffsetDateTime,
    pub to: OffsetDateTime,
    pub looked_at: u64,
    pub flagged: u64,
    pub failed: u64,
}

/// What coverage is computed from.
#[derive(Debug)]
pub struct Input<'a> {
    pub period: Period,
    /// Until when anything is known; slots that end later are not judged.
    pub known_at: OffsetDateTime,
    pub width: Width,
    pub history: &'a History,
    pub checks: &'a [CheckCount],
    /// Those that touch the period or the day before it.
    pub reports: &'a [SpanReport],
    /// When each detector sent its first report ever.
    pub first_reports: &'a BTreeMap<String, OffsetDateTime>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Mean over the required detectors of which anything was expected.
    pub achieved: Option<f64>,
    pub threshold: f64,
    /// The policy in force at the end of the period; empty when there never was one.
    pub policy: String,
    /// Lowest coverage first, then by name.
    pub detectors: Vec<DetectorCoverage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Called,
    Push,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DetectorCoverage {
    pub detector: String,
    pub required: bool,
    pub kind: Kind,
    pub expected: u64,
    pub executed: u64,
    /// Checks by state; of a pushing detector its intervals and what its reports say.
    pub states: BTreeMap<String, u64>,
    #[serde(serialize_with = "points")]
    pub series: BTreeMap<OffsetDateTime, Share>,
    /// Spans without a report that are longer than allowed.
    pub silences: Vec<Silence>,
    /// Runs that show what was missing.
    #[serde(skip)]
    pub missed: Evidence,
}

/// What of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    pub expected: u64,
    pub executed: u64,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Called => "called",
            Kind::Push => "push",
        }
    }
}

impl DetectorCoverage {
    /// None when nothing was expected.
    pub fn achieved(&self) -> Option<f64> {
        Share { expected: self.expected, executed: self.executed }.achieved()
    }

    fn add(&mut self, bucket: OffsetDateTime, expected: u64, executed: u64) {
        self.expected += expected;
        self.executed += executed;
        let share = self.series.entry(bucket).or_default();
        share.expected += expected;
        share.executed += executed;
    }
}

impl Share {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn achieved(self) -> Option<f64> {
        (0 < self.expected).then(|| self.executed as f64 / self.expected as f64)
    }
}

/// A map with times for keys has no JSON form.
fn points<S: Serializer>(
    series: &BTreeMap<OffsetDateTime, Share>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Point {
        #[serde(with = "time::serde::rfc3339")]
        start: OffsetDateTime,
        expected: u64,
        executed: u64,
    }
    let mut points = serializer.serialize_seq(Some(series.len()))?;
    for (start, Share { expected, executed }) in series {
        points.serialize_element(&Point {
            start: *start,
            expected: *expected,
            executed: *executed,
        })?;
    }
    points.end()
}

/// When no policy says: the default of the domain.
const THRESHOLD_DEFAULT: f64 = 0.8;

/// Coverage of every detector that a policy in force in the period names, or that a ledger of the period names.
pub fn of(input: &Input<'_>) -> Coverage {
    let in_force = input.history.in_force(input.period.to);
    let mut detectors: Vec<DetectorCoverage> =
        names(input).into_iter().map(|name| of_detector(input, in_force, name)).collect();
    detectors.sort_by(|a, b| {
        // What nothing was expected of comes last: there is nothing to worry about.
        let key = |it: &DetectorCoverage| it.achieved().unwrap_or(2.0);
        key(a).total_cmp(&key(b)).then_with(|| a.detector.cmp(&b.detector))
    });
    Coverage {
        achieved: mean(detectors.iter().filter(|it| it.required).filter_map(|it| it.achieved())),
        threshold: in_force.map_or(THRESHOLD_DEFAULT, |policy| policy.threshold),
        policy: in_force.map_or_else(String::new, Activation::name),
        detectors,
    }
}

fn names<'a>(input: &Input<'a>) -> BTreeSet<&'a str> {
    let judging = input.history.judging();
    // The policy in force when the period starts, and those that follow in it.
    let first = judging.iter().rposition(|it| it.activated_at <= input.period.from).unwrap_or(0);
    let policies = judging.into_iter().skip(first).enumerate();
    let policies = policies.filter(|(i, it)| *i == 0 || it.activated_at < input.period.to);
    let named = policies.flat_map(|(_, it)| &it.requirements).map(|it| it.detector.as_str());
    let checked = input.checks.iter().map(|it| it.detector.as_str());
    // Reports from before the first policy count for a detector that a later one names.
    let asked = |it: &&str| input.history.judging().iter().any(|p| p.requirement(it).is_some());
    let reported = input.reports.iter().map(|it| it.detector.as_str()).filter(asked);
    named.chain(checked).chain(reported).collect()
}

fn of_detector(
    input: &Input<'_>,
    in_force: Option<&Activation>,
    detector: &str,
) -> DetectorCoverage {
    let judging = input.history.judging();
    let named = in_force.and_then(|it| it.requirement(detector));
    let named = named.or_else(|| judging.iter().rev().find_map(|it| it.requirement(detector)));
    let checked = || input.checks.iter().filter(|it| it.detector == detector);
    let push = named.is_some_and(|it| it.report_interval_s.is_some());
    let mut coverage = DetectorCoverage {
        detector: detector.to_owned(),
        required: named.map_or_else(|| checked().any(|it| it.required), |it| it.required),
        kind: if push { Kind::Push } else { Kind::Called },
        expected: 0,
        executed: 0,
        states: BTreeMap::new(),
        series: BTreeMap::new(),
        silences: Vec::new(),
        missed: Evidence::default(),
    };
    match coverage.kind {
        Kind::Called => add_checks(&mut coverage, checked(), input.width),
        Kind::Push => spans::add_reports(&mut coverage, input),
    }
    coverage
}

fn add_checks<'a>(
    coverage: &mut DetectorCoverage,
    checks: impl Iterator<Item = &'a CheckCount>,
    width: Width,
) {
    for check in checks {
        let executed = if check.state.executed() { check.checks } else { 0 };
        coverage.add(width.floor(check.bucket), check.checks, executed);
        *coverage.states.entry(check.state.to_string()).or_default() += check.checks;
        if !check.state.executed() {
            coverage.missed.merge(&check.evidence);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of detectors")]
fn mean(shares: impl Iterator<Item = f64>) -> Option<f64> {
    let shares: Vec<f64> = shares.collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// The tail of reports before the period that is read along, to show who spoke last before a silence.
pub const LOOK_BACK: Duration = Duration::DAY;

#[cfg(test)]
mod tests;
