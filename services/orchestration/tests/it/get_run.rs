use expect_test::{Expect, expect};
use proto::orchestration::v1::{
    GetRunRequest, IngestBatchRequest, TailRunsRequest, run::Kind, run_feed_item::Item,
};
use uuid::Uuid;

use crate::world::{World, bearer, detect, report, show};

async fn check(world: &World, credential: &str, run_id: &str, expected: Expect) {
    let request = GetRunRequest { run_id: run_id.to_owned() };
    let actual = match world.runs().get_run(bearer(credential, request)).await {
        Ok(response) => match response.into_inner().run.unwrap().kind.unwrap() {
            Kind::Detection(detection) => {
                let states: Vec<_> = detection
                    .checks
                    .iter()
                    .map(|it| format!("{} {}", it.detector, it.state().as_str_name()))
                    .collect();
                let digest = detection.content_digest.len();
                format!("{} {states:?} digest of {digest} digits", detection.policy)
            }
            Kind::Report(report) => format!("{} of {}", report.flagged, report.looked_at),
        },
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn a_detection_is_found_again_by_its_tenant_only() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    world.be_patient(&acme).await;
    let detected = world.detection().detect(bearer(&acme.admin, detect("hello"))).await.unwrap();
    let id = detected.into_inner().request_id;
    check(&world, &acme.analyst, &id, expect![[r#"default@2 ["builtin-pii CHECK_STATE_CLEAN", "builtin-secrets CHECK_STATE_CLEAN", "builtin-injection CHECK_STATE_CLEAN"] digest of 64 digits"#]]).await;
    check(
        &world,
        &other.analyst,
        &id,
        expect!["NotFound NOT_FOUND resource=run: the tenant has no such run"],
    )
    .await;
    check(&world, &acme.detector, &id, expect!["PermissionDenied PERMISSION_DENIED: `RunService.GetRun` needs the permission `runs:read`"]).await;
    check(
        &world,
        &acme.analyst,
        &Uuid::max().to_string(),
        expect!["NotFound NOT_FOUND resource=run: the tenant has no such run"],
    )
    .await;
    check(
        &world,
        &acme.analyst,
        "nonsense",
        expect!["InvalidArgument INVALID_REQUEST field=run_id: `run_id` must be a UUID"],
    )
    .await;
}

#[tokio::test]
async fn a_report_is_found_again_under_our_id() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let request = IngestBatchRequest { findings: Vec::new(), runs: vec![report("r")] };
    world.ingest().ingest_batch(bearer(&acme.detector, request)).await.unwrap();
    let request = TailRunsRequest { follow: true, ..TailRunsRequest::default() };
    let mut feed = world.runs().tail_runs(world.mesh(None, request)).await.unwrap().into_inner();
    let id = 'found: loop {
        for item in feed.message().await.unwrap().unwrap().items {
            if let Item::Run(run) = item.item.unwrap() {
                break 'found run.run_id;
            }
        }
    };
    check(&world, &acme.analyst, &id, expect!["2 of 10"]).await;
}

#[tokio::test]
async fn the_same_content_has_the_same_digest_in_one_tenant_only() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    let digest = async |credential: &str| {
        let detected = world.detection().detect(bearer(credential, detect("hello"))).await.unwrap();
        let request = GetRunRequest { run_id: detected.into_inner().request_id };
        let run = world.runs().get_run(bearer(credential, request)).await.unwrap().into_inner();
        match run.run.unwrap().kind.unwrap() {
            Kind::Detection(detection) => detection.content_digest,
            Kind::Report(_) => unreachable!(),
        }
    };
    let [one, two] = [digest(&acme.admin).await, digest(&acme.admin).await];
    assert_eq!(one, two);
    assert_ne!(one, digest(&other.admin).await);
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("detection").await;
    check(
        &world,
        &acme.analyst,
        &Uuid::max().to_string(),
        expect!["Internal INTERNAL: internal error"],
    )
    .await;
}
