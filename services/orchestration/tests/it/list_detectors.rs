use proto::{
    common::v1::Page,
    orchestration::v1::{Detector, DetectorKind, ListDetectorsRequest, RegisterDetectorRequest},
};

use crate::world::{Acquaintance, World, bearer};

async fn all(world: &World, who: &Acquaintance) -> Vec<Detector> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListDetectorsRequest { page: Some(Page { size: 7, cursor }) };
        let answer = world.detectors().list_detectors(bearer(&who.analyst, request)).await.unwrap();
        let answer = answer.into_inner();
        all.extend(answer.detectors);
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            return all;
        }
    }
}

#[tokio::test]
async fn shared_ones_and_the_tenants_own_by_name() {
    let world = World::start().await;
    let (acme, other) = (world.tenant("acme").await, world.tenant("other").await);
    for name in ["zz-mine", "presidio"] {
        let detector = Detector {
            name: name.to_owned(),
            kind: DetectorKind::Push.into(),
            ..Detector::default()
        };
        let request = RegisterDetectorRequest { detector: Some(detector) };
        world.detectors().register_detector(bearer(&acme.admin, request)).await.unwrap();
    }

    let detectors = all(&world, &acme).await;
    assert!(detectors.is_sorted_by(|a, b| a.name < b.name));
    let find = |name: &str| detectors.iter().find(|it| it.name == name).unwrap();
    assert!(!find("zz-mine").shared);
    // The tenant's own hides the shared one.
    assert!(!find("presidio").shared && find("presidio").revision == 1);
    assert_eq!(find("builtin-pii").kind(), DetectorKind::BuiltIn);
    assert!(find("builtin-pii").groups.contains(&"PII.Identifier".to_owned()));
    assert!(46 <= detectors.len());

    let others = all(&world, &other).await;
    assert_eq!(others.len() + 1, detectors.len());
    assert!(others.iter().all(|it| it.shared));
}
