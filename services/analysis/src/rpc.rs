//! The gRPC face: decode, call the app, encode. No decisions.
//!
//! One file per service of the contract; here is what they share.

mod insight;
mod report;

use proto::{analysis::v1 as wire, common::v1 as common};
use runtime::metrics::{Counter, Metrics, Tenants, names};
use time::OffsetDateTime;
use tonic::{
    Response, Status,
    service::{Routes, RoutesBuilder},
};
use types::{Severity, TenantId};

use crate::{
    App, Error,
    app::Span,
    period::{Period, Width},
    rollup::Versions,
    summary::Tally,
};

/// The services of the contract that are answered here.
pub(crate) const SERVICES: &[&str] =
    &["llamamapper.analysis.v1.InsightService", "llamamapper.analysis.v1.ReportService"];

/// The largest message a caller may send; questions are short.
pub(crate) const REQUEST_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Rpc {
    app: App,
    answered: Counter<3>,
    tenants: Tenants,
}

pub(crate) fn routes(app: App, metrics: &Metrics) -> Routes {
    let answered = metrics.counter(&names::ANALYSIS_REQUESTS_TOTAL);
    let rpc = Rpc { app, answered, tenants: metrics.tenants().clone() };
    let mut routes = RoutesBuilder::default();
    routes
        .add_service(wire::insight_service_server::InsightServiceServer::new(rpc.clone()))
        .add_service(wire::report_service_server::ReportServiceServer::new(rpc));
    routes.routes()
}

impl Rpc {
    /// Counts what became of a question of `kind`.
    fn answer<T>(
        &self,
        tenant: TenantId,
        kind: &'static str,
        answer: Result<T, Error>,
    ) -> Result<Response<T>, Status> {
        let status = if answer.is_ok() { "ok" } else { "error" };
        self.answered.inc([&self.tenants.label(tenant), kind, status]);
        Ok(Response::new(answer?))
    }
}

fn decode_span(period: Option<common::Period>) -> Result<Span, Error> {
    let common::Period { from, to } = period.unwrap_or_default();
    Ok(Span { from: decode_time("period.from", from)?, to: decode_time("period.to", to)? })
}

fn decode_time(
    field: &'static str,
    at: Option<prost_types::Timestamp>,
) -> Result<Option<OffsetDateTime>, Error> {
    let Some(prost_types::Timestamp { seconds, nanos }) = at else { return Ok(None) };
    let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
    // Nothing was detected before computers counted seconds, and no clock is 8,000 years ahead.
    let at = at.filter(|at| (1970..=9998).contains(&at.year()));
    at.map(Some).ok_or(Error::InvalidField { field, rule: "must be between 1970 and 9998" })
}

fn decode_width(granularity: wire::Granularity) -> Width {
    match granularity {
        wire::Granularity::Minute => Width::Minute,
        wire::Granularity::Hour => Width::Hour,
        wire::Granularity::Unspecified | wire::Granularity::Day => Width::Day,
    }
}

/// 0 means the default.
fn decode_limit(limit: u32, default: usize) -> usize {
    usize::try_from(limit).ok().filter(|limit| 0 < *limit).unwrap_or(default)
}

fn encode_time(at: OffsetDateTime) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.nanosecond()).expect("there are fewer than 2^31 in a second");
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos }
}

fn encode_period(period: Period) -> common::Period {
    let Period { from, to } = period;
    common::Period { from: Some(encode_time(from)), to: Some(encode_time(to)) }
}

fn encode_tally(tally: Tally) -> wire::Tally {
    let Tally { key, events } = tally;
    wire::Tally { key, events }
}

fn encode_tallies(tallies: Vec<Tally>) -> Vec<wire::Tally> {
    tallies.into_iter().map(encode_tally).collect()
}

fn encode_versions(versions: Versions) -> common::VersionInfo {
    let Versions { taxonomy, frameworks, detector_mapping, model, policy } = versions;
    common::VersionInfo { taxonomy, frameworks, detector_mapping, model, policy }
}

fn encode_severity(severity: Severity) -> common::Severity {
    match severity {
        Severity::Info => common::Severity::Info,
        Severity::Low => common::Severity::Low,
        Severity::Medium => common::Severity::Medium,
        Severity::High => common::Severity::High,
        Severity::Critical => common::Severity::Critical,
    }
}
