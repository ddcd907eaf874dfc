//! Why the mapper did not do what it was asked, and what becomes of that on the wire.

use runtime::{
    database,
    status::{Answer, ErrorCode},
};
use tonic::Status;

use crate::{event::NotACursor, finding::Problem, framework::UnknownLabel};

/// Why the mapper did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", .0.message)]
    InvalidField(Problem),
    #[error("{field} is invalid")]
    InvalidCursor { field: &'static str, source: NotACursor },
    #[error("{field} has {size} entries, the limit is {limit}")]
    TooMany { field: &'static str, size: usize, limit: usize },
    #[error("context.facts names a fact that nobody can state")]
    UnknownFact(taxonomy::UnknownFact),
    #[error(transparent)]
    UnknownLabel(#[from] UnknownLabel),
    #[error("no vocabulary of this detector is known")]
    UnknownDetector(String),
    #[error("there is no migration between these versions, only from {from} to {to}")]
    NoMigration { from: String, to: String },
    #[error("the feed of all tenants needs the permission `events:feed`")]
    NoFeed,
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
            Error::InvalidField(Problem { field, .. }) => {
                ErrorCode::InvalidRequest.with("field", field)
            }
            Error::InvalidCursor { field, .. } => ErrorCode::InvalidRequest.with("field", field),
            Error::TooMany { field, size, limit } => ErrorCode::InvalidRequest
                .with("field", field)
                .with("size", size)
                .with("limit", limit),
            Error::UnknownFact(_) => ErrorCode::InvalidRequest.with("field", "context.facts"),
            Error::UnknownLabel(UnknownLabel { at }) => {
                ErrorCode::NotFound.with("field", format!("labels[{at}]"))
            }
            Error::UnknownDetector(name) => ErrorCode::DetectorNotFound.with("resource", name),
            Error::NoMigration { .. } => ErrorCode::NotFound.with("resource", "migration"),
            Error::NoFeed => ErrorCode::PermissionDenied.into(),
            Error::Database(failure) => failure.answer(),
        };
        runtime::status(answer, &err)
    }
}
