//! `GetProgress`.

use proto::analysis::v1::GetProgressRequest;

use crate::world::{As, World, a, b, detection, event, policy, show};

#[tokio::test]
async fn it_tells_what_of_the_tenant_is_in_the_rollups() {
    let world = World::start().await;
    world.feeds.push_events([
        event(a(), 1, "PII.Contact.Email", 0),
        event(a(), 2, "PII.Contact.Email", 1),
    ]);
    world.feeds.push_runs([policy(a(), 0), detection(a(), 1, 0, &[])]);
    world.taken_in(a(), 2, 1).await;
    let progress = world.progress(a()).await;
    assert!(progress.caught_up);
    // The event says that it was received weeks ago.
    assert!(86_400.0 < progress.lag_s, "{progress:?}");
}

#[tokio::test]
async fn another_tenant_has_its_own() {
    let world = World::start().await;
    world.feeds.push_events([event(a(), 1, "PII.Contact.Email", 0)]);
    world.taken_in(a(), 1, 0).await;
    let progress = world.progress(b()).await;
    assert_eq!((progress.events, progress.runs), (0, 0));
}

#[tokio::test]
async fn nobody_has_caught_up_with_a_feed_that_is_away() {
    let world = World::start().await;
    world.taken_in(a(), 0, 0).await;
    world.feeds.set_away(true);
    let behind = async { while world.progress(a()).await.caught_up {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), behind).await.unwrap();
    world.feeds.set_away(false);
    world.feeds.push_events([event(a(), 1, "PII.Contact.Email", 0)]);
    world.taken_in(a(), 1, 0).await;
}

#[tokio::test]
async fn a_detector_may_not_ask() {
    let world = World::start().await;
    let request = world.request(As::Detector(a()), GetProgressRequest {});
    let status = world.insights().get_progress(request).await.unwrap_err();
    assert!(show(&status).starts_with("PermissionDenied PERMISSION_DENIED"));
}

#[tokio::test]
async fn without_the_database_there_is_no_answer() {
    let world = World::start().await;
    world.lose_database().await;
    let request = world.request(As::Analyst(a()), GetProgressRequest {});
    let status = world.insights().get_progress(request).await.unwrap_err();
    assert!(show(&status).starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{}", show(&status));
}
