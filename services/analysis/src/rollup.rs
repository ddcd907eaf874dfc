//! What is kept of events and runs: counts per bucket, and a few ids as evidence. Pure, and a fold that does not
//! depend on the order or the batches in which things arrive: every sum is of whole numbers, every other value is
//! a maximum or "the latest few".

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::OffsetDateTime;
use types::{Confidence, Disposition, Route, Severity, TenantId};
use uuid::Uuid;

use crate::{
    coverage::{CheckState, SpanReport},
    period::Width,
    policy::Activation,
};

/// How many ids are kept as evidence per row.
pub const EVIDENCE_MAX: usize = 4;

/// A canonical event, as far as analysis cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: Uuid,
    pub tenant: TenantId,
    pub detector: String,
    pub label: String,
    pub severity: Severity,
    pub route: Route,
    pub disposition: Disposition,
    pub confidence: Confidence,
    pub occurred_at: OffsetDateTime,
    pub received_at: OffsetDateTime,
    pub versions: Versions,
    /// The span of the detection that produced the event; none for a pushed one.
    pub trace_parent: Option<String>,
}

/// What an event was mapped with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Versions {
    pub taxonomy: String,
    pub frameworks: String,
    pub detector_mapping: String,
    pub model: String,
    pub policy: String,
}

/// One item of orchestration's feed.
#[derive(Debug, Clone, PartialEq)]
pub enum RunItem {
    Detection(Detection),
    Report(TenantId, SpanReport),
    Activation(TenantId, Activation),
}

/// One detection, as far as analysis cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    pub id: Uuid,
    pub tenant: TenantId,
    pub started_at: OffsetDateTime,
    pub policy: String,
    /// `allow`, `flag`, `redact` or `block`.
    pub action: String,
    pub mapping_deferred: bool,
    pub fallback_used: bool,
    pub partial: bool,
    pub checks: Vec<Check>,
}

/// One entry of the check ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub detector: String,
    pub state: CheckState,
    pub required: bool,
}

/// Which row an event is counted in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    pub width: Width,
    pub bucket: OffsetDateTime,
    pub detector: String,
    pub label: String,
    pub severity: Severity,
    pub route: Route,
    pub disposition: Disposition,
}

/// The sums of one row of events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventSum {
    pub events: u64,
    /// Sum of the confidences in millionths: whole, so that the order of adding does not matter.
    pub confidence_micros: u64,
    pub confidence_micros_max: u64,
    pub evidence: Evidence,
}

/// Which row a check is counted in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckKey {
    pub width: Width,
    pub bucket: OffsetDateTime,
    pub detector: String,
    pub state: CheckState,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckSum {
    pub checks: u64,
    pub evidence: Evidence,
}

/// Which row a detection is counted in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DetectionKey {
    pub width: Width,
    pub bucket: OffsetDateTime,
    pub policy: String,
    pub action: String,
    pub mapping_deferred: bool,
    pub fallback_used: bool,
    pub partial: bool,
}

/// The latest few ids, latest first. Ids are UUIDv7, so the greatest was received last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence(BTreeSet<Uuid>);

impl Evidence {
    pub fn insert(&mut self, id: Uuid) {
        self.0.insert(id);
        if EVIDENCE_MAX < self.0.len() {
            self.0.pop_first();
        }
    }

    pub fn merge(&mut self, other: &Evidence) {
        for id in &other.0 {
            self.insert(*id);
        }
    }

