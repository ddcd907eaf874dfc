//! `GetPosture`.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proto::analysis::v1::GetPostureRequest;

use crate::world::{As, World, a, b, event, exposed, first, show};

async fn posture(world: &World, who: As, frameworks: &[&str]) -> String {
    let frameworks = frameworks.iter().copied().map(str::to_owned).collect();
    let request = GetPostureRequest { period: first(24 * 5), frameworks };
    match world.insights().get_posture(world.request(who, request)).await {
        Ok(response) => {
            let mut text = String::new();
            for it in response.into_inner().frameworks {
                writeln!(text, "{} {} of {}", it.framework, it.controls.len(), it.controls_known)
                    .unwrap();
                for it in it.controls {
                    let (indicates, supports) = (it.violation_indicators, it.control_operating);
                    let (control, labels) = (&it.control, it.labels.join(" "));
                    writeln!(
                        text,
                        "  {control} -{indicates} +{supports} {labels} ({})",
                        it.verification
                    )
                    .unwrap();
                }
            }
            text
        }
        Err(status) => show(&status),
    }
}

/// One label that was exposed twice, one that comes back every day.
async fn world() -> World {
    let world = World::start().await;
    world.feeds.push_events([
        exposed(event(a(), 1, "PII.Contact.Phone", 60)),
        exposed(event(a(), 2, "PII.Contact.Phone", 61)),
        event(b(), 3, "HARM.Violence.Threat", 61),
        event(a(), 4, "LEGACY.Label", 61),
    ]);
    let daily = (0..12)
        .map(|n| event(a(), 100 + n, "PII.Contact.Email", i64::try_from(n).unwrap() * 10 * 60));
    world.feeds.push_events(daily);
    world.taken_in(a(), 15, 0).await;
    world.taken_in(b(), 1, 0).await;
    world
}

async fn check(who: As, frameworks: &[&str], expected: Expect) {
    expected.assert_eq(&posture(&world().await, who, frameworks).await);
}

#[tokio::test]
async fn the_mapper_says_which_controls_and_the_counts_are_ours() {
    check(
        As::Analyst(a()),
        &[],
        expect![[r#"
        soc2 3 of 3
          CC3.2 -12 +0 PII.Contact.Email (publisher)
          CC6.7 -2 +0 PII.Contact.Phone (publisher)
          CC7.2 -0 +14 PII.Contact.Email PII.Contact.Phone (publisher)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn only_the_frameworks_asked_for_come() {
    check(As::Analyst(a()), &["gdpr"], expect![[""]]).await;
}

#[tokio::test]
async fn another_tenant_sees_its_own_only() {
    check(
        As::Analyst(b()),
        &[],
        expect![[r#"
        soc2 1 of 3
          CC7.2 -0 +1 HARM.Violence.Threat (publisher)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn more_frameworks_than_the_limit_are_refused() {
    check(As::Analyst(a()), &["soc2"; 51], expect!["InvalidArgument INVALID_REQUEST [frameworks]: `frameworks` must have at most 50 items, got 51"]).await;
}

#[tokio::test]
async fn without_the_mapper_nobody_knows_the_controls() {
    let world = world().await;
    world.feeds.set_away(true);
    expect!["Unavailable UPSTREAM_UNAVAILABLE: a neighbour did not answer: mapper answered UPSTREAM_UNAVAILABLE: the neighbour is away"].assert_eq(&posture(&world, As::Analyst(a()), &[]).await);
}

#[tokio::test]
async fn what_the_mapper_said_is_remembered() {
    let world = world().await;
    let before = posture(&world, As::Analyst(a()), &[]).await;
    let asked = world.feeds.resolved();
    world.feeds.set_away(true);
    assert_eq!(before, posture(&world, As::Analyst(a()), &[]).await);
    assert_eq!(asked, world.feeds.resolved());
}
