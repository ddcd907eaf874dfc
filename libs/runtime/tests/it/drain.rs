//! How a service stops.

use std::sync::Arc;

use expect_test::expect;
use proto::mapper::v1::MapRequest;
use tokio::sync::Notify;
use tokio_stream::StreamExt as _;

use crate::world::{self, Act, Fake, example, show, start};

#[tokio::test]
async fn what_is_in_flight_is_finished_and_nothing_new_is_taken() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Wait { here: here.clone(), go: go.clone() }, Act::Answer]);
    let world = start(world::config(), &fake).await;
    let (mut early, mut late) = (world.mapping(), world.mapping());

    let in_flight = async { show(early.map(example::<MapRequest>()).await) };
    let stopping = async {
        here.notified().await;
        world.process.tasks.stop();
        // The connection is refused once the listener is gone.
        while tokio::net::TcpStream::connect(world.url.strip_prefix("http://").unwrap())
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
        let refused = show(late.map(example::<MapRequest>()).await);
        go.notify_one();
        refused
    };
    let (in_flight, refused) = tokio::join!(in_flight, stopping);
    expect![[r#"
        ok
        Unavailable UPSTREAM_UNAVAILABLE: fake cannot be reached (retry after 1s)
    "#]]
    .assert_eq(&(in_flight + &refused));
    world.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_is_told_to_come_back_elsewhere() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Answer, Act::Wait { here: here.clone(), go }]);
    let world = start(world::config(), &fake).await;
    let mut client = world.runs();
    let mut runs = client
        .tail_runs(example::<proto::orchestration::v1::TailRunsRequest>())
        .await
        .unwrap()
        .into_inner();
    let mut answers = show(runs.next().await.unwrap());
    let stop = async {
        here.notified().await;
        world.process.tasks.stop();
    };
    let (message, ()) = tokio::join!(runs.next(), stop);
    answers += &show(message.unwrap());
    expect![[r#"
        ok
        Unavailable UPSTREAM_UNAVAILABLE: the service is stopping (retry after 1s)
    "#]]
    .assert_eq(&answers);
    world.served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_finish_in_the_grace_period_is_cut() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Wait { here: here.clone(), go }]);
    let config = runtime::server::Config { grace_ms: 100, ..world::config() };
    let world = start(config, &fake).await;
    let mut client = world.detection();
    let request = world::as_admin(example::<proto::orchestration::v1::DetectRequest>());
    let stop = async {
        here.notified().await;
        world.process.tasks.stop();
    };
    let (answer, ()) = tokio::join!(client.detect(request), stop);
    expect![[r#"
        Unavailable UPSTREAM_UNAVAILABLE: fake cannot be reached (retry after 1s)
    "#]]
    .assert_eq(&show(answer));
    world.served.await.unwrap().unwrap();
}
