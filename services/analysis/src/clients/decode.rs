//! From the neighbours' messages to domain types.
//!
//! What a neighbour leaves unsaid gets the value that claims least: an unknown disposition, a fallback route, no
//! confidence. Only an item without identity or owner is refused.

use proto::{common::v1 as common, mapper::v1 as mapper, orchestration::v1 as orchestration};
use time::OffsetDateTime;
use types::{Confidence, Disposition, Route, Severity, TenantId};
use uuid::Uuid;

use crate::{
    coverage::{CheckState, SpanReport},
    policy::{Activation, Requirement},
    rollup::{Check, Detection, Event, RunItem, Versions},
};

/// A neighbour sent what its contract rules out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing or malformed")]
pub struct Unreadable(&'static str);

pub(super) fn event(event: mapper::Event) -> Result<Event, Unreadable> {
    let mapper::Event { event_id, tenant_id, finding, mapping, received_at } = event;
    let finding = finding.ok_or(Unreadable("finding"))?;
    let mapping = mapping.ok_or(Unreadable("mapping"))?;
    let mapper::Mapping { label, confidence, versions, .. } = &mapping;
    let received_at = time(received_at).ok_or(Unreadable("received_at"))?;
    // Of a pushed finding it names a stream of many; only a detection is one story to follow.
    let of_detection = !finding.request_id.is_empty() && !finding.trace_parent.is_empty();
    Ok(Event {
        id: id(&event_id).ok_or(Unreadable("event_id"))?,
        tenant: tenant(&tenant_id)?,
        label: label.clone(),
        severity: severity(mapping.severity()),
        route: route(mapping.route()),
        disposition: disposition(finding.disposition()),
        confidence: share(*confidence),
        occurred_at: time(finding.occurred_at).unwrap_or(received_at),
        received_at,
        versions: versions.clone().map(decode_versions).unwrap_or_default(),
        trace_parent: of_detection.then_some(finding.trace_parent),
        detector: finding.detector,
    })
}

pub(super) fn run_item(item: orchestration::RunFeedItem) -> Result<RunItem, Unreadable> {
    use orchestration::run_feed_item::Item;

    match item.item.ok_or(Unreadable("item"))? {
        Item::Run(run) => decode_run(run),
        Item::Policy(activation) => {
            let owner = tenant(&activation.tenant_id)?;
            Ok(RunItem::Activation(owner, decode_activation(activation)?))
        }
    }
}

fn decode_run(run: orchestration::Run) -> Result<RunItem, Unreadable> {
    use orchestration::run::Kind;

    let orchestration::Run { run_id, tenant_id, started_at, ended_at, kind } = run;
    let id = id(&run_id).ok_or(Unreadable("run_id"))?;
    let tenant = tenant(&tenant_id)?;
    let started_at = time(started_at).ok_or(Unreadable("started_at"))?;
    match kind.ok_or(Unreadable("kind"))? {
        Kind::Detection(detection) => {
            let verdict = detection.verdict.as_ref().map(orchestration::Verdict::action);
            let coverage = detection.coverage.as_ref();
            let mapping = detection.mapping();
            let checks = detection.checks.iter().filter_map(decode_check);
            Ok(RunItem::Detection(Detection {
                id,
                tenant,
                started_at,
                action: action(verdict).to_owned(),
                mapping_deferred: mapping == orchestration::MappingState::Deferred,
                fallback_used: detection.fallback_used,
                partial: coverage.is_some_and(|it| it.achieved < it.threshold),
                checks: checks.collect(),
                policy: detection.policy,
            }))
        }
        Kind::Report(report) => {
            let to = time(ended_at).unwrap_or(started_at);
            let orchestration::RunReport { detector, looked_at, flagged, failed, .. } = report;
            let report =
                SpanReport { id, detector, from: started_at, to, looked_at, flagged, failed };
            Ok(RunItem::Report(tenant, report))
        }
    }
}

fn decode_check(check: &orchestration::Check) -> Option<Check> {
    use orchestration::CheckState as Wire;

    let state = match check.state() {
        // Not a state; orchestration never sends it.
        Wire::Unspecified => return None,
        Wire::Clean => CheckState::Clean,
        Wire::Flagged => CheckState::Flagged,
        Wire::BelowThreshold => CheckState::BelowThreshold,
        Wire::Cached => CheckState::Cached,
        Wire::TimedOut => CheckState::TimedOut,
        Wire::Error => CheckState::Error,
        Wire::Shed => CheckState::Shed,
        Wire::SkippedByPolicy => CheckState::SkippedByPolicy,
        Wire::NotConfigured => CheckState::NotConfigured,
        Wire::Unjudged => CheckState::Unjudged,
    };
    Some(Check { detector: check.detector.clone(), state, required: check.required })
}

fn decode_activation(
    activation: orchestration::PolicyActivation,
) -> Result<Activation, Unreadable> {
    let orchestration::PolicyActivation {
        tenant_id: _,
        policy,
        version,
        is_default,
        activated_at,
        requirements,
        partial_coverage_threshold,
        facts,
    } = activation;
    let activated_at = time(activated_at).ok_or(Unreadable("activated_at"))?;
    let requirement = |it: orchestration::Requirement| Requirement {
        detector: it.detector,
        required: it.required,
        report_interval_s: (0 < it.report_interval_s).then_some(it.report_interval_s),
        weight: share(it.weight).get(),
        criticality: share(it.criticality).get(),
    };
    Ok(Activation {
        policy,
        version,
        is_default,
        activated_at,
        requirements: requirements.into_iter().map(requirement).collect(),
        threshold: share(partial_coverage_threshold).get(),
        facts,
    })
}

fn decode_versions(versions: common::VersionInfo) -> Versions {
    let common::VersionInfo { taxonomy, frameworks, detector_mapping, model, policy } = versions;
    Versions { taxonomy, frameworks, detector_mapping, model, policy }
}

fn action(action: Option<orchestration::Action>) -> &'static str {
    match action.unwrap_or(orchestration::Action::Unspecified) {
        orchestration::Action::Unspecified => "none",
        orchestration::Action::Allow => "allow",
        orchestration::Action::Flag => "flag",
        orchestration::Action::Redact => "redact",
        orchestration::Action::Block => "block",
    }
}

