//! Both feeds: whatever dies at whatever point, nothing is missed and nothing counted twice.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use analysis::{clients::Batch, rollup, store};
use proto::analysis::v1::{GetSummaryRequest, Granularity};
use runtime::{boot::Process, metrics::Metrics, task::Tasks};
use sqlx::{Connection as _, PgConnection};
use types::{Disposition, Route, Severity, TenantId};
use uuid::Uuid;

use crate::world::{As, START, World, a, app, b, config, detection, event, first, policy, report};

/// Every table of rollups, added up by width and tenant.
const SUMS: &str = "
    select string_agg(line, e'\\n' order by line) from (
        select format('events %s %s: %s', right(tenant_id::text, 1), width_s, sum(events)) as line
        from event_rollup group by tenant_id, width_s
        union all
        select format('checks %s %s: %s', right(tenant_id::text, 1), width_s, sum(checks))
        from check_rollup group by tenant_id, width_s
        union all
        select format('reports %s: %s', right(tenant_id::text, 1), count(*)) from span_report group by tenant_id
        union all
        select format('versions %s: %s', right(tenant_id::text, 1), sum(events)) from version_rollup group by tenant_id
        union all
        select format('progress %s %s: %s', right(tenant_id::text, 1), feed, items) from progress
    ) as sums";

async fn sums(db: &testkit::TestDb) -> String {
    let mut admin = PgConnection::connect(&db.admin_url).await.unwrap();
    sqlx::raw_sql("set search_path = analysis").execute(&mut admin).await.unwrap();
    let sums: Option<String> = sqlx::query_scalar(SUMS).fetch_one(&mut admin).await.unwrap();
    sums.unwrap_or_default()
}

/// 90 events of one tenant and 45 of another, 60 run reports, 40 detections.
fn push_everything(world: &World) {
    let n = |n: i64| u128::try_from(n).unwrap();
    world.feeds.push_events((0..90).map(|i| event(a(), n(i), "PII.Contact.Email", 7 * i)));
    world
        .feeds
        .push_events((0..45).map(|i| event(b(), 500 + n(i), "HARM.Violence.Threat", 13 * i)));
    world.feeds.push_runs([policy(a(), 0)]);
    world.feeds.push_runs((0..60).map(|i| report(a(), n(i), i, i + 1)));
    let states = [proto::orchestration::v1::CheckState::Clean];
    world.feeds.push_runs((0..40).map(|i| detection(b(), n(i), i, &states)));
}

async fn everything_taken_in(world: &World) {
    world.taken_in(a(), 90, 60).await;
    world.taken_in(b(), 45, 40).await;
}

const EVERYTHING: &str = "\
checks b 3600: 40
checks b 60: 40
checks b 86400: 40
events a 3600: 90
events a 60: 90
events a 86400: 90
events b 3600: 45
events b 60: 45
events b 86400: 45
progress a events: 90
progress a runs: 60
progress b events: 45
progress b runs: 40
reports a: 60
versions a: 90
versions b: 45";

#[tokio::test]
async fn everything_is_taken_in_once() {
    let world = World::start().await;
    push_everything(&world);
    everything_taken_in(&world).await;
    assert_eq!(sums(&world.db).await, EVERYTHING);
}

