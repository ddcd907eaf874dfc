use expect_test::expect;
use proto::{
    common::v1::Page,
    mapper::v1::{ListProposalsRequest, ListProposalsResponse},
};
use tonic::Status;
use types::TenantId;

use crate::world::{As, World, a, b, finding, show};

async fn list(
    world: &World,
    who: As,
    size: u32,
    cursor: &str,
) -> Result<ListProposalsResponse, Status> {
    let page = Some(Page { size, cursor: cursor.to_owned() });
    let request = world.request(who, ListProposalsRequest { page });
    Ok(world.review().list_proposals(request).await?.into_inner())
}

pub(crate) async fn total(world: &World, tenant: TenantId) -> u64 {
    list(world, As::Admin(tenant), 0, "").await.unwrap().total
}

fn lines(response: &ListProposalsResponse) -> String {
    let lines = response.proposals.iter().map(|it| {
        assert!(it.first_seen_at.is_some() && it.last_seen_at.is_some());
        format!("{} {} {}, ", it.detector, it.raw_label, it.events)
    });
    lines.collect::<String>() + &format!("{} in all", response.total)
}

#[tokio::test]
async fn words_nobody_knew_most_frequent_first() {
    let world = World::start().await;
    let words = ["seldom", "often", "often", "US_SSN", "often", "now and then", "now and then"];
    let findings = words.iter().enumerate().map(|(n, it)| finding(&n.to_string(), it));
    let findings: Vec<_> = findings.collect();
    world.record(a(), findings.clone()).await.unwrap();
    // Duplicates carry nothing new.
    world.record(a(), findings).await.unwrap();
    world.record(a(), vec![finding("again", "often")]).await.unwrap();
    world.record(b(), vec![finding("1", "foreign")]).await.unwrap();

    let first = list(&world, As::Admin(a()), 2, "").await.unwrap();
    expect!["presidio often 4, presidio now and then 2, 3 in all"].assert_eq(&lines(&first));
    let second = list(&world, As::Admin(a()), 2, &first.next_cursor).await.unwrap();
    expect!["presidio seldom 1, 3 in all"].assert_eq(&lines(&second));
    assert_eq!(second.next_cursor, "");
    let foreign = list(&world, As::Admin(b()), 2, "").await.unwrap();
    expect!["presidio foreign 1, 1 in all"].assert_eq(&lines(&foreign));
}

#[tokio::test]
async fn a_cursor_of_something_else_is_refused() {
    let world = World::start().await;
    let status = list(&world, As::Admin(a()), 2, "17").await.unwrap_err();
    expect!["InvalidArgument INVALID_REQUEST [page.cursor]: page.cursor is invalid: not a cursor of this list"].assert_eq(&show(&status));
}

#[tokio::test]
async fn a_detector_may_not_review() {
    let world = World::start().await;
    let status = list(&world, As::Detector(a()), 2, "").await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: `ReviewService.ListProposals` needs the permission `proposals:read`"].assert_eq(&show(&status));
}

#[tokio::test]
async fn a_lost_database_is_unavailable() {
    let world = World::start().await;
    world.lose_database().await;
    let status = list(&world, As::Admin(a()), 2, "").await.unwrap_err();
    expect!["Unavailable UPSTREAM_UNAVAILABLE: the database cannot do this just now"]
        .assert_eq(&show(&status));
}
