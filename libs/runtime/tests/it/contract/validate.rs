//! The limits of fields, on the wire.

use expect_test::{Expect, expect};
use http::Request;
use http_body_util::BodyExt as _;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use runtime::{
    contract::{Contract, Violation, validate},
    middleware::around,
};
use serde::de::DeserializeSeed as _;
use tonic::{Status, body::Body};
use tonic_types::StatusExt as _;
use tower::{Layer as _, ServiceExt as _};

use super::world::{BYTES_MAX, SERVICE, body, contract, echo, frame, pool};

#[test]
fn a_valid_message_has_no_violations() {
    check("{}", expect![""]);
    check(r#"{"score": 1, "roles": ["a", "b"], "labels": {"k": "v"}, "color": 1}"#, expect![""]);
}

#[test]
fn length_counts_characters() {
    check(r#"{"text": "æøå"}"#, expect![""]);
    check(r#"{"text": "æøåå"}"#, expect!["text: must have at most 3 characters [3, got 4]"]);
}

#[test]
fn bytes_are_bytes() {
    check(r#"{"part": {"word": "æø"}}"#, expect![""]);
    check(
        r#"{"part": {"word": "æøå"}}"#,
        expect!["part.word: must have at most 4 bytes [4, got 6]"],
    );
    check(r#"{"digest": "AAAA"}"#, expect!["digest: must have 2 bytes [2, got 3]"]);
}

#[test]
fn a_pattern_holds_and_what_broke_it_is_not_repeated() {
    check(r#"{"code": "no-1"}"#, expect![""]);
    check(r#"{"code": "secret"}"#, expect!["code: must match `^[a-z]{2}-[0-9]+$`"]);
}

#[test]
fn a_number_keeps_its_range() {
    check(r#"{"score": 0}"#, expect![""]);
    check(r#"{"score": 1.5}"#, expect!["score: must be at most 1 [1, got 1.5]"]);
    check(r#"{"score": -0.5}"#, expect!["score: must be at least 0 [0, got -0.5]"]);
    check(r#"{"page": 101}"#, expect!["page: must be at most 100 [100, got 101]"]);
}

#[test]
fn not_a_number_is_in_no_range() {
    check(
        r#"{"score": "NaN"}"#,
        expect![[r#"
            score: must be at most 1 [1, got NaN]
            score: must be at least 0 [0, got NaN]
            score: must be a finite number"#]],
    );
}

#[test]
fn items_are_checked_each_and_all() {
    check(
        r#"{"roles": ["a", "c", "a"]}"#,
        expect![[r#"
            roles: must have at most 2 items [2, got 3]
            roles: must not repeat an item
            roles[1]: must be one of `a`, `b`"#]],
    );
}

#[test]
fn entries_of_a_map_are_named_without_their_key() {
    check(
        r#"{"labels": {"private": ""}}"#,
        expect![[r#"
            labels{key}: must have at most 4 bytes [4, got 7]
            labels{value}: must have at least 1 character [1, got 0]"#]],
    );
}

#[test]
fn an_enum_is_defined() {
    check(r#"{"color": 7}"#, expect!["color: must be a value of Color"]);
}

#[test]
fn what_must_be_there_is() {
    let raw = Contract::violations(&contract(), "llamamapper.echo.v1.Checked", &[]);
    expect![[r#"
        choice: needs one of `one`, `two`
        part: is required"#]]
    .assert_eq(&lines(&raw));
}

#[test]
fn messages_inside_are_checked() {
    check(
        r#"{"parts": [{"word": "x"}, {}]}"#,
        expect!["parts[1].word: must have at least 1 character [1, got 0]"],
    );
}

#[test]
fn a_duration_keeps_its_range() {
    check(r#"{"wait": "59.5s"}"#, expect![""]);
    check(r#"{"wait": "60s"}"#, expect!["wait: must be less than 60s [60s, got 60s]"]);
}

#[test]
fn an_id_is_a_uuid() {
    check(r#"{"id": "018f0000-0000-7000-8000-000000000000"}"#, expect![""]);
    check(r#"{"id": "018f0000000070008000000000000000"}"#, expect!["id: must be a UUID"]);
}

#[tokio::test]
async fn the_handler_gets_the_bytes_that_were_sent() {
    let message = valid(r#"{"text": "abc"}"#).encode_to_vec();
    let sent = frame(&message);
    let expected = sent.clone();
    let service =
        validate(contract(), BYTES_MAX).layer(tower::service_fn(move |request: Request<Body>| {
            let expected = expected.clone();
            async move {
                let got = request.into_body().collect().await.unwrap().to_bytes();
                assert_eq!(got, expected);
                Ok::<_, std::convert::Infallible>(http::Response::new(Body::empty()))
            }
        }));
    let response = service.oneshot(request(sent)).await.unwrap();
    assert!(Status::from_header_map(response.headers()).is_none());
}

#[tokio::test]
async fn a_refusal_names_field_limit_and_size() {
    check_wire(
        frame(&valid(r#"{"text": "abcd", "page": 101}"#).encode_to_vec()),
        expect![[r#"
            InvalidArgument: `text` must have at most 3 characters, got 4 (and 1 more)
            INVALID_REQUEST field=text limit=3 size=4
            text: `text` must have at most 3 characters, got 4
            page: `page` must be at most 100, got 101"#]],
    )
    .await;
}

#[tokio::test]
async fn broken_protobuf_is_the_callers_fault() {
    check_wire(
        frame(b"\x0a\xff"),
        expect![[r#"
            InvalidArgument: the request must be a protobuf message of its type, with strings in UTF-8
            INVALID_REQUEST
            : the request must be a protobuf message of its type, with strings in UTF-8"#]],
    )
    .await;
}

#[tokio::test]
async fn a_string_that_is_not_utf8_is_named() {
    // Field 9, the part, and in it field 1, two bytes that are not UTF-8.
    check_wire(
        frame(b"\x4a\x04\x0a\x02\xc3\x28"),
        expect![[r#"
            InvalidArgument: `part.word` must be text in UTF-8
            INVALID_REQUEST field=part.word
            part.word: `part.word` must be text in UTF-8"#]],
    )
    .await;
}

#[tokio::test]
async fn a_broken_string_does_not_end_a_stream() {
    let items = [frame(b"\x0a\x01a"), frame(b"\x0a\x01\xff"), frame(b"\x0a\x01b")].concat();
    check_stream(items, expect![[r#"a \u{fffd} b"#]]).await;
}

#[tokio::test]
async fn what_is_no_message_ends_a_stream_after_what_came_before() {
    check_stream(
        [frame(b"\x0a\x01a"), frame(b"\x0a\x05a")].concat(),
        expect!["a InvalidArgument: the request must be a protobuf message of its type, with strings in UTF-8"],
    )
    .await;
    check_stream(
        [&frame(b"\x0a\x01a")[..], &frame(b"\x0a\x01b")[..7]].concat(),
        expect!["a InvalidArgument: the request ended in the middle of a message"],
    )
    .await;
    check_stream(
        [&frame(b"\x0a\x01a")[..], &[0, 0, 0, 4, 1]].concat(),
        expect!["a InvalidArgument: the request must have at most 1024 bytes, got 1025"],
    )
    .await;
}

#[tokio::test]
async fn half_a_message_is_no_message() {
    let whole = frame(&valid("{}").encode_to_vec());
    let expected = || {
        expect![[r#"
            InvalidArgument: the request must be exactly one message
            INVALID_REQUEST
            : the request must be exactly one message"#]]
    };
    check_wire(whole.slice(..whole.len() - 1), expected()).await;
    check_wire(bytes::Bytes::new(), expected()).await;
    check_wire([whole.clone(), whole].concat().into(), expected()).await;
}

#[tokio::test]
async fn a_message_over_the_limit_is_not_read() {
    let length = 1025u32.to_be_bytes();
    let header = [&[0], length.as_slice()].concat();
    check_wire(
        header.into(),
        expect![[r#"
            InvalidArgument: the request must have at most 1024 bytes, got 1025
            INVALID_REQUEST limit=1024 size=1025
            : the request must have at most 1024 bytes, got 1025"#]],
    )
    .await;
    check_wire(
        frame(&[0; 1025]),
        expect![[r#"
            InvalidArgument: the request must have at most 1024 bytes
            INVALID_REQUEST limit=1024
            : the request must have at most 1024 bytes"#]],
    )
    .await;
}

#[tokio::test]
async fn a_compressed_message_is_refused() {
    check_wire(
        [1, 0, 0, 0, 0].as_slice().into(),
        expect!["Unimplemented: a compressed message is not accepted here"],
    )
    .await;
}

#[tokio::test]
async fn an_error_of_the_service_passes_through() {
    let failing = around(|_, _| Box::pin(async { Err("away".into()) }));
    let service = validate(contract(), BYTES_MAX).layer(failing.layer(tower::service_fn(echo)));
    let err = service.oneshot(request(frame(&valid("{}").encode_to_vec()))).await.unwrap_err();
    assert_eq!(err.to_string(), "away");
}

/// The names of the things that a handler reads from a stream, in pieces of three bytes, and how it ends.
async fn check_stream(bytes: Vec<u8>, expected: Expect) {
    let service = validate(contract(), BYTES_MAX).layer(tower::service_fn(
        |request: Request<Body>| async move {
            let mut body = request.into_body();
            let mut read = Vec::new();
            while let Some(frame) = body.frame().await {
                read.push(match frame {
                    Ok(frame) => {
                        let message = frame.into_data().unwrap().slice(5..);
                        let thing = pool().get_message_by_name("llamamapper.echo.v1.Thing");
                        let thing = DynamicMessage::decode(thing.unwrap(), message).unwrap();
                        let name = thing.get_field_by_name("name").unwrap();
                        name.as_str().unwrap().escape_default().to_string()
                    }
                    Err(status) => format!("{:?}: {}", status.code(), status.message()),
                });
            }
            Ok::<_, std::convert::Infallible>(
                http::Response::builder()
                    .header("read", read.join(" "))
                    .body(Body::empty())
                    .unwrap(),
            )
        },
    ));
    let pieces: Vec<_> = bytes.chunks(3).map(bytes::Bytes::copy_from_slice).collect();
    let pieces = pieces.into_iter().map(|it| Ok::<_, Status>(http_body::Frame::data(it)));
    let stream = http_body_util::StreamBody::new(futures::stream::iter(pieces));
    let request = Request::post(format!("/{SERVICE}/Listen")).body(Body::new(stream)).unwrap();
    let response = service.oneshot(request).await.unwrap();
    expected.assert_eq(response.headers()["read"].to_str().unwrap());
}

/// What is wrong with a message that has everything it must have, and this.
fn check(json: &str, expected: Expect) {
    let message = valid(json);
    let found =
        Contract::violations(&contract(), "llamamapper.echo.v1.Checked", &message.encode_to_vec());
    expected.assert_eq(&lines(&found));
}

fn lines(violations: &[Violation]) -> String {
    let line = |it: &Violation| {
        let about = match (&it.limit, &it.size) {
            (None, None) => String::new(),
            (limit, size) => format!(
                " [{}, got {}]",
                limit.as_deref().unwrap_or("-"),
                size.as_deref().unwrap_or("-")
            ),
        };
        format!("{}: {}{about}", it.field, it.message)
    };
    violations.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn valid(json: &str) -> DynamicMessage {
    let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
    let object = value.as_object_mut().unwrap();
    object.entry("one").or_insert("x".into());
    object.entry("part").or_insert(serde_json::json!({ "word": "w" }));
    let descriptor = pool().get_message_by_name("llamamapper.echo.v1.Checked").unwrap();
    descriptor.deserialize(value).unwrap()
}

fn request(bytes: bytes::Bytes) -> Request<Body> {
    Request::post(format!("/{SERVICE}/Check"))
        .header("content-type", "application/grpc")
        .body(body(bytes))
        .unwrap()
}

async fn check_wire(bytes: bytes::Bytes, expected: Expect) {
    let service = validate(contract(), BYTES_MAX).layer(tower::service_fn(echo));
    let response = service.oneshot(request(bytes)).await.unwrap();
    let status = Status::from_header_map(response.headers()).unwrap();
    let details = status.get_error_details();
    let mut lines = vec![format!("{:?}: {}", status.code(), status.message())];
    if let Some(info) = details.error_info() {
        let mut about: Vec<_> = info.metadata.iter().map(|(k, v)| format!(" {k}={v}")).collect();
        about.sort();
        lines.push(format!("{}{}", info.reason, about.concat()));
    }
    if let Some(bad) = details.bad_request() {
        lines.extend(
            bad.field_violations.iter().map(|it| format!("{}: {}", it.field, it.description)),
        );
    }
    expected.assert_eq(&lines.join("\n"));
}
