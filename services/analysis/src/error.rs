//! Why analysis did not do what it was asked, and what becomes of that on the wire.

use runtime::{
    client::Upstream,
    database,
    status::{Answer, ErrorCode},
};
use tonic::Status;

use crate::clients::{Broken, Unreadable};

/// Why analysis did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{field} {rule}")]
    InvalidField { field: &'static str, rule: &'static str },
    #[error("{field} makes {size} entries, the limit is {limit}")]
    TooMany { field: &'static str, size: u64, limit: u64 },
    #[error("there is no such report")]
    UnknownReport,
    #[error("a neighbour did not answer")]
    Upstream(#[from] Upstream),
    #[error("the feed cannot be read")]
    Feed(#[from] Unreadable),
    #[error("the database cannot do this just now")]
    DatabaseAway(#[source] sqlx::Error),
    #[error("the database took too long")]
    DatabaseSlow(#[source] sqlx::Error),
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Error {
        match broken {
            Broken::Upstream(upstream) => Error::Upstream(upstream),
            Broken::Unreadable(unreadable) => Error::Feed(unreadable),
        }
    }
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
            Error::InvalidField { field, .. } => ErrorCode::InvalidRequest.with("field", field),
            Error::TooMany { field, size, limit } => ErrorCode::InvalidRequest
                .with("field", field)
                .with("size", size)
                .with("limit", limit),
            Error::UnknownReport => ErrorCode::NotFound.with("resource", "report"),
            Error::Upstream(upstream) => {
                ErrorCode::UpstreamUnavailable.with("resource", upstream.service)
            }
            Error::DatabaseAway(_) => ErrorCode::UpstreamUnavailable.with("resource", "database"),
            Error::DatabaseSlow(_) => ErrorCode::RequestTimeout.with("resource", "database"),
            Error::Feed(_) | Error::Database(_) => ErrorCode::Internal.into(),
        };
        runtime::status(answer, &err)
    }
}
