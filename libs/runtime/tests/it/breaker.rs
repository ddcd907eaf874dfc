//! A breaker between a client and a neighbour that breaks and heals.

use std::time::Duration;

use expect_test::expect;
use proto::mapper::v1::{MapRequest, mapping_service_client::MappingServiceClient};
use runtime::{breaker, client};
use tonic::Code;

use crate::world::{self, Act, Fake, client_config, connect, example, show, start};

#[tokio::test(start_paused = true)]
async fn it_opens_spares_the_neighbour_and_closes_when_a_probe_succeeds() {
    let down = Act::Fail(Code::Internal);
    let fake = Fake::new(vec![down.clone(), down.clone(), down, Act::Answer]);
    let world = start(world::config(), &fake).await;
    let config = client_config(&world.url);
    let breaker = breaker::Config { calls_min: 2, ..config.breaker };
    let (client, metrics) = connect(&client::Config { breaker, ..config });
    let mut mapping = MappingServiceClient::new(client.clone());

    let mut story = String::new();
    for pause_ms in [0, 0, 0, 1000, 0, 1000, 0] {
        tokio::time::advance(Duration::from_millis(pause_ms)).await;
        let answer = show(mapping.map(example::<MapRequest>()).await);
        let state = client.breaker().state().name();
        story += &format!("+{pause_ms} ms, call {}, {state}: {answer}", fake.calls());
    }
    expect![[r#"
        +0 ms, call 1, closed: Internal -: as told
        +0 ms, call 2, open: Internal -: as told
        +0 ms, call 2, open: Unavailable UPSTREAM_UNAVAILABLE: fake is not called for now (retry after 1s)
        +1000 ms, call 3, open: Internal -: as told
        +0 ms, call 3, open: Unavailable UPSTREAM_UNAVAILABLE: fake is not called for now (retry after 1s)
        +1000 ms, call 4, closed: ok
        +0 ms, call 5, closed: ok
    "#]].assert_eq(&story);

    let text = metrics.render();
    let gauge: Vec<&str> =
        text.lines().filter(|line| line.starts_with("upstream_breaker_state")).collect();
    expect![[r#"
        upstream_breaker_state{state="closed",upstream="fake"} 1
        upstream_breaker_state{state="half_open",upstream="fake"} 0
        upstream_breaker_state{state="open",upstream="fake"} 0"#]]
    .assert_eq(&gauge.join("\n"));
}
