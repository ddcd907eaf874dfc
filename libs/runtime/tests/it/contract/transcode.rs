//! HTTP/JSON in, HTTP/JSON out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use bytes::Bytes;
use expect_test::{Expect, expect};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use runtime::contract::transcode;
use tonic::body::Body;
use tower::{Layer as _, ServiceExt as _};

use super::world::{BYTES_MAX, body, contract, echo, frame};

const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn a_body_is_the_message() {
    check(
        "POST /v1/things",
        &[JSON],
        r#"{"name": "æ", "count": "7", "color": "COLOR_RED", "inner": {"size": 2}}"#,
        expect![[r#"
            200
            content-type: application/json
            {"name":"æ","inner":{"id":"","size":2},"tags":[],"count":"7","color":"COLOR_RED","weights":{},"raw":""}"#]],
    )
    .await;
}

#[tokio::test]
async fn both_spellings_of_a_field_are_read() {
    check("PUT /v1/things/a/inner/b?tags=x&tags=y&since=2026-11-20T12:00:00Z&every=1.5s&loud=true&raw=AAE%3D", &[JSON], r#"{"size": 3, "id": "ignored"}"#, expect![[r#"
        200
        content-type: application/json
        {"name":"a","inner":{"id":"b","size":3},"tags":["x","y"],"count":"0","color":"COLOR_UNSPECIFIED","since":"2026-11-20T12:00:00Z","every":"1.500s","loud":true,"weights":{},"raw":"AAE="}"#]]).await;
}

#[tokio::test]
async fn fields_come_from_path_and_query() {
    check("GET /v1/things/a%2Fb?count=-3&color=1&inner.size=4", &[], "", expect![[r#"
        200
        content-type: application/json
        {"name":"a/b","inner":{"id":"","size":4},"tags":[],"count":"-3","color":"COLOR_RED","weights":{},"raw":""}"#]]).await;
    check("DELETE /v1/paths/a/b/c", &[], "", expect![[r#"
        200
        content-type: application/json
        {"name":"a/b/c","tags":[],"count":"0","color":"COLOR_UNSPECIFIED","weights":{},"raw":""}"#]]).await;
}

#[tokio::test]
async fn one_field_may_be_the_answer() {
    check(
        "POST /v1/things/x:only",
        &[JSON],
        r#"{"inner": {"id": "i"}}"#,
        expect![[r#"
        200
        content-type: application/json
        {"id":"i","size":0}"#]],
    )
    .await;
    check(
        "POST /v1/things/x:only",
        &[],
        "",
        expect![[r#"
        200
        content-type: application/json
        null"#]],
    )
    .await;
}

#[tokio::test]
async fn an_unknown_field_is_named() {
    check("POST /v1/things", &[JSON], r#"{"inner": {"sice": 1}}"#, expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"field":"inner.sice","request_id":"<random>"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"`inner.sice` is not a known field","field":"inner.sice"}]}],"message":"`inner.sice` is not a known field"}"#]]).await;
    check("GET /v1/things/x?nmae=1", &[], "", expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"field":"nmae","request_id":"<random>"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"`nmae` is not a parameter of this method","field":"nmae"}]}],"message":"`nmae` is not a parameter of this method"}"#]]).await;
    check("GET /v1/things/x?name=y", &[], "", expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"field":"name","request_id":"<random>"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"`name` is not a parameter of this method","field":"name"}]}],"message":"`name` is not a parameter of this method"}"#]]).await;
    check("POST /v1/things?name=y", &[JSON], "{}", expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"field":"name","request_id":"<random>"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"`name` is not a parameter of this method","field":"name"}]}],"message":"`name` is not a parameter of this method"}"#]]).await;
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_named_and_not_repeated() {
    for (json, expected) in [
        (r#"{"count": "secret"}"#, "`count` must be a whole number of 64 bits"),
        (r#"{"name": 5}"#, "`name` must be a string"),
        (r#"{"tags": "secret"}"#, "`tags` must be a JSON list"),
        (r#"{"tags": ["a", {}]}"#, "`tags[1]` must be a string"),
        (r#"{"inner": {"size": 1.5}}"#, "`inner.size` must be a whole number of 32 bits"),
        (r#"{"inner": "secret"}"#, "`inner` must be a JSON object"),
        (r#"{"weights": {"k": "secret"}}"#, "`weights{value}` must be a number"),
        (r#"{"color": "secret"}"#, "`color` must be one of `COLOR_RED`"),
        (r#"{"since": "secret"}"#, "`since` must be a time such as `2026-11-20T12:00:00Z`"),
        (r#"{"every": 5}"#, "`every` must be a duration such as `1.5s`"),
        (r#"{"raw": "!"}"#, "`raw` must be a string in base64"),
        (r#"["secret"]"#, "the request must be a JSON object"),
        (r#"{"name": "#, "the request must be JSON, and is not at line 1, column 9"),
        ("{} {}", "the request must be JSON, and is not at line 1, column 4"),
    ] {
        let (parts, text) = call("POST /v1/things", &[JSON], json.as_bytes()).await;
        assert_eq!(parts.status, 400, "{json}");
        let error: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(error["message"], expected, "{json}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_string_that_is_not_utf8_is_refused() {
    let (parts, text) = call("POST /v1/things", &[JSON], b"{\"name\": \"\xc3\x28\"}").await;
    assert_eq!(parts.status, 400, "{text}");
    let (parts, text) = call("GET /v1/things/x?tags=%c3%28", &[], b"").await;
    assert_eq!(parts.status, 400, "{text}");
    let (parts, text) = call("GET /v1/things/%c3%28", &[], b"").await;
    assert_eq!(parts.status, 404, "{text}");
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    check("GET /v1/nothing", &[], "", expect![[r#"
        404
        content-type: application/json
        {"code":5,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"NOT_FOUND"}],"message":"there is nothing at this path"}"#]]).await;
    check("PATCH /v1/things/x", &[], "", expect![[r#"
        405
        content-type: application/json
        allow: GET
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"INVALID_REQUEST"}],"message":"this path answers GET only"}"#]]).await;
    check("POST /v1/things", &["content-type: text/xml"], "<a/>", expect![[r#"
        415
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"INVALID_REQUEST"}],"message":"the body must be `application/json`"}"#]]).await;
    check("GET /v1/things/x", &[JSON], "{}", expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"INVALID_REQUEST"}],"message":"this method takes no body"}"#]]).await;
    check("POST /openapi.json", &[], "", expect![[r#"
        405
        content-type: application/json
        allow: GET
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"INVALID_REQUEST"}],"message":"this path answers GET only"}"#]]).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let json = format!(r#"{{"name": "{}"}}"#, "x".repeat(BYTES_MAX));
    check("POST /v1/things", &[JSON], &json, expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"limit":"1024","request_id":"<random>"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"the request must have at most 1024 bytes","field":""}]}],"message":"the request must have at most 1024 bytes"}"#]]).await;
    check("POST /v1/things", &[JSON, "content-length: 1036"], &json, expect![[r#"
        400
        content-type: application/json
        {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"limit":"1024","request_id":"<random>","size":"1036"},"reason":"INVALID_REQUEST"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"the request must have at most 1024 bytes, got 1036","field":""}]}],"message":"the request must have at most 1024 bytes, got 1036"}"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let endless =
        StreamBody::new(futures::stream::pending::<Result<Frame<Bytes>, tonic::Status>>());
    let request = Request::post("/v1/things").header("content-type", "application/json");
    let service = transcode(contract(), BYTES_MAX).layer(tower::service_fn(echo));
    let request = request.body(Body::new(endless)).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 504);
}

#[tokio::test]
async fn an_error_has_the_same_body_as_on_grpc() {
    check("GET /v1/things/missing", &["x-request-id: r-1"], "", expect![[r#"
        404
        content-type: application/json
        {"code":5,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"r-1","resource":"thing"},"reason":"NOT_FOUND"}],"message":"there is no such thing"}"#]]).await;
    check("GET /v1/things/busy", &[], "", expect![[r#"
        429
        content-type: application/json
        retry-after: 1
        {"code":8,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"RATE_LIMITED"}],"message":"too fast"}"#]]).await;
    check("GET /v1/things/late", &[], "", expect![[r#"
        503
        content-type: application/json
        retry-after: 1
        {"code":14,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"UPSTREAM_UNAVAILABLE"}],"message":"the rest is away"}"#]]).await;
}

#[tokio::test]
async fn a_handler_may_say_which_success_it_is() {
    let (parts, _) = call("GET /v1/things/part", &[], b"").await;
    assert_eq!(parts.status, 206);
    assert!(!parts.headers.contains_key("x-http-code"));
}

#[tokio::test]
async fn what_an_rpc_must_know_travels_in_headers() {
    let headers = [
        "authorization: Bearer x",
        "traceparent: 00-1-2-01",
        "idempotency-key: k",
        "x-timeout-ms: 250",
        "x-other: y",
    ];
    let (parts, _) = call("GET /v1/things/x", &headers, b"").await;
    let mut seen: Vec<String> = parts
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("seen-"))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    seen.sort();
    expect![[r#"
        seen-authorization: Bearer x
        seen-grpc-timeout: 250m
        seen-idempotency-key: k
        seen-traceparent: 00-1-2-01"#]]
    .assert_eq(&seen.join("\n"));
    assert!(parts.headers.contains_key("x-request-id"));
    assert!(!parts.headers.contains_key("grpc-status"));
}

#[tokio::test]
async fn a_stream_is_lines() {
    check("GET /v1/things:repeat?count=2&inner.size=1", &[], "", expect![[r#"
        200
        content-type: application/x-ndjson
        {"name":"","inner":{"id":"","size":1},"tags":[],"count":"2","color":"COLOR_UNSPECIFIED","weights":{},"raw":""}
        {"name":"","inner":{"id":"","size":1},"tags":[],"count":"2","color":"COLOR_UNSPECIFIED","weights":{},"raw":""}
    "#]]).await;
    check(
        "GET /v1/things:repeat?count=0",
        &[],
        "",
        expect![[r#"
        200
        content-type: application/x-ndjson
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_stream_is_events_for_who_wants_them() {
    let accept = "accept: text/event-stream";
    check("GET /v1/things:repeat?count=1&name=late", &[accept], "", expect![[r#"
        200
        content-type: text/event-stream
        data: {"name":"late","tags":[],"count":"1","color":"COLOR_UNSPECIFIED","weights":{},"raw":""}

        event: error
        data: {"error":{"code":14,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"UPSTREAM_UNAVAILABLE"}],"message":"the rest is away"}}

    "#]]).await;
}

#[tokio::test]
async fn a_stream_that_fails_says_so_at_its_end() {
    check("GET /v1/things:repeat?count=1&name=late", &[], "", expect![[r#"
        200
        content-type: application/x-ndjson
        {"name":"late","tags":[],"count":"1","color":"COLOR_UNSPECIFIED","weights":{},"raw":""}
        {"error":{"code":14,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>"},"reason":"UPSTREAM_UNAVAILABLE"}],"message":"the rest is away"}}
    "#]]).await;
    check("GET /v1/things:repeat?name=missing", &[], "", expect![[r#"
        404
        content-type: application/json
        {"code":5,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"<random>","resource":"thing"},"reason":"NOT_FOUND"}],"message":"there is no such thing"}"#]]).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_stream() {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let endless = tower::service_fn(move |_: Request<Body>| {
        let counter = counter.clone();
        async move {
            let stream = futures::stream::poll_fn(move |_| {
                counter.fetch_add(1, Ordering::SeqCst);
                Poll::Ready(Some(Ok::<_, tonic::Status>(Frame::data(frame(&[])))))
            });
            Ok::<_, std::convert::Infallible>(Response::new(Body::new(StreamBody::new(stream))))
        }
    });
    let service = transcode(contract(), BYTES_MAX).layer(endless);
    let request = Request::get("/v1/things:repeat").body(Body::empty()).unwrap();
    let mut body = service.oneshot(request).await.unwrap().into_body();
    assert_eq!(made.load(Ordering::SeqCst), 0);
    for n in 1..=3 {
        body.frame().await.unwrap().unwrap();
        assert_eq!(made.load(Ordering::SeqCst), n);
    }
}

#[tokio::test]
async fn grpc_passes_untouched() {
    let service = transcode(contract(), BYTES_MAX).layer(tower::service_fn(echo));
    let request = Request::post("/llamamapper.echo.v1.EchoService/Say")
        .header("content-type", "application/grpc")
        .body(body(frame(b"\x0a\x01x")))
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    let got = response.into_body().collect().await.unwrap();
    assert_eq!(got.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(got.to_bytes(), frame(b"\x0a\x01x"));
}

async fn check(what: &str, headers: &[&str], json: &str, expected: Expect) {
    let (parts, text) = call(what, headers, json.as_bytes()).await;
    let mut lines = vec![format!("{}", parts.status.as_u16())];
    for name in ["content-type", "allow", "retry-after"] {
        if let Some(value) = parts.headers.get(name) {
            lines.push(format!("{name}: {}", value.to_str().unwrap()));
        }
    }
    let random = parts.headers["x-request-id"].to_str().unwrap();
    let text = if random.len() == 36 { text.replace(random, "<random>") } else { text };
    lines.push(text);
    expected.assert_eq(&lines.join("\n"));
}

async fn call(what: &str, headers: &[&str], sent: &[u8]) -> (http::response::Parts, String) {
    let (method, path) = what.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let sent = if sent.is_empty() { Body::empty() } else { body(sent.to_vec()) };
    let service = transcode(contract(), BYTES_MAX).layer(tower::service_fn(echo));
    let response = service.oneshot(request.body(sent).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}
