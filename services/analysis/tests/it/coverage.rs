//! `GetCoverage`.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proto::{
    analysis::v1::{GetCoverageRequest, Granularity},
    orchestration::v1::CheckState,
};

use crate::world::{As, World, a, b, detection, first, line, policy, report, show};

async fn coverage(world: &World, who: As, request: GetCoverageRequest) -> String {
    match world.insights().get_coverage(world.request(who, request)).await {
        Ok(response) => {
            let it = response.into_inner();
            let mut text = format!("{:?} of {} by {:?}\n", it.achieved, it.threshold, it.policy);
            for it in it.detectors {
                let points = it.series.len();
                let (name, kind, states) = (&it.detector, &it.kind, line(&it.states));
                writeln!(
                    text,
                    "{name} {kind} {}/{} in {points}: {states}",
                    it.executed, it.expected
                )
                .unwrap();
            }
            text
        }
        Err(status) => show(&status),
    }
}

/// A policy that came into force after the fact, an agent silent from 4 to 10, and a called detector.
async fn world() -> World {
    let world = World::start().await;
    let reports =
        [0, 1, 2, 3, 10, 11].map(|hour| report(a(), u128::try_from(hour).unwrap(), hour, hour + 1));
    world.feeds.push_runs(reports);
    world.feeds.push_runs([
        policy(a(), 12),
        detection(a(), 1, 3, &[CheckState::Clean, CheckState::Flagged, CheckState::TimedOut]),
        detection(a(), 2, 5, &[CheckState::Cached]),
        detection(b(), 3, 5, &[CheckState::Error]),
    ]);
    world.taken_in(a(), 0, 8).await;
    world.taken_in(b(), 0, 1).await;
    world
}

fn request(granularity: Granularity) -> GetCoverageRequest {
    GetCoverageRequest { period: first(12), granularity: granularity.into() }
}

async fn check(who: As, granularity: Granularity, expected: Expect) {
    expected.assert_eq(&coverage(&world().await, who, request(granularity)).await);
}

#[tokio::test]
async fn only_what_really_ran_counts() {
    check(
        As::Analyst(a()),
        Granularity::Hour,
        expect![[r#"
        Some(0.625) of 0.8 by "default@1"
        agent push 6/12 in 12: failed 0, flagged 6, looked_at 60, reported 6, silent 6
        pii called 3/4 in 2: cached 1, clean 1, flagged 1, timed_out 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn another_tenant_sees_its_own_only() {
    check(
        As::Analyst(b()),
        Granularity::Day,
        expect![[r#"
        Some(0.0) of 0.8 by ""
        pii called 0/1 in 1: error 1
    "#]],
    )
    .await;
}

#[tokio::test]
async fn minutes_are_refused() {
    check(
        As::Analyst(a()),
        Granularity::Minute,
        expect!["InvalidArgument INVALID_REQUEST [granularity]: granularity must be HOUR or DAY"],
    )
    .await;
}

#[tokio::test]
async fn without_the_database_there_is_no_answer() {
    let world = world().await;
    world.lose_database().await;
    let answer = coverage(&world, As::Analyst(a()), request(Granularity::Day)).await;
    assert!(answer.starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{answer}");
}
