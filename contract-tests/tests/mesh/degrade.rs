//! A service that is away: the others go on, and what was acknowledged arrives once.

use proto::orchestration::v1::{Acknowledgement, AcknowledgementStatus, MappingState};

use crate::world::{World, eventually, finding};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_mapper_findings_wait_and_verdicts_fall_back() {
    let mut world = World::start().await;
    world.ingest(&world.a, vec![finding("before", "US_SSN")], Vec::new()).await;
    world.mapper.stop().await;

    let findings: Vec<_> =
        (0..120).map(|n| finding(&format!("away-{n}"), "EMAIL_ADDRESS")).collect();
    let queued = world.ingest(&world.a, findings.clone(), Vec::new()).await;
    assert!(all(&queued, AcknowledgementStatus::Queued), "{queued:?}");
    let detected = world.detect(&world.a, "Mail jo.doe@example.com").await;
    assert_eq!(detected.mapping(), MappingState::Deferred);
    assert!(detected.fallback_used);
    assert_eq!(detected.findings.len(), 1, "{:?}", detected.findings);
    assert_eq!(detected.findings[0].label, "");

    world.mapper.again().await;
    let n = 1 + 120 + 1;
    eventually("the courier has delivered everything", || async {
        n <= world.query(&world.a).await.len()
    })
    .await;
    // Sent again by a detector that lost its acknowledgements: known, wherever it was.
    let again = world.ingest(&world.a, findings, Vec::new()).await;
    assert!(all(&again, AcknowledgementStatus::Duplicate), "{again:?}");
    let tailed = world.tail(&world.a).await;
    let mut ids: Vec<_> =
        tailed.iter().map(|it| &*it.finding.as_ref().unwrap().finding_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((tailed.len(), ids.len()), (n, n));
    world.analysed(&world.a, n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_analysis_nothing_else_changes() {
    let mut world = World::start().await;
    world.ingest(&world.a, vec![finding("before", "US_SSN")], Vec::new()).await;
    world.analysed(&world.a, 1).await;
    world.analysis.stop().await;

    let findings: Vec<_> = (0..60).map(|n| finding(&format!("away-{n}"), "US_SSN")).collect();
    let accepted = world.ingest(&world.a, findings, Vec::new()).await;
    assert!(all(&accepted, AcknowledgementStatus::Accepted), "{accepted:?}");
    assert_eq!(world.detect(&world.a, "Nothing to see").await.mapping(), MappingState::Mapped);

    world.analysis.again().await;
    world.analysed(&world.a, 61).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn analysis_that_restarts_counts_nothing_twice() {
    let mut world = World::start().await;
    for round in 1..=3 {
        let findings = (0..40).map(|n| finding(&format!("{round}-{n}"), "PERSON")).collect();
        world.ingest(&world.a, findings, Vec::new()).await;
        // Wherever it was in the feed.
        world.analysis.stop().await;
        world.analysis.again().await;
    }
    world.analysed(&world.a, 120).await;
}

fn all(acknowledged: &[Acknowledgement], status: AcknowledgementStatus) -> bool {
    !acknowledged.is_empty() && acknowledged.iter().all(|it| it.status() == status)
}
