//! What is wrong with the database, as far as a caller needs to know it.

use super::{is_retryable, sqlstate};
use crate::status::{Answer, ErrorCode, report};

/// SQLSTATE of a statement that was cancelled, which is what a statement timeout does.
const QUERY_CANCELED: &str = "57014";

/// A statement that did not do its work.
///
/// What the database says of itself is the operator's: it is logged and never told, so it is no source of the first two.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the database cannot do this just now")]
    Away(sqlx::Error),
    #[error("the database took too long")]
    Slow(sqlx::Error),
    #[error("the database failed")]
    Broken(#[source] sqlx::Error),
}

impl Failure {
    /// What a caller is told. Logs what nobody else will; an internal error is logged when it is answered.
    pub fn answer(&self) -> Answer {
        match self {
            Failure::Away(err) => {
                tracing::warn!(error.chain = report(err), "The database is away");
                ErrorCode::UpstreamUnavailable.with("resource", "database")
            }
            Failure::Slow(err) => {
                tracing::warn!(error.chain = report(err), "The database took too long");
                ErrorCode::RequestTimeout.with("resource", "database")
            }
            Failure::Broken(_) => ErrorCode::Internal.into(),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(err: sqlx::Error) -> Failure {
        let state = sqlstate(&err);
        if state.as_deref() == Some(QUERY_CANCELED) {
            return Failure::Slow(err);
        }
        let unreachable = matches!(
            err,
            sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
        );
        // Connection lost, too many connections, operator intervention.
        let class = state.as_deref().and_then(|it| it.get(..2));
        let refused = matches!(class, Some("08" | "53" | "57"));
        if unreachable || refused || is_retryable(&err) {
            return Failure::Away(err);
        }
        Failure::Broken(err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_not_told_what_the_database_says() {
        let broken_pipe = std::io::Error::other("connection to 10.1.2.3 lost");
        let failure = Failure::from(sqlx::Error::Io(broken_pipe));
        assert_eq!(report(&failure), "the database cannot do this just now");
        assert!(matches!(Failure::from(sqlx::Error::PoolTimedOut), Failure::Away(_)));
        assert!(matches!(Failure::from(sqlx::Error::RowNotFound), Failure::Broken(_)));
    }
}
