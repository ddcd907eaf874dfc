use expect_test::{Expect, expect};
use proto::{
    common::v1::Disposition,
    mapper::v1::{EvidenceContext, ExplainRequest},
};

use crate::{
    map::{line, word},
    world::{As, World, a, show},
};

async fn check(who: As, request: ExplainRequest, expected: Expect) {
    let world = World::start().await;
    let answer = match world.mapping().explain(world.request(who, request)).await {
        Ok(response) => {
            let response = response.into_inner();
            let mut text = line(&response.mapping.unwrap()) + "\n";
            for step in response.steps {
                let mark = if step.decided { '*' } else { '-' };
                text += &format!("{mark} {}: {}\n", step.step, step.detail);
            }
            for control in response.controls.iter().filter(|it| it.framework == "soc2") {
                text += &format!("{} {} {:?}\n", control.control, control.when, control.missing);
            }
            text
        }
        Err(status) => show(&status),
    };
    expected.assert_eq(&answer);
}

fn exposed() -> EvidenceContext {
    EvidenceContext { disposition: Disposition::Exposed.into(), ..Default::default() }
}

#[tokio::test]
async fn tells_every_step_and_control() {
    let request = Some(word("presidio", "us_ssn", Some(0.9)));
    check(As::Admin(a()), ExplainRequest { request, context: Some(exposed()) }, expect![[r#"
        PII.Identifier.SSN CRITICAL 0.9 RULE UNSPECIFIED by 2026.11 and none
        - exact: not among the 121 words of `presidio`
        * normalised: the word stands for PII.Identifier.SSN
        - threshold: the score 0.9 reaches the threshold 0.6
        CC6.7 exposed []
        C1.1 exposed ["not stated: confidentiality criteria in scope"]
        P4.1 ingested ["the finding is not known to be ingested", "not stated: privacy criteria in scope"]
        P6.3 incident ["the finding is not known to be incident", "not stated: privacy criteria in scope"]
        CC7.2 any []
        CC7.3 incident ["the finding is not known to be incident"]
    "#]]).await;
}

#[tokio::test]
async fn an_unknown_fact_is_refused() {
    let request = Some(word("presidio", "us_ssn", Some(0.9)));
    let context = Some(EvidenceContext { facts: vec!["it-rained".to_owned()], ..exposed() });
    check(As::Admin(a()), ExplainRequest { request, context }, expect!["InvalidArgument INVALID_REQUEST [context.facts]: context.facts names a fact that nobody can state"]).await;
}

#[tokio::test]
async fn nothing_to_explain_is_refused() {
    check(
        As::Admin(a()),
        ExplainRequest { request: None, context: None },
        expect!["InvalidArgument INVALID_REQUEST [request]: `request` is required"],
    )
    .await;
}

#[tokio::test]
async fn a_word_over_its_limit_is_refused() {
    let request = Some(word("", "us_ssn", None));
    check(
        As::Admin(a()),
        ExplainRequest { request, context: None },
        expect!["InvalidArgument INVALID_REQUEST [detector]: detector is missing"],
    )
    .await;
}

#[tokio::test]
async fn a_detector_may_not_ask() {
    let request = Some(word("presidio", "us_ssn", None));
    check(As::Detector(a()), ExplainRequest { request, context: None }, expect!["PermissionDenied PERMISSION_DENIED: `MappingService.Explain` needs the permission `mappings:read`"]).await;
}
