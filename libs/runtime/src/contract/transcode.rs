//! The outermost layer: an HTTP/JSON request becomes the gRPC request it stands for, and the answer JSON again.
//!
//! Every other layer so applies to both alike. gRPC passes through untouched. `request.rs` makes the message,
//! `response.rs` the answer, `stream.rs` the lines of a server stream, `failure.rs` the body of an error.

mod failure;
mod request;
mod response;
mod stream;

use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
    header::{self, HeaderName},
};
use http_body_util::Full;
use prost::Message as _;
use tonic::body::Body;

use super::{Contract, Found, Violation, frame, rpc, violation};
use crate::{
    context::{Context, RequestId},
    middleware::{Around, Next, Reply, around},
    status::{self, ErrorCode},
};
use failure::Failure;

const OPENAPI_PATH: &str = "/openapi.json";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const X_TIMEOUT_MS: HeaderName = HeaderName::from_static("x-timeout-ms");

/// What of the headers of an HTTP request becomes metadata. The rest says nothing to an RPC.
const PASSED: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::USER_AGENT,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("idempotency-key"),
    REQUEST_ID,
    GRPC_TIMEOUT,
];

/// Answers HTTP/JSON by the `google.api.http` rules, and `GET /openapi.json`.
pub fn transcode(
    contract: Arc<Contract>,
    request_bytes_max: usize,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    around(move |mut request: Request<Body>, next| {
        if is_grpc(request.headers()) {
            return next.run(request);
        }
        let contract = contract.clone();
        // Named here already, so that what goes wrong before the RPC is found in the logs as well.
        let given = request.headers().get(&REQUEST_ID).and_then(|it| it.to_str().ok());
        let request_id = given.and_then(RequestId::parse).unwrap_or_else(RequestId::random);
        let named = HeaderValue::from_str(request_id.as_str());
        if let Ok(named) = &named {
            request.headers_mut().insert(REQUEST_ID, named.clone());
        }
        let context = Context { request_id, deadline: None };
        Box::pin(context.scope(async move {
            let answer = answer(&contract, request_bytes_max, request, next).await;
            let mut response = answer.unwrap_or_else(Failure::into_response);
            if let Ok(named) = named {
                response.headers_mut().entry(REQUEST_ID).or_insert(named);
            }
            Ok(response)
        }))
    })
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/grpc"))
}

async fn answer(
    contract: &Contract,
    request_bytes_max: usize,
    request: Request<Body>,
    next: Next,
) -> Result<Response<Body>, Failure> {
    let (parts, body) = request.into_parts();
    if parts.uri.path() == OPENAPI_PATH {
        return openapi(contract, &parts.method);
    }
    let (rpc, binding, variables) = match contract.find(&parts.method, parts.uri.path()) {
        Found::Rpc { rpc, binding, variables } => (rpc, binding, variables),
        Found::Only(methods) => return Err(wrong_method(&methods)),
        Found::Nothing => {
            return Err(status::refuse(ErrorCode::NotFound, "there is nothing at this path").into());
        }
    };

    let body = request::body(&binding.body, &parts.headers, body, request_bytes_max).await?;
    let message = request::Source { binding, variables, query: parts.uri.query(), body }
        .message(rpc.method.input())?;
    let mut forwarded = Request::new(Body::new(Full::new(frame::encode(&message.encode_to_vec()))));
    *forwarded.method_mut() = Method::POST;
    *forwarded.version_mut() = Version::HTTP_2;
    *forwarded.uri_mut() = Uri::try_from(rpc.path.as_str())
        .map_err(|err| Failure::from(status::status(ErrorCode::Internal, &err)))?;
    *forwarded.headers_mut() = metadata(&parts.headers)?;
    *forwarded.extensions_mut() = parts.extensions;

    let reply = next.run(forwarded).await.map_err(failure::from_error)?;
    if rpc.method.is_server_streaming() {
        stream::response(rpc.method.output(), stream::Form::of(&parts.headers), reply)
    } else {
        response::unary(rpc.method.output(), binding, reply).await
    }
}

fn openapi(contract: &Contract, method: &Method) -> Result<Response<Body>, Failure> {
    if *method != Method::GET {
        return Err(wrong_method(&[Method::GET]));
    }
    let mut response = Response::new(Body::new(Full::new(contract.openapi.clone())));
    response.headers_mut().insert(header::CONTENT_TYPE, response::JSON);
    Ok(response)
}

fn wrong_method(allowed: &[Method]) -> Failure {
    let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let message = format!("this path answers {allowed} only");
    let mut failure = Failure::from(status::refuse(ErrorCode::InvalidRequest, message));
    failure.http = Some(StatusCode::METHOD_NOT_ALLOWED);
    failure.allow = HeaderValue::from_str(&allowed).ok();
    failure
}

fn metadata(headers: &HeaderMap) -> Result<HeaderMap, Failure> {
    let mut metadata = HeaderMap::new();
    for name in PASSED {
        for value in headers.get_all(&name) {
            metadata.append(&name, value.clone());
        }
    }
    if let Some(timeout) = headers.get(&X_TIMEOUT_MS)
        && !metadata.contains_key(&GRPC_TIMEOUT)
    {
        metadata.insert(GRPC_TIMEOUT, grpc_timeout(timeout)?);
    }
    metadata.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    metadata.insert(header::TE, HeaderValue::from_static("trailers"));
    Ok(metadata)
}

/// Milliseconds in the notation of gRPC, which has room for eight digits.
fn grpc_timeout(value: &HeaderValue) -> Result<HeaderValue, Failure> {
    let digits = value.to_str().ok().filter(|it| it.len() <= 8);
    let timeout_ms: Option<u32> = digits.and_then(|it| it.parse().ok());
    let timeout = timeout_ms.and_then(|ms| HeaderValue::from_str(&format!("{ms}m")).ok());
    timeout.ok_or_else(|| {
        let violation = Violation::new("x-timeout-ms", "must be a number of at most 8 digits");
        violation::refuse(violation).into()
    })
}
