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
    #[error(transparent)]
    Database(#[from] database::Failure),
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
        Error::Database(err.into())
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
            Error::Database(failure) => failure.answer(),
            Error::Feed(_) => ErrorCode::Internal.into(),
        };
        runtime::status(answer, &err)
    }
}
