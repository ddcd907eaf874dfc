use std::collections::HashMap;

use expect_test::{Expect, expect};
use proto::{
    common::v1::{Disposition, Finding, Span},
    mapper::v1::{
        CountBy, CountRequest, EventFilter, FindingToRecord, RecordRequest, RecordStatus,
    },
};

use crate::world::{As, World, a, b, finding, show, statuses};

async fn check(findings: Vec<Finding>, expected: Expect) {
    let world = World::start().await;
    let answer = match world.record(a(), findings).await {
        Ok(results) => statuses(&results),
        Err(status) => show(&status),
    };
    expected.assert_eq(&answer);
}

#[tokio::test]
async fn nothing_of_a_finding_is_lost() {
    let world = World::start().await;
    let sent = Finding {
        span: Some(Span { start: 3, end: 14 }),
        resource: "conversation/17".to_owned(),
        disposition: Disposition::Exposed.into(),
        metadata: HashMap::from([("channel".to_owned(), "chat".to_owned())]),
        request_id: "r-1".to_owned(),
        trace_parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        ..finding("f1", "US_SSN")
    };
    let results = world.record(a(), vec![sent.clone()]).await.unwrap();
    assert_eq!(statuses(&results), "stored");

    let events = world.query(a(), EventFilter::default()).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event_id, results[0].event_id);
    assert_eq!(events[0].tenant_id, a().to_string());
    assert_eq!(events[0].finding.as_ref(), Some(&sent));
    let mapping = events[0].mapping.as_ref().unwrap();
    expect!["PII.Identifier.SSN CRITICAL 0.9 RULE UNSPECIFIED by 2026.11 and none"]
        .assert_eq(&crate::map::line(mapping));
    assert_eq!(mapping.versions.as_ref().unwrap().policy, "default@3");
}

#[tokio::test]
async fn the_same_finding_twice_is_a_duplicate() {
    let world = World::start().await;
    let first = world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap();
    let second = world.record(a(), vec![finding("f1", "PERSON"), finding("f2", "PERSON")]).await;
    let second = second.unwrap();
    assert_eq!([statuses(&first), statuses(&second)], ["stored", "duplicate, stored"]);
    assert_eq!(second[0].event_id, "");
    let events = world.query(a(), EventFilter::default()).await;
    let labels: Vec<_> =
        events.iter().map(|it| it.mapping.as_ref().unwrap().label.as_str()).collect();
    assert_eq!(labels, ["PII.Person.Name", "PII.Identifier.SSN"]);
}

#[tokio::test]
async fn twins_in_one_batch_are_stored_once() {
    let twins = ["f1", "f2", "f1", "f1"].map(|id| finding(id, "US_SSN")).to_vec();
    check(twins, expect!["stored, stored, duplicate, duplicate"]).await;
}

#[tokio::test]
async fn the_id_of_one_detector_says_nothing_to_another() {
    let other = Finding { detector: "piiranha".to_owned(), ..finding("f1", "SOCIALNUM") };
    check(vec![finding("f1", "US_SSN"), other], expect!["stored, stored"]).await;
}

#[tokio::test]
async fn the_finding_of_another_tenant_is_no_duplicate_and_not_seen() {
    let world = World::start().await;
    world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap();
    let results = world.record(b(), vec![finding("f1", "PERSON")]).await.unwrap();
    assert_eq!(statuses(&results), "stored");
    for (tenant, label) in [(a(), "PII.Identifier.SSN"), (b(), "PII.Person.Name")] {
        let events = world.query(tenant, EventFilter::default()).await;
        let labels: Vec<_> =
            events.iter().map(|it| it.mapping.as_ref().unwrap().label.as_str()).collect();
        assert_eq!(labels, [label]);
    }
}

#[tokio::test]
async fn batches_that_cross_store_each_finding_once() {
    let world = World::start().await;
    let ids: Vec<String> = (0..50).map(|n| format!("f{n}")).collect();
    let batches = (0..8).map(|turn| {
        let mut ids = ids.clone();
        ids.rotate_left(turn * 7);
        if turn % 2 == 1 {
            ids.reverse();
        }
        let findings = ids.iter().map(|id| finding(id, "flurbl")).collect();
        world.record(a(), findings)
    });
    let results = futures::future::join_all(batches).await;
    let results: Vec<_> = results.into_iter().flat_map(Result::unwrap).collect();
    let stored = results.iter().filter(|it| it.status() == RecordStatus::Stored).count();
    assert_eq!((results.len(), stored), (400, 50));
    assert_eq!(world.query(a(), EventFilter::default()).await.len(), 50);
}

