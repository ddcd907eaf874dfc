use expect_test::expect;
use proto::orchestration::v1::{
    IngestBatchRequest, PublishPolicyRequest, TailRunsRequest, TailRunsResponse, run::Kind,
    run_feed_item::Item,
};
use tonic::Streaming;

use crate::world::{World, bearer, detect, policy, report, show};

async fn tail(world: &World, cursor: &str, follow: bool) -> Streaming<TailRunsResponse> {
    let request = TailRunsRequest { cursor: cursor.to_owned(), batch_max: 2, follow };
    world.runs().tail_runs(world.mesh(None, request)).await.unwrap().into_inner()
}

fn show_items(answer: TailRunsResponse, names: &[(String, &str)]) -> Vec<String> {
    let name = |id: &str| names.iter().find(|(known, _)| known == id).unwrap().1;
    let items = answer.items.into_iter().map(|it| match it.item.unwrap() {
        Item::Policy(it) => format!(
            "{} policy {}@{} default {}",
            name(&it.tenant_id),
            it.policy,
            it.version,
            it.is_default
        ),
        Item::Run(run) => match run.kind.unwrap() {
            Kind::Detection(it) => format!("{} detection by {}", name(&run.tenant_id), it.policy),
            Kind::Report(it) => format!("{} report {}", name(&run.tenant_id), it.run_id),
        },
    });
    items.collect()
}

#[tokio::test]
async fn everything_of_everybody_in_the_order_it_was_committed() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    world.detection().detect(bearer(&acme.admin, detect("hello"))).await.unwrap();
    let request = IngestBatchRequest { findings: Vec::new(), runs: vec![report("r")] };
    world.ingest().ingest_batch(bearer(&other.detector, request)).await.unwrap();
    let request = PublishPolicyRequest { policy: Some(policy("strict")) };
    world.policies().publish_policy(bearer(&acme.admin, request)).await.unwrap();

    let names = [(acme.id.to_string(), "acme"), (other.id.to_string(), "other")];
    // Each page by a new consumer that goes on from the cursor of the one before.
    let (mut shown, mut cursor) = (Vec::new(), String::new());
    while shown.len() < 5 {
        let page = tail(&world, &cursor, true).await.message().await.unwrap().unwrap();
        assert!(page.items.len() <= 2);
        cursor.clone_from(&page.cursor);
        shown.extend(show_items(page, &names));
    }
    expect![[r#"
        acme policy default@1 default true
        other policy default@1 default true
        acme detection by default@1
        other report r
        acme policy strict@1 default false"#]]
    .assert_eq(&shown.join("\n"));
}

#[tokio::test]
async fn a_follower_gets_what_comes_later() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let names = [(acme.id.to_string(), "acme")];
    let mut feed = tail(&world, "", true).await;
    let first = feed.message().await.unwrap().unwrap();
    assert_eq!(show_items(first, &names), ["acme policy default@1 default true"]);
    world.detection().detect(bearer(&acme.admin, detect("hello"))).await.unwrap();
    let next = feed.message().await.unwrap().unwrap();
    assert_eq!(show_items(next, &names), ["acme detection by default@1"]);
}

#[tokio::test]
async fn a_transaction_that_lasts_holds_back_what_came_after_it() {
    let world = World::start().await;
    world.tenant("acme").await;
    let first = tail(&world, "", true).await.message().await.unwrap().unwrap();
    let cursor = first.cursor;

    // A neighbour's transaction has its number before ours, and commits after it.
    let mut neighbour = world.db.owner.begin().await.unwrap();
    sqlx::raw_sql("select pg_current_xact_id()").execute(&mut *neighbour).await.unwrap();
    let other = world.tenant("other").await;
    assert!(tail(&world, &cursor, false).await.message().await.unwrap().is_none());
    neighbour.commit().await.unwrap();

    let page = tail(&world, &cursor, true).await.message().await.unwrap().unwrap();
    let names = [(other.id.to_string(), "other")];
    assert_eq!(show_items(page, &names), ["other policy default@1 default true"]);
}

#[tokio::test]
async fn the_feed_is_for_services_and_a_cursor_is_one() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = bearer(&acme.admin, TailRunsRequest::default());
    let status = world.runs().tail_runs(request).await.unwrap_err();
    expect![
        "PermissionDenied PERMISSION_DENIED: `RunService.TailRuns` needs the permission `runs:feed`"
    ]
    .assert_eq(&show(&status));
    let request = TailRunsRequest { cursor: "nonsense".to_owned(), ..TailRunsRequest::default() };
    let status = world.runs().tail_runs(world.mesh(None, request)).await.unwrap_err();
    expect!["InvalidArgument INVALID_REQUEST field=cursor: `cursor` is invalid: not a cursor of this feed"].assert_eq(&show(&status));
}

#[tokio::test]
async fn a_broken_database_ends_the_feed_with_an_error() {
    let world = World::start().await;
    world.tenant("acme").await;
    world.drop_table("policy").await;
    let status = tail(&world, "", true).await.message().await.unwrap_err();
    expect!["Internal INTERNAL: internal error"].assert_eq(&show(&status));
}
