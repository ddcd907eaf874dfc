use expect_test::{Expect, expect};
use proto::mapper::v1::{MapRequest, Mapping};
use tonic::Status;

use crate::world::{As, World, a, b, eventually, show};

async fn check(who: As, request: MapRequest, expected: Expect) {
    let world = World::start().await;
    expected.assert_eq(&ask(&world, who, request).await);
}

async fn ask(world: &World, who: As, request: MapRequest) -> String {
    let answer: Result<_, Status> = world.mapping().map(world.request(who, request)).await;
    match answer {
        Ok(response) => line(&response.into_inner().mapping.unwrap()),
        Err(status) => show(&status),
    }
}

pub(crate) fn line(mapping: &Mapping) -> String {
    let versions = mapping.versions.as_ref().unwrap();
    let route = mapping.route().as_str_name().trim_start_matches("ROUTE_");
    let reason = mapping.fallback_reason().as_str_name().trim_start_matches("FALLBACK_REASON_");
    let severity = mapping.severity().as_str_name().trim_start_matches("SEVERITY_");
    format!(
        "{} {severity} {} {route} {reason} by {} and {}",
        mapping.label, mapping.confidence, versions.taxonomy, versions.model
    )
}

pub(crate) fn word(detector: &str, raw_label: &str, score: Option<f64>) -> MapRequest {
    MapRequest {
        detector: detector.to_owned(),
        detector_version: String::new(),
        raw_label: raw_label.to_owned(),
        score,
    }
}

#[tokio::test]
async fn maps_a_known_word() {
    check(
        As::Admin(a()),
        word("presidio", "US_SSN", Some(0.85)),
        expect!["PII.Identifier.SSN CRITICAL 0.85 RULE UNSPECIFIED by 2026.11 and none"],
    )
    .await;
}

#[tokio::test]
async fn a_missing_score_is_sure() {
    check(
        As::Service(Some(a())),
        word("presidio", "us-ssn", None),
        expect!["PII.Identifier.SSN CRITICAL 1 RULE UNSPECIFIED by 2026.11 and none"],
    )
    .await;
}

#[tokio::test]
async fn a_score_out_of_range_is_refused() {
    check(
        As::Admin(a()),
        word("presidio", "US_SSN", Some(1.5)),
        expect!["InvalidArgument INVALID_REQUEST [score]: score must be in 0..=1"],
    )
    .await;
}

#[tokio::test]
async fn an_endless_word_is_refused() {
    check(
        As::Admin(a()),
        word("presidio", &"x".repeat(513), None),
        expect![
            "InvalidArgument INVALID_REQUEST [raw_label]: raw_label has 513 bytes, the limit is 512"
        ],
    )
    .await;
}

#[tokio::test]
async fn a_detector_may_not_ask() {
    check(As::Detector(a()), word("presidio", "US_SSN", None), expect!["PermissionDenied PERMISSION_DENIED: `MappingService.Map` needs the permission `mappings:read`"]).await;
}

#[tokio::test]
async fn nobody_may_not_ask() {
    check(
        As::Nobody,
        word("presidio", "US_SSN", None),
        expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"],
    )
    .await;
}

#[tokio::test]
async fn a_service_without_a_tenant_may_not_ask() {
    check(
        As::Service(None),
        word("presidio", "US_SSN", None),
        expect!["PermissionDenied PERMISSION_DENIED: this call needs a credential of a tenant"],
    )
    .await;
}

#[tokio::test]
async fn an_unknown_word_is_proposed_to_its_tenant_only() {
    let world = World::start().await;
    let unknown = word("presidio", "FLURBL", None);
    expect!["OTHER.Unknown INFO 0 FALLBACK UNKNOWN_LABEL by 2026.11 and none"]
        .assert_eq(&ask(&world, As::Admin(a()), unknown).await);

    eventually(async || 0 < crate::list_proposals::total(&world, a()).await).await;
    assert_eq!(crate::list_proposals::total(&world, b()).await, 0);
}

#[tokio::test]
async fn mapping_needs_no_database() {
    let world = World::start().await;
    world.lose_database().await;
    let known = word("presidio", "US_SSN", Some(0.85));
    expect!["PII.Identifier.SSN CRITICAL 0.85 RULE UNSPECIFIED by 2026.11 and none"]
        .assert_eq(&ask(&world, As::Admin(a()), known).await);
}

#[tokio::test]
async fn every_mapping_is_counted() {
    let world = World::start().await;
    ask(&world, As::Admin(a()), word("presidio", "US_SSN", Some(0.9))).await;
    ask(&world, As::Admin(a()), word("presidio", "US_SSN", Some(0.1))).await;
    ask(&world, As::Admin(a()), word("presidio", "US_SSN", Some(2.0))).await;
    let text = world.metrics.render();
    let mapper =
        text.lines().filter(|line| line.starts_with("mapper_") && !line.contains("seconds"));
    expect![[r#"
        mapper_fallback_total{reason="low_confidence"} 1
        mapper_requests_total{route="fallback",status="ok",tenant="00000000-0000-0000-0000-00000000000a"} 1
        mapper_requests_total{route="none",status="refused",tenant="00000000-0000-0000-0000-00000000000a"} 1
        mapper_requests_total{route="rule",status="ok",tenant="00000000-0000-0000-0000-00000000000a"} 1
        mapper_schema_validation_total{valid="true"} 2
    "#]].assert_eq(&mapper.map(|line| format!("{line}\n")).collect::<String>());
}
