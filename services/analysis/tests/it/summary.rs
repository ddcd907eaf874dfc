//! `GetSummary`.

use expect_test::{Expect, expect};
use proto::analysis::v1::{GetSummaryRequest, Granularity};

use crate::world::{As, World, a, b, event, exposed, first, hours, line, show, timestamp};

async fn summary(world: &World, who: As, request: GetSummaryRequest) -> String {
    match world.insights().get_summary(world.request(who, request)).await {
        Ok(response) => {
            let it = response.into_inner();
            let series = it.series.iter().map(|point| {
                let hour = (point.start.unwrap().seconds - hours(0).unix_timestamp()) / 3600;
                format!("{hour}h {} {}", point.domain, point.events)
            });
            [
                format!("{} events", it.events),
                line(&it.domains),
                line(&it.labels),
                line(&it.severities),
                line(&it.routes),
                line(&it.detectors),
                line(&it.dispositions),
                series.collect::<Vec<_>>().join(", "),
            ]
            .join("\n")
        }
        Err(status) => show(&status),
    }
}

async fn world() -> World {
    let world = World::start().await;
    world.feeds.push_events([
        event(a(), 1, "PII.Contact.Email", 0),
        event(a(), 2, "PII.Contact.Email", 59),
        exposed(event(a(), 3, "PII.Contact.Phone", 60)),
        event(a(), 4, "JAILBREAK.Direct.RolePlay", 25 * 60),
        event(b(), 5, "HARM.Violence.Threat", 61),
    ]);
    world.taken_in(a(), 4, 0).await;
    world.taken_in(b(), 1, 0).await;
    world
}

async fn check(who: As, request: GetSummaryRequest, expected: Expect) {
    expected.assert_eq(&summary(&world().await, who, request).await);
}

fn hourly(until: i64) -> GetSummaryRequest {
    GetSummaryRequest { period: first(until), granularity: Granularity::Hour.into() }
}

#[tokio::test]
async fn everything_is_summed_up() {
    check(
        As::Analyst(a()),
        hourly(48),
        expect![[r#"
        4 events
        PII 3, JAILBREAK 1
        PII.Contact.Email 2, JAILBREAK.Direct.RolePlay 1, PII.Contact.Phone 1
        medium 4
        rule 4
        presidio 4
        contained 3, exposed 1
        0h PII 2, 1h PII 1, 25h JAILBREAK 1"#]],
    )
    .await;
}

#[tokio::test]
async fn an_open_period_is_all_there_is() {
    let request = GetSummaryRequest { period: None, granularity: Granularity::Day.into() };
    check(
        As::Analyst(a()),
        request,
        expect![[r#"
        4 events
        PII 3, JAILBREAK 1
        PII.Contact.Email 2, JAILBREAK.Direct.RolePlay 1, PII.Contact.Phone 1
        medium 4
        rule 4
        presidio 4
        contained 3, exposed 1
        0h PII 3, 24h JAILBREAK 1"#]],
    )
    .await;
}

#[tokio::test]
async fn a_period_is_exact_to_the_minute() {
    let mut request = hourly(48);
    let period = request.period.as_mut().unwrap();
    period.from = Some(timestamp(hours(0) + time::Duration::minutes(1)));
    period.to = Some(timestamp(hours(0) + time::Duration::minutes(60)));
    check(
        As::Analyst(a()),
        request,
        expect![[r#"
        1 events
        PII 1
        PII.Contact.Email 1
        medium 1
        rule 1
        presidio 1
        contained 1
        0h PII 1"#]],
    )
    .await;
}

#[tokio::test]
async fn another_tenant_sees_its_own_only() {
    check(
        As::Analyst(b()),
        hourly(48),
        expect![[r#"
        1 events
        HARM 1
        HARM.Violence.Threat 1
        medium 1
        rule 1
        presidio 1
        contained 1
        1h HARM 1"#]],
    )
    .await;
}

#[tokio::test]
async fn more_buckets_than_the_limit_are_refused() {
    let request = GetSummaryRequest { granularity: Granularity::Minute.into(), ..hourly(24 * 14) };
    check(As::Analyst(a()), request, expect!["InvalidArgument INVALID_REQUEST [granularity]: granularity makes 20160 entries, the limit is 10000"]).await;
}

#[tokio::test]
async fn a_period_that_ends_before_it_starts_is_refused() {
    let mut request = hourly(48);
    request.period.as_mut().unwrap().to = Some(timestamp(hours(-1)));
    check(
        As::Analyst(a()),
        request,
        expect![
            "InvalidArgument INVALID_REQUEST [period.from]: period.from must not be after period.to"
        ],
    )
    .await;
}

#[tokio::test]
async fn a_period_far_in_the_future_is_refused() {
    let mut request = hourly(48);
    request.period.as_mut().unwrap().to =
        Some(prost_types::Timestamp { seconds: 250_000_000_000, nanos: 0 });
    check(
        As::Analyst(a()),
        request,
        expect![
            "InvalidArgument INVALID_REQUEST [period.to]: period.to must be at most a day from now"
        ],
    )
    .await;
    let mut request = hourly(48);
    request.period.as_mut().unwrap().to =
        Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
    check(
        As::Analyst(a()),
        request,
        expect![
            "InvalidArgument INVALID_REQUEST [period.to]: period.to must be between 1970 and 9998"
        ],
    )
    .await;
}

#[tokio::test]
async fn a_detector_may_not_ask() {
    check(As::Detector(a()), hourly(48), expect!["PermissionDenied PERMISSION_DENIED: `InsightService.GetSummary` needs the permission `insights:read`"]).await;
}

#[tokio::test]
async fn nobody_may_ask() {
    check(
        As::Nobody,
        hourly(48),
        expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"],
    )
    .await;
}

#[tokio::test]
async fn without_the_database_there_is_no_answer() {
    let world = world().await;
    world.lose_database().await;
    let answer = summary(&world, As::Analyst(a()), hourly(48)).await;
    assert!(answer.starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{answer}");
    assert!(!answer.contains("postgres://"), "{answer}");
}
