//! What `runtime::server` promises of every service.

use std::{sync::Arc, time::Duration};

use expect_test::{Expect, expect};
use proto::{
    mapper::v1::{MapRequest, mapping_service_client::MappingServiceClient},
    orchestration::v1::{TailRunsRequest, run_service_client::RunServiceClient},
};
use runtime::server::Config;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};
use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::world::{self, Act, Fake, example, show, start};

async fn check(config: Config, acts: Vec<Act>, n_calls: usize, expected: Expect) {
    let fake = Fake::new(acts);
    let world = start(config, &fake).await;
    let mut client = world.mapping();
    let mut answers = String::new();
    for _ in 0..n_calls {
        answers += &show(client.map(example::<MapRequest>()).await);
    }
    expected.assert_eq(&answers);
}

#[tokio::test]
async fn a_panic_is_one_failed_request_and_says_nothing() {
    check(
        world::config(),
        vec![Act::Panic, Act::Answer],
        2,
        expect![[r#"
            Internal INTERNAL: internal error
            ok
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_request_out_of_time_says_so_and_frees_its_place() {
    let config = Config { timeout_ms: 200, in_flight_max: 1, ..world::config() };
    check(
        config,
        vec![Act::Hang, Act::Answer],
        2,
        expect![[r#"
        DeadlineExceeded REQUEST_TIMEOUT: out of time (retry after 1s)
        ok
    "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_callers_deadline_counts_when_it_is_sooner() {
    let fake = Fake::new(vec![Act::Hang]);
    let world = start(world::config(), &fake).await;
    let mut request = tonic::Request::new(example::<MapRequest>());
    request.set_timeout(Duration::from_millis(300));

    let started = tokio::time::Instant::now();
    let answer = show(world.mapping().map(request).await);
    let waited = started.elapsed();

    expect![[r#"
        DeadlineExceeded REQUEST_TIMEOUT: fake did not answer in time (retry after 1s)
    "#]]
    .assert_eq(&answer);
    assert!(waited < Duration::from_millis(400), "{waited:?}");
    let told = fake.seen.lock().unwrap()[0].remaining.unwrap();
    assert!(told <= Duration::from_millis(300), "{told:?}");
}

#[tokio::test]
async fn above_the_limit_requests_are_refused_not_queued() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Wait { here: here.clone(), go: go.clone() }, Act::Answer]);
    let config = Config { in_flight_max: 1, ..world::config() };
    let world = start(config, &fake).await;
    let (mut one, mut two) = (world.mapping(), world.mapping());

    let first = async { show(one.map(example::<MapRequest>()).await) };
    let second = async {
        here.notified().await;
        // The client's retries would find the place free again.
        let refused = show(two.map(example::<MapRequest>()).await);
        go.notify_one();
        refused
    };
    let (first, second) = tokio::join!(first, second);
    let third = show(two.map(example::<MapRequest>()).await);
    expect![[r#"
        ok
        ResourceExhausted RATE_LIMITED: too many requests at once (retry after 100ms)
        ok
    "#]]
    .assert_eq(&(first + &second + &third));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_asks_too_often_is_told_when_to_come_back() {
    let fake = Fake::new(vec![Act::Answer]);
    let config = Config { rate_per_second: 1, rate_burst: 2, ..world::config() };
    let world = start(config, &fake).await;
    let mut client = world.mapping();
    let mut answers = String::new();
    for _ in 0..3 {
        let request =
            runtime::client::request(world::TENANT.parse().unwrap(), example::<MapRequest>());
        answers += &show(client.map(request).await);
    }
    // Another caller's requests are not counted against the tenant.
    answers += &show(client.map(example::<MapRequest>()).await);
    expect![[r#"
        ok
        ok
        ResourceExhausted RATE_LIMITED: this tenant asks too often (retry after 1s)
        ok
    "#]]
    .assert_eq(&answers);
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_the_limit_of_unary_requests() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wait = Act::Wait { here: here.clone(), go: go.clone() };
    let fake = Fake::new(vec![Act::Answer, wait, Act::Fail(Code::NotFound)]);
    let config = Config { timeout_ms: 200, ..world::config() };
    let world = start(config, &fake).await;

    let mut runs = world.runs().tail_runs(example::<TailRunsRequest>()).await.unwrap().into_inner();
    let mut answers = show(runs.next().await.unwrap());
    let wait = async {
        here.notified().await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        go.notify_one();
    };
    let (message, ()) = tokio::join!(runs.next(), wait);
    answers += &show(message.unwrap());
    answers += &show(runs.next().await.unwrap());
    expect![[r#"
        ok
        ok
        NotFound -: as told
    "#]]
    .assert_eq(&answers);
}

#[tokio::test]
async fn a_panic_in_a_stream_is_one_failed_stream() {
    let fake = Fake::new(vec![Act::Panic, Act::Answer]);
    let world = start(world::config(), &fake).await;
    let client = world.client();
    let mut mapping = MappingServiceClient::new(client.clone());

    let runs = RunServiceClient::new(client).tail_runs(example::<TailRunsRequest>()).await;
    let mut answers = show(runs.unwrap().into_inner().next().await.unwrap());
    // On the same connection.
    answers += &show(mapping.map(example::<MapRequest>()).await);
    expect![[r#"
        Internal INTERNAL: internal error
        ok
    "#]]
    .assert_eq(&answers);
}

#[tokio::test]
async fn a_caller_on_http_1_is_refused_in_its_own_tongue() {
    let fake = Fake::new(vec![Act::Answer]);
    let config = Config { in_flight_max: 0, ..world::config() };
    let world = start(config, &fake).await;
    let address = world.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "GET /v1/runs/x HTTP/1.1\r\nhost: mesh\r\nx-request-id: of-a-test\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let kept: Vec<&str> = response.lines().filter(|line| !line.starts_with("date")).collect();
    expect![[r#"
        HTTP/1.1 429 Too Many Requests
        content-type: application/json
        retry-after: 1
        x-request-id: of-a-test
        connection: close
        content-length: 271

        {"code":8,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.1s"},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"llamamapper","metadata":{"request_id":"of-a-test"},"reason":"RATE_LIMITED"}],"message":"too many requests at once"}"#]].assert_eq(&kept.join("\n"));
}
