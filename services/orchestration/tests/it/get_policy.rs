use expect_test::{Expect, expect};
use proto::orchestration::v1::GetPolicyRequest;

use crate::world::{World, bearer, show};

async fn check(world: &World, credential: &str, (name, version): (&str, u32), expected: Expect) {
    let request = GetPolicyRequest { name: name.to_owned(), version };
    let actual = match world.policies().get_policy(bearer(credential, request)).await {
        Ok(response) => {
            let published = response.into_inner().published.unwrap();
            format!("{}@{}", published.policy.unwrap().name, published.version)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn a_policy_by_name_and_version() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.analyst, ("default", 0), expect!["default@1"]).await;
    check(&world, &acme.analyst, ("default", 1), expect!["default@1"]).await;
    check(
        &world,
        &acme.analyst,
        ("default", 2),
        expect!["NotFound POLICY_NOT_FOUND resource=default: the tenant has no such policy"],
    )
    .await;
    check(
        &world,
        &acme.analyst,
        ("nonsense", 0),
        expect!["NotFound POLICY_NOT_FOUND resource=nonsense: the tenant has no such policy"],
    )
    .await;
    check(&world, &acme.analyst, ("", 0), expect!["InvalidArgument INVALID_REQUEST field=name limit=1 size=0: `name` must have at least 1 character, got 0"]).await;
    check(&world, &acme.detector, ("default", 0), expect!["PermissionDenied PERMISSION_DENIED: `PolicyService.GetPolicy` needs the permission `policies:read`"]).await;
}

#[tokio::test]
async fn a_service_reads_the_policy_of_the_tenant_it_acts_for() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = GetPolicyRequest { name: "default".to_owned(), version: 0 };
    world.policies().get_policy(world.mesh(Some(acme.id), request.clone())).await.unwrap();
    let status = world.policies().get_policy(world.mesh(None, request)).await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: this call needs a credential of a tenant"]
        .assert_eq(&show(&status));
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("policy").await;
    check(&world, &acme.admin, ("default", 1), expect!["Internal INTERNAL: internal error"]).await;
}
