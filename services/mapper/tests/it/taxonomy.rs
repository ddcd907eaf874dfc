//! `GetTaxonomy`, `DiffTaxonomy`, `ListVocabularies`: the same for every tenant, and without a database.

use expect_test::{Expect, expect};
use proto::mapper::v1::{DiffTaxonomyRequest, GetTaxonomyRequest, ListVocabulariesRequest};

use crate::world::{As, World, a, b, show};

#[tokio::test]
async fn the_taxonomy_is_whole_and_the_same_for_all() {
    let world = World::start().await;
    world.lose_database().await;
    let mut taxonomies = Vec::new();
    for who in [As::Admin(a()), As::Admin(b()), As::Service(None)] {
        let request = world.request(who, GetTaxonomyRequest {});
        taxonomies.push(world.taxonomy().get_taxonomy(request).await.unwrap().into_inner());
    }
    assert_eq!(taxonomies[0], taxonomies[1]);
    assert_eq!(taxonomies[0], taxonomies[2]);
    assert_eq!((taxonomies[0].version.as_str(), taxonomies[0].labels.len()), ("2026.11", 143));
}

#[tokio::test]
async fn nobody_may_not_read_the_taxonomy() {
    let world = World::start().await;
    let status = world.taxonomy().get_taxonomy(GetTaxonomyRequest {}).await.unwrap_err();
    expect!["Unauthenticated UNAUTHENTICATED: a valid credential is required"]
        .assert_eq(&show(&status));
}

async fn check_diff(from: &str, to: &str, expected: Expect) {
    let world = World::start().await;
    let request = DiffTaxonomyRequest { from: from.to_owned(), to: to.to_owned() };
    let request = world.request(As::Admin(a()), request);
    let answer = match world.taxonomy().diff_taxonomy(request).await {
        Ok(response) => {
            let response = response.into_inner();
            let of = |action: &str| response.moves.iter().filter(|it| it.action == action).count();
            let counts = ["keep", "rename", "split", "merge"].map(|it| format!("{} {it}", of(it)));
            format!("{} to {}: {}", response.from, response.to, counts.join(", "))
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&answer);
}

#[tokio::test]
async fn without_names_the_latest_move_is_shown() {
    check_diff("", "", expect!["2025.09 to 2026.11: 24 keep, 6 rename, 20 split, 0 merge"]).await;
}

#[tokio::test]
async fn between_other_versions_there_is_no_migration() {
    check_diff("2024.01", "2026.11", expect!["NotFound NOT_FOUND: there is no migration between these versions, only from 2025.09 to 2026.11"]).await;
}

async fn check_vocabularies(who: As, detector: &str, expected: Expect) {
    let world = World::start().await;
    let request = ListVocabulariesRequest { detector: detector.to_owned() };
    let answer = match world.taxonomy().list_vocabularies(world.request(who, request)).await {
        Ok(response) => {
            let vocabularies = response.into_inner().vocabularies;
            let first = &vocabularies[0];
            let entry = &first.entries[0];
            format!(
                "{} in all, first {} {:?}: {} is {}",
                vocabularies.len(),
                first.detector,
                first.detector_versions,
                entry.raw_label,
                entry.label
            )
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&answer);
}

#[tokio::test]
async fn one_vocabulary_by_name() {
    check_vocabularies(As::Admin(a()), "presidio", expect![[r#"1 in all, first presidio ["2.2.366", "2025.09-repo"]: ABA_ROUTING_NUMBER is PII.Financial.RoutingNumber"#]]).await;
}

#[tokio::test]
async fn an_unknown_detector_has_no_vocabulary() {
    check_vocabularies(
        As::Admin(a()),
        "nobody",
        expect!["NotFound DETECTOR_NOT_FOUND: no vocabulary of this detector is known"],
    )
    .await;
}

#[tokio::test]
async fn a_detector_may_not_read_vocabularies() {
    check_vocabularies(As::Detector(a()), "presidio", expect!["PermissionDenied PERMISSION_DENIED: `TaxonomyService.ListVocabularies` needs the permission `taxonomy:read`"]).await;
}
