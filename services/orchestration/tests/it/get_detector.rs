use expect_test::{Expect, expect};
use proto::orchestration::v1::GetDetectorRequest;

use crate::world::{World, bearer, show};

async fn check(world: &World, credential: &str, name: &str, expected: Expect) {
    let request = GetDetectorRequest { name: name.to_owned() };
    let actual = match world.detectors().get_detector(bearer(credential, request)).await {
        Ok(response) => {
            let it = response.into_inner().detector.unwrap();
            format!("{} {} shared {}", it.name, it.kind().as_str_name(), it.shared)
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn a_detector_by_name() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.analyst, "presidio", expect!["presidio DETECTOR_KIND_PUSH shared true"])
        .await;
    check(
        &world,
        &acme.analyst,
        "builtin-secrets",
        expect!["builtin-secrets DETECTOR_KIND_BUILT_IN shared true"],
    )
    .await;
    check(&world, &acme.analyst, "nobody", expect!["NotFound DETECTOR_NOT_FOUND resource=nobody: neither the mesh nor the tenant has such a detector"]).await;
    check(&world, &acme.analyst, "", expect!["InvalidArgument INVALID_REQUEST field=name limit=1 size=0: `name` must have at least 1 character, got 0"]).await;
    check(&world, &acme.detector, "presidio", expect!["PermissionDenied PERMISSION_DENIED: `DetectorService.GetDetector` needs the permission `detectors:read`"]).await;
}

#[tokio::test]
async fn a_broken_database_is_not_shown_to_the_caller() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    world.drop_table("detector").await;
    check(&world, &acme.analyst, "presidio", expect!["Internal INTERNAL: internal error"]).await;
}
