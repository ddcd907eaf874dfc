//! What is missing or odd, and what to do about it. Pure and deterministic: the same events give the same gap under
//! the same id. A reason only quotes numbers that are in the input.

mod spike;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::Severity;
use uuid::Uuid;

use crate::{
    coverage::{Coverage, DetectorCoverage, Kind, Silence},
    period::Period,
    rollup::Evidence,
    summary::{LabelHour, Total},
};

/// Longest reason and remediation, in characters.
pub const TEXT_MAX: usize = 120;

/// The label of a word that nobody knows.
const UNKNOWN: &str = "OTHER.Unknown";

/// How many references a gap carries at most.
const EVIDENCE_REFS_MAX: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    Outage,
    Coverage,
    Spike,
    UnknownLabels,
    NoisyLabel,
}

/// Something missing or odd.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    pub id: String,
    pub kind: GapKind,
    pub severity: Severity,
    /// The detector or label it is about.
    pub subject: String,
    pub period: Period,
    pub reason: String,
    pub remediation: String,
    /// Ids of events or runs that show it, or the policy that asks for what never came.
    pub evidence_refs: Vec<String>,
    #[serde(serialize_with = "crate::report::rounded")]
    pub confidence: f64,
}

/// From when on something is a gap.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// An hour with fewer events of a label is never a spike.
    pub spike_events_min: u64,
    /// A spike is so many robust deviations above the median of its hour of the day…
    pub spike_deviations_min: f64,
    /// …and so many times that median.
    pub spike_ratio_min: f64,
    /// Days of other data needed before anything is called a spike.
    pub spike_days_min: usize,
    /// A label is noisy from this share of all events on…
    pub noisy_share_min: f64,
    /// …with a mean confidence below this…
    pub noisy_confidence_max: f64,
    /// …and so many events.
    pub noisy_events_min: u64,
    /// A detector's unknown words are a gap from this share of its events on…
    pub unknown_share_min: f64,
    /// …and so many events.
    pub unknown_events_min: u64,
    /// A label recurs when it came on so many days…
    pub recurring_days_min: usize,
    /// …so often in all.
    pub recurring_events_min: u64,
}

/// What gaps are found in.
#[derive(Debug)]
pub struct Input<'a> {
    pub period: Period,
    pub coverage: &'a Coverage,
    pub totals: &'a [Total],
    /// Hours of the period and of the weeks before it, as a baseline.
    pub hours: &'a [LabelHour],
    /// The first hour of any data, no earlier than the baseline.
    pub data_from: OffsetDateTime,
}

impl GapKind {
    pub fn as_str(self) -> &'static str {
        match self {
            GapKind::Outage => "outage",
            GapKind::Coverage => "coverage",
            GapKind::Spike => "spike",
            GapKind::UnknownLabels => "unknown_labels",
            GapKind::NoisyLabel => "noisy_label",
        }
    }
}

/// All gaps, gravest first; then by kind, subject and time.
pub fn of(input: &Input<'_>, thresholds: &Thresholds) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for detector in &input.coverage.detectors {
        gaps.extend(coverage_gap(input, detector));
        gaps.extend(detector.silences.iter().map(|silence| outage(input, detector, silence)));
    }
    gaps.extend(spike::find(input, thresholds));
    gaps.extend(unknown_labels(input, thresholds));
    gaps.extend(noisy_labels(input, thresholds));
    gaps.sort_by(|a, b| {
        let key = |it: &Gap| {
            (std::cmp::Reverse(it.severity), it.kind, it.subject.clone(), it.period.from)
        };
        key(a).cmp(&key(b))
    });
    gaps
}

impl Gap {
    fn new(kind: GapKind, severity: Severity, subject: &str, period: Period) -> Gap {
        Gap {
            id: id(kind, subject, period),
            kind,
            severity,
            subject: subject.to_owned(),
            period,
            reason: String::new(),
            remediation: String::new(),
            evidence_refs: Vec::new(),
            confidence: 1.0,
        }
    }

    fn saying(mut self, reason: String, remediation: &str) -> Gap {
        debug_assert!(reason.chars().count() <= TEXT_MAX, "{reason}");
        debug_assert!(remediation.chars().count() <= TEXT_MAX, "{remediation}");
        self.reason = reason;
        remediation.clone_into(&mut self.remediation);
        self
    }

    fn shown_by(mut self, evidence: impl IntoIterator<Item = Uuid>) -> Gap {
        let refs = evidence.into_iter().take(EVIDENCE_REFS_MAX).map(|id| id.to_string());
        self.evidence_refs = refs.collect();
        self
    }

    /// For what left no trace but that it was asked for.
    fn or_by(mut self, policy: &str) -> Gap {
        if self.evidence_refs.is_empty() {
            self.evidence_refs.push(policy.to_owned());
        }
        self
    }
}

/// The same for the same finding of the same period.
fn id(kind: GapKind, subject: &str, period: Period) -> String {
    let Period { from, to } = period;
    let text =
        format!("{}\n{subject}\n{}\n{}", kind.as_str(), from.unix_timestamp(), to.unix_timestamp());
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("gap_{hex}")
}

