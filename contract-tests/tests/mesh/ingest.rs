//! Findings that are pushed: acknowledged, kept once, counted once.

use std::collections::BTreeMap;

use proto::{
    analysis::v1::{GetCoverageRequest, GetSummaryRequest},
    mapper::v1::{CountBy, CountRequest},
    orchestration::v1::{
        Acknowledgement, AcknowledgementStatus, Policy, PolicyDetector, PublishPolicyRequest,
        RunReport,
    },
};
use runtime::identity::Role;
use time::{Duration, OffsetDateTime};

use crate::world::{As, World, finding, timestamp};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_kept_and_counted_once() {
    let world = World::start().await;
    let findings: Vec<_> = (0..240)
        .map(|n| {
            let word = ["EMAIL_ADDRESS", "US_SSN", "PERSON", "FROBNICATION"][n % 4];
            let mut finding = finding(&format!("finding-{n}"), word);
            if n % 24 == 23 {
                finding.score = 7.0;
            }
            finding
        })
        .collect();

    let first = world.ingest(&world.a, findings.clone(), Vec::new()).await;
    assert_eq!(tally(&first), "ACCEPTED 230, MALFORMED 10");
    let indices: Vec<u64> = first.iter().map(|it| it.index).collect();
    assert_eq!(indices, (0..240).collect::<Vec<_>>(), "in the order they were sent");
    let ids: Vec<&str> = first.iter().map(|it| &*it.id).collect();
    let sent: Vec<&str> = findings.iter().map(|it| &*it.finding_id).collect();
    assert_eq!(ids, sent);

    let again = world.ingest(&world.a, findings.clone(), Vec::new()).await;
    assert_eq!(tally(&again), "DUPLICATE 240");

    let mut wanted: Vec<&str> = sent.clone();
    wanted.sort_unstable();
    for events in [world.query(&world.a).await, world.tail(&world.a).await] {
        let mut kept: Vec<_> =
            events.iter().map(|it| &*it.finding.as_ref().unwrap().finding_id).collect();
        kept.sort_unstable();
        assert_eq!(kept, wanted);
    }
    assert_eq!(world.query(&world.b).await.len(), 0);

    world.analysed(&world.a, 240).await;
    let request = world.request(As::Key(&world.a, Role::Analyst), GetSummaryRequest::default());
    let summary = world.insights().get_summary(request).await.unwrap().into_inner();
    let request = CountRequest { filter: None, by: CountBy::Label.into() };
    let request = world.request(As::Key(&world.a, Role::Analyst), request);
    let counts = world.events().count(request).await.unwrap().into_inner();
    assert_eq!((summary.events, counts.total), (240, 240));
    let by_analysis: BTreeMap<_, _> =
        summary.labels.into_iter().map(|it| (it.key, it.events)).collect();
    let by_mapper: BTreeMap<_, _> =
        counts.counts.into_iter().map(|it| (it.key, it.count)).collect();
    assert_eq!(by_analysis, by_mapper);
    // 60 of each word; every 24th is malformed, and all of these are among the unknown words.
    assert_eq!(by_mapper["PII.Contact.Email"], 60);
    assert_eq!((by_mapper["OTHER.Unknown"], by_mapper["OTHER.ModelError"]), (50, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_detector_reports_is_its_coverage() {
    let world = World::start().await;
    let detector = PolicyDetector {
        detector: "presidio".to_owned(),
        required: true,
        report_interval_s: 600,
        ..Default::default()
    };
    let policy =
        Policy { name: "default".to_owned(), detectors: vec![detector], ..Default::default() };
    let request = PublishPolicyRequest { policy: Some(policy) };
    let request = world.request(As::Key(&world.a, Role::Admin), request);
    world.policies().publish_policy(request).await.unwrap();

    // Reports of the six ten minutes of an hour that is over, without the third.
    let hour = OffsetDateTime::now_utc().replace_minute(0).unwrap().replace_second(0).unwrap()
        - Duration::hours(3);
    let runs: Vec<RunReport> = [0, 1, 3, 4, 5]
        .map(|n| {
            let started_at = hour + Duration::minutes(10 * n);
            RunReport {
                run_id: format!("run-{n}"),
                detector: "presidio".to_owned(),
                detector_version: "2.2.366".to_owned(),
                started_at: Some(timestamp(started_at)),
                ended_at: Some(timestamp(started_at + Duration::minutes(10))),
                looked_at: 100,
                flagged: 7,
                failed: 1,
            }
        })
        .into();
    let acknowledged = world.ingest(&world.a, Vec::new(), runs.clone()).await;
    assert_eq!(tally(&acknowledged), "ACCEPTED 5");
    assert_eq!(tally(&world.ingest(&world.a, Vec::new(), runs).await), "DUPLICATE 5");

    let period = proto::common::v1::Period {
        from: Some(timestamp(hour)),
        to: Some(timestamp(hour + Duration::hours(1))),
    };
    let ask = || async {
        let request = GetCoverageRequest { period: Some(period), ..Default::default() };
        let request = world.request(As::Key(&world.a, Role::Analyst), request);
        let coverage = world.insights().get_coverage(request).await.unwrap().into_inner();
        coverage.detectors.into_iter().find(|it| it.detector == "presidio")
    };
    crate::world::eventually("analysis has read the reports", || async {
        ask()
            .await
            .is_some_and(|it| it.states.iter().any(|it| it.key == "looked_at" && it.events == 500))
    })
    .await;
    let coverage = ask().await.unwrap();
    assert_eq!((coverage.expected, coverage.executed), (6, 5), "{:?}", coverage.states);
    assert!(coverage.required && coverage.achieved.is_some_and(|it| (0.83..0.84).contains(&it)));
}

fn tally(acknowledged: &[Acknowledgement]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for it in acknowledged {
        *counts
            .entry(it.status().as_str_name().trim_start_matches("ACKNOWLEDGEMENT_STATUS_"))
            .or_default() += 1;
        let is_bad = it.status() == AcknowledgementStatus::Malformed
            || it.status() == AcknowledgementStatus::Refused;
        assert_eq!(it.error.is_some(), is_bad, "{it:?}");
    }
    counts.iter().map(|(status, n)| format!("{status} {n}")).collect::<Vec<_>>().join(", ")
}
