use std::collections::{BTreeMap, HashSet};

use expect_test::expect;
use futures::StreamExt as _;
use proto::mapper::v1::{Event, TailRequest, TailResponse};
use tonic::Status;

use crate::world::{As, World, a, b, finding, show, tenant};

/// Everything a reader that does not follow is told from `cursor` on, response by response.
async fn tail(
    world: &World,
    who: As,
    cursor: &str,
    batch_max: u32,
) -> Result<Vec<TailResponse>, Status> {
    let request = TailRequest { cursor: cursor.to_owned(), batch_max, follow: false };
    let mut stream = world.events().tail(world.request(who, request)).await?.into_inner();
    let mut responses = Vec::new();
    while let Some(response) = stream.message().await? {
        responses.push(response);
    }
    Ok(responses)
}

fn ids(responses: &[TailResponse]) -> String {
    let of = |event: &Event| event.finding.as_ref().unwrap().finding_id.clone();
    let batches = responses.iter().map(|it| it.events.iter().map(of).collect::<Vec<_>>().join(" "));
    batches.collect::<Vec<_>>().join(" | ")
}

async fn record(world: &World, tenant: types::TenantId, ids: &[&str]) {
    let findings = ids.iter().map(|id| finding(id, "US_SSN")).collect();
    world.record(tenant, findings).await.unwrap();
}

#[tokio::test]
async fn a_tenant_sees_its_own_in_the_order_of_commit() {
    let world = World::start().await;
    record(&world, a(), &["1", "2"]).await;
    record(&world, b(), &["3"]).await;
    record(&world, a(), &["4"]).await;
    let responses = tail(&world, As::Admin(a()), "", 0).await.unwrap();
    assert_eq!(ids(&responses), "1 2 4");
}

#[tokio::test]
async fn a_service_without_a_tenant_sees_everybodys() {
    let world = World::start().await;
    record(&world, a(), &["1", "2"]).await;
    record(&world, b(), &["3"]).await;
    let responses = tail(&world, As::Service(None), "", 2).await.unwrap();
    assert_eq!(ids(&responses), "1 2 | 3");
    let tenants: HashSet<_> =
        responses.iter().flat_map(|it| &it.events).map(|it| it.tenant_id.clone()).collect();
    assert_eq!(tenants, HashSet::from([a().to_string(), b().to_string()]));
    let responses = tail(&world, As::Service(Some(b())), "", 0).await.unwrap();
    assert_eq!(ids(&responses), "3");
}