    pub fn latest_first(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().rev().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Uuid> for Evidence {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Evidence {
        let mut evidence = Evidence::default();
        ids.into_iter().for_each(|id| evidence.insert(id));
        evidence
    }
}

impl EventSum {
    fn add(&mut self, event: &Event) {
        let micros = micros(event.confidence);
        self.events += 1;
        self.confidence_micros += micros;
        self.confidence_micros_max = self.confidence_micros_max.max(micros);
        self.evidence.insert(event.id);
    }

    pub fn merge(&mut self, other: &EventSum) {
        self.events += other.events;
        self.confidence_micros += other.confidence_micros;
        self.confidence_micros_max = self.confidence_micros_max.max(other.confidence_micros_max);
        self.evidence.merge(&other.evidence);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0..=1 times a million"
)]
fn micros(confidence: Confidence) -> u64 {
    (confidence.get() * 1e6).round() as u64
}

/// What a batch of events adds to one tenant's rollups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventRollup {
    pub rows: BTreeMap<EventKey, EventSum>,
    pub versions: BTreeMap<(OffsetDateTime, Versions), u64>,
    pub events: u64,
    /// When the latest of them was received; none when there are none.
    pub received_at: Option<OffsetDateTime>,
}

/// What a batch of runs adds to one tenant's rollups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunRollup {
    pub checks: BTreeMap<CheckKey, CheckSum>,
    pub detections: BTreeMap<DetectionKey, u64>,
    pub reports: BTreeMap<Uuid, SpanReport>,
    pub activations: Vec<Activation>,
    pub runs: u64,
    /// When the latest of them was received; none when there are none.
    pub received_at: Option<OffsetDateTime>,
}

/// What `events` add, tenant by tenant.
pub fn of_events(events: &[Event]) -> BTreeMap<TenantId, EventRollup> {
    let mut tenants: BTreeMap<TenantId, EventRollup> = BTreeMap::new();
    for event in events {
        let rollup = tenants.entry(event.tenant).or_default();
        rollup.events += 1;
        rollup.received_at = rollup.received_at.max(Some(event.received_at));
        let day = Width::Day.floor(event.occurred_at);
        *rollup.versions.entry((day, event.versions.clone())).or_default() += 1;
        for width in Width::ALL {
            let key = EventKey {
                width,
                bucket: width.floor(event.occurred_at),
                detector: event.detector.clone(),
                label: event.label.clone(),
                severity: event.severity,
                route: event.route,
                disposition: event.disposition,
            };
            rollup.rows.entry(key).or_default().add(event);
        }
    }
    tenants
}

/// What `items` add, tenant by tenant.
pub fn of_runs(items: &[RunItem]) -> BTreeMap<TenantId, RunRollup> {
    let mut tenants: BTreeMap<TenantId, RunRollup> = BTreeMap::new();
    for item in items {
        match item {
            RunItem::Detection(detection) => {
                let rollup = tenants.entry(detection.tenant).or_default();
                rollup.runs += 1;
                let received_at = received_at(detection.id).unwrap_or(detection.started_at);
                rollup.received_at = rollup.received_at.max(Some(received_at));
                rollup.add_detection(detection);
            }
            RunItem::Report(tenant, report) => {
                let rollup = tenants.entry(*tenant).or_default();
                rollup.runs += 1;
                let received_at = received_at(report.id).unwrap_or(report.to);
                rollup.received_at = rollup.received_at.max(Some(received_at));
                rollup.reports.insert(report.id, report.clone());
            }
            RunItem::Activation(tenant, activation) => {
                let rollup = tenants.entry(*tenant).or_default();
                rollup.received_at = rollup.received_at.max(Some(activation.activated_at));
                rollup.activations.push(activation.clone());
            }
        }
    }
    tenants
}

impl RunRollup {
    fn add_detection(&mut self, detection: &Detection) {
        for width in Width::ALL {
            let key = DetectionKey {
                width,
                bucket: width.floor(detection.started_at),
                policy: detection.policy.clone(),
                action: detection.action.clone(),
                mapping_deferred: detection.mapping_deferred,
                fallback_used: detection.fallback_used,
                partial: detection.partial,
            };
            *self.detections.entry(key).or_default() += 1;
        }
        for check in &detection.checks {
            for width in Width::ALL {
                let key = CheckKey {
                    width,
                    bucket: width.floor(detection.started_at),
                    detector: check.detector.clone(),
                    state: check.state,
                    required: check.required,
                };
                let sum = self.checks.entry(key).or_default();
                sum.checks += 1;
                sum.evidence.insert(detection.id);
            }
        }
    }
}

/// When an id was made, if it is one that says so. Runs carry no time of receipt but this.
fn received_at(id: Uuid) -> Option<OffsetDateTime> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
}

#[cfg(test)]
mod tests;
