use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proto::orchestration::v1::{
    Action, DetectRequest, DetectResponse, Direction, MappingState, Policy, PolicyDetector,
    PublishPolicyRequest,
};
use testkit::Mode;

use crate::world::{Acquaintance, World, bearer, detect, policy, show};

async fn run(world: &World, who: &Acquaintance, request: DetectRequest) -> DetectResponse {
    world.detection().detect(bearer(&who.admin, request)).await.unwrap().into_inner()
}

async fn check(world: &World, who: &Acquaintance, request: DetectRequest, expected: Expect) {
    let actual = match world.detection().detect(bearer(&who.admin, request)).await {
        Ok(response) => show_detected(&response.into_inner()),
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

fn show_detected(detected: &DetectResponse) -> String {
    let mut shown = String::new();
    let (verdict, coverage) =
        (detected.verdict.as_ref().unwrap(), detected.coverage.as_ref().unwrap());
    let (action, line) = (verdict.action().as_str_name(), &verdict.policy_line);
    writeln!(shown, "{} {action} [{line}] {}", detected.status().as_str_name(), verdict.reason)
        .unwrap();
    let mapping = detected.mapping().as_str_name();
    writeln!(
        shown,
        "coverage {:.2} {:?} {mapping} fallback {}",
        coverage.achieved, coverage.missing, detected.fallback_used
    )
    .unwrap();
    for check in &detected.checks {
        writeln!(
            shown,
            "check {} {}/{} {}",
            check.detector,
            check.part,
            check.chunk,
            check.state().as_str_name()
        )
        .unwrap();
    }
    for found in &detected.findings {
        let finding = found.finding.as_ref().unwrap();
        let span = finding.span.map(|it| (it.start, it.end));
        let disposition = finding.disposition().as_str_name();
        writeln!(
            shown,
            "finding {} {span:?} as `{}` {disposition}",
            finding.raw_label, found.label
        )
        .unwrap();
    }
    for label in &detected.labels {
        let (contributors, action) = (&label.contributors, label.action().as_str_name());
        writeln!(
            shown,
            "label {} by {contributors:?} {action} [{}]",
            label.label, label.policy_line
        )
        .unwrap();
    }
    shown
}

async fn publish(world: &World, who: &Acquaintance, policy: Policy) {
    let request = PublishPolicyRequest { policy: Some(policy) };
    world.policies().publish_policy(bearer(&who.admin, request)).await.unwrap();
}

#[tokio::test]
async fn clean_content_is_allowed_and_every_detector_looked() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.be_patient(&acme).await;
    check(
        &world,
        &acme,
        detect("What is the capital of Norway?"),
        expect![[r#"
        DETECTION_STATUS_COMPLETE ACTION_ALLOW [] no rule of the policy asks for anything
        coverage 1.00 [] MAPPING_STATE_MAPPED fallback false
        check builtin-pii 0/0 CHECK_STATE_CLEAN
        check builtin-secrets 0/0 CHECK_STATE_CLEAN
        check builtin-injection 0/0 CHECK_STATE_CLEAN
    "#]],
    )
    .await;
    assert_eq!(world.n_rows("detection").await, 1);
    assert_eq!(world.n_rows("delivery").await, 0);
}

#[tokio::test]
async fn what_is_found_is_mapped_decided_stored_and_delivered() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.be_patient(&acme).await;
    let request = DetectRequest {
        direction: Direction::Output.into(),
        resource: "conversation-7".to_owned(),
        ..detect("Please write to jane@example.org today.")
    };
    let detected = run(&world, &acme, request).await;
    expect![[r#"
        DETECTION_STATUS_COMPLETE ACTION_REDACT [actions[6]] label PII.Contact.Email asks to redact
        coverage 1.00 [] MAPPING_STATE_MAPPED fallback false
        check builtin-pii 0/0 CHECK_STATE_FLAGGED
        check builtin-secrets 0/0 CHECK_STATE_CLEAN
        check builtin-injection 0/0 CHECK_STATE_CLEAN
        finding EMAIL_ADDRESS Some((16, 32)) as `PII.Contact.Email` DISPOSITION_CONTAINED
        label PII.Contact.Email by ["builtin-pii"] ACTION_REDACT [actions[6]]
    "#]]
    .assert_eq(&show_detected(&detected));

    world.eventually("it is delivered", async || !world.mapper.recorded(acme.id).is_empty()).await;
    let recorded = world.mapper.recorded(acme.id);
    let finding = recorded[0].finding.as_ref().unwrap();
    assert_eq!(recorded[0].policy, "default@2");
    assert_eq!(finding.request_id, detected.request_id);
    assert_eq!(finding.finding_id, format!("{}:0", detected.request_id));
    assert_eq!(finding.resource, "conversation-7");
    assert_eq!(Some(finding), detected.findings[0].finding.as_ref());
}

#[tokio::test]
async fn a_mapper_that_hangs_defers_the_mapping_and_the_failure_rule_decides() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let mut slow = policy("slow");
    slow.budgets.as_mut().unwrap().mapper_ms = 50;
    slow.on_failure = Action::Block.into();
    publish(&world, &acme, slow).await;
    world.mapper.set(Mode::HangsOnMapping);
    let request = DetectRequest { policy: "slow".to_owned(), ..detect("jane@example.org") };
    check(&world, &acme, request, expect![[r#"
        DETECTION_STATUS_COMPLETE ACTION_BLOCK [on_failure] the mapping was not there in time, and the failure rule asks to block
        coverage 1.00 [] MAPPING_STATE_DEFERRED fallback true
        check builtin-pii 0/0 CHECK_STATE_FLAGGED
        check builtin-secrets 0/0 CHECK_STATE_CLEAN
        finding EMAIL_ADDRESS Some((0, 16)) as `` DISPOSITION_CONTAINED
    "#]]).await;
    // The findings reach the mapper all the same.
    world.eventually("it is delivered", async || !world.mapper.recorded(acme.id).is_empty()).await;
}

#[tokio::test]
async fn a_mapper_that_is_away_gets_the_findings_when_it_is_back() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::Away);
    let detected = run(&world, &acme, detect("jane@example.org")).await;
    assert_eq!(detected.mapping(), MappingState::Deferred);
    assert!(detected.fallback_used);
    world.mapper.set(Mode::Works);
    world.eventually("it is delivered", async || world.mapper.recorded(acme.id).len() == 1).await;
}

#[tokio::test]
async fn a_required_detector_that_nobody_configured_makes_the_answer_partial() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let mut with_nobody = policy("with-nobody");
    let nobody =
        PolicyDetector { detector: "nobody".to_owned(), ..with_nobody.detectors[0].clone() };
    with_nobody.detectors.push(nobody);
    publish(&world, &acme, with_nobody).await;
    let request = DetectRequest { policy: "with-nobody".to_owned(), ..detect("hello") };
    check(&world, &acme, request, expect![[r#"
        DETECTION_STATUS_PARTIAL_COVERAGE ACTION_FLAG [on_failure] coverage 0.67 is below the threshold 0.80, and the failure rule asks to flag
        coverage 0.67 ["nobody"] MAPPING_STATE_MAPPED fallback true
        check builtin-pii 0/0 CHECK_STATE_CLEAN
        check builtin-secrets 0/0 CHECK_STATE_CLEAN
        check nobody 0/0 CHECK_STATE_NOT_CONFIGURED
    "#]]).await;
}

#[tokio::test]
async fn a_pushing_detector_belongs_to_no_detection() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let mut pushing = policy("pushing");
    pushing.detectors[0].detector = "presidio".to_owned();
    publish(&world, &acme, pushing).await;
    let request = DetectRequest { policy: "pushing".to_owned(), ..detect("hello") };
    check(
        &world,
        &acme,
        request,
        expect![[r#"
        DETECTION_STATUS_COMPLETE ACTION_ALLOW [] no rule of the policy asks for anything
        coverage 1.00 [] MAPPING_STATE_MAPPED fallback false
        check builtin-secrets 0/0 CHECK_STATE_CLEAN
    "#]],
    )
    .await;
}

#[tokio::test]
async fn long_content_is_split_and_each_finding_is_there_once() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let content = format!("{}jane@example.org{}", "word ".repeat(40_000), " word".repeat(40_000));
    publish(&world, &acme, policy("two")).await;
    let request = DetectRequest { policy: "two".to_owned(), ..detect(&content) };
    let detected = run(&world, &acme, request).await;
    let chunks = detected.checks.iter().filter(|it| it.detector == "builtin-pii").count();
    assert_eq!(chunks, 4);
    assert_eq!(detected.coverage.unwrap().achieved, 1.0);
    let spans: Vec<_> =
        detected.findings.iter().map(|it| it.finding.as_ref().unwrap().span.unwrap()).collect();
    assert_eq!(spans.len(), 1);
    assert_eq!((spans[0].start, spans[0].end), (200_000, 200_016));
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme, detect(""), expect!["InvalidArgument INVALID_REQUEST field=content limit=1 size=0: `content` must have at least 1 character, got 0"]).await;
    check(&world, &acme, detect(&"x".repeat((1 << 20) + 1)), expect!["InvalidArgument INVALID_REQUEST field=content limit=1048576 size=1048577: `content` must have at most 1048576 bytes, got 1048577"]).await;
    let request = DetectRequest { policy: "nobody-published-it".to_owned(), ..detect("hello") };
    check(
        &world,
        &acme,
        request,
        expect![
            "NotFound POLICY_NOT_FOUND resource=nobody-published-it: the tenant has no such policy"
        ],
    )
    .await;
    let request = DetectRequest { direction: 77, ..detect("hello") };
    check(&world, &acme, request, expect!["InvalidArgument INVALID_REQUEST field=direction: `direction` must be a value of Direction"]).await;
    let status =
        world.detection().detect(bearer(&acme.detector, detect("hello"))).await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: `DetectionService.Detect` needs the permission `content:detect`"].assert_eq(&show(&status));
}

#[tokio::test]
async fn another_tenants_policy_is_not_there() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    publish(&world, &acme, policy("mine")).await;
    let request = DetectRequest { policy: "mine".to_owned(), ..detect("hello") };
    run(&world, &acme, request.clone()).await;
    check(
        &world,
        &other,
        request,
        expect!["NotFound POLICY_NOT_FOUND resource=mine: the tenant has no such policy"],
    )
    .await;
}

#[tokio::test]
async fn without_a_place_to_store_it_there_is_no_answer() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("detection_check").await;
    check(&world, &acme, detect("hello"), expect!["Internal INTERNAL: internal error"]).await;
}

#[tokio::test]
async fn a_full_inbox_refuses_what_it_could_not_deliver() {
    let world = World::start_with("deliveries_max = 0").await;
    let acme = world.tenant("acme").await;
    world.be_patient(&acme).await;
    check(
        &world,
        &acme,
        detect("jane@example.org"),
        expect![
            "Unavailable UPSTREAM_UNAVAILABLE resource=mapper: the inbox for the mapper is full"
        ],
    )
    .await;
    assert_eq!(world.n_rows("detection").await, 0);
    run(&world, &acme, detect("nothing to deliver")).await;
}

#[tokio::test]
async fn what_ran_is_counted_under_the_names_of_the_dashboards() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    run(&world, &acme, detect("jane@example.org")).await;
    let metrics = world.metrics.render();
    for name in [
        "orchestrate_requests_total{",
        "orchestrate_request_duration_ms",
        "detector_latency_ms",
        "detector_health_status{",
        "circuit_breaker_state{",
        "coverage_achieved{",
        "policy_enforcement_total{",
    ] {
        assert!(metrics.contains(name), "{name}");
    }
}
