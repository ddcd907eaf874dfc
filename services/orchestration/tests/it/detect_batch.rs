use expect_test::{Expect, expect};
use proto::orchestration::v1::{
    DetectBatchRequest, DetectRequest, detect_batch_result::Result as Item,
};

use crate::world::{World, bearer, detect, show};

async fn check(world: &World, credential: &str, requests: Vec<DetectRequest>, expected: Expect) {
    let request = DetectBatchRequest { requests };
    let actual = match world.detection().detect_batch(bearer(credential, request)).await {
        Ok(response) => {
            let results =
                response.into_inner().results.into_iter().map(|it| match it.result.unwrap() {
                    Item::Response(it) => format!("{}\n", it.verdict.unwrap().reason),
                    Item::Error(it) => format!("{}: {}\n", it.code().as_str_name(), it.message),
                });
            results.collect()
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn each_has_its_own_answer_in_order() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.be_patient(&acme).await;
    let unknown = DetectRequest { policy: "nobody-published-it".to_owned(), ..detect("hello") };
    let requests = vec![detect("hello"), unknown, detect("jane@example.org")];
    check(
        &world,
        &acme.admin,
        requests,
        expect![[r#"
        no rule of the policy asks for anything
        ERROR_CODE_POLICY_NOT_FOUND: the tenant has no such policy
        label PII.Contact.Email asks to flag
    "#]],
    )
    .await;
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, Vec::new(), expect!["InvalidArgument INVALID_REQUEST field=requests limit=1 size=0: `requests` must have at least 1 items, got 0"]).await;
    check(&world, &acme.admin, vec![detect("hello"); 101], expect!["InvalidArgument INVALID_REQUEST field=requests limit=100 size=101: `requests` must have at most 100 items, got 101"]).await;
    check(&world, &acme.analyst, vec![detect("hello")], expect!["PermissionDenied PERMISSION_DENIED: `DetectionService.DetectBatch` needs the permission `content:detect`"]).await;
}

#[tokio::test]
async fn a_broken_database_is_each_ones_error() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("detection_check").await;
    check(
        &world,
        &acme.admin,
        vec![detect("hello")],
        expect![[r#"
        ERROR_CODE_INTERNAL: internal error
    "#]],
    )
    .await;
}
