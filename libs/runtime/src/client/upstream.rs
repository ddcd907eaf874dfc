//! What a caller learns of a neighbour's failure.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::status::ErrorCode;

/// A neighbour did not do what it was asked. The caller's `match` decides what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} answered {}: {message}", reason.reason())]
pub struct Upstream {
    pub service: &'static str,
    pub code: Code,
    pub reason: ErrorCode,
    /// When it said so itself.
    pub retry_after: Option<Duration>,
    pub message: String,
}

/// Turns a status of `service` into an [`Upstream`], for `map_err`.
pub fn upstream(service: &'static str) -> impl Fn(Status) -> Upstream + Clone {
    move |status| Upstream {
        service,
        code: status.code(),
        reason: ErrorCode::of(&status),
        retry_after: status.get_details_retry_info().and_then(|info| info.retry_delay),
        message: status.message().to_owned(),
    }
}