#[tokio::test]
async fn streams_that_break_after_every_batch_change_nothing() {
    let world = World::start().await;
    world.feeds.break_after(Some(1));
    push_everything(&world);
    let there = async {
        loop {
            let (a, b) = (world.progress(a()).await, world.progress(b()).await);
            if [a.events, a.runs, b.events, b.runs] == [90, 60, 45, 40] {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), there).await.unwrap();
    assert_eq!(sums(&world.db).await, EVERYTHING);
}

#[tokio::test]
async fn a_feed_that_comes_back_goes_on_where_it_was() {
    let world = World::start().await;
    world.feeds.push_events((0..30).map(|n| event(a(), n, "PII.Contact.Email", 1)));
    world.taken_in(a(), 30, 0).await;
    world.feeds.set_away(true);
    world.feeds.push_events((30..60).map(|n| event(a(), n, "PII.Contact.Email", 1)));
    world.feeds.set_away(false);
    world.taken_in(a(), 60, 0).await;
}

#[tokio::test]
async fn a_restart_goes_on_where_the_cursor_is() {
    let world = World::start().await;
    world.feeds.push_events((0..30).map(|n| event(a(), n, "PII.Contact.Email", 1)));
    world.taken_in(a(), 30, 0).await;
    let (db, feeds) = world.stop().await;
    feeds.push_events((30..60).map(|n| event(a(), n, "PII.Contact.Email", 1)));
    let world = World::start_on(db, feeds).await;
    world.taken_in(a(), 60, 0).await;
}

#[tokio::test]
async fn two_replicas_count_nothing_twice() {
    let one = World::start().await;
    let two = World::start_on(one.db.clone(), one.feeds.clone()).await;
    push_everything(&one);
    everything_taken_in(&two).await;
    assert_eq!(sums(&one.db).await, EVERYTHING);
}

/// A future that is dropped after it was polled so often.
struct Polled<F> {
    work: Pin<Box<F>>,
    left: u32,
}

impl<F: Future> Future for Polled<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.work.as_mut().poll(cx).map(Some)
    }
}

fn core_event(tenant: TenantId, n: u128) -> rollup::Event {
    let at = START + time::Duration::minutes(i64::try_from(n).unwrap());
    rollup::Event {
        id: Uuid::from_u128(n),
        tenant,
        detector: "presidio".to_owned(),
        label: "PII.Contact.Email".to_owned(),
        severity: Severity::Medium,
        route: Route::Rule,
        disposition: Disposition::Contained,
        confidence: 0.5.try_into().unwrap(),
        occurred_at: at,
        received_at: at,
        versions: rollup::Versions::default(),
        trace_parent: None,
    }
}

#[tokio::test]
async fn a_consumer_killed_at_any_point_leaves_the_sums_right() {
    let db = testkit::database("analysis", &analysis::MIGRATIONS).await;
    let config = config(&db, &testkit::feeds().await);
    let app = app(&config, &Process::detached(Metrics::new(10), Tasks::default())).await;

    // Each kill comes later than the last; a batch that survives is followed by the next one.
    let mut kills = 0;
    let mut applied: u128 = 0;
    let mut polls = 0;
    while applied < 12 {
        let cursor = store::feed::cursor(&db.pool, store::feed::Feed::Events).await.unwrap();
        applied = if cursor.is_empty() { 0 } else { cursor.parse().unwrap() };
        let items = [a(), b(), a()].into_iter().enumerate();
        let items =
            items.map(|(i, tenant)| core_event(tenant, 3 * applied + u128::try_from(i).unwrap()));
        let batch = Batch { items: items.collect(), cursor: (applied + 1).to_string() };
        let work = Box::pin(app.apply_events(&cursor, &batch));
        match (Polled { work, left: polls }).await {
            Some(result) => {
                result.unwrap();
                polls = 0;
            }
            None => {
                kills += 1;
                // A connection that was cut off before is polled often, so the steps grow.
                polls += 1 + polls / 8;
            }
        }
    }
    assert!(24 < kills, "only {kills} kills");
    let cursor = store::feed::cursor(&db.pool, store::feed::Feed::Events).await.unwrap();
    let batches: u64 = cursor.parse().unwrap();
    let sums = sums(&db).await;
    for (tenant, events) in [("a", 2 * batches), ("b", batches)] {
        for what in [
            format!("events {tenant} 60"),
            format!("versions {tenant}"),
            format!("progress {tenant} events"),
        ] {
            assert!(
                sums.contains(&format!("{what}: {events}\n"))
                    || sums.ends_with(&format!("{what}: {events}")),
                "{what} is not {events}:\n{sums}"
            );
        }
    }
}

#[tokio::test]
async fn a_late_event_amends_the_past() {
    let world = World::start().await;
    world.feeds.push_events([event(a(), 1, "PII.Contact.Email", 600)]);
    world.taken_in(a(), 1, 0).await;
    world.feeds.push_events([event(a(), 2, "PII.Contact.Email", 5)]);
    world.taken_in(a(), 2, 0).await;
    let request = GetSummaryRequest { period: first(1), granularity: Granularity::Hour.into() };
    let request = world.request(As::Analyst(a()), request);
    assert_eq!(world.insights().get_summary(request).await.unwrap().into_inner().events, 1);
}
