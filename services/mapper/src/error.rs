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
    // No sources: what a database says of itself is the operator's, so it is logged and not told.
    #[error("the database cannot do this just now")]
    DatabaseAway(sqlx::Error),
    #[error("the database took too long")]
    DatabaseSlow(sqlx::Error),
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(err: sqlx::Error) -> Error {
        let state = database::sqlstate(&err);
        let class = state.as_deref().and_then(|it| it.get(..2));
        let unreachable = matches!(
            err,
            sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
        );
        // Connection lost, too many connections, operator intervention.
        let refused = matches!(class, Some("08" | "53" | "57"));
        match state.as_deref() {
            Some("57014") => Error::DatabaseSlow(err),
            _ if unreachable || refused || database::is_retryable(&err) => Error::DatabaseAway(err),
            _ => Error::Database(err),
        }
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
            Error::DatabaseAway(err) => {
                tracing::warn!(error.chain = runtime::report(err), "The database is away");
                ErrorCode::UpstreamUnavailable.with("resource", "database")
            }
            Error::DatabaseSlow(err) => {
                tracing::warn!(error.chain = runtime::report(err), "The database took too long");
                ErrorCode::RequestTimeout.with("resource", "database")
            }
            Error::Database(_) => ErrorCode::Internal.into(),
        };
        runtime::status(answer, &err)
    }
}
