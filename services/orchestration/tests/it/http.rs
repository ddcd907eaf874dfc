//! The same over HTTP/JSON, on the same port: what only this service adds to it.

use proto::orchestration::v1::{PolicyDetector, PublishPolicyRequest};

use crate::world::{World, bearer, http, policy};

#[tokio::test]
async fn partial_coverage_is_206() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let body = r#"{"content": "hello"}"#;
    let answer = http(&world, &acme.admin, ("POST", "/v1/detect"), body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("DETECTION_STATUS_COMPLETE"), "{answer}");

    let mut with_nobody = policy("with-nobody");
    let nobody =
        PolicyDetector { detector: "nobody".to_owned(), ..with_nobody.detectors[0].clone() };
    with_nobody.detectors.push(nobody);
    let request = PublishPolicyRequest { policy: Some(with_nobody) };
    world.policies().publish_policy(bearer(&acme.admin, request)).await.unwrap();
    let body = r#"{"content": "hello", "policy": "with-nobody"}"#;
    let answer = http(&world, &acme.admin, ("POST", "/v1/detect"), body).await;
    assert!(answer.starts_with("HTTP/1.1 206"), "{answer}");
    assert!(answer.contains("DETECTION_STATUS_PARTIAL_COVERAGE"), "{answer}");
}

#[tokio::test]
async fn unknown_fields_are_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let body = r#"{"content": "hello", "nonsense": 1}"#;
    let answer = http(&world, &acme.admin, ("POST", "/v1/detect"), body).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("INVALID_REQUEST"), "{answer}");
}
