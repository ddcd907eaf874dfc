//! Translations of the messages that more than one door speaks: findings, severities, routes, times. No decisions.

use std::collections::HashMap;

use proto::common::v1 as common;
use time::OffsetDateTime;
use types::{Disposition, Route, Severity};

use crate::{
    acknowledgement::{Code, ItemError},
    finding::{Finding, Moment, Said, Span},
};

pub(crate) fn decode_finding(finding: common::Finding) -> Finding {
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
    Finding {
        id: finding_id,
        detector,
        detector_version,
        raw_label,
        score,
        span: span.map(|common::Span { start, end }| Span { start, end }),
        occurred_at: occurred_at.map(decode_moment),
        resource,
        disposition: decode_disposition(disposition),
        metadata: metadata.into_iter().collect(),
        request_id,
        trace_parent,
    }
}

pub(crate) fn encode_finding(finding: Finding) -> common::Finding {
    let Finding {
        id,
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
        finding_id: id,
        detector,
        detector_version,
        raw_label,
        score,
        span: span.map(|Span { start, end }| common::Span { start, end }),
        occurred_at: occurred_at
            .map(|Moment { seconds, nanos }| prost_types::Timestamp { seconds, nanos }),
        resource,
        disposition: encode_disposition(disposition),
        metadata: metadata.into_iter().collect::<HashMap<_, _>>(),
        request_id,
        trace_parent,
    }
}

pub(crate) fn decode_moment(time: prost_types::Timestamp) -> Moment {
    let prost_types::Timestamp { seconds, nanos } = time;
    Moment { seconds, nanos }
}

pub(crate) fn encode_time(time: OffsetDateTime) -> Option<prost_types::Timestamp> {
    let Moment { seconds, nanos } = Moment::of(time);
    Some(prost_types::Timestamp { seconds, nanos })
}

fn decode_disposition(number: i32) -> Said {
    match common::Disposition::try_from(number) {
        Err(_) => Said::Undefined(number),
        Ok(common::Disposition::Unspecified) => Said::Nothing,
        Ok(common::Disposition::Unknown) => Said::Known(Disposition::Unknown),
        Ok(common::Disposition::Contained) => Said::Known(Disposition::Contained),
        Ok(common::Disposition::Exposed) => Said::Known(Disposition::Exposed),
        Ok(common::Disposition::Ingested) => Said::Known(Disposition::Ingested),
        Ok(common::Disposition::Succeeded) => Said::Known(Disposition::Succeeded),
    }
}

fn encode_disposition(said: Said) -> i32 {
    let disposition = match said {
        Said::Undefined(number) => return number,
        Said::Nothing => common::Disposition::Unspecified,
        Said::Known(Disposition::Unknown) => common::Disposition::Unknown,
        Said::Known(Disposition::Contained) => common::Disposition::Contained,
        Said::Known(Disposition::Exposed) => common::Disposition::Exposed,
        Said::Known(Disposition::Ingested) => common::Disposition::Ingested,
        Said::Known(Disposition::Succeeded) => common::Disposition::Succeeded,
    };
    disposition.into()
}

/// None for what the contract does not have, and for UNSPECIFIED.
pub(crate) fn decode_severity(number: i32) -> Option<Severity> {
    match common::Severity::try_from(number).ok()? {
        common::Severity::Unspecified => None,
        common::Severity::Info => Some(Severity::Info),
        common::Severity::Low => Some(Severity::Low),
        common::Severity::Medium => Some(Severity::Medium),
        common::Severity::High => Some(Severity::High),
        common::Severity::Critical => Some(Severity::Critical),
    }
}

pub(crate) fn encode_severity(severity: Severity) -> common::Severity {
    match severity {
        Severity::Info => common::Severity::Info,
        Severity::Low => common::Severity::Low,
        Severity::Medium => common::Severity::Medium,
        Severity::High => common::Severity::High,
        Severity::Critical => common::Severity::Critical,
    }
}

/// None for what the contract does not have, and for UNSPECIFIED.
pub(crate) fn decode_route(number: i32) -> Option<Route> {
    match common::Route::try_from(number).ok()? {
        common::Route::Unspecified => None,
        common::Route::Rule => Some(Route::Rule),
        common::Route::Alias => Some(Route::Alias),
        common::Route::Model => Some(Route::Model),
        common::Route::Llm => Some(Route::Llm),
        common::Route::Fallback => Some(Route::Fallback),
    }
}

pub(crate) fn encode_route(route: Route) -> common::Route {
    match route {
        Route::Rule => common::Route::Rule,
        Route::Alias => common::Route::Alias,
        Route::Model => common::Route::Model,
        Route::Llm => common::Route::Llm,
        Route::Fallback => common::Route::Fallback,
    }
}

/// What a neighbour says of one item. A code that cannot concern an item is its fault, not the item's.
pub(crate) fn decode_item_error(error: common::ItemError) -> ItemError {
    let common::ItemError { code, message, field } = error;
    let code = match common::ErrorCode::try_from(code) {
        Ok(common::ErrorCode::InvalidRequest) => Code::InvalidRequest,
        Ok(common::ErrorCode::DetectorNotFound) => Code::DetectorNotFound,
        Ok(common::ErrorCode::UpstreamUnavailable) => Code::UpstreamUnavailable,
        _ => return ItemError::internal(),
    };
    ItemError { code, message, field }
}

pub(crate) fn encode_item_error(error: ItemError) -> common::ItemError {
    let ItemError { code, message, field } = error;
    let code = match code {
        Code::InvalidRequest => common::ErrorCode::InvalidRequest,
        Code::DetectorNotFound => common::ErrorCode::DetectorNotFound,
        Code::UpstreamUnavailable => common::ErrorCode::UpstreamUnavailable,
        Code::Internal => common::ErrorCode::Internal,
    };
    common::ItemError { code: code.into(), message, field }
}
