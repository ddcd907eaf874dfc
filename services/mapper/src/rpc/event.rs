//! `EventService`.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use proto::{
    common::v1 as common,
    mapper::v1::{self as wire, event_service_server::EventService},
};
use runtime::identity;
use tonic::{Request, Response, Status};
use types::{Confidence, Route, Severity};
use uuid::Uuid;

use super::{
    Rpc, decode_disposition, decode_page, decode_time, encode_disposition, encode_fallback,
    encode_problem, encode_route, encode_severity, encode_time, encode_versions,
};
use crate::{
    Error,
    app::{Scope, Tail, ToRecord},
    event::{Event, Filter, GroupBy, Page, Position, Recorded, Section},
    finding::{Finding, Problem, Raw, Span},
};

const FEED: &str = "events:feed";
const BATCH_SIZE: i32 = 1_000;

#[tonic::async_trait]
impl EventService for Rpc {
    async fn record(
        &self,
        request: Request<wire::RecordRequest>,
    ) -> Result<Response<wire::RecordResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let findings = request.into_inner().findings.into_iter().map(decode_to_record).collect();

        let results = self.0.record(tenant, findings).await?;

        let results = results.into_iter().map(encode_recorded).collect();
        Ok(Response::new(wire::RecordResponse { results }))
    }

    async fn query(
        &self,
        request: Request<wire::QueryRequest>,
    ) -> Result<Response<wire::QueryResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::QueryRequest { filter, page } = request.into_inner();
        let filter = decode_filter(filter.unwrap_or_default())?;
        let (size, cursor) = decode_page(page);

        let Page { items, next } = self.0.query(tenant, &filter, &cursor, size).await?;

        let events = items.into_iter().map(encode_event).collect();
        let next_cursor = next.map(|it| it.encode()).unwrap_or_default();
        Ok(Response::new(wire::QueryResponse { events, next_cursor }))
    }

    async fn count(
        &self,
        request: Request<wire::CountRequest>,
    ) -> Result<Response<wire::CountResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::CountRequest { filter, by } = request.into_inner();
        let filter = decode_filter(filter.unwrap_or_default())?;
        let by = decode_group_by(by)?;

        let (counts, total) = self.0.count(tenant, &filter, by).await?;

        let counts = counts.into_iter().map(|(key, count)| wire::Count { key, count }).collect();
        Ok(Response::new(wire::CountResponse { counts, total }))
    }

    type TailStream = Pin<Box<dyn Stream<Item = Result<wire::TailResponse, Status>> + Send>>;

    async fn tail(
        &self,
        request: Request<wire::TailRequest>,
    ) -> Result<Response<Self::TailStream>, Status> {
        let principal = identity::principal(&request)?;
        let scope = match principal.tenant {
            Some(tenant) => Scope::Tenant(tenant),
            None if principal.may(FEED) => Scope::Everybody,
            None => return Err(Error::NoFeed.into()),
        };
        let tail = decode_tail(request.into_inner(), scope)?;

        let sections = self.0.tail(tail);

        let responses = sections.map(|section| section.map(encode_section).map_err(Status::from));
        Ok(Response::new(Box::pin(responses)))
    }
}

fn decode_to_record(to_record: wire::FindingToRecord) -> ToRecord {
    let wire::FindingToRecord { finding, malformed, policy } = to_record;
    ToRecord { finding: decode_finding(finding.unwrap_or_default()), malformed, policy }
}

fn decode_finding(finding: common::Finding) -> Raw {
    let common::Finding {
        finding_id,
        detector,
        detector_version,
        raw_label,
        score,
        span,
        occurred_at,
        resource,
        disposition,
        metadata,
        request_id,
        trace_parent,
    } = finding;
    Raw {
        finding_id,
        detector,
        detector_version,
        raw_label,
        score,
        span: span.map(|common::Span { start, end }| (start, end)),
        occurred_at: occurred_at.and_then(decode_time),
        resource,
        disposition: decode_disposition(disposition),
        metadata: metadata.into_iter().collect(),
        request_id,
        trace_parent,
    }
}

fn encode_finding(finding: Finding) -> common::Finding {
    let Finding {
        finding_id,
        detector,
        detector_version,
        raw_label,
        score,
        span,
        occurred_at,
        resource,
        disposition,
        metadata,
        request_id,
        trace_parent,
    } = finding;
    common::Finding {
        finding_id,
        detector,
        detector_version,
        raw_label,
        score: score.map_or(0.0, Confidence::get),
        span: span.map(|Span { start, end }| common::Span {
            start: start.unsigned_abs(),
            end: end.unsigned_abs(),
        }),
        occurred_at: Some(encode_time(occurred_at)),
        resource,
        disposition: encode_disposition(disposition).into(),
        metadata: metadata.into_iter().collect(),
        request_id,
        trace_parent,
    }
}

