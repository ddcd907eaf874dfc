use expect_test::{Expect, expect};
use proto::orchestration::v1::{CreateTenantRequest, GetPolicyRequest};

use crate::world::{World, bearer, show};

async fn check(world: &World, credential: &str, name: &str, expected: Expect) {
    let request = CreateTenantRequest { name: name.to_owned() };
    let actual = match world.tenancy().create_tenant(bearer(credential, request)).await {
        Ok(response) => format!("created {}", response.into_inner().tenant.unwrap().name),
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn an_operator_creates_tenants_each_name_once() {
    let world = World::start().await;
    let operator = &world.operator;
    check(&world, operator, "acme", expect!["created acme"]).await;
    check(
        &world,
        operator,
        "acme",
        expect!["AlreadyExists CONFLICT resource=tenant: there is a tenant of this name already"],
    )
    .await;
    check(&world, operator, "Not A Name", expect!["InvalidArgument INVALID_REQUEST field=name: `name` must match `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`"]).await;
}

#[tokio::test]
async fn a_tenant_creates_no_tenants() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, "other", expect!["PermissionDenied PERMISSION_DENIED: `TenancyService.CreateTenant` needs the permission `tenants:write`"]).await;
    check(
        &world,
        "lmk_nonsense",
        "other",
        expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"],
    )
    .await;
}

#[tokio::test]
async fn a_tenant_starts_with_a_policy_that_requires_the_built_in_detectors() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = GetPolicyRequest { name: "default".to_owned(), version: 0 };
    let policy = world.policies().get_policy(bearer(&acme.admin, request)).await.unwrap();
    let published = policy.into_inner().published.unwrap();
    let policy = published.policy.unwrap();
    let required = policy.detectors.iter().filter(|it| it.required);
    let required: Vec<_> = required.map(|it| it.detector.as_str()).collect();
    assert_eq!(required, ["builtin-pii", "builtin-secrets", "builtin-injection"]);
    assert_eq!(published.version, 1);
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    world.drop_table("policy").await;
    check(&world, &world.operator, "acme", expect!["Internal INTERNAL: internal error"]).await;
    assert_eq!(world.n_rows("tenant").await, 0);
}
