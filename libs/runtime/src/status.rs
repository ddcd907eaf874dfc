//! The only place where an error becomes a `tonic::Status`, and the closed set of what it may say.
//!
//! ```text
//! impl From<Error> for Status {
//!     fn from(err: Error) -> Status {
//!         let answer = match &err {
//!             Error::InvalidField { field, .. } => ErrorCode::InvalidRequest.with("field", field),
//!             Error::UnknownDetector(id) => ErrorCode::DetectorNotFound.with("resource", id),
//!             Error::Database(_) => ErrorCode::Internal.into(),
//!         };
//!         runtime::status(answer, &err)
//!     }
//! }
//! ```

use std::{collections::HashMap, error::Error, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::context;

/// The `domain` of every `ErrorInfo`.
pub const DOMAIN: &str = "llamamapper";

/// What a caller is told who meets a fault of ours.
const INTERNAL_MESSAGE: &str = "internal error";

/// Headers have a limit, and so has what a chain of causes may add to them.
const MESSAGE_BYTES_MAX: usize = 2048;

/// Why a request failed, as callers branch on it. Closed: the wire knows no other reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    InvalidRequest,
    PolicyNotFound,
    DetectorNotFound,
    NotFound,
    Unauthenticated,
    PermissionDenied,
    RateLimited,
    QuotaExceeded,
    /// What the caller wants to create is there already, or its idempotency key was used for something else.
    Conflict,
    /// Another request changed the same thing first. `CONFLICT` on the wire, too.
    ConcurrentChange,
    RequestTimeout,
    DetectorOverloaded,
    AllDetectorsUnavailable,
    UpstreamUnavailable,
    AggregationFailed,
    Internal,
}

impl ErrorCode {
    pub const ALL: [ErrorCode; 16] = [
        ErrorCode::InvalidRequest,
        ErrorCode::PolicyNotFound,
        ErrorCode::DetectorNotFound,
        ErrorCode::NotFound,
        ErrorCode::Unauthenticated,
        ErrorCode::PermissionDenied,
        ErrorCode::RateLimited,
        ErrorCode::QuotaExceeded,
        ErrorCode::Conflict,
        ErrorCode::ConcurrentChange,
        ErrorCode::RequestTimeout,
        ErrorCode::DetectorOverloaded,
        ErrorCode::AllDetectorsUnavailable,
        ErrorCode::UpstreamUnavailable,
        ErrorCode::AggregationFailed,
        ErrorCode::Internal,
    ];

    /// The name on the wire, and the code of gRPC it travels with.
    const fn wire(self) -> (&'static str, Code) {
        match self {
            ErrorCode::InvalidRequest => ("INVALID_REQUEST", Code::InvalidArgument),
            ErrorCode::PolicyNotFound => ("POLICY_NOT_FOUND", Code::NotFound),
            ErrorCode::DetectorNotFound => ("DETECTOR_NOT_FOUND", Code::NotFound),
            ErrorCode::NotFound => ("NOT_FOUND", Code::NotFound),
            ErrorCode::Unauthenticated => ("UNAUTHENTICATED", Code::Unauthenticated),
            ErrorCode::PermissionDenied => ("PERMISSION_DENIED", Code::PermissionDenied),
            ErrorCode::RateLimited => ("RATE_LIMITED", Code::ResourceExhausted),
            ErrorCode::QuotaExceeded => ("QUOTA_EXCEEDED", Code::ResourceExhausted),
            ErrorCode::Conflict => ("CONFLICT", Code::AlreadyExists),
            ErrorCode::ConcurrentChange => ("CONFLICT", Code::Aborted),
            ErrorCode::RequestTimeout => ("REQUEST_TIMEOUT", Code::DeadlineExceeded),
            ErrorCode::DetectorOverloaded => ("DETECTOR_OVERLOADED", Code::Unavailable),
            ErrorCode::AllDetectorsUnavailable => ("ALL_DETECTORS_UNAVAILABLE", Code::Unavailable),
            ErrorCode::UpstreamUnavailable => ("UPSTREAM_UNAVAILABLE", Code::Unavailable),
            ErrorCode::AggregationFailed => ("AGGREGATION_FAILED", Code::Internal),
            ErrorCode::Internal => ("INTERNAL", Code::Internal),
        }
    }

