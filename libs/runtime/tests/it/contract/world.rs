//! The contract of `echo.proto`, and a service behind it that needs no generated code.

use std::sync::{Arc, LazyLock};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use prost_reflect::{DescriptorPool, DynamicMessage};
use runtime::{
    contract::Contract,
    status::{ErrorCode, refuse},
};
use tonic::body::Body;

pub(crate) const SERVICE: &str = "llamamapper.echo.v1.EchoService";
pub(crate) const BYTES_MAX: usize = 1024;

/// Compiles `file`, or `echo.proto` with a change in it, as the build does with the real ones.
pub(crate) fn descriptors(change: impl Fn(&str) -> String) -> Vec<u8> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/contract");
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let folder = tempfile::tempdir().unwrap();
    let source = std::fs::read_to_string(format!("{here}/echo.proto")).unwrap();
    std::fs::write(folder.path().join("echo.proto"), change(&source)).unwrap();
    let mut compiler = protox::Compiler::new([folder.path(), protos.as_ref()]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file("echo.proto").unwrap();
    compiler.encode_file_descriptor_set()
}

/// Compiled once: it takes longer than the tests do.
static DESCRIPTORS: LazyLock<Vec<u8>> = LazyLock::new(|| descriptors(str::to_owned));

static CONTRACT: LazyLock<Arc<Contract>> =
    LazyLock::new(|| Contract::load(&DESCRIPTORS, &[SERVICE]).unwrap());

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS.as_slice()).unwrap());

pub(crate) fn contract() -> Arc<Contract> {
    CONTRACT.clone()
}

pub(crate) fn pool() -> DescriptorPool {
    POOL.clone()
}

pub(crate) fn frame(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(message.len().try_into().unwrap());
    bytes.put_slice(message);
    bytes.freeze()
}

/// Answers what it was asked. A thing called `missing` is not found, one called `late` fails at the end; `Repeat`
/// says a thing as often as it counts.
pub(crate) async fn echo(
    request: Request<Body>,
) -> Result<Response<Body>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    assert_eq!(parts.headers["content-type"], "application/grpc");
    let message = body.collect().await.unwrap().to_bytes();
    let name = parts.uri.path().rsplit('/').next().unwrap();
    if name == "Check" {
        return Ok(answer(vec![frame(&[])], None));
    }
    let thing = pool().get_message_by_name("llamamapper.echo.v1.Thing").unwrap();
    let thing = DynamicMessage::decode(thing, message.slice(5..)).unwrap();
    let called = thing.get_field_by_name("name").unwrap().as_str().unwrap().to_owned();
    if called == "missing" {
        let answer = ErrorCode::NotFound.with("resource", "thing");
        return Ok(refuse(answer, "there is no such thing").into_http());
    }
    if called == "busy" {
        return Ok(refuse(ErrorCode::RateLimited, "too fast").into_http());
    }
    let n = match name {
        "Repeat" => thing.get_field_by_name("count").unwrap().as_i64().unwrap(),
        _ => 1,
    };
    let late =
        (called == "late").then(|| refuse(ErrorCode::UpstreamUnavailable, "the rest is away"));
    let mut response = answer((0..n).map(|_| message.clone()).collect(), late);
    if called == "part" {
        response.headers_mut().insert("x-http-code", HeaderValue::from_static("206"));
    }
    for name in ["authorization", "traceparent", "idempotency-key", "grpc-timeout", "x-other"] {
        if let Some(value) = parts.headers.get(name) {
            let seen = http::HeaderName::try_from(format!("seen-{name}")).unwrap();
            response.headers_mut().insert(seen, value.clone());
        }
    }
    Ok(response)
}

/// The messages one by one, then the trailers.
fn answer(messages: Vec<Bytes>, failure: Option<tonic::Status>) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    match failure {
        Some(status) => status.add_header(&mut trailers).unwrap(),
        None => {
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
        }
    }
    let frames = messages.into_iter().map(Frame::data).chain([Frame::trailers(trailers)]);
    let frames = futures::stream::iter(frames).map(Ok::<_, tonic::Status>);
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

pub(crate) fn body(bytes: impl Into<Bytes>) -> Body {
    Body::new(Full::new(bytes.into()))
}
