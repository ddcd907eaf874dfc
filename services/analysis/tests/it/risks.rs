//! `ListRisks`.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proto::analysis::v1::ListRisksRequest;

use crate::world::{As, World, a, b, event, exposed, first, line, show};

async fn risks(world: &World, who: As, limit: u32) -> String {
    let request = ListRisksRequest { period: first(48), limit };
    match world.insights().list_risks(world.request(who, request)).await {
        Ok(response) => {
            let it = response.into_inner();
            let mut text = format!("{:.1}\n", it.overall);
            for it in it.risks {
                let parts = it.sub_scores.iter().map(|it| format!("{} {:.2}", it.name, it.score));
                let parts = parts.collect::<Vec<_>>().join(", ");
                let (label, ids) = (&it.label, it.event_ids.len());
                let dispositions = line(&it.dispositions);
                writeln!(text, "{label} {:.1}: {parts}; {dispositions}; {ids} ids", it.score)
                    .unwrap();
            }
            text
        }
        Err(status) => show(&status),
    }
}

async fn world() -> World {
    let world = World::start().await;
    world.feeds.push_events([
        event(a(), 1, "PII.Contact.Email", 0),
        exposed(event(a(), 2, "PII.Contact.Phone", 60)),
        exposed(event(a(), 3, "PII.Contact.Phone", 61)),
        event(a(), 4, "LEGACY.Label", 61),
        event(b(), 5, "HARM.Violence.Threat", 61),
    ]);
    world.taken_in(a(), 4, 0).await;
    world
}

async fn check(who: As, limit: u32, expected: Expect) {
    expected.assert_eq(&risks(&world().await, who, limit).await);
}

#[tokio::test]
async fn what_got_out_is_riskier_than_what_was_held() {
    check(As::Analyst(a()), 0, expect![[r#"
        30.7
        PII.Contact.Phone 20.4: technical 0.22, business 0.14, regulatory 0.04, temporal 0.02; exposed 2; 2 ids
        LEGACY.Label 17.9: technical 0.21, business 0.14, regulatory 0.00, temporal 0.01; contained 1; 1 ids
        PII.Contact.Email 17.9: technical 0.21, business 0.14, regulatory 0.00, temporal 0.01; contained 1; 1 ids
    "#]]).await;
}

#[tokio::test]
async fn no_more_come_than_asked_for() {
    check(As::Analyst(a()), 1, expect![[r#"
        30.7
        PII.Contact.Phone 20.4: technical 0.22, business 0.14, regulatory 0.04, temporal 0.02; exposed 2; 2 ids
    "#]]).await;
}

#[tokio::test]
async fn another_tenant_sees_its_own_only() {
    check(As::Analyst(b()), 0, expect![[r#"
        17.9
        HARM.Violence.Threat 17.9: technical 0.21, business 0.14, regulatory 0.00, temporal 0.01; contained 1; 1 ids
    "#]]).await;
}

#[tokio::test]
async fn a_limit_above_the_limit_is_refused() {
    check(
        As::Analyst(a()),
        201,
        expect!["InvalidArgument INVALID_REQUEST [limit]: `limit` must be at most 200, got 201"],
    )
    .await;
}

#[tokio::test]
async fn without_the_mapper_nobody_knows_the_controls() {
    let world = world().await;
    world.feeds.set_away(true);
    expect!["Unavailable UPSTREAM_UNAVAILABLE: a neighbour did not answer: mapper answered UPSTREAM_UNAVAILABLE: the neighbour is away"].assert_eq(&risks(&world, As::Analyst(a()), 0).await);
}
