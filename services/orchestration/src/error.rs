//! Why orchestration did not do what it was asked, and what becomes of that on the wire.

use runtime::{
    database,
    status::{Answer, ErrorCode},
};
use tonic::Status;

use crate::{policy::Contradiction, run::NotACursor};

/// Why orchestration did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is a tenant of this name already")]
    TenantNameTaken,
    #[error("the tenant has a live key of this name already")]
    KeyNameTaken,
    #[error("there is no such tenant")]
    UnknownTenant,
    #[error("the tenant has no such key")]
    UnknownKey,
    #[error("the tenant has no such run")]
    UnknownRun,
    #[error("the tenant has no such policy")]
    UnknownPolicy(String),
    #[error("neither the mesh nor the tenant has such a detector")]
    UnknownDetector(String),
    #[error("a valid credential is required")]
    BadCredential,
    #[error("{0}")]
    Contradiction(Contradiction),
    #[error("another version of the policy was published meanwhile")]
    ConcurrentPublish,
    #[error("`{field}` {problem}")]
    InvalidField { field: String, problem: String },
    #[error("`{field}` has a limit of {limit} entries, got {size}")]
    TooMany { field: &'static str, limit: usize, size: usize },
    #[error("`cursor` is invalid")]
    InvalidCursor(#[source] NotACursor),
    #[error("a message of the stream cannot be read")]
    BrokenStream,
    #[error("the service is stopping, go on with another connection")]
    Stopping,
    #[error("the inbox for the mapper is full")]
    InboxFull,
    #[error("detector `{0}` did not answer in time")]
    DetectorLate(String),
    #[error("detector `{0}` takes no more work at the moment")]
    DetectorOverloaded(String),
    #[error("detector `{0}` failed")]
    DetectorFailed(String),
    #[error("the operating system has no randomness")]
    NoRandomness,
    #[error(transparent)]
    Database(#[from] database::Failure),
}

impl From<sqlx::Error> for Error {
    fn from(err: sqlx::Error) -> Error {
        Error::Database(err.into())
    }
}

impl From<Error> for Status {
    fn from(err: Error) -> Status {
        let answer: Answer = match &err {
            Error::TenantNameTaken => ErrorCode::Conflict.with("resource", "tenant"),
            Error::KeyNameTaken => ErrorCode::Conflict.with("resource", "key"),
            Error::UnknownTenant => ErrorCode::NotFound.with("resource", "tenant"),
            Error::UnknownKey => ErrorCode::NotFound.with("resource", "key"),
            Error::UnknownRun => ErrorCode::NotFound.with("resource", "run"),
            Error::UnknownPolicy(name) => ErrorCode::PolicyNotFound.with("resource", name),
            Error::UnknownDetector(name) => ErrorCode::DetectorNotFound.with("resource", name),
            Error::BadCredential => ErrorCode::Unauthenticated.into(),
            Error::Contradiction(it) => {
                ErrorCode::InvalidRequest.with("field", format!("policy.{}", it.path))
            }
            Error::ConcurrentPublish => ErrorCode::ConcurrentChange.with("resource", "policy"),
            Error::InvalidField { field, .. } => ErrorCode::InvalidRequest.with("field", field),
            Error::TooMany { field, limit, size } => ErrorCode::InvalidRequest
                .with("field", field)
                .with("limit", limit)
                .with("size", size),
            Error::InvalidCursor(_) => ErrorCode::InvalidRequest.with("field", "cursor"),
            Error::BrokenStream => ErrorCode::InvalidRequest.into(),
            Error::Stopping => ErrorCode::UpstreamUnavailable.with("resource", "orchestration"),
            Error::InboxFull => ErrorCode::UpstreamUnavailable.with("resource", "mapper"),
            Error::DetectorLate(name) => ErrorCode::RequestTimeout.with("resource", name),
            Error::DetectorOverloaded(name) => ErrorCode::DetectorOverloaded.with("resource", name),
            Error::DetectorFailed(_) => ErrorCode::AggregationFailed.into(),
            Error::NoRandomness => ErrorCode::Internal.into(),
            Error::Database(failure) => failure.answer(),
        };
        runtime::status(answer, &err)
    }
}