    /// The `reason` of `ErrorInfo`.
    pub const fn reason(self) -> &'static str {
        self.wire().0
    }

    pub const fn grpc(self) -> Code {
        self.wire().1
    }

    /// The status of HTTP that says the same.
    pub const fn http(self) -> u16 {
        match self {
            ErrorCode::InvalidRequest => 400,
            ErrorCode::Unauthenticated => 401,
            ErrorCode::PermissionDenied => 403,
            ErrorCode::PolicyNotFound | ErrorCode::DetectorNotFound | ErrorCode::NotFound => 404,
            ErrorCode::Conflict | ErrorCode::ConcurrentChange => 409,
            ErrorCode::RateLimited | ErrorCode::QuotaExceeded => 429,
            ErrorCode::AggregationFailed | ErrorCode::Internal => 500,
            ErrorCode::DetectorOverloaded
            | ErrorCode::AllDetectorsUnavailable
            | ErrorCode::UpstreamUnavailable => 503,
            ErrorCode::RequestTimeout => 504,
        }
    }

    /// Whether the same request may succeed later.
    pub const fn retryable(self) -> bool {
        match self {
            ErrorCode::RateLimited
            | ErrorCode::RequestTimeout
            | ErrorCode::DetectorOverloaded
            | ErrorCode::AllDetectorsUnavailable
            | ErrorCode::UpstreamUnavailable => true,
            ErrorCode::InvalidRequest
            | ErrorCode::PolicyNotFound
            | ErrorCode::DetectorNotFound
            | ErrorCode::NotFound
            | ErrorCode::Unauthenticated
            | ErrorCode::PermissionDenied
            | ErrorCode::QuotaExceeded
            | ErrorCode::Conflict
            | ErrorCode::ConcurrentChange
            | ErrorCode::AggregationFailed
            | ErrorCode::Internal => false,
        }
    }

    /// What a status of this house, or a bare one from a library, stands for.
    pub fn of(status: &Status) -> ErrorCode {
        let info = status.get_details_error_info();
        let named = info.filter(|info| info.domain == DOMAIN).and_then(|info| {
            ErrorCode::ALL
                .into_iter()
                .find(|code| code.reason() == info.reason && code.grpc() == status.code())
        });
        named.unwrap_or_else(|| ErrorCode::from_grpc(status.code()))
    }

    /// The nearest of the set for a code that came without a reason.
    pub const fn from_grpc(code: Code) -> ErrorCode {
        match code {
            Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
                ErrorCode::InvalidRequest
            }
            Code::NotFound | Code::Unimplemented => ErrorCode::NotFound,
            Code::AlreadyExists => ErrorCode::Conflict,
            Code::Aborted => ErrorCode::ConcurrentChange,
            Code::PermissionDenied => ErrorCode::PermissionDenied,
            Code::Unauthenticated => ErrorCode::Unauthenticated,
            Code::ResourceExhausted => ErrorCode::RateLimited,
            Code::DeadlineExceeded | Code::Cancelled => ErrorCode::RequestTimeout,
            Code::Unavailable => ErrorCode::UpstreamUnavailable,
            Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => ErrorCode::Internal,
        }
    }

    /// Names what the error is about: `field`, `limit`, `size` or `resource`. Never content.
    pub fn with(self, key: &'static str, value: impl ToString) -> Answer {
        Answer::from(self).with(key, value)
    }

    /// Says when to come back.
    pub fn retry_after(self, wait: Duration) -> Answer {
        Answer { retry_after: Some(wait), ..Answer::from(self) }
    }
}

/// What the caller is told besides the message.
#[derive(Debug, Clone)]
pub struct Answer {
    code: ErrorCode,
    about: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
}

impl From<ErrorCode> for Answer {
    fn from(code: ErrorCode) -> Answer {
        let retry_after = code.retryable().then_some(Duration::from_secs(1));
        Answer { code, about: Vec::new(), retry_after }
    }
}

impl Answer {
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Answer {
        self.about.push((key, value.to_string()));
        self
    }
}

/// Renders `err` for the caller and, when it is our fault, for the operator.
pub fn status(answer: impl Into<Answer>, err: &dyn Error) -> Status {
    let answer = answer.into();
    if answer.code.grpc() == Code::Internal {
        let reason = answer.code.reason();
        tracing::error!(error.reason = reason, error.chain = report(err), "Request failed");
    }
    say(answer, report(err))
}

/// A status with nothing behind it but its own message, for layers that refuse a request.
pub fn refuse(answer: impl Into<Answer>, message: impl Into<String>) -> Status {
    say(answer.into(), message.into())
}

