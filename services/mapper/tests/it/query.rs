use expect_test::{Expect, expect};
use proto::{
    common::v1::{Disposition, Finding, Page, Period, Route, Severity},
    mapper::v1::{Event, EventFilter, QueryRequest},
};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::world::{As, World, a, b, finding, show, timestamp};

const DAY: OffsetDateTime = datetime!(2026-11-01 12:00 UTC);

/// Six events of tenant A, an hour apart, and one of tenant B.
async fn world() -> World {
    let world = World::start().await;
    let at = |hours: i64, finding: Finding| Finding {
        occurred_at: Some(timestamp(DAY + Duration::hours(hours))),
        ..finding
    };
    let findings = vec![
        at(0, finding("ssn", "US_SSN")),
        at(1, finding("name", "PERSON")),
        at(
            2,
            Finding {
                disposition: Disposition::Exposed.into(),
                ..finding("mail", "EMAIL_ADDRESS")
            },
        ),
        at(3, Finding { request_id: "r-1".to_owned(), ..finding("unknown", "FLURBL") }),
        at(4, Finding { detector: "detoxify-hatebert".to_owned(), ..finding("toxic", "toxicity") }),
        at(5, Finding { score: 0.1, ..finding("unsure", "US_SSN") }),
    ];
    world.record(a(), findings).await.unwrap();
    world.record(b(), vec![at(0, finding("foreign", "US_SSN"))]).await.unwrap();
    world
}

fn ids(events: &[Event]) -> String {
    let ids = events.iter().map(|it| it.finding.as_ref().unwrap().finding_id.as_str());
    ids.collect::<Vec<_>>().join(" ")
}

async fn check(filter: EventFilter, expected: Expect) {
    let world = world().await;
    expected.assert_eq(&ids(&world.query(a(), filter).await));
}

fn some<T>(value: T) -> Vec<T> {
    vec![value]
}

#[tokio::test]
async fn latest_first() {
    check(EventFilter::default(), expect!["unsure toxic unknown mail name ssn"]).await;
}

#[tokio::test]
async fn a_period_is_half_open() {
    let (from, to) = (timestamp(DAY + Duration::hours(1)), timestamp(DAY + Duration::hours(3)));
    let occurred = Some(Period { from: Some(from), to: Some(to) });
    check(EventFilter { occurred, ..Default::default() }, expect!["mail name"]).await;
}

#[tokio::test]
async fn a_group_means_every_label_below_it() {
    let labels = |it: &str| EventFilter { labels: some(it.to_owned()), ..Default::default() };
    check(labels("PII"), expect!["unsure mail name ssn"]).await;
    check(labels("PII.Identifier"), expect!["unsure ssn"]).await;
    check(labels("PII.Identifier.SSN"), expect!["ssn"]).await;
    check(labels("PI"), expect![""]).await;
    check(labels("PII%"), expect![""]).await;
}

#[tokio::test]
async fn each_filter_holds() {
    let all = EventFilter::default;
    check(
        EventFilter { detectors: some("detoxify-hatebert".to_owned()), ..all() },
        expect!["toxic"],
    )
    .await;
    check(EventFilter { severity_min: Severity::Critical.into(), ..all() }, expect!["ssn"]).await;
    check(EventFilter { routes: some(Route::Fallback.into()), ..all() }, expect!["unsure unknown"])
        .await;
    check(
        EventFilter { dispositions: some(Disposition::Exposed.into()), ..all() },
        expect!["mail"],
    )
    .await;
    check(EventFilter { request_id: "r-1".to_owned(), ..all() }, expect!["unknown"]).await;
    check(
        EventFilter { labels: some("PII".to_owned()), routes: some(Route::Rule.into()), ..all() },
        expect!["mail name ssn"],
    )
    .await;
}

#[tokio::test]
async fn an_event_by_its_id_is_the_tenants_own() {
    let world = world().await;
    let all = world.query(a(), EventFilter::default()).await;
    let foreign = world.query(b(), EventFilter::default()).await;
    let event_ids =
        vec![all[2].event_id.clone(), foreign[0].event_id.clone(), Uuid::from_u128(1).to_string()];
    let filter = EventFilter { event_ids, ..Default::default() };
    assert_eq!(ids(&world.query(a(), filter).await), "unknown");
}

#[tokio::test]
async fn pages_show_every_event_once() {
    let world = world().await;
    let mut cursor = String::new();
    let mut pages = Vec::new();
    loop {
        let page = Some(Page { size: 4, cursor });
        let request = world.request(As::Admin(a()), QueryRequest { filter: None, page });
        let response = world.events().query(request).await.unwrap().into_inner();
        pages.push(ids(&response.events));
        cursor = response.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(pages, ["unsure toxic unknown mail", "name ssn"]);
}

#[tokio::test]
async fn events_of_one_moment_are_told_apart_by_their_ids() {
    let world = World::start().await;
    let moment = Some(timestamp(DAY));
    let findings =
        (0..5).map(|n| Finding { occurred_at: moment, ..finding(&n.to_string(), "US_SSN") });
    world.record(a(), findings.collect()).await.unwrap();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = Some(Page { size: 2, cursor });
        let request = world.request(As::Admin(a()), QueryRequest { filter: None, page });
        let response = world.events().query(request).await.unwrap().into_inner();
        seen.push(ids(&response.events));
        cursor = response.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.join(" "), "4 3 2 1 0");
}

async fn refused(request: QueryRequest, expected: Expect) {
    let world = World::start().await;
    let request = world.request(As::Admin(a()), request);
    expected.assert_eq(&show(&world.events().query(request).await.unwrap_err()));
}

#[tokio::test]
async fn a_cursor_of_something_else_is_refused() {
    let page = Some(Page { size: 1, cursor: "17".to_owned() });
    refused(QueryRequest { filter: None, page }, expect!["InvalidArgument INVALID_REQUEST [page.cursor]: page.cursor is invalid: not a cursor of this list"]).await;
}

#[tokio::test]
async fn a_filter_that_breaks_the_contract_is_refused() {
    let filter = EventFilter { event_ids: some("17".to_owned()), ..Default::default() };
    refused(QueryRequest { filter: Some(filter), page: None }, expect!["InvalidArgument INVALID_REQUEST [filter.event_ids[0]]: `filter.event_ids[0]` must be a UUID"]).await;
    let filter = EventFilter { severity_min: 17, ..Default::default() };
    refused(QueryRequest { filter: Some(filter), page: None }, expect!["InvalidArgument INVALID_REQUEST [filter.severity_min]: `filter.severity_min` must be a value of Severity"]).await;
}

#[tokio::test]
async fn a_detector_may_not_read() {
    let world = World::start().await;
    let request = world.request(As::Detector(a()), QueryRequest::default());
    let status = world.events().query(request).await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: `EventService.Query` needs the permission `events:read`"].assert_eq(&show(&status));
}

#[tokio::test]
async fn a_lost_database_is_unavailable() {
    let world = World::start().await;
    world.lose_database().await;
    let request = world.request(As::Admin(a()), QueryRequest::default());
    let status = world.events().query(request).await.unwrap_err();
    expect!["Unavailable UPSTREAM_UNAVAILABLE: the database cannot do this just now"]
        .assert_eq(&show(&status));
}