fn encode_event(event: Event) -> wire::Event {
    let Event {
        event_id,
        tenant,
        finding,
        label,
        severity,
        confidence,
        route,
        fallback,
        versions,
        policy,
        received_at,
    } = event;
    let mapping = wire::Mapping {
        label,
        severity: encode_severity(severity).into(),
        confidence: confidence.get(),
        route: encode_route(route).into(),
        fallback_reason: encode_fallback(fallback).into(),
        versions: Some(encode_versions(&versions, &policy)),
    };
    wire::Event {
        event_id: event_id.to_string(),
        tenant_id: tenant.to_string(),
        finding: Some(encode_finding(finding)),
        mapping: Some(mapping),
        received_at: Some(encode_time(received_at)),
    }
}

fn encode_recorded(recorded: Recorded) -> wire::RecordResult {
    use wire::RecordStatus;

    let (status, event_id, problem) = match recorded {
        Recorded::Stored(id) => (RecordStatus::Stored, Some(id), None),
        Recorded::Duplicate => (RecordStatus::Duplicate, None, None),
        Recorded::Malformed(id, problem) => (RecordStatus::Malformed, Some(id), Some(problem)),
        Recorded::Refused(problem) => (RecordStatus::Refused, None, Some(problem)),
    };
    wire::RecordResult {
        status: status.into(),
        event_id: event_id.map(|id| id.to_string()).unwrap_or_default(),
        error: problem.map(encode_problem),
    }
}

fn decode_filter(filter: wire::EventFilter) -> Result<Filter, Error> {
    let wire::EventFilter {
        occurred,
        labels,
        detectors,
        severity_min,
        routes,
        dispositions,
        request_id,
        event_ids,
    } = filter;
    let common::Period { from, to } = occurred.unwrap_or_default();
    let time = |time: Option<prost_types::Timestamp>, field| {
        time.map(|it| decode_time(it).ok_or_else(|| invalid(field, "is no time"))).transpose()
    };
    let disposition = |it| {
        decode_disposition(it).ok_or_else(|| invalid("filter.dispositions", "has an unknown value"))
    };
    let event_id = |it: String| {
        Uuid::try_parse(&it)
            .map_err(|_| invalid("filter.event_ids", "has an entry that is no UUID"))
    };
    Ok(Filter {
        from: time(from, "filter.occurred.from")?,
        to: time(to, "filter.occurred.to")?,
        labels,
        detectors,
        severity_min: decode_severity_min(severity_min)?,
        routes: routes
            .into_iter()
            .filter_map(|it| decode_route(it).transpose())
            .collect::<Result<_, _>>()?,
        dispositions: dispositions.into_iter().map(disposition).collect::<Result<_, _>>()?,
        request_id,
        event_ids: event_ids.into_iter().map(event_id).collect::<Result<_, _>>()?,
    })
}

fn decode_severity_min(severity: i32) -> Result<Option<Severity>, Error> {
    let known = common::Severity::try_from(severity);
    Ok(match known.map_err(|_| invalid("filter.severity_min", "has an unknown value"))? {
        common::Severity::Unspecified => None,
        common::Severity::Info => Some(Severity::Info),
        common::Severity::Low => Some(Severity::Low),
        common::Severity::Medium => Some(Severity::Medium),
        common::Severity::High => Some(Severity::High),
        common::Severity::Critical => Some(Severity::Critical),
    })
}

fn decode_route(route: i32) -> Result<Option<Route>, Error> {
    let known = common::Route::try_from(route);
    Ok(match known.map_err(|_| invalid("filter.routes", "has an unknown value"))? {
        common::Route::Unspecified => None,
        common::Route::Rule => Some(Route::Rule),
        common::Route::Alias => Some(Route::Alias),
        common::Route::Model => Some(Route::Model),
        common::Route::Llm => Some(Route::Llm),
        common::Route::Fallback => Some(Route::Fallback),
    })
}

fn decode_group_by(by: i32) -> Result<GroupBy, Error> {
    Ok(match wire::CountBy::try_from(by).map_err(|_| invalid("by", "has an unknown value"))? {
        wire::CountBy::Unspecified => GroupBy::All,
        wire::CountBy::Domain => GroupBy::Domain,
        wire::CountBy::Label => GroupBy::Label,
        wire::CountBy::Severity => GroupBy::Severity,
        wire::CountBy::Route => GroupBy::Route,
        wire::CountBy::Detector => GroupBy::Detector,
        wire::CountBy::Disposition => GroupBy::Disposition,
    })
}

fn decode_tail(tail: wire::TailRequest, scope: Scope) -> Result<Tail, Error> {
    let wire::TailRequest { cursor, batch_max, follow } = tail;
    let after = Position::decode(&cursor)
        .map_err(|source| Error::InvalidCursor { field: "cursor", source })?;
    let size = i32::try_from(batch_max).ok().filter(|it| 0 < *it).unwrap_or(BATCH_SIZE);
    Ok(Tail { scope, after, size, follow })
}

fn encode_section(section: Section) -> wire::TailResponse {
    let Section { events, last, cut: _ } = section;
    let events = events.into_iter().map(encode_event).collect();
    wire::TailResponse { events, cursor: last.encode() }
}

fn invalid(field: &'static str, what: &str) -> Error {
    Error::InvalidField(Problem { field, message: format!("{field} {what}") })
}