#[tokio::test]
async fn goes_on_behind_its_cursor() {
    let world = World::start().await;
    record(&world, a(), &["1", "2", "3"]).await;
    record(&world, a(), &["4"]).await;
    for who in [As::Admin(a()), As::Service(None)] {
        let responses = tail(&world, who, "", 2).await.unwrap();
        assert_eq!(ids(&responses), "1 2 | 3 4");
        let rest = tail(&world, who, &responses[0].cursor, 0).await.unwrap();
        assert_eq!(ids(&rest), "3 4");
        assert_eq!(tail(&world, who, &responses[1].cursor, 0).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_response_is_never_more_than_a_client_takes() {
    let world = World::start().await;
    let note = std::collections::HashMap::from([("note".to_owned(), "so ".repeat(2700))]);
    let findings = (0..600).map(|n| proto::common::v1::Finding {
        metadata: note.clone(),
        ..finding(&n.to_string(), "US_SSN")
    });
    world.record(a(), findings.collect()).await.unwrap();
    let responses = tail(&world, As::Service(None), "", 0).await.unwrap();
    let sizes: Vec<usize> = responses.iter().map(prost::Message::encoded_len).collect();
    assert!(sizes.iter().all(|it| *it < 4 << 20), "{sizes:?}");
    assert_eq!(responses.iter().map(|it| it.events.len()).sum::<usize>(), 600);
    assert!(1 < responses.len());
}

#[tokio::test]
async fn who_follows_is_told_of_what_comes() {
    let world = World::start().await;
    let replica = World::start_on(world.db.clone()).await;
    let request = TailRequest { follow: true, ..TailRequest::default() };
    let request = world.request(As::Service(None), request);
    let mut stream = world.events().tail(request).await.unwrap().into_inner();
    record(&world, a(), &["1"]).await;
    assert_eq!(ids(&[stream.next().await.unwrap().unwrap()]), "1");
    // Nobody tells this process of another's commit: it looks.
    record(&replica, b(), &["2"]).await;
    assert_eq!(ids(&[stream.next().await.unwrap().unwrap()]), "2");
}

#[tokio::test]
async fn a_stream_ends_when_the_service_stops() {
    let world = World::start().await;
    let request = TailRequest { follow: true, ..TailRequest::default() };
    let request = world.request(As::Service(None), request);
    let mut stream = world.events().tail(request).await.unwrap().into_inner();
    world.tasks.stop();
    while let Some(Ok(response)) = stream.next().await {
        assert_eq!(response.events, vec![]);
    }
}

#[tokio::test]
async fn an_unfinished_writer_hides_what_came_after_it_and_nothing_is_skipped() {
    let world = World::start().await;
    record(&world, a(), &["1"]).await;
    let mut slow = world.db.owner.begin().await.unwrap();
    let slow_xid = "select pg_current_xact_id()::text";
    sqlx::raw_sql(slow_xid).execute(&mut *slow).await.unwrap();
    record(&world, a(), &["2"]).await;

    let request = TailRequest { follow: true, ..TailRequest::default() };
    let request = world.request(As::Service(None), request);
    let mut stream = world.events().tail(request).await.unwrap().into_inner();
    assert_eq!(ids(&[stream.next().await.unwrap().unwrap()]), "1");
    // The older writer commits an event now: it stands before 2, and both come.
    sqlx::raw_sql(
        "insert into event (tenant_id, event_id, received_at, occurred_at, feed_xid, score, confidence, feed_seq,
            version_id, severity, route, fallback_reason, disposition, label, detector, detector_version,
            finding_id, raw_label, policy)
        select tenant_id, gen_random_uuid(), received_at, occurred_at, pg_current_xact_id(), score, confidence, 1,
            version_id, severity, route, fallback_reason, disposition, label, detector, detector_version,
            'late', raw_label, policy
        from event where finding_id = '1'",
    )
    .execute(&mut *slow)
    .await
    .unwrap();
    slow.commit().await.unwrap();
    assert_eq!(ids(&[stream.next().await.unwrap().unwrap()]), "late 2");
}

/// Writers of several tenants, and a reader that loses its connection now and then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_and_a_restarting_reader_lose_and_double_nothing() {
    const WRITERS: u128 = 6;
    const BATCHES: usize = 20;
    const SIZE: usize = 7;

    let world = World::start().await;
    let writers = (1..=WRITERS).map(|n| {
        let world = &world;
        async move {
            for batch in 0..BATCHES {
                let findings = (0..SIZE).map(|at| finding(&format!("{n}-{batch}-{at}"), "US_SSN"));
                let results = world.record(tenant(n), findings.collect()).await.unwrap();
                assert_eq!(results.len(), SIZE);
            }
        }
    });
    let reader = async {
        let all = usize::try_from(WRITERS).unwrap() * BATCHES * SIZE;
        let mut seen: Vec<String> = Vec::new();
        let mut cursor = String::new();
        let mut restarts = 0_u32;
        while seen.len() < all {
            // Sizes and lives of connections that follow no pattern of the writers.
            let batch_max = 1 + restarts * 5 % 13;
            let request = TailRequest { cursor: cursor.clone(), batch_max, follow: true };
            let request = world.request(As::Service(None), request);
            let mut stream = world.events().tail(request).await.unwrap().into_inner();
            for _ in 0..=restarts % 5 {
                let response = stream.next().await.unwrap().unwrap();
                seen.extend(
                    response
                        .events
                        .iter()
                        .map(|it| it.finding.as_ref().unwrap().finding_id.clone()),
                );
                cursor = response.cursor;
                if all <= seen.len() {
                    break;
                }
            }
            restarts += 1;
        }
        seen
    };
    let (seen, _) = futures::future::join(reader, futures::future::join_all(writers)).await;

    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (840, 840));
    // Each writer's batches come in its own order.
    let mut last: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for id in &seen {
        let parts: Vec<&str> = id.split('-').collect();
        let at = (parts[1].parse().unwrap(), parts[2].parse().unwrap());
        if let Some(before) = last.insert(parts[0], at) {
            assert!(before < at, "{id} came after {before:?}");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_something_else_is_refused() {
    let world = World::start().await;
    let status = tail(&world, As::Admin(a()), "seventeen", 0).await.unwrap_err();
    expect![
        "InvalidArgument INVALID_REQUEST [cursor]: cursor is invalid: not a cursor of this list"
    ]
    .assert_eq(&show(&status));
}

#[tokio::test]
async fn a_detector_may_not_tail() {
    let world = World::start().await;
    let status = tail(&world, As::Detector(a()), "", 0).await.unwrap_err();
    expect![
        "PermissionDenied PERMISSION_DENIED: `EventService.Tail` needs the permission `events:read`"
    ]
    .assert_eq(&show(&status));
}

#[tokio::test]
async fn a_lost_database_is_unavailable() {
    let world = World::start().await;
    world.lose_database().await;
    let status = tail(&world, As::Admin(a()), "", 0).await.unwrap_err();
    expect!["Unavailable UPSTREAM_UNAVAILABLE: the database cannot do this just now"]
        .assert_eq(&show(&status));
}
