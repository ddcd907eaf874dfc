//! The gRPC face: decode, call the app, encode. No decisions.
//!
//! One file per service of the contract; here is what they share.

mod event;
mod framework;
mod mapping;
mod review;
mod taxonomy;

use proto::{common::v1 as common, mapper::v1 as wire};
use time::OffsetDateTime;
use tonic::service::{Routes, RoutesBuilder};
use types::{Disposition, Route, Severity};

use crate::{
    App,
    finding::Problem,
    mapping::{Fallback, Mapping, Versions},
};

/// The services of the contract that are answered here.
pub(crate) const SERVICES: &[&str] = &[
    "llamamapper.mapper.v1.MappingService",
    "llamamapper.mapper.v1.EventService",
    "llamamapper.mapper.v1.TaxonomyService",
    "llamamapper.mapper.v1.FrameworkService",
    "llamamapper.mapper.v1.ReviewService",
];

/// The largest message a caller may send; a full `Record` is below it.
pub(crate) const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Rpc(App);

pub(crate) fn routes(app: App) -> Routes {
    let rpc = Rpc(app);
    let max = REQUEST_BYTES_MAX;
    let mut routes = RoutesBuilder::default();
    routes
        .add_service(
            wire::mapping_service_server::MappingServiceServer::new(rpc.clone())
                .max_decoding_message_size(max),
        )
        .add_service(
            wire::event_service_server::EventServiceServer::new(rpc.clone())
                .max_decoding_message_size(max),
        )
        .add_service(wire::taxonomy_service_server::TaxonomyServiceServer::new(rpc.clone()))
        .add_service(wire::framework_service_server::FrameworkServiceServer::new(rpc.clone()))
        .add_service(wire::review_service_server::ReviewServiceServer::new(rpc));
    routes.routes()
}

const PAGE_SIZE: usize = 100;

/// The size of a page, and its cursor.
fn decode_page(page: Option<common::Page>) -> (usize, String) {
    let common::Page { size, cursor } = page.unwrap_or_default();
    let size = usize::try_from(size).unwrap_or(PAGE_SIZE);
    (if size == 0 { PAGE_SIZE } else { size }, cursor)
}

fn encode_mapping(mapping: &Mapping, versions: &Versions, policy: &str) -> wire::Mapping {
    let Mapping { label, confidence, route, fallback } = *mapping;
    wire::Mapping {
        label: label.name().to_owned(),
        severity: encode_severity(label.severity()).into(),
        confidence: confidence.get(),
        route: encode_route(route).into(),
        fallback_reason: encode_fallback(fallback).into(),
        versions: Some(encode_versions(versions, policy)),
    }
}

fn encode_versions(versions: &Versions, policy: &str) -> common::VersionInfo {
    let Versions { taxonomy, frameworks, detector_mapping, model } = versions;
    common::VersionInfo {
        taxonomy: taxonomy.clone(),
        frameworks: frameworks.clone(),
        detector_mapping: detector_mapping.clone(),
        model: model.clone(),
        policy: policy.to_owned(),
    }
}

fn encode_problem(problem: Problem) -> common::ItemError {
    let Problem { field, message } = problem;
    let code = common::ErrorCode::InvalidRequest.into();
    common::ItemError { code, message, field: field.to_owned() }
}

fn encode_fallback(fallback: Option<Fallback>) -> wire::FallbackReason {
    match fallback {
        None => wire::FallbackReason::Unspecified,
        Some(Fallback::UnknownLabel) => wire::FallbackReason::UnknownLabel,
        Some(Fallback::LowConfidence) => wire::FallbackReason::LowConfidence,
        Some(Fallback::Malformed) => wire::FallbackReason::Malformed,
    }
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

fn encode_route(route: Route) -> common::Route {
    match route {
        Route::Rule => common::Route::Rule,
        Route::Alias => common::Route::Alias,
        Route::Model => common::Route::Model,
        Route::Llm => common::Route::Llm,
        Route::Fallback => common::Route::Fallback,
    }
}

fn encode_disposition(disposition: Disposition) -> common::Disposition {
    match disposition {
        Disposition::Unknown => common::Disposition::Unknown,
        Disposition::Contained => common::Disposition::Contained,
        Disposition::Exposed => common::Disposition::Exposed,
        Disposition::Ingested => common::Disposition::Ingested,
        Disposition::Succeeded => common::Disposition::Succeeded,
    }
}

/// None for a value that the contract does not know.
fn decode_disposition(disposition: i32) -> Option<Disposition> {
    Some(match common::Disposition::try_from(disposition).ok()? {
        common::Disposition::Unspecified | common::Disposition::Unknown => Disposition::Unknown,
        common::Disposition::Contained => Disposition::Contained,
        common::Disposition::Exposed => Disposition::Exposed,
        common::Disposition::Ingested => Disposition::Ingested,
        common::Disposition::Succeeded => Disposition::Succeeded,
    })
}

fn encode_time(time: OffsetDateTime) -> prost_types::Timestamp {
    let nanos = i32::try_from(time.nanosecond()).expect("a second has less than 2^31 nanoseconds");
    prost_types::Timestamp { seconds: time.unix_timestamp(), nanos }
}

/// None for what is no time, or one that a calendar of four-digit years does not have.
fn decode_time(time: prost_types::Timestamp) -> Option<OffsetDateTime> {
    let prost_types::Timestamp { seconds, nanos } = time;
    let seconds = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    seconds.replace_nanosecond(u32::try_from(nanos).ok()?).ok()
}
