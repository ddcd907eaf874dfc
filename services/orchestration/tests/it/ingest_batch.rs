use expect_test::{Expect, expect};
use proto::{
    common::v1::{Finding, Span},
    orchestration::v1::{IngestBatchRequest, RunReport},
};
use testkit::Mode;

use crate::world::{World, bearer, finding, report, show, show_all};

async fn check(world: &World, credential: &str, request: IngestBatchRequest, expected: Expect) {
    let actual = match world.ingest().ingest_batch(bearer(credential, request)).await {
        Ok(response) => {
            let response = response.into_inner();
            show_all(&response.findings) + &show_all(&response.runs)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

fn findings(findings: impl IntoIterator<Item = Finding>) -> IngestBatchRequest {
    IngestBatchRequest { findings: findings.into_iter().collect(), runs: Vec::new() }
}

fn runs(runs: impl IntoIterator<Item = RunReport>) -> IngestBatchRequest {
    IngestBatchRequest { findings: Vec::new(), runs: runs.into_iter().collect() }
}

#[tokio::test]
async fn each_finding_has_a_status_of_its_own() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let batch = findings([
        finding("sound"),
        Finding { score: f64::NAN, ..finding("nan") },
        Finding { raw_label: "x".repeat(513), ..finding("long") },
        Finding { detector: "nobody".to_owned(), ..finding("unknown") },
        Finding { span: Some(Span { start: 3, end: 1 }), ..finding("span") },
        Finding { occurred_at: None, ..finding("timeless") },
        finding("sound"),
        Finding { finding_id: String::new(), ..finding("") },
    ]);
    check(&world, &acme.detector, batch, expect![[r#"
        0 sound ACCEPTED
        1 nan MALFORMED INVALID_REQUEST findings[1].score: `score` must be in 0..=1, got NaN
        2 long REFUSED INVALID_REQUEST findings[2].raw_label: `raw_label` has a limit of 512 bytes, got 513
        3 unknown REFUSED DETECTOR_NOT_FOUND findings[3].detector: neither the mesh nor the tenant has such a detector
        4 span MALFORMED INVALID_REQUEST findings[4].span: `span` must end after it starts, got 3..1
        5 timeless MALFORMED INVALID_REQUEST findings[5].occurred_at: `occurred_at` is missing
        6 sound DUPLICATE
        7  REFUSED INVALID_REQUEST findings[7].finding_id: `finding_id` must not be empty
    "#]]).await;
    let recorded = world.mapper.recorded(acme.id);
    let policies: Vec<_> =
        recorded.iter().map(|it| (it.policy.as_str(), it.malformed.as_str())).collect();
    expect![[r#"
        [
            (
                "default@1",
                "",
            ),
            (
                "default@1",
                "`score` must be in 0..=1, got NaN",
            ),
            (
                "default@1",
                "`span` must end after it starts, got 3..1",
            ),
            (
                "default@1",
                "`occurred_at` is missing",
            ),
        ]"#]]
    .assert_eq(&format!("{policies:#?}"));
}

#[tokio::test]
async fn reports_are_taken_once_and_whole() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let batch = runs([
        report("r1"),
        report("r1"),
        RunReport { looked_at: 0, flagged: 0, failed: 0, ..report("heartbeat") },
        RunReport { flagged: 11, ..report("r2") },
        RunReport { detector: "nobody".to_owned(), ..report("r3") },
    ]);
    check(&world, &acme.detector, batch, expect![[r#"
        0 r1 ACCEPTED
        1 r1 DUPLICATE
        2 heartbeat ACCEPTED
        3 r2 REFUSED INVALID_REQUEST runs[3].flagged: `flagged` must not be more than `looked_at`
        4 r3 REFUSED DETECTOR_NOT_FOUND runs[4].detector: neither the mesh nor the tenant has such a detector
    "#]]).await;
    check(
        &world,
        &acme.detector,
        runs([report("r1")]),
        expect![[r#"
        0 r1 DUPLICATE
    "#]],
    )
    .await;
    assert_eq!(world.n_rows("run_report").await, 2);
}

#[tokio::test]
async fn a_mapper_that_is_away_gets_everything_once_when_it_is_back() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::Away);
    check(
        &world,
        &acme.detector,
        findings([finding("a"), finding("b")]),
        expect![[r#"
        0 a QUEUED
        1 b QUEUED
    "#]],
    )
    .await;
    check(
        &world,
        &acme.detector,
        findings([finding("b"), finding("c")]),
        expect![[r#"
        0 b QUEUED
        1 c QUEUED
    "#]],
    )
    .await;
    assert_eq!(world.n_rows("delivery").await, 2);

    world.mapper.set(Mode::Works);
    world.eventually("the inbox is empty", async || world.n_rows("delivery").await == 0).await;
    let ids: Vec<_> = world
        .mapper
        .recorded(acme.id)
        .into_iter()
        .map(|it| it.finding.unwrap().finding_id)
        .collect();
    assert_eq!(ids, ["a", "b", "c"]);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a DUPLICATE
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_lost_answer_stores_nothing_twice() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::LosesAnswers);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a QUEUED
    "#]],
    )
    .await;
    world.mapper.set(Mode::Works);
    world.eventually("the inbox is empty", async || world.n_rows("delivery").await == 0).await;
    assert_eq!(world.mapper.recorded(acme.id).len(), 1);
}

#[tokio::test]
async fn a_mapper_that_hangs_holds_nobody_up() {
    let world = World::start_with("record_timeout_ms = 50").await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::Hangs);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a QUEUED
    "#]],
    )
    .await;
    world.mapper.set(Mode::Works);
    world.eventually("the inbox is empty", async || world.n_rows("delivery").await == 0).await;
    assert_eq!(world.mapper.recorded(acme.id).len(), 1);
}

#[tokio::test]
async fn a_full_inbox_refuses_and_says_to_try_again() {
    let world = World::start_with("deliveries_max = 1").await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::Away);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a QUEUED
    "#]],
    )
    .await;
    check(
        &world,
        &acme.detector,
        findings([finding("b")]),
        expect![[r#"
        0 b REFUSED UPSTREAM_UNAVAILABLE : the mapper is away and its inbox is full, try again later
    "#]],
    )
    .await;
    // Another tenant has an inbox of its own.
    let other = world.tenant("other").await;
    check(
        &world,
        &other.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a QUEUED
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_the_mapper_will_never_take_is_put_aside() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.mapper.set(Mode::Away);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a QUEUED
    "#]],
    )
    .await;
    check(
        &world,
        &acme.detector,
        findings([finding("b")]),
        expect![[r#"
        0 b QUEUED
    "#]],
    )
    .await;
    world.mapper.set(Mode::Refuses);
    let parked = async || world.n_rows("delivery where parked_at is not null").await == 2;
    world.eventually("both are parked", parked).await;
    world.mapper.set(Mode::Works);
    check(
        &world,
        &acme.detector,
        findings([finding("c")]),
        expect![[r#"
        0 c ACCEPTED
    "#]],
    )
    .await;
}

#[tokio::test]
async fn the_same_id_in_two_tenants_is_two_findings() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    check(
        &world,
        &acme.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a ACCEPTED
    "#]],
    )
    .await;
    check(
        &world,
        &other.detector,
        findings([finding("a")]),
        expect![[r#"
        0 a ACCEPTED
    "#]],
    )
    .await;
    assert_eq!(world.mapper.recorded(acme.id).len(), 1);
    assert_eq!(world.mapper.recorded(other.id).len(), 1);
}

#[tokio::test]
async fn too_many_at_once_are_refused_whole() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let many = findings((0..101).map(|n| finding(&n.to_string())));
    check(&world, &acme.detector, many, expect!["InvalidArgument INVALID_REQUEST field=findings limit=100 size=101: `findings` must have at most 100 items, got 101"]).await;
    check(&world, &acme.analyst, findings([finding("a")]), expect!["PermissionDenied PERMISSION_DENIED: `IngestService.IngestBatch` needs the permission `findings:ingest`"]).await;
}

#[tokio::test]
async fn without_a_database_reports_are_refused_and_findings_recorded() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("run_report").await;
    let both = IngestBatchRequest { findings: vec![finding("a")], runs: vec![report("r")] };
    check(&world, &acme.detector, both, expect![[r#"
        0 a ACCEPTED
        0 r REFUSED UPSTREAM_UNAVAILABLE : the database cannot store the report just now, try again later
    "#]]).await;
}
