use expect_test::{Expect, expect};
use proto::detector::v1::ScanRequest;

use crate::world::{World, bearer, show};

async fn check(
    world: &World,
    credential: &str,
    (detectors, texts): (&[&str], &[&str]),
    expected: Expect,
) {
    let owned = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
    let request = ScanRequest { detectors: owned(detectors), texts: owned(texts) };
    let actual = match world.built_in().scan(bearer(credential, request)).await {
        Ok(response) => {
            let results = response.into_inner().results.into_iter().map(|result| {
                let matches: Vec<_> = result
                    .matches
                    .iter()
                    .map(|it| {
                        format!("{} {:?}", it.raw_label, it.span.map(|it| (it.start, it.end)))
                    })
                    .collect();
                format!("{} {} {matches:?}\n", result.text, result.detector)
            });
            results.collect()
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&actual);
}

#[tokio::test]
async fn one_result_per_text_and_detector_spans_in_code_points() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let texts = ["write to jane@example.org", "æøå jane@example.org", "nothing"];
    check(
        &world,
        &acme.admin,
        (&["builtin-pii"], &texts),
        expect![[r#"
        0 builtin-pii ["EMAIL_ADDRESS Some((9, 25))"]
        1 builtin-pii ["EMAIL_ADDRESS Some((4, 20))"]
        2 builtin-pii []
    "#]],
    )
    .await;
    check(
        &world,
        &acme.admin,
        (&[], &["nothing"]),
        expect![[r#"
        0 builtin-injection []
        0 builtin-pii []
        0 builtin-secrets []
    "#]],
    )
    .await;
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    check(&world, &acme.admin, (&["nobody"], &["text"]), expect!["NotFound DETECTOR_NOT_FOUND resource=nobody: neither the mesh nor the tenant has such a detector"]).await;
    check(&world, &acme.admin, (&[], &[]), expect!["InvalidArgument INVALID_REQUEST field=texts limit=1 size=0: `texts` must have at least 1 items, got 0"]).await;
    check(&world, &acme.detector, (&[], &["text"]), expect!["PermissionDenied PERMISSION_DENIED: `DetectorService.Scan` needs the permission `content:detect`"]).await;
}

#[tokio::test]
async fn a_long_text_has_each_finding_once() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let line = "please write to jane@example.org about it, and then to nobody else at all.\n";
    let n_lines = 400_000 / line.len();
    let request = ScanRequest {
        detectors: vec!["builtin-pii".to_owned()],
        texts: vec![line.repeat(n_lines)],
    };
    let mut client = world.built_in().max_decoding_message_size(64 << 20);
    let answer = client.scan(bearer(&acme.admin, request)).await.unwrap().into_inner();
    let matches = &answer.results[0].matches;
    assert_eq!(matches.len(), n_lines);
    assert!(matches.iter().all(|it| it.raw_label == "EMAIL_ADDRESS"));
}
