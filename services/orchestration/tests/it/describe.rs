use proto::detector::v1::DescribeRequest;

use crate::world::{World, bearer};

#[tokio::test]
async fn the_built_in_detectors_tell_every_word_they_can_say() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let answer =
        world.built_in().describe(bearer(&acme.analyst, DescribeRequest {})).await.unwrap();
    let described = answer.into_inner().detectors;
    let names: Vec<_> = described.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["builtin-injection", "builtin-pii", "builtin-secrets"]);
    for detector in &described {
        assert!(detector.raw_labels.is_sorted() && !detector.raw_labels.is_empty());
        assert!(!detector.version.is_empty() && 0 < detector.text_bytes_max);
    }
}

#[tokio::test]
async fn nobody_asks_without_a_credential() {
    let world = World::start().await;
    let status = world.built_in().describe(DescribeRequest {}).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
}
