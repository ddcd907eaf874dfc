use expect_test::expect;
use proto::mapper::v1::{MapBatchRequest, map_batch_result::Result as Outcome};

use crate::{
    map::{line, word},
    world::{As, World, a, show},
};

async fn ask(world: &World, who: As, request: MapBatchRequest) -> String {
    match world.mapping().map_batch(world.request(who, request)).await {
        Ok(response) => {
            let results = response.into_inner().results.into_iter();
            let lines = results.map(|result| match result.result.unwrap() {
                Outcome::Mapping(mapping) => line(&mapping) + "\n",
                Outcome::Error(error) => format!("{}: {}\n", error.field, error.message),
            });
            lines.collect()
        }
        Err(status) => show(&status) + "\n",
    }
}

#[tokio::test]
async fn one_bad_word_fails_alone() {
    let world = World::start().await;
    let requests = vec![
        word("presidio", "US_SSN", Some(0.9)),
        word("", "US_SSN", None),
        word("presidio", "", None),
        word("presidio", "US_SSN", Some(f64::NAN)),
        word("detoxify-hatebert", "flurbl", None),
    ];
    let answer = ask(&world, As::Admin(a()), MapBatchRequest { requests }).await;
    expect![[r#"
        PII.Identifier.SSN CRITICAL 0.9 RULE UNSPECIFIED by 2026.11 and none
        detector: detector is missing
        raw_label: raw_label is missing
        score: score must be in 0..=1
        OTHER.Unknown INFO 0 FALLBACK UNKNOWN_LABEL by 2026.11 and none
    "#]]
    .assert_eq(&answer);
}

#[tokio::test]
async fn more_than_a_hundred_are_refused() {
    let world = World::start().await;
    let requests = vec![word("presidio", "US_SSN", None); 101];
    let answer = ask(&world, As::Admin(a()), MapBatchRequest { requests }).await;
    expect![[r#"
        InvalidArgument INVALID_REQUEST [requests]: `requests` must have at most 100 items, got 101
    "#]]
    .assert_eq(&answer);
}

#[tokio::test]
async fn a_detector_may_not_ask() {
    let world = World::start().await;
    let requests = vec![word("presidio", "US_SSN", None)];
    let answer = ask(&world, As::Detector(a()), MapBatchRequest { requests }).await;
    expect![[r#"
        PermissionDenied PERMISSION_DENIED: `MappingService.MapBatch` needs the permission `mappings:read`
    "#]].assert_eq(&answer);
}

#[tokio::test]
async fn a_batch_needs_no_database() {
    let world = World::start().await;
    world.lose_database().await;
    let requests = vec![word("presidio", "US_SSN", Some(0.9))];
    let answer = ask(&world, As::Admin(a()), MapBatchRequest { requests }).await;
    expect![[r#"
        PII.Identifier.SSN CRITICAL 0.9 RULE UNSPECIFIED by 2026.11 and none
    "#]]
    .assert_eq(&answer);
}
