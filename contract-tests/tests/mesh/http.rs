//! The same RPCs as HTTP/JSON, on the same ports.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use proto::orchestration::v1::{Policy, PolicyDetector, PublishPolicyRequest};
use runtime::{contract::Contract, identity::Role};
use serde_json::{Value, json};

use crate::{
    raw,
    world::{As, Name, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn partial_coverage_is_206() {
    let world = World::start().await;
    let names = ["builtin-pii", "not-there"];
    let detectors = names.map(|name| PolicyDetector {
        detector: name.to_owned(),
        required: true,
        ..Default::default()
    });
    let policy =
        Policy { name: "strict".to_owned(), detectors: detectors.into(), ..Default::default() };
    let request = PublishPolicyRequest { policy: Some(policy) };
    world
        .policies()
        .publish_policy(world.request(As::Key(&world.a, Role::Admin), request))
        .await
        .unwrap();

    let (status, answer) =
        post(&world, "/v1/detect", json!({"content": "hello", "policy": "strict"})).await;
    assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{answer}");
    assert_eq!(answer["status"], "DETECTION_STATUS_PARTIAL_COVERAGE");
    assert_eq!(answer["fallbackUsed"], true);
    assert_eq!(answer["coverage"]["missing"], json!(["not-there"]));
    let states: Vec<_> =
        answer["checks"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["CHECK_STATE_CLEAN", "CHECK_STATE_NOT_CONFIGURED"]);

    let (status, answer) = post(&world, "/v1/detect", json!({"content": "hello"})).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("DETECTION_STATUS_COMPLETE")));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_grpc() {
    let world = World::start().await;
    let ask = |body: Value| post(&world, "/v1/detect", body);
    check(ask(json!({"content": "hello", "nope": 1})).await, 400, "INVALID_REQUEST");
    check(ask(json!({"content": ""})).await, 400, "INVALID_REQUEST");
    check(ask(json!({"content": "hello", "policy": "absent"})).await, 404, "POLICY_NOT_FOUND");
    let name = "presidio".repeat(20);
    check(post(&world, "/v1/detectors/presidio", json!({})).await, 405, "INVALID_REQUEST");
    let absent = "/v1/detectors/absent";
    let admin = As::Key(&world.a, Role::Admin);
    check(get(&world, Name::Orchestration, admin, absent).await, 404, "DETECTOR_NOT_FOUND");
    let body = json!({"requests": [{"detector": name, "rawLabel": "X"}]});
    let asked = (Method::POST, "/v1/map:batch", Some(body));
    let (status, answer) = send(&world, Name::Mapper, admin, asked).await;
    assert_eq!(status, StatusCode::OK, "one bad item of a batch fails alone: {answer}");
    assert_eq!(answer["results"][0]["error"]["code"], "ERROR_CODE_INVALID_REQUEST");
    let told = get(&world, Name::Mapper, As::Nobody, "/v1/events").await;
    check(told, 401, "UNAUTHENTICATED");
    let told = get(&world, Name::Mapper, As::Key(&world.a, Role::Detector), "/v1/events").await;
    check(told, 403, "PERMISSION_DENIED");
    check(get(&world, Name::Mapper, admin, "/v1/nothing-here").await, 404, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_grpc_says_http_says() {
    let world = World::start().await;
    let body = json!({"findings": [
        {"findingId": "f1", "detector": "presidio", "rawLabel": "US_SSN", "score": 0.9, "occurredAt": "2026-01-02T03:04:05Z"},
        {"findingId": "f2", "detector": "presidio", "rawLabel": "US_SSN", "score": "NaN", "occurredAt": "2026-01-02T03:04:05Z"},
    ]});
    let (status, answer) = post(&world, "/v1/findings:batch", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let statuses: Vec<_> =
        answer["findings"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(
        statuses,
        ["ACKNOWLEDGEMENT_STATUS_ACCEPTED", "ACKNOWLEDGEMENT_STATUS_MALFORMED"],
        "{answer}"
    );

    let path = "/v1/events?filter.labels=PII";
    let (status, answer) = get(&world, Name::Mapper, As::Key(&world.a, Role::Admin), path).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let events = answer["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{answer}");
    assert_eq!(events[0]["finding"]["occurredAt"], "2026-01-02T03:04:05Z");
    assert_eq!(events[0]["mapping"]["label"], "PII.Identifier.SSN");
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_lists_every_http_rule() {
    let world = World::start().await;
    let contract = raw::contract();
    for place in world.places() {
        let (status, document) = get(&world, place.name, As::Nobody, "/openapi.json").await;
        assert_eq!(status, StatusCode::OK);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        let mut listed: Vec<String> = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let verbs = methods
                .as_object()
                .unwrap()
                .keys()
                .filter(|it| ["get", "put", "post", "delete", "patch"].contains(&it.as_str()));
            listed.extend(verbs.map(|verb| format!("{} {path}", verb.to_uppercase())));
        }
        listed.sort();
        assert_eq!(listed, rules(&contract, place.name), "{}", place.name.as_str());
    }
}

/// Every HTTP rule of the RPCs that `service` answers, as the descriptors have it.
fn rules(contract: &Contract, service: Name) -> Vec<String> {
    let rpcs = contract.rpcs().filter(|rpc| raw::serves(rpc) == service);
    let mut rules: Vec<String> = rpcs.flat_map(|rpc| rpc.http().collect::<Vec<_>>()).collect();
    rules.sort();
    assert!(5 < rules.len());
    rules
}

fn check((status, answer): (StatusCode, Value), expected: u16, reason: &str) {
    assert_eq!(status.as_u16(), expected, "{answer}");
    let info =
        answer["details"].as_array().unwrap().iter().find(|it| it["reason"].is_string()).unwrap();
    assert_eq!(info["@type"], "type.googleapis.com/google.rpc.ErrorInfo");
    assert_eq!(
        (&info["reason"], &info["domain"]),
        (&json!(reason), &json!("llamamapper")),
        "{answer}"
    );
    assert!(info["metadata"]["request_id"].is_string(), "{answer}");
}

async fn post(world: &World, path: &str, body: Value) -> (StatusCode, Value) {
    let admin = As::Key(&world.a, Role::Admin);
    send(world, Name::Orchestration, admin, (Method::POST, path, Some(body))).await
}

async fn get(world: &World, service: Name, who: As<'_>, path: &str) -> (StatusCode, Value) {
    send(world, service, who, (Method::GET, path, None)).await
}

async fn send(
    world: &World,
    service: Name,
    who: As<'_>,
    (method, path, body): (Method, &str, Option<Value>),
) -> (StatusCode, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let address = world.place(service).address;
    let mut request = Request::builder().method(method).uri(format!("http://{address}{path}"));
    if let Some(credential) = world.credential(who) {
        request = request.header("authorization", credential);
    }
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let request = request.header("content-type", "application/json").body(Full::new(body)).unwrap();
    let answer = client.request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| panic!("not JSON: {body:?}")))
}
