use expect_test::{Expect, expect};
use proto::orchestration::v1::{
    Action, ActionRule, CoverageMethod, GetPolicyRequest, Policy, PolicyDetector,
    PublishPolicyRequest,
};

use crate::world::{World, bearer, policy, show};

async fn check(world: &World, credential: &str, policy: Policy, expected: Expect) {
    let request = PublishPolicyRequest { policy: Some(policy) };
    let actual = match world.policies().publish_policy(bearer(credential, request)).await {
        Ok(response) => {
            let published = response.into_inner().published.unwrap();
            format!("{}@{}", published.policy.unwrap().name, published.version)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn each_publication_is_a_version_in_force() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, policy("strict"), expect!["strict@1"]).await;
    let second = Policy { partial_coverage_threshold: Some(0.5), ..policy("strict") };
    check(&world, &acme.admin, second, expect!["strict@2"]).await;

    let threshold = async |version| {
        let request = GetPolicyRequest { name: "strict".to_owned(), version };
        let answer = world.policies().get_policy(bearer(&acme.admin, request)).await.unwrap();
        answer.into_inner().published.unwrap().policy.unwrap().partial_coverage_threshold
    };
    assert_eq!(
        [threshold(1).await, threshold(2).await, threshold(0).await],
        [Some(0.8), Some(0.5), Some(0.5)]
    );
}

#[tokio::test]
async fn a_policy_that_contradicts_itself_changes_nothing() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let weighted = Policy { coverage_method: CoverageMethod::Weighted.into(), ..policy("p") };
    check(&world, &acme.admin, weighted, expect!["InvalidArgument INVALID_REQUEST field=policy.detectors[0].weight: `detectors[0].weight` makes the weights sum to 0, and they must sum to 1"]).await;
    let rule = ActionRule {
        label: "PII.Nonsense".to_owned(),
        action: Action::Block.into(),
        ..ActionRule::default()
    };
    let unknown = Policy { actions: vec![rule], ..policy("p") };
    check(&world, &acme.admin, unknown, expect!["InvalidArgument INVALID_REQUEST field=policy.actions[0].label: `actions[0].label` is neither a label nor a label group of the taxonomy"]).await;
    let facts = Policy { facts: vec!["nonsense".to_owned()], ..policy("p") };
    check(&world, &acme.admin, facts, expect!["InvalidArgument INVALID_REQUEST field=policy.facts[0]: `facts[0]` is not in the list of facts"]).await;
    let none = Policy { detectors: Vec::new(), ..policy("p") };
    check(&world, &acme.admin, none, expect!["InvalidArgument INVALID_REQUEST field=policy.detectors limit=1 size=0: `policy.detectors` must have at least 1 items, got 0"]).await;
    let heavy = PolicyDetector { weight: 2.0, ..policy("p").detectors[0].clone() };
    check(&world, &acme.admin, Policy { detectors: vec![heavy], ..policy("p") }, expect!["InvalidArgument INVALID_REQUEST field=policy.detectors[0].weight limit=1 size=2: `policy.detectors[0].weight` must be at most 1, got 2"]).await;
    assert_eq!(world.n_rows("policy where name = 'p'").await, 0);
}

#[tokio::test]
async fn only_admins_publish_and_only_for_their_tenant() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    check(&world, &acme.analyst, policy("p"), expect!["PermissionDenied PERMISSION_DENIED: `PolicyService.PublishPolicy` needs the permission `policies:write`"]).await;
    check(&world, &world.operator, policy("p"), expect!["PermissionDenied PERMISSION_DENIED: `PolicyService.PublishPolicy` needs the permission `policies:write`"]).await;
    check(&world, &acme.admin, policy("p"), expect!["p@1"]).await;
    let request = GetPolicyRequest { name: "p".to_owned(), version: 0 };
    let status = world.policies().get_policy(bearer(&other.admin, request)).await.unwrap_err();
    expect!["NotFound POLICY_NOT_FOUND resource=p: the tenant has no such policy"]
        .assert_eq(&show(&status));
}

#[tokio::test]
async fn the_same_key_publishes_once() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let publish = async |name: &str| {
        let request = PublishPolicyRequest { policy: Some(policy(name)) };
        let mut request = bearer(&acme.admin, request);
        request.metadata_mut().insert("idempotency-key", "once".parse().unwrap());
        match world.policies().publish_policy(request).await {
            Ok(response) => response.into_inner().published.unwrap().version.to_string(),
            Err(status) => show(&status),
        }
    };
    assert_eq!([publish("p").await, publish("p").await], ["1", "1"]);
    expect!["AlreadyExists CONFLICT field=idempotency-key: the idempotency key was used for another request"].assert_eq(&publish("q").await);
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("policy").await;
    check(&world, &acme.admin, policy("p"), expect!["Internal INTERNAL: internal error"]).await;
}