fn coverage_gap(input: &Input<'_>, detector: &DetectorCoverage) -> Option<Gap> {
    let Coverage { threshold, policy, .. } = input.coverage;
    let achieved =
        detector.achieved().filter(|achieved| detector.required && *achieved < *threshold)?;
    let (executed, expected) = (detector.executed, detector.expected);
    let severity = if executed == 0 {
        Severity::Critical
    } else if achieved < threshold / 2.0 {
        Severity::High
    } else {
        Severity::Medium
    };
    let (reason, remediation) = match detector.kind {
        Kind::Called => (
            format!(
                "{executed} of {expected} checks were executed; the policy asks for a share of {threshold}."
            ),
            "Look at the states of the checks that did not run; raise its budget or repair it.",
        ),
        Kind::Push => (
            format!(
                "{executed} of {expected} report intervals were covered; the policy asks for a share of {threshold}."
            ),
            "Make the detector send a run report every interval, also when it has nothing to look at.",
        ),
    };
    let gap = Gap::new(GapKind::Coverage, severity, &detector.detector, input.period);
    Some(gap.saying(reason, remediation).shown_by(detector.missed.latest_first()).or_by(policy))
}

fn outage(input: &Input<'_>, detector: &DetectorCoverage, silence: &Silence) -> Gap {
    let Silence { period, allowed_s, neighbours } = silence;
    let lasted_s = (period.to - period.from).whole_seconds();
    let severity = match (detector.required, 4 * i64::from(*allowed_s) <= lasted_s) {
        (true, true) => Severity::High,
        (true, false) | (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    let reason = format!(
        "No run report from {} to {}; at most {allowed_s} s are allowed.",
        moment(period.from),
        moment(period.to)
    );
    Gap::new(GapKind::Outage, severity, &detector.detector, *period)
        .saying(reason, "Find out why it was silent, and look again at what passed in this time.")
        .shown_by(neighbours.iter().copied())
        .or_by(&input.coverage.policy)
}

fn unknown_labels(input: &Input<'_>, thresholds: &Thresholds) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let unknown = |it: &&Total| it.label == UNKNOWN;
    let mut detectors: Vec<&str> =
        input.totals.iter().filter(unknown).map(|it| it.detector.as_str()).collect();
    detectors.sort_unstable();
    detectors.dedup();
    for detector in detectors {
        let of_detector = || input.totals.iter().filter(|it| it.detector == detector);
        let events: u64 = of_detector().map(|it| it.sum.events).sum();
        let unknowns: u64 = of_detector().filter(unknown).map(|it| it.sum.events).sum();
        let share = share(unknowns, events);
        if unknowns < thresholds.unknown_events_min || share < thresholds.unknown_share_min {
            continue;
        }
        let severity = if share < 0.25 { Severity::Low } else { Severity::Medium };
        let reason = format!("{unknowns} of {events} events carry a word that no rule knows.");
        let gap = Gap::new(GapKind::UnknownLabels, severity, detector, input.period)
            .saying(reason, "Review the proposed labels; an approved proposal becomes a rule.")
            .shown_by(evidence(of_detector().filter(unknown)).latest_first());
        gaps.push(gap);
    }
    gaps
}

fn noisy_labels(input: &Input<'_>, thresholds: &Thresholds) -> Vec<Gap> {
    let all: u64 = input.totals.iter().map(|it| it.sum.events).sum();
    let mut labels: Vec<&str> = input.totals.iter().map(|it| it.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    let mut gaps = Vec::new();
    for label in labels.into_iter().filter(|it| *it != UNKNOWN) {
        let of_label = || input.totals.iter().filter(|it| it.label == label);
        let events: u64 = of_label().map(|it| it.sum.events).sum();
        let micros: u64 = of_label().map(|it| it.sum.confidence_micros).sum();
        let confidence = share(micros, events) / 1e6;
        let frequent = thresholds.noisy_events_min <= events
            && thresholds.noisy_share_min <= share(events, all);
        if !frequent || thresholds.noisy_confidence_max <= confidence {
            continue;
        }
        let reason = format!(
            "{events} of {all} events, and their mean confidence is below {}.",
            thresholds.noisy_confidence_max
        );
        let gap = Gap::new(GapKind::NoisyLabel, Severity::Low, label, input.period)
            .saying(
                reason,
                "Raise the detector's threshold for it, or have samples of it confirmed.",
            )
            .shown_by(evidence(of_label()).latest_first());
        gaps.push(Gap { confidence: 1.0 - confidence, ..gap });
    }
    gaps
}

fn evidence<'a>(totals: impl Iterator<Item = &'a Total>) -> Evidence {
    let mut evidence = Evidence::default();
    totals.for_each(|it| evidence.merge(&it.sum.evidence));
    evidence
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// To the second: what is below it is noise to a reader.
fn moment(at: OffsetDateTime) -> String {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string())
}

#[cfg(test)]
mod tests;
