use expect_test::{Expect, expect};
use proto::orchestration::v1::{
    Detector, DetectorKind, IngestBatchRequest, RegisterDetectorRequest,
};

use crate::world::{World, bearer, finding, show, show_all};

async fn check(world: &World, credential: &str, detector: Detector, expected: Expect) {
    let request = RegisterDetectorRequest { detector: Some(detector) };
    let actual = match world.detectors().register_detector(bearer(credential, request)).await {
        Ok(response) => {
            let it = response.into_inner().detector.unwrap();
            format!("{} {:?} revision {}", it.name, it.groups, it.revision)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

fn own(name: &str, groups: &[&str]) -> Detector {
    Detector {
        name: name.to_owned(),
        kind: DetectorKind::Push.into(),
        groups: groups.iter().map(|&it| it.to_owned()).collect(),
        shared: false,
        revision: 0,
    }
}

#[tokio::test]
async fn every_change_is_a_revision_and_no_change_is_none() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, own("mine", &["PII"]), expect![[r#"mine ["PII"] revision 1"#]])
        .await;
    check(&world, &acme.admin, own("mine", &["PII"]), expect![[r#"mine ["PII"] revision 1"#]])
        .await;
    check(
        &world,
        &acme.admin,
        own("mine", &["PII", "SECRET"]),
        expect![[r#"mine ["PII", "SECRET"] revision 2"#]],
    )
    .await;
}

#[tokio::test]
async fn a_registered_detector_may_push_at_once_for_its_tenant_only() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    let push = async |credential: &str| {
        let finding = proto::common::v1::Finding { detector: "mine".to_owned(), ..finding("a") };
        let request = IngestBatchRequest { findings: vec![finding], runs: Vec::new() };
        let answer = world.ingest().ingest_batch(bearer(credential, request)).await.unwrap();
        show_all(&answer.into_inner().findings)
    };
    expect![[r#"
        0 a REFUSED DETECTOR_NOT_FOUND findings[0].detector: neither the mesh nor the tenant has such a detector
    "#]].assert_eq(&push(&acme.detector).await);
    check(&world, &acme.admin, own("mine", &[]), expect!["mine [] revision 1"]).await;
    expect![[r#"
        0 a ACCEPTED
    "#]]
    .assert_eq(&push(&acme.detector).await);
    expect![[r#"
        0 a REFUSED DETECTOR_NOT_FOUND findings[0].detector: neither the mesh nor the tenant has such a detector
    "#]].assert_eq(&push(&other.detector).await);
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::start_with("detectors_max = 1").await;
    let acme = world.tenant("acme").await;
    let built_in = Detector { kind: DetectorKind::BuiltIn.into(), ..own("mine", &[]) };
    check(&world, &acme.admin, built_in, expect!["InvalidArgument INVALID_REQUEST field=detector.kind: `detector.kind` must be PUSH: the built-in detectors are there already"]).await;
    check(&world, &acme.admin, own("builtin-pii", &[]), expect!["InvalidArgument INVALID_REQUEST field=detector.name: `detector.name` is that of a built-in detector"]).await;
    check(&world, &acme.admin, own("mine", &["NONSENSE"]), expect!["InvalidArgument INVALID_REQUEST field=detector.groups[0]: `detector.groups[0]` is not a label group of the taxonomy"]).await;
    check(&world, &acme.admin, own("Not A Name", &[]), expect!["InvalidArgument INVALID_REQUEST field=detector.name: `detector.name` must match `^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`"]).await;
    check(&world, &acme.analyst, own("mine", &[]), expect!["PermissionDenied PERMISSION_DENIED: `DetectorService.RegisterDetector` needs the permission `detectors:write`"]).await;
    check(&world, &acme.admin, own("one", &[]), expect!["one [] revision 1"]).await;
    check(&world, &acme.admin, own("two", &[]), expect!["InvalidArgument INVALID_REQUEST field=detector: `detector` is one too many: a tenant may register 1"]).await;
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("detector").await;
    check(&world, &acme.admin, own("mine", &[]), expect!["Internal INTERNAL: internal error"])
        .await;
}
