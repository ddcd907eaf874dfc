//! From the gRPC answer of a unary RPC to its JSON.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{self, HeaderName},
};
use http_body_util::{BodyExt as _, Full};
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage as _, SerializeOptions};
use serde_json::Value;
use tonic::{Code, Status, body::Body};

use super::failure::{self, Failure};
use crate::{
    contract::{
        frame::{Broken, Frames},
        rpc::Binding,
    },
    status::{self, ErrorCode},
};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// By this metadata a handler says which kind of success it is, 206 for one.
const HTTP_CODE: HeaderName = HeaderName::from_static("x-http-code");

/// What a handler of ours answers at most; more is a bug there.
pub(super) const RESPONSE_BYTES_MAX: usize = 64 << 20;

/// The answer of a unary RPC.
pub(super) async fn unary(
    output: MessageDescriptor,
    binding: &Binding,
    reply: Response<Body>,
) -> Result<Response<Body>, Failure> {
    let (parts, mut body) = reply.into_parts();
    refused(&parts.headers)?;
    let mut frames = Frames::new(RESPONSE_BYTES_MAX);
    let mut message = None;
    let mut status = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|err| failure::from_error(err.into()))?;
        match frame.into_data() {
            Ok(data) => {
                frames.push(&data);
                if let Some(next) = frames.next().map_err(broken)? {
                    message = Some(next);
                }
            }
            Err(frame) => {
                status = frame.trailers_ref().and_then(Status::from_header_map);
            }
        }
    }
    match (status, message) {
        (Some(status), _) if status.code() != Code::Ok => Err(status.into()),
        (Some(_), Some(message)) => {
            let message = decode(output, message)?;
            let body = encode(&message, binding.response_body.as_deref())?;
            Ok(success(&parts.headers, body))
        }
        (Some(_) | None, _) => Err(status::refuse(ErrorCode::Internal, "half an answer").into()),
    }
}

fn success(headers: &HeaderMap, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(Bytes::from(body))));
    let code = headers.get(&HTTP_CODE).and_then(|it| StatusCode::from_bytes(it.as_bytes()).ok());
    if let Some(code) = code.filter(StatusCode::is_success) {
        *response.status_mut() = code;
    }
    *response.headers_mut() = passed(headers);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// The metadata of an answer that is of use to HTTP, too.
pub(super) fn passed(headers: &HeaderMap) -> HeaderMap {
    let is_ours = |name: &HeaderName| {
        !name.as_str().starts_with("grpc-")
            && ![
                HTTP_CODE,
                header::CONTENT_TYPE,
                header::CONTENT_LENGTH,
                header::TE,
                header::TRAILER,
                header::TRANSFER_ENCODING,
                header::CONNECTION,
            ]
            .contains(name)
    };
    let ours = headers.iter().filter(|(name, _)| is_ours(name));
    ours.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// An error that came without a body.
pub(super) fn refused(headers: &HeaderMap) -> Result<(), Failure> {
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => Err(status.into()),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn broken(err: Broken) -> Failure {
    status::status(ErrorCode::Internal, &err).into()
}

pub(super) fn decode(output: MessageDescriptor, message: Bytes) -> Result<DynamicMessage, Failure> {
    DynamicMessage::decode(output, message)
        .map_err(|err| status::status(ErrorCode::Internal, &err).into())
}

/// Canonical JSON with every field in it: that a score is 0 or a list empty is an answer, too.
pub(super) fn encode(message: &DynamicMessage, only: Option<&str>) -> Result<Vec<u8>, Failure> {
    let options = SerializeOptions::new().skip_default_fields(false);
    let internal =
        |err: serde_json::Error| Failure::from(status::status(ErrorCode::Internal, &err));
    let Some(only) = only else {
        let mut json = serde_json::Serializer::new(Vec::new());
        message.serialize_with_options(&mut json, &options).map_err(internal)?;
        return Ok(json.into_inner());
    };
    let value = message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(internal)?;
    let name = message.descriptor().get_field_by_name(only);
    let name = name.as_ref().map_or(only, |field| field.json_name());
    let value = value.get(name).unwrap_or(&Value::Null);
    serde_json::to_vec(value).map_err(internal)
}
