//! An error as HTTP tells it: the `google.rpc.Status` as JSON, and the status code that says the same.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};
use tonic::{Status, body::Body};
use tonic_types::{ErrorDetail, StatusExt as _};
use tower::BoxError;

use super::response::JSON;
use crate::status::{self, ErrorCode};

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: Status,
    /// When HTTP has a code of its own for it, which the closed set does not know.
    pub(super) http: Option<StatusCode>,
    /// The methods that a path answers.
    pub(super) allow: Option<HeaderValue>,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Failure { status, http: None, allow: None }
    }
}

/// What the server stack could not even put into a response.
pub(super) fn from_error(err: BoxError) -> Failure {
    let status = Status::try_from_error(err)
        .unwrap_or_else(|err| status::status(ErrorCode::Internal, err.as_ref()));
    status.into()
}

impl Failure {
    pub(super) fn into_response(self) -> Response<Body> {
        let Failure { status, http, allow } = self;
        let code = ErrorCode::of(&status);
        let http = http.or_else(|| StatusCode::from_u16(code.http()).ok());
        let body: Bytes = json(&status).to_string().into();
        let mut response = Response::new(Body::new(Full::new(body)));
        *response.status_mut() = http.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        if let Some(allow) = allow {
            headers.insert(header::ALLOW, allow);
        }
        if code == ErrorCode::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after(&status, code) {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Whole seconds, rounded up: who comes back too early is refused again.
fn retry_after(status: &Status, code: ErrorCode) -> Option<u64> {
    let said = status.get_details_retry_info().and_then(|info| info.retry_delay);
    match said {
        Some(wait) => Some(wait.as_secs() + u64::from(0 < wait.subsec_nanos())),
        None => (code.http() == 429 || code.http() == 503).then_some(1),
    }
    .map(|seconds| seconds.max(1))
}

/// `{code, message, details}`, as `google.rpc.Status` looks in canonical JSON.
pub(super) fn json(status: &Status) -> Value {
    let code = ErrorCode::of(status);
    let mut details: Vec<Value> =
        status.get_error_details_vec().into_iter().filter_map(detail).collect();
    let mut message = status.message();
    if status.get_details_error_info().is_none() {
        // A library has refused, not the mesh: what it has to say about a fault of ours is not for the caller.
        if code == ErrorCode::Internal {
            message = "internal error";
        }
        let bare = status::refuse(code, message);
        details.extend(bare.get_error_details_vec().into_iter().filter_map(detail));
    }
    json!({ "code": status.code() as i32, "message": message, "details": details })
}

fn detail(detail: ErrorDetail) -> Option<Value> {
    let typed = |name: &str, mut value: Value| {
        value["@type"] = format!("type.googleapis.com/google.rpc.{name}").into();
        Some(value)
    };
    // The mesh says no others.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a list of Google's, which may grow")]
    match detail {
        ErrorDetail::ErrorInfo(info) => {
            let metadata: std::collections::BTreeMap<_, _> = info.metadata.into_iter().collect();
            let value =
                json!({ "reason": info.reason, "domain": info.domain, "metadata": metadata });
            typed("ErrorInfo", value)
        }
        ErrorDetail::RetryInfo(info) => {
            let wait = info.retry_delay.unwrap_or_default();
            let value = json!({ "retryDelay": format!("{}s", wait.as_secs_f64()) });
            typed("RetryInfo", value)
        }
        ErrorDetail::BadRequest(bad) => {
            let violations: Vec<Value> = bad
                .field_violations
                .into_iter()
                .map(|it| json!({ "field": it.field, "description": it.description }))
                .collect();
            typed("BadRequest", json!({ "fieldViolations": violations }))
        }
        _ => None,
    }
}
