use expect_test::{Expect, expect};
use proto::{common::v1::Page, orchestration::v1::ListTenantsRequest};
use tonic::Request;

use crate::world::{World, bearer, show};

/// Names of the tenants, page by page.
async fn check(
    world: &World,
    request: impl Fn(ListTenantsRequest) -> Request<ListTenantsRequest>,
    expected: Expect,
) {
    let mut shown = String::new();
    let mut cursor = String::new();
    loop {
        let page = Some(Page { size: 2, cursor });
        let answer = match world.tenancy().list_tenants(request(ListTenantsRequest { page })).await
        {
            Ok(answer) => answer.into_inner(),
            Err(status) => return expected.assert_eq(&show(&status)),
        };
        let names: Vec<_> = answer.tenants.into_iter().map(|tenant| tenant.name).collect();
        shown.push_str(&format!("{}\n", names.join(" ")));
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            return expected.assert_eq(&shown);
        }
    }
}

#[tokio::test]
async fn operators_and_services_see_all_by_name() {
    let world = World::start().await;
    for name in ["carol", "alice", "bob"] {
        world.tenant(name).await;
    }
    check(
        &world,
        |it| bearer(&world.operator, it),
        expect![[r#"
        alice bob
        carol
    "#]],
    )
    .await;
    check(
        &world,
        |it| world.mesh(None, it),
        expect![[r#"
        alice bob
        carol
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_tenant_sees_itself_only() {
    let world = World::start().await;
    world.tenant("alice").await;
    let bob = world.tenant("bob").await;
    check(
        &world,
        |it| bearer(&bob.admin, it),
        expect![[r#"
        bob
    "#]],
    )
    .await;
    check(&world, |it| bearer(&bob.detector, it), expect!["PermissionDenied PERMISSION_DENIED: `TenancyService.ListTenants` needs the permission `tenants:read`"]).await;
    check(
        &world,
        |it| world.mesh(Some(bob.id), it),
        expect![[r#"
        bob
    "#]],
    )
    .await;
}
