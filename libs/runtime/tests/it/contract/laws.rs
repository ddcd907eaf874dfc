//! What holds for every request, whatever is in it.

use std::{collections::BTreeMap, sync::LazyLock};

use http::Request;
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use runtime::contract::{transcode, validate};
use serde_json::{Value, json};
use tonic::{Code, Status, body::Body};
use tower::{Layer as _, ServiceExt as _};

use super::world::{SERVICE, body, contract, echo, frame};

const BYTES_MAX: usize = 1 << 20;

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap());

proptest! {
    #[test]
    fn an_answer_is_a_valid_request_for_itself(
        name in "[^\\x00]{0,16}",
        tags in prop::collection::vec(any::<String>(), 0..4),
        count: i64,
        loud: Option<bool>,
        weights in prop::collection::btree_map(any::<String>(), decimal(), 0..4),
        size: i32,
    ) {
        prop_assume!(!["missing", "busy", "late", "part"].contains(&name.as_str()));
        let thing = thing(&name, &tags, count, &weights, (size, loud));
        let (status, once) = post(thing.to_string().into_bytes());
        prop_assert_eq!(status, 200);
        let (status, twice) = post(once.clone().into_bytes());
        prop_assert_eq!(status, 200);
        let [once, twice] = [once, twice].map(|it| serde_json::from_str::<Value>(&it).unwrap());
        prop_assert_eq!(&once["name"], &json!(name));
        prop_assert_eq!(&once["count"], &json!(count.to_string()));
        prop_assert_eq!(&once["weights"], &json!(weights));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn no_body_is_our_fault(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 1..64),
        "[{}\\[\\]:,\"a-z0-9.eE+-]{1,48}".prop_map(String::into_bytes),
        "\\{\"(name|inner|tags|count|color|since|every|loud|weights|raw)\":[ -~]{0,24}\\}"
            .prop_map(String::into_bytes),
    ]) {
        let (status, text) = post(bytes);
        prop_assert!(status == 200 || status == 400, "{status} {text}");
    }

    #[test]
    fn no_query_is_our_fault(query in "[a-z.=&%0-9+]{0,48}") {
        let request = Request::get(format!("/v1/things/x?{query}")).body(Body::empty()).unwrap();
        let (status, text) = send(request);
        prop_assert!(status == 200 || status == 400, "{status} {text}");
    }

    #[test]
    fn no_message_is_our_fault(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let request = Request::post(format!("/{SERVICE}/Check"))
            .header("content-type", "application/grpc")
            .body(body(frame(&bytes)))
            .unwrap();
        let service = validate(contract(), BYTES_MAX).layer(tower::service_fn(echo));
        let response = RUNTIME.block_on(service.oneshot(request)).unwrap();
        let status = Status::from_header_map(response.headers());
        let code = status.map_or(Code::Ok, |status| status.code());
        prop_assert!(code == Code::Ok || code == Code::InvalidArgument, "{code:?}");
    }
}

/// Numbers of few digits: `serde_json` reads long ones to within one unit in the last place only.
fn decimal() -> impl Strategy<Value = f64> {
    any::<i32>().prop_map(|it| f64::from(it) / 1000.0)
}

fn thing(
    name: &str,
    tags: &[String],
    count: i64,
    weights: &BTreeMap<String, f64>,
    rest: (i32, Option<bool>),
) -> Value {
    let (size, loud) = rest;
    json!({
        "name": name,
        "tags": tags,
        "count": count,
        "weights": weights,
        "inner": { "size": size },
        "loud": loud,
    })
}

fn post(json: Vec<u8>) -> (u16, String) {
    let request = Request::post("/v1/things").header("content-type", "application/json");
    send(request.body(body(json)).unwrap())
}

fn send(request: Request<Body>) -> (u16, String) {
    let service = transcode(contract(), BYTES_MAX).layer(tower::service_fn(echo));
    RUNTIME.block_on(async {
        let response = service.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    })
}
