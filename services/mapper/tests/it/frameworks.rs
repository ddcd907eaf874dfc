//! `ListFrameworks`, `ResolveControls`: the same for every tenant, and without a database.

use expect_test::{Expect, expect};
use proto::{
    common::v1::Disposition,
    mapper::v1::{EvidenceContext, ListFrameworksRequest, ResolveControlsRequest},
};

use crate::world::{As, World, a, show};

#[tokio::test]
async fn no_unverified_control_is_listed() {
    let world = World::start().await;
    world.lose_database().await;
    let request = world.request(As::Admin(a()), ListFrameworksRequest {});
    let response = world.frameworks().list_frameworks(request).await.unwrap().into_inner();
    let controls: Vec<_> = response.frameworks.iter().flat_map(|it| &it.controls).collect();
    assert!(controls.iter().all(|it| it.verification != "unverified"));
    assert_eq!(response.frameworks.len(), 16);
    assert!(!response.facts.is_empty());
}

#[tokio::test]
async fn a_detector_may_not_list_frameworks() {
    let world = World::start().await;
    let request = world.request(As::Detector(a()), ListFrameworksRequest {});
    let status = world.frameworks().list_frameworks(request).await.unwrap_err();
    expect!["PermissionDenied PERMISSION_DENIED: `FrameworkService.ListFrameworks` needs the permission `frameworks:read`"].assert_eq(&show(&status));
}

async fn check(who: As, request: ResolveControlsRequest, expected: Expect) {
    let world = World::start().await;
    let answer = match world.frameworks().resolve_controls(world.request(who, request)).await {
        Ok(response) => {
            let mut text = String::new();
            for label in response.into_inner().labels {
                text += &format!("{}\n", label.label);
                for it in label.controls.iter().filter(|it| it.framework == "soc2") {
                    let relation = it.relation().as_str_name().trim_start_matches("RELATION_");
                    text +=
                        &format!("  {} {relation} {} {:?}\n", it.control, it.weight, it.missing);
                }
            }
            text
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&answer);
}

fn request(label: &str, disposition: Disposition, include_missing: bool) -> ResolveControlsRequest {
    ResolveControlsRequest {
        labels: vec![label.to_owned()],
        context: Some(EvidenceContext { disposition: disposition.into(), ..Default::default() }),
        include_missing,
    }
}

#[tokio::test]
async fn only_what_holds_is_evidence() {
    let request = request("PII.Identifier.SSN", Disposition::Exposed, false);
    check(
        As::Admin(a()),
        request,
        expect![[r#"
        PII.Identifier.SSN
          CC6.7 VIOLATION_INDICATOR 0.4 []
          CC7.2 CONTROL_OPERATING 0 []
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_does_not_hold_says_what_is_missing() {
    let request = request("PII.Identifier.SSN", Disposition::Unspecified, true);
    check(As::Service(None), request, expect![[r#"
        PII.Identifier.SSN
          CC6.7 VIOLATION_INDICATOR 0.4 ["the finding is not known to be exposed"]
          C1.1 VIOLATION_INDICATOR 0.4 ["the finding is not known to be exposed", "not stated: confidentiality criteria in scope"]
          P4.1 VIOLATION_INDICATOR 0.4 ["the finding is not known to be ingested", "not stated: privacy criteria in scope"]
          P6.3 CONTROL_OPERATING 0 ["the finding is not known to be incident", "not stated: privacy criteria in scope"]
          CC7.2 CONTROL_OPERATING 0 []
          CC7.3 CONTROL_OPERATING 0 ["the finding is not known to be incident"]
    "#]]).await;
}

#[tokio::test]
async fn an_unknown_label_is_not_found() {
    check(
        As::Admin(a()),
        request("PII.Nothing", Disposition::Unknown, false),
        expect!["NotFound NOT_FOUND [labels[0]]: the taxonomy has no such label"],
    )
    .await;
}

#[tokio::test]
async fn no_label_is_refused() {
    check(
        As::Admin(a()),
        ResolveControlsRequest::default(),
        expect![
            "InvalidArgument INVALID_REQUEST [labels]: `labels` must have at least 1 items, got 0"
        ],
    )
    .await;
}

#[tokio::test]
async fn a_detector_may_not_resolve() {
    let request = request("PII.Identifier.SSN", Disposition::Exposed, false);
    check(As::Detector(a()), request, expect!["PermissionDenied PERMISSION_DENIED: `FrameworkService.ResolveControls` needs the permission `frameworks:read`"]).await;
}
