use expect_test::{Expect, expect};
use proto::orchestration::v1::{ListKeysRequest, RevokeKeyRequest};
use types::TenantId;

use crate::world::{World, bearer, show};

async fn check(
    world: &World,
    credential: &str,
    (tenant, key_id): (TenantId, &str),
    expected: Expect,
) {
    let request = RevokeKeyRequest { tenant_id: tenant.to_string(), key_id: key_id.to_owned() };
    let actual = match world.tenancy().revoke_key(bearer(credential, request)).await {
        Ok(response) => {
            let key = response.into_inner().key.unwrap();
            format!("{} revoked {}", key.name, key.revoked_at.is_some())
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

fn id(credential: &str) -> &str {
    credential.split('_').nth(1).unwrap()
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_any_more() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = ListKeysRequest { tenant_id: acme.id.to_string(), page: None };
    world.tenancy().list_keys(bearer(&acme.analyst, request.clone())).await.unwrap();

    check(&world, &acme.admin, (acme.id, id(&acme.analyst)), expect!["analyst revoked true"]).await;
    // Twice is once.
    check(&world, &acme.admin, (acme.id, id(&acme.analyst)), expect!["analyst revoked true"]).await;

    let status = world.tenancy().list_keys(bearer(&acme.analyst, request)).await.unwrap_err();
    expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"]
        .assert_eq(&show(&status));
}

#[tokio::test]
async fn another_tenants_key_is_not_there() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    check(
        &world,
        &acme.admin,
        (other.id, id(&other.admin)),
        expect!["NotFound NOT_FOUND resource=key: the tenant has no such key"],
    )
    .await;
    check(
        &world,
        &acme.admin,
        (acme.id, id(&other.admin)),
        expect!["NotFound NOT_FOUND resource=key: the tenant has no such key"],
    )
    .await;
    check(
        &world,
        &world.operator,
        (acme.id, "nonsense"),
        expect!["NotFound NOT_FOUND resource=key: the tenant has no such key"],
    )
    .await;
    check(&world, &acme.detector, (acme.id, id(&acme.admin)), expect!["PermissionDenied PERMISSION_DENIED: `TenancyService.RevokeKey` needs the permission `keys:write`"]).await;
}
