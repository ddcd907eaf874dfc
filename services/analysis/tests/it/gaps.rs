//! `ListGaps`.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proto::{
    analysis::v1::{GapKind, ListGapsRequest},
    common::v1::Severity,
    orchestration::v1::CheckState,
};
use uuid::Uuid;

use crate::world::{As, World, a, b, detection, event, first, policy, report, show};

async fn gaps(world: &World, who: As, limit: u32) -> String {
    let request = ListGapsRequest { period: first(24 * 6), limit };
    match world.insights().list_gaps(world.request(who, request)).await {
        Ok(response) => {
            let mut text = String::new();
            for it in response.into_inner().gaps {
                assert!(!it.evidence_refs.is_empty());
                let kind = GapKind::try_from(it.kind).unwrap().as_str_name();
                let severity = Severity::try_from(it.severity).unwrap().as_str_name();
                let words = [kind, severity].map(|it| it.rsplit_once('_').unwrap().1);
                writeln!(text, "{} {} {}: {}", words[0], words[1], it.subject, it.reason).unwrap();
            }
            text
        }
        Err(status) => show(&status),
    }
}

/// Six days: an agent silent for ten hours, a called detector that timed out, an incident on the fifth day.
async fn world() -> World {
    let world = World::start().await;
    let reports = (0..24 * 6).filter(|hour| !(30..40).contains(hour));
    world
        .feeds
        .push_runs(reports.map(|hour| report(a(), u128::try_from(hour).unwrap(), hour, hour + 1)));
    world.feeds.push_runs([
        policy(a(), 24 * 6),
        detection(a(), 1, 3, &[CheckState::Clean, CheckState::TimedOut]),
    ]);
    let quiet = (0..24 * 6)
        .map(|hour| event(a(), u128::try_from(hour).unwrap(), "JAILBREAK.Direct", 60 * hour));
    world.feeds.push_events(quiet);
    let incident = (0..40).map(|n| event(a(), 1000 + n, "JAILBREAK.Direct", 60 * (24 * 4 + 14)));
    world.feeds.push_events(incident);
    world.feeds.push_events((0..12).map(|n| event(a(), 2000 + n, "OTHER.Unknown", 60 * 5)));
    world.taken_in(a(), 24 * 6 + 40 + 12, 24 * 6 - 10 + 1).await;
    world
}

async fn check(who: As, limit: u32, expected: Expect) {
    expected.assert_eq(&gaps(&world().await, who, limit).await);
}

#[tokio::test]
async fn outages_spikes_and_unknown_words_are_found() {
    check(As::Analyst(a()), 0, expect![[r#"
        OUTAGE HIGH agent: No run report from 2026-10-06T06:00:00Z to 2026-10-06T16:00:00Z; at most 3600 s are allowed.
        COVERAGE MEDIUM pii: 1 of 2 checks were executed; the policy asks for a share of 0.8.
        SPIKE MEDIUM JAILBREAK.Direct: 41 events in the hour from 2026-10-09T14:00:00Z; the median of that hour of the day is 1.
        SPIKE MEDIUM OTHER.Unknown: 12 events in the hour from 2026-10-05T05:00:00Z; the median of that hour of the day is 0.
        LABELS LOW presidio: 12 of 196 events carry a word that no rule knows.
    "#]]).await;
}

#[tokio::test]
async fn no_more_come_than_asked_for() {
    check(As::Analyst(a()), 1, expect![[r#"
        OUTAGE HIGH agent: No run report from 2026-10-06T06:00:00Z to 2026-10-06T16:00:00Z; at most 3600 s are allowed.
    "#]]).await;
}

#[tokio::test]
async fn another_tenant_has_none_of_them() {
    check(As::Analyst(b()), 0, expect![[""]]).await;
}

#[tokio::test]
async fn a_limit_above_the_limit_is_refused() {
    check(
        As::Analyst(a()),
        501,
        expect!["InvalidArgument INVALID_REQUEST [limit]: `limit` must be at most 500, got 501"],
    )
    .await;
}

#[tokio::test]
async fn they_are_found_without_the_neighbours_and_under_the_same_ids() {
    let world = world().await;
    let ids = async || {
        let request = ListGapsRequest { period: first(24 * 6), limit: 0 };
        let response = world.insights().list_gaps(world.request(As::Analyst(a()), request)).await;
        let gaps = response.unwrap().into_inner().gaps;
        gaps.into_iter().map(|it| (it.gap_id, it.evidence_refs)).collect::<Vec<_>>()
    };
    let before = ids().await;
    world.feeds.set_away(true);
    assert_eq!(before, ids().await);
    let sent = |id: &String| {
        let id = Uuid::parse_str(id).unwrap().as_u128();
        id >> 120 == 0xe || (0x1000..0x3000).contains(&id)
    };
    assert!(before.iter().all(|(_, refs)| refs.iter().all(sent)), "evidence that nobody sent");
}

#[tokio::test]
async fn without_the_database_there_is_no_answer() {
    let world = world().await;
    world.lose_database().await;
    let answer = gaps(&world, As::Analyst(a()), 0).await;
    assert!(answer.starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{answer}");
}
