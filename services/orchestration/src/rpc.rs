//! How orchestration is asked: decode, call the app, encode. No decisions. One file per service of the contract.

mod built_in;
mod detection;
mod detector;
mod identity;
mod ingest;
mod policy;
mod run;
mod tenancy;

use proto::common::v1 as common;
use runtime::{identity::Role, status::ErrorCode};
use tonic::{Request, Status, service::Routes};

use proto::{
    detector::v1::detector_service_server::DetectorServiceServer as BuiltInServiceServer,
    orchestration::v1::{
        detection_service_server::DetectionServiceServer,
        detector_service_server::DetectorServiceServer,
        identity_service_server::IdentityServiceServer, ingest_service_server::IngestServiceServer,
        policy_service_server::PolicyServiceServer, run_service_server::RunServiceServer,
        tenancy_service_server::TenancyServiceServer,
    },
};

use crate::{App, tenant::Reach};

/// The services that are served here.
pub(crate) const SERVED: &[&str] = &[
    "llamamapper.orchestration.v1.IngestService",
    "llamamapper.orchestration.v1.DetectionService",
    "llamamapper.orchestration.v1.RunService",
    "llamamapper.orchestration.v1.PolicyService",
    "llamamapper.orchestration.v1.DetectorService",
    "llamamapper.orchestration.v1.TenancyService",
    "llamamapper.orchestration.v1.IdentityService",
    "llamamapper.detector.v1.DetectorService",
];

/// An answer is ours, so its size is bounded by what was asked.
const RESPONSE_BYTES_MAX: usize = 64 << 20;

const PAGE_DEFAULT: u32 = 100;

#[derive(Debug, Clone)]
pub(crate) struct Rpc(App);

pub(crate) fn routes(app: App, bytes_max: usize) -> Routes {
    let rpc = Rpc(app);
    Routes::new(IngestServiceServer::new(rpc.clone()).max_decoding_message_size(bytes_max))
        .add_service(
            DetectionServiceServer::new(rpc.clone())
                .max_decoding_message_size(bytes_max)
                .max_encoding_message_size(RESPONSE_BYTES_MAX),
        )
        .add_service(
            BuiltInServiceServer::new(rpc.clone())
                .max_decoding_message_size(bytes_max)
                .max_encoding_message_size(RESPONSE_BYTES_MAX),
        )
        .add_service(RunServiceServer::new(rpc.clone()))
        .add_service(PolicyServiceServer::new(rpc.clone()))
        .add_service(DetectorServiceServer::new(rpc.clone()))
        .add_service(TenancyServiceServer::new(rpc.clone()))
        .add_service(IdentityServiceServer::new(rpc))
}

/// Whose tenants the caller may manage: its own, or everybody's where it belongs to none.
fn reach<T>(request: &Request<T>) -> Result<Reach, Status> {
    let principal = runtime::identity::principal(request)?;
    let everyone = principal.roles.iter().any(|it| matches!(it, Role::Operator | Role::Service));
    match principal.tenant {
        Some(own) => Ok(Reach::Only(own)),
        None if everyone => Ok(Reach::Everyone),
        None => runtime::identity::tenant(request).map(Reach::Only),
    }
}

/// Size and cursor of a page.
fn decode_page(page: Option<common::Page>) -> (u32, String) {
    let common::Page { size, cursor } = page.unwrap_or_default();
    (if size == 0 { PAGE_DEFAULT } else { size }, cursor)
}

/// The page out of one entry more than fits, and the cursor of the next; empty on the last.
fn paginate<T>(mut entries: Vec<T>, size: u32, cursor: impl Fn(&T) -> String) -> (Vec<T>, String) {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if entries.len() <= size {
        return (entries, String::new());
    }
    entries.truncate(size);
    let next = entries.last().map(cursor).unwrap_or_default();
    (entries, next)
}

fn invalid(field: &str, problem: &str) -> Status {
    runtime::status::refuse(
        ErrorCode::InvalidRequest.with("field", field),
        format!("`{field}` {problem}"),
    )
}

fn parse_tenant(text: &str) -> Result<types::TenantId, Status> {
    text.parse().map_err(|_| invalid("tenant_id", "must be a UUID"))
}
