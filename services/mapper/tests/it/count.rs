use expect_test::{Expect, expect};
use proto::{
    common::v1::{Disposition, Finding},
    mapper::v1::{CountBy, CountRequest, EventFilter},
};

use crate::world::{As, World, a, b, finding, show};

async fn check(by: CountBy, expected: Expect) {
    let world = World::start().await;
    let findings = vec![
        finding("1", "US_SSN"),
        finding("2", "US_SSN"),
        finding("3", "PERSON"),
        Finding { detector: "nobody".to_owned(), ..finding("4", "flurbl") },
        Finding { disposition: Disposition::Exposed.into(), score: 0.1, ..finding("5", "US_SSN") },
    ];
    world.record(a(), findings).await.unwrap();
    world.record(b(), vec![finding("1", "US_SSN")]).await.unwrap();
    expected.assert_eq(&count(&world, As::Admin(a()), EventFilter::default(), by.into()).await);
}

async fn count(world: &World, who: As, filter: EventFilter, by: i32) -> String {
    let request = world.request(who, CountRequest { filter: Some(filter), by });
    match world.events().count(request).await {
        Ok(response) => {
            let response = response.into_inner();
            let counts = response.counts.iter().map(|it| format!("{} {}", it.key, it.count));
            format!("{}; {} in all", counts.collect::<Vec<_>>().join(", "), response.total)
        }
        Err(status) => show(&status),
    }
}

#[tokio::test]
async fn by_every_kind_of_group() {
    check(CountBy::Unspecified, expect!["all 5; 5 in all"]).await;
    check(CountBy::Domain, expect!["PII 4, OTHER 1; 5 in all"]).await;
    check(CountBy::Label, expect!["PII.Identifier.SSN 2, OTHER.Unknown 1, PII.Identifier.Other 1, PII.Person.Name 1; 5 in all"]).await;
    check(CountBy::Severity, expect!["critical 2, medium 2, info 1; 5 in all"]).await;
    check(CountBy::Route, expect!["rule 3, fallback 2; 5 in all"]).await;
    check(CountBy::Detector, expect!["presidio 4, nobody 1; 5 in all"]).await;
    check(CountBy::Disposition, expect!["contained 4, exposed 1; 5 in all"]).await;
}

#[tokio::test]
async fn nothing_counts_as_nothing() {
    let world = World::start().await;
    let answer = count(&world, As::Admin(a()), EventFilter::default(), 0).await;
    expect!["; 0 in all"].assert_eq(&answer);
}

#[tokio::test]
async fn an_unknown_group_is_refused() {
    let world = World::start().await;
    let answer = count(&world, As::Admin(a()), EventFilter::default(), 17).await;
    expect!["InvalidArgument INVALID_REQUEST [by]: `by` must be a value of CountBy"]
        .assert_eq(&answer);
}

#[tokio::test]
async fn a_detector_may_not_count() {
    let world = World::start().await;
    let answer = count(&world, As::Detector(a()), EventFilter::default(), 0).await;
    expect!["PermissionDenied PERMISSION_DENIED: `EventService.Count` needs the permission `events:read`"].assert_eq(&answer);
}

#[tokio::test]
async fn a_lost_database_is_unavailable() {
    let world = World::start().await;
    world.lose_database().await;
    let answer = count(&world, As::Admin(a()), EventFilter::default(), 0).await;
    expect!["Unavailable UPSTREAM_UNAVAILABLE: the database cannot do this just now"]
        .assert_eq(&answer);
}