#[tokio::test]
async fn malformed_findings_are_stored_as_model_errors() {
    let world = World::start().await;
    let nan = Finding { score: f64::NAN, ..finding("f1", "US_SSN") };
    let future = prost_types::Timestamp { seconds: 32_000_000_000, nanos: 0 };
    let late = Finding { occurred_at: Some(future), ..finding("f2", "US_SSN") };
    let nul = finding("f3", "US\0SSN");
    let results = world.record(a(), vec![nan, late, nul]).await.unwrap();
    expect!["malformed (score must be in 0..=1), malformed (occurred_at is more than 5 minutes in the future), malformed (raw_label has a NUL)"].assert_eq(&statuses(&results));
    assert!(results.iter().all(|it| !it.event_id.is_empty()));
    for event in world.query(a(), EventFilter::default()).await {
        expect!["OTHER.ModelError INFO 0 FALLBACK MALFORMED by 2026.11 and none"]
            .assert_eq(&crate::map::line(event.mapping.as_ref().unwrap()));
        assert!((0.0..=1.0).contains(&event.finding.unwrap().score));
    }
}

#[tokio::test]
async fn what_has_no_identity_or_no_end_is_refused_alone() {
    let long = "x".repeat(600);
    let findings = vec![
        finding("", "US_SSN"),
        finding("f1", "US_SSN"),
        finding("f2", &long),
        Finding { detector: String::new(), ..finding("f3", "US_SSN") },
        Finding {
            metadata: HashMap::from([("k".to_owned(), "v".repeat(9000))]),
            ..finding("f4", "x")
        },
    ];
    check(findings, expect!["refused (finding_id is missing), stored, refused (raw_label has 600 bytes, the limit is 512), refused (detector is missing), refused (metadata has 9001 bytes, the limit is 8192)"]).await;
}

#[tokio::test]
async fn what_a_neighbour_found_malformed_is_a_model_error() {
    let world = World::start().await;
    let malformed = FindingToRecord {
        finding: Some(finding("f1", "US_SSN")),
        malformed: "finding.raw_label was broken UTF-8".to_owned(),
        policy: String::new(),
    };
    let request = RecordRequest { findings: vec![malformed] };
    let request = world.request(As::Service(Some(a())), request);
    let results = world.events().record(request).await.unwrap().into_inner().results;
    expect!["malformed (finding.raw_label was broken UTF-8)"].assert_eq(&statuses(&results));
}

#[tokio::test]
async fn nothing_is_recorded_of_nothing() {
    check(vec![], expect![""]).await;
}

#[tokio::test]
async fn a_full_batch_is_one_answer() {
    let world = World::start().await;
    let findings = (0..5000).map(|n| finding(&n.to_string(), "US_SSN")).collect();
    let results = world.record(a(), findings).await.unwrap();
    assert!(results.iter().all(|it| it.status() == RecordStatus::Stored));
    let request = CountRequest { filter: None, by: CountBy::Unspecified.into() };
    let counted = world.events().count(world.request(As::Admin(a()), request)).await.unwrap();
    assert_eq!(counted.into_inner().total, 5000);
}

#[tokio::test]
async fn a_batch_over_the_limit_is_refused_whole() {
    check(vec![finding("f1", "US_SSN"); 5001], expect!["InvalidArgument INVALID_REQUEST [findings]: findings has 5001 entries, the limit is 5000"]).await;
}

#[tokio::test]
async fn only_services_record() {
    let world = World::start().await;
    for who in [As::Admin(a()), As::Detector(a()), As::Service(None)] {
        let request = world.request(who, RecordRequest::default());
        let status = world.events().record(request).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::PermissionDenied, "{who:?}");
    }
}

#[tokio::test]
async fn a_lost_database_is_unavailable() {
    let world = World::start().await;
    world.lose_database().await;
    let status = world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap_err();
    expect!["Unavailable UPSTREAM_UNAVAILABLE: the database cannot do this just now"]
        .assert_eq(&show(&status));
}

#[tokio::test]
async fn a_broken_schema_is_not_shown() {
    let world = World::start().await;
    world.break_by("drop table mapper.event cascade").await;
    let status = world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap_err();
    expect!["Internal INTERNAL: internal error"].assert_eq(&show(&status));
}

#[tokio::test]
async fn a_failed_batch_leaves_no_key_behind() {
    let world = World::start().await;
    world
        .break_by("alter table mapper.event add constraint broken check (detector <> 'presidio')")
        .await;
    let status = world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap_err();
    expect!["Internal INTERNAL: internal error"].assert_eq(&show(&status));
    world.break_by("alter table mapper.event drop constraint broken").await;
    let results = world.record(a(), vec![finding("f1", "US_SSN")]).await.unwrap();
    assert_eq!(statuses(&results), "stored");
}
