use expect_test::{Expect, expect};
use proto::{
    common::v1::Page,
    orchestration::v1::{ListKeysRequest, RevokeKeyRequest},
};
use types::TenantId;

use crate::world::{World, bearer, show};

/// Names of the keys, page by page, with a mark on the revoked ones.
async fn check(
    world: &World,
    credential: &str,
    (tenant, cursor): (TenantId, &str),
    expected: Expect,
) {
    let mut shown = String::new();
    let mut cursor = cursor.to_owned();
    loop {
        let page = Some(Page { size: 2, cursor });
        let request = ListKeysRequest { tenant_id: tenant.to_string(), page };
        let answer = match world.tenancy().list_keys(bearer(credential, request)).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => return expected.assert_eq(&show(&status)),
        };
        for key in answer.keys {
            let revoked = if key.revoked_at.is_some() { " (revoked)" } else { "" };
            shown.push_str(&format!("{}{revoked}\n", key.name));
        }
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            return expected.assert_eq(&shown);
        }
    }
}

#[tokio::test]
async fn all_keys_by_name_revoked_ones_too() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let key_id = acme.analyst.split('_').nth(1).unwrap().to_owned();
    let request = RevokeKeyRequest { tenant_id: acme.id.to_string(), key_id };
    world.tenancy().revoke_key(bearer(&world.operator, request)).await.unwrap();
    check(
        &world,
        &acme.admin,
        (acme.id, ""),
        expect![[r#"
        admin
        analyst (revoked)
        detector
    "#]],
    )
    .await;
}

#[tokio::test]
async fn another_tenants_keys_are_not_there() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    check(
        &world,
        &acme.admin,
        (other.id, ""),
        expect!["NotFound NOT_FOUND resource=tenant: there is no such tenant"],
    )
    .await;
    check(&world, &acme.detector, (acme.id, ""), expect!["PermissionDenied PERMISSION_DENIED: `TenancyService.ListKeys` needs the permission `keys:read`"]).await;
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, (acme.id, "nonsense"), expect!["InvalidArgument INVALID_REQUEST field=page.cursor: `page.cursor` must be a `next_cursor` of this list"]).await;
}
