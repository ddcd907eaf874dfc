use expect_test::{Expect, expect};
use proto::{
    common::v1::Page,
    orchestration::v1::{ListPoliciesRequest, PublishPolicyRequest},
};

use crate::world::{World, bearer, policy, show};

/// Names and versions, page by page.
async fn check(world: &World, credential: &str, expected: Expect) {
    let mut shown = String::new();
    let mut cursor = String::new();
    loop {
        let request = ListPoliciesRequest { page: Some(Page { size: 2, cursor }) };
        let answer = match world.policies().list_policies(bearer(credential, request)).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => return expected.assert_eq(&show(&status)),
        };
        for published in answer.policies {
            shown += &format!("{}@{} ", published.policy.unwrap().name, published.version);
        }
        shown.push('\n');
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            return expected.assert_eq(&shown);
        }
    }
}

#[tokio::test]
async fn the_versions_in_force_by_name() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    for name in ["a", "b", "a", "z"] {
        let request = PublishPolicyRequest { policy: Some(policy(name)) };
        world.policies().publish_policy(bearer(&acme.admin, request)).await.unwrap();
    }
    check(
        &world,
        &acme.analyst,
        expect![[r#"
        a@2 b@1 
        default@1 z@1 
    "#]],
    )
    .await;
    let other = world.tenant("other").await;
    check(
        &world,
        &other.analyst,
        expect![[r#"
        default@1 
    "#]],
    )
    .await;
    check(&world, &other.detector, expect!["PermissionDenied PERMISSION_DENIED: `PolicyService.ListPolicies` needs the permission `policies:read`"]).await;
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("policy").await;
    check(&world, &acme.admin, expect!["Internal INTERNAL: internal error"]).await;
}
