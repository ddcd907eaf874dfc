//! What `runtime::client` promises of every call.

use std::time::Duration;

use expect_test::{Expect, expect};
use proto::{
    mapper::v1::{MapRequest, mapping_service_client::MappingServiceClient},
    orchestration::v1::DetectRequest,
};
use tonic::Code;

use crate::world::{self, Act, Fake, as_admin, client_config, connect, example, show, start};

async fn check(acts: Vec<Act>, expected: Expect) {
    let fake = Fake::new(acts);
    let world = start(world::config(), &fake).await;
    let answer = show(world.mapping().map(example::<MapRequest>()).await);
    expected.assert_eq(&format!("{answer}calls: {}\n", fake.calls()));
}

#[tokio::test(start_paused = true)]
async fn unavailable_is_tried_again() {
    let down = Act::Fail(Code::Unavailable);
    check(
        vec![down.clone(), down, Act::Answer],
        expect![[r#"
        ok
        calls: 3
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn not_for_ever() {
    check(
        vec![Act::Fail(Code::Unavailable)],
        expect![[r#"
        Unavailable -: as told
        calls: 4
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_else_is_tried_again() {
    check(
        vec![Act::Fail(Code::Internal), Act::Answer],
        expect![[r#"
        Internal -: as told
        calls: 1
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_must_not_happen_twice_is_not_tried_again() {
    let fake = Fake::new(vec![Act::Fail(Code::Unavailable), Act::Answer]);
    let world = start(world::config(), &fake).await;
    let answer = show(world.detection().detect(as_admin(example::<DetectRequest>())).await);
    expect![[r#"
        Unavailable -: as told
        calls: 1
    "#]]
    .assert_eq(&format!("{answer}calls: {}\n", fake.calls()));
}

#[tokio::test(start_paused = true)]
async fn retries_end_with_their_budget() {
    let fake = Fake::new(vec![Act::Fail(Code::Unavailable)]);
    let world = start(world::config(), &fake).await;
    let config = runtime::client::Config { retry_share_max: 0.1, ..client_config(&world.url) };
    let (client, metrics) = connect(&config);
    let mut mapping = MappingServiceClient::new(client);
    for _ in 0..20 {
        mapping.map(example::<MapRequest>()).await.unwrap_err();
    }
    let text = metrics.render();
    let retries: Vec<&str> = text.lines().filter(|line| line.starts_with("upstream_re")).collect();
    expect![[r#"
        upstream_requests_total{code="Unavailable",method="/llamamapper.mapper.v1.MappingService/Map",upstream="fake"} 20
        upstream_retries_total{outcome="forbidden",upstream="fake"} 20
        upstream_retries_total{outcome="made",upstream="fake"} 2"#]].assert_eq(&retries.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn no_retry_past_the_callers_deadline() {
    let fake = Fake::new(vec![Act::Fail(Code::Unavailable)]);
    let world = start(world::config(), &fake).await;
    let config = runtime::client::Config { retry_pause_ms: 400, ..client_config(&world.url) };
    let mut mapping = MappingServiceClient::new(connect(&config).0);
    let budget = Duration::from_millis(500);
    let call = mapping.map(example::<MapRequest>());
    let answer = show(runtime::context::within(budget, call).await.unwrap());
    expect![[r#"
        Unavailable -: as told
        calls: 2
    "#]]
    .assert_eq(&format!("{answer}calls: {}\n", fake.calls()));
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_hangs_is_given_up() {
    check(
        vec![Act::Hang],
        expect![[r#"
        DeadlineExceeded REQUEST_TIMEOUT: fake did not answer in time (retry after 1s)
        calls: 1
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_is_not_there_is_said_so() {
    let (client, _) = connect(&client_config("http://127.0.0.1:1"));
    let answer = MappingServiceClient::new(client).map(example::<MapRequest>()).await;
    expect![[r#"
        Unavailable UPSTREAM_UNAVAILABLE: fake cannot be reached (retry after 1s)
    "#]]
    .assert_eq(&show(answer));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_the_callers_time_travels_with_the_call() {
    let fake = Fake::new(vec![Act::Answer]);
    let world = start(world::config(), &fake).await;
    let mut mapping = world.mapping();
    let call = mapping.map(example::<MapRequest>());
    runtime::context::within(Duration::from_millis(700), call).await.unwrap().unwrap();
    let remaining = fake.seen.lock().unwrap()[0].remaining.unwrap();
    assert!(remaining <= Duration::from_millis(700), "{remaining:?}");
    assert!(Duration::from_millis(600) < remaining, "{remaining:?}");
}

#[tokio::test]
async fn above_its_limit_the_bulkhead_refuses() {
    let fake = Fake::new(vec![Act::Answer]);
    let world = start(world::config(), &fake).await;
    let config = runtime::client::Config { in_flight_max: 0, ..client_config(&world.url) };
    let answer = MappingServiceClient::new(connect(&config).0).map(example::<MapRequest>()).await;
    expect![[r#"
        Unavailable UPSTREAM_UNAVAILABLE: too many calls of fake at once (retry after 100ms)
        calls: 0
    "#]]
    .assert_eq(&format!("{}calls: {}\n", show(answer), fake.calls()));
}
