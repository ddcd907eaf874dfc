use expect_test::{Expect, expect};
use proto::orchestration::v1::{AuthenticateRequest, AuthenticateResponse, RevokeKeyRequest};

use crate::world::{World, bearer, show};

async fn check(world: &World, credential: &str, expected: Expect) {
    let request = AuthenticateRequest { credential: credential.to_owned() };
    let actual = match world.identity().authenticate(world.mesh(None, request)).await {
        Ok(response) => {
            let AuthenticateResponse { tenant_id, subject, roles } = response.into_inner();
            let has_tenant = !tenant_id.is_empty();
            format!("tenant {has_tenant} {} {roles:?}", &subject[..4])
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn a_key_tells_whose_it_is() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.detector, expect![[r#"tenant true key: ["detector"]"#]]).await;
    check(&world, &world.operator, expect![[r#"tenant false key: ["operator"]"#]]).await;
}

fn refused() -> Expect {
    expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"]
}

#[tokio::test]
async fn nobody_learns_what_is_wrong_with_a_credential() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let wrong_secret = format!("{}{}", &acme.admin[..acme.admin.len() - 4], "0000");
    let unknown = acme.admin.replacen(acme.admin.split('_').nth(1).unwrap(), &"0".repeat(32), 1);
    for credential in ["nonsense", &wrong_secret, &unknown] {
        check(&world, credential, refused()).await;
    }

    let key_id = acme.admin.split('_').nth(1).unwrap().to_owned();
    let request = RevokeKeyRequest { tenant_id: acme.id.to_string(), key_id };
    world.tenancy().revoke_key(bearer(&world.operator, request)).await.unwrap();
    check(&world, &acme.admin, refused()).await;
}

#[tokio::test]
async fn only_services_ask() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = AuthenticateRequest { credential: acme.admin.clone() };
    let status = world.identity().authenticate(bearer(&acme.admin, request)).await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: `IdentityService.Authenticate` needs the permission `identity:authenticate`"].assert_eq(&show(&status));
}

#[tokio::test]
async fn without_a_database_nobody_can_tell() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("api_key").await;
    check(&world, &acme.admin, expect!["Internal INTERNAL: internal error"]).await;
}
