use expect_test::{Expect, expect};
use proto::orchestration::v1::IssueKeyRequest;
use uuid::Uuid;

use crate::world::{World, bearer, show};

async fn check(
    world: &World,
    credential: &str,
    (tenant, name, role): (String, &str, &str),
    expected: Expect,
) {
    let request =
        IssueKeyRequest { tenant_id: tenant, name: name.to_owned(), roles: vec![role.to_owned()] };
    let actual = match world.tenancy().issue_key(bearer(credential, request)).await {
        Ok(response) => {
            let response = response.into_inner();
            let key = response.key.unwrap();
            assert!(response.credential.starts_with(&format!("lmk_{}_", key.key_id)));
            format!("{} {:?}", key.name, key.roles)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn operators_issue_keys_for_anybody_and_admins_for_their_own() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    let operator = &world.operator;
    check(
        &world,
        operator,
        (acme.id.to_string(), "ci", "detector"),
        expect![[r#"ci ["detector"]"#]],
    )
    .await;
    check(
        &world,
        &acme.admin,
        (acme.id.to_string(), "ci-2", "analyst"),
        expect![[r#"ci-2 ["analyst"]"#]],
    )
    .await;
    check(
        &world,
        &acme.admin,
        (other.id.to_string(), "mine", "admin"),
        expect!["NotFound NOT_FOUND resource=tenant: there is no such tenant"],
    )
    .await;
    check(&world, &acme.analyst, (acme.id.to_string(), "mine", "admin"), expect!["PermissionDenied PERMISSION_DENIED: `TenancyService.IssueKey` needs the permission `keys:write`"]).await;
}

#[tokio::test]
async fn a_live_name_is_taken() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(
        &world,
        &world.operator,
        (acme.id.to_string(), "admin", "admin"),
        expect![
            "AlreadyExists CONFLICT resource=key: the tenant has a live key of this name already"
        ],
    )
    .await;
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let operator = &world.operator;
    check(&world, operator, (acme.id.to_string(), "ci", "operator"), expect!["InvalidArgument INVALID_REQUEST field=roles[0]: `roles[0]` must be one of `admin`, `analyst`, `detector`, `application`"]).await;
    check(
        &world,
        operator,
        ("acme".to_owned(), "ci", "admin"),
        expect!["InvalidArgument INVALID_REQUEST field=tenant_id: `tenant_id` must be a UUID"],
    )
    .await;
    check(
        &world,
        operator,
        (Uuid::max().to_string(), "ci", "admin"),
        expect!["NotFound NOT_FOUND resource=tenant: there is no such tenant"],
    )
    .await;
}

#[tokio::test]
async fn no_secret_is_stored() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let secret = acme.admin.rsplit('_').next().unwrap().to_owned();
    let stored: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe("select k::text from api_key k"))
            .fetch_all(&world.db.owner)
            .await
            .unwrap();
    assert_eq!(stored.len(), 3);
    assert!(stored.iter().all(|row| !row.contains(&secret)));
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("api_key").await;
    check(
        &world,
        &world.operator,
        (acme.id.to_string(), "ci", "admin"),
        expect!["Internal INTERNAL: internal error"],
    )
    .await;
}