fn say(answer: Answer, mut message: String) -> Status {
    let Answer { code, about, retry_after } = answer;
    if code.grpc() == Code::Internal {
        INTERNAL_MESSAGE.clone_into(&mut message);
    }
    message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));

    let mut metadata: HashMap<String, String> =
        about.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    if let Some(context) = context::current() {
        metadata.insert("request_id".to_owned(), context.request_id.to_string());
    }
    let mut details = ErrorDetails::with_error_info(code.reason(), DOMAIN, metadata);
    if let Some(wait) = retry_after {
        details.set_retry_info(Some(wait));
    }
    Status::with_error_details(code.grpc(), message, details)
}

/// The error and all its causes on one line.
pub fn report(err: &dyn Error) -> String {
    let mut line = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        line.push_str(": ");
        line.push_str(&err.to_string());
        cause = err.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read rules")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("password of `x` refused")]
    struct Inner;

    fn show(status: &Status) -> String {
        let info = status.get_details_error_info().unwrap();
        let mut about: Vec<_> = info.metadata.iter().collect();
        about.sort();
        let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
        format!(
            "{:?} {}/{} {about:?} {retry:?}: {}",
            status.code(),
            info.domain,
            info.reason,
            status.message()
        )
    }

    /// The table of the domain, as it is on the wire.
    #[test]
    fn the_set_is_the_domains() {
        let lines: Vec<String> = ErrorCode::ALL
            .into_iter()
            .map(|code| {
                let retryable = if code.retryable() { "yes" } else { "no" };
                format!("{} {:?} {} {retryable}", code.reason(), code.grpc(), code.http())
            })
            .collect();
        expect![[r#"
            INVALID_REQUEST InvalidArgument 400 no
            POLICY_NOT_FOUND NotFound 404 no
            DETECTOR_NOT_FOUND NotFound 404 no
            NOT_FOUND NotFound 404 no
            UNAUTHENTICATED Unauthenticated 401 no
            PERMISSION_DENIED PermissionDenied 403 no
            RATE_LIMITED ResourceExhausted 429 yes
            QUOTA_EXCEEDED ResourceExhausted 429 no
            CONFLICT AlreadyExists 409 no
            CONFLICT Aborted 409 no
            REQUEST_TIMEOUT DeadlineExceeded 504 yes
            DETECTOR_OVERLOADED Unavailable 503 yes
            ALL_DETECTORS_UNAVAILABLE Unavailable 503 yes
            UPSTREAM_UNAVAILABLE Unavailable 503 yes
            AGGREGATION_FAILED Internal 500 no
            INTERNAL Internal 500 no"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn the_caller_learns_the_chain_and_what_it_is_about() {
        let answer = ErrorCode::InvalidRequest.with("field", "items").with("limit", 100);
        let status = status(answer, &Outer(Inner));
        expect![[r#"InvalidArgument llamamapper/INVALID_REQUEST [("field", "items"), ("limit", "100")] None: cannot read rules: password of `x` refused"#]]
            .assert_eq(&show(&status));
    }

    #[test]
    fn a_fault_of_ours_stays_with_us() {
        let status = status(ErrorCode::Internal, &Outer(Inner));
        expect!["Internal llamamapper/INTERNAL [] None: internal error"].assert_eq(&show(&status));
    }

    #[test]
    fn the_request_id_comes_from_the_context() {
        let context = context::Context {
            request_id: context::RequestId::parse("of-a-test").unwrap(),
            deadline: None,
        };
        let status = context.sync_scope(|| {
            let answer = ErrorCode::RateLimited.retry_after(Duration::from_millis(50));
            refuse(answer, "too fast")
        });
        expect![[r#"ResourceExhausted llamamapper/RATE_LIMITED [("request_id", "of-a-test")] Some(50ms): too fast"#]]
            .assert_eq(&show(&status));
    }

    #[test]
    fn a_status_is_read_back_as_what_was_said() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::of(&refuse(code, "x")), code);
        }
        assert_eq!(ErrorCode::of(&Status::cancelled("x")), ErrorCode::RequestTimeout);
    }

    #[test]
    fn a_long_message_is_cut_between_letters() {
        let status = refuse(ErrorCode::NotFound, "æ".repeat(5000));
        assert_eq!(status.message().len(), MESSAGE_BYTES_MAX);
        let status = refuse(ErrorCode::NotFound, format!("x{}", "æ".repeat(5000)));
        assert_eq!(status.message().len(), MESSAGE_BYTES_MAX - 1);
    }
}