fn severity(severity: common::Severity) -> Severity {
    match severity {
        common::Severity::Unspecified | common::Severity::Info => Severity::Info,
        common::Severity::Low => Severity::Low,
        common::Severity::Medium => Severity::Medium,
        common::Severity::High => Severity::High,
        common::Severity::Critical => Severity::Critical,
    }
}

fn route(route: common::Route) -> Route {
    match route {
        common::Route::Rule => Route::Rule,
        common::Route::Alias => Route::Alias,
        common::Route::Model => Route::Model,
        common::Route::Llm => Route::Llm,
        common::Route::Unspecified | common::Route::Fallback => Route::Fallback,
    }
}

fn disposition(disposition: common::Disposition) -> Disposition {
    match disposition {
        common::Disposition::Contained => Disposition::Contained,
        common::Disposition::Exposed => Disposition::Exposed,
        common::Disposition::Ingested => Disposition::Ingested,
        common::Disposition::Succeeded => Disposition::Succeeded,
        common::Disposition::Unspecified | common::Disposition::Unknown => Disposition::Unknown,
    }
}

/// NaN and what is out of bounds come down to the nearest bound.
fn share(value: f64) -> Confidence {
    let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    Confidence::try_from(value).expect("it was just clamped")
}

fn id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok()
}

fn tenant(text: &str) -> Result<TenantId, Unreadable> {
    text.parse().map_err(|_| Unreadable("tenant_id"))
}

fn time(at: Option<prost_types::Timestamp>) -> Option<OffsetDateTime> {
    let prost_types::Timestamp { seconds, nanos } = at?;
    let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
}
