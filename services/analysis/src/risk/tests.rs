use expect_test::{Expect, expect};
use proptest::prelude::*;
use time::{Duration, macros::datetime};

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-15 00:00 UTC);

const WEIGHTS: Weights = Weights {
    technical: 0.6,
    business: 0.4,
    regulatory: 0.5,
    temporal: 0.4,
    half_life_h: 72.0,
    volume_half: 20.0,
    regulatory_step: 0.05,
    criticality_default: 0.3,
};

fn facts(
    severity: Severity,
    hours: &[(i64, u64)],
    criticality: f64,
    controls: &[f64],
) -> LabelFacts {
    let at = |age_h: i64| NOW - Duration::hours(age_h);
    let mut micros: BTreeMap<OffsetDateTime, u64> = BTreeMap::new();
    for (age_h, events) in hours {
        *micros.entry(at(*age_h)).or_default() += events * 900_000;
    }
    LabelFacts {
        label: "PII.Contact.Email".to_owned(),
        severity,
        events: hours.iter().map(|(_, events)| events).sum(),
        confidence_micros_max: if hours.is_empty() { 0 } else { 900_000 },
        hours: micros,
        dispositions: BTreeMap::new(),
        evidence: BTreeMap::new(),
        criticality,
        controls: controls.to_vec(),
    }
}

#[track_caller]
fn check(facts: &LabelFacts, expected: Expect) {
    let risk = of_label(&WEIGHTS, facts, NOW);
    let mut actual = format!("{:.2}\n", risk.score);
    for SubScore { name, score, detail, .. } in &risk.sub_scores {
        actual.push_str(&format!("{name} {score:.3}: {detail}\n"));
    }
    expected.assert_eq(&actual);
}

#[test]
fn a_fresh_critical_label_that_touches_controls() {
    check(
        &facts(Severity::Critical, &[(0, 50), (72, 50)], 0.8, &[1.0, 0.5, 0.5]),
        expect![[r#"
        78.32
        technical 0.859: severity critical, 100 events, highest confidence 0.90, confidences sum to 90.0
        business 0.800: severity critical, criticality 0.80 of the detectors that reported it
        regulatory 0.097: indicates a violation of 3 controls, the weightiest 1.00
        temporal 0.771: 67.5 of the sum of confidences left after decay with a half-life of 72 h
    "#]],
    );
}

#[test]
fn what_is_worth_recording_only_is_no_risk() {
    check(
        &facts(Severity::Info, &[(0, 5000)], 1.0, &[]),
        expect![[r#"
        0.00
        technical 0.000: severity info, 5000 events, highest confidence 0.90, confidences sum to 4500.0
        business 0.000: severity info, criticality 1.00 of the detectors that reported it
        regulatory 0.000: indicates a violation of 0 controls, the weightiest 0.00
        temporal 0.000: 4500.0 of the sum of confidences left after decay with a half-life of 72 h
    "#]],
    );
}

#[test]
fn a_weight_above_one_is_refused() {
    let weights = Weights { business: 1.5, ..WEIGHTS };
    let err = weights.validate().unwrap_err();
    assert_eq!(err.to_string(), "risk.business must be in 0..=1, got 1.5");
    assert_eq!(WEIGHTS.validate(), Ok(()));
    assert!(Weights { half_life_h: 0.0, ..WEIGHTS }.validate().is_err());
}

prop_compose! {
    fn any_facts()(
        severity in 0usize..5,
        hours in prop::collection::vec((0i64..2000, 1u64..500), 0..10),
        criticality in 0.0..=1.0f64,
        controls in prop::collection::vec(0.0..=1.0f64, 0..30),
    ) -> LabelFacts {
        facts(Severity::ALL[severity], &hours, criticality, &controls)
    }
}

proptest! {
    #[test]
    fn every_score_is_bounded(facts in any_facts()) {
        let risk = of_label(&WEIGHTS, &facts, NOW);
        prop_assert!((0.0..=100.0).contains(&risk.score));
        for sub_score in &risk.sub_scores {
            prop_assert!((0.0..=1.0).contains(&sub_score.score), "{sub_score:?}");
        }
    }

    #[test]
    fn more_of_anything_never_lowers_a_risk(
        facts in any_facts(),
        (age_h, events) in (0i64..2000, 1u64..500),
        control in 0.0..=1.0f64,
    ) {
        let score = |facts: &LabelFacts| of_label(&WEIGHTS, facts, NOW).score + 1e-9;
        let before = score(&facts) - 2e-9;

        let mut more = facts.clone();
        *more.hours.entry(NOW - Duration::hours(age_h)).or_default() += events * 500_000;
        prop_assert!(before <= score(&more));

        let mut touched = facts.clone();
        touched.controls.push(control);
        prop_assert!(before <= score(&touched));

        for severity in Severity::ALL.into_iter().filter(|it| facts.severity < *it) {
            let graver = LabelFacts { severity, ..facts.clone() };
            prop_assert!(before <= score(&graver));
        }
        let aged = of_label(&WEIGHTS, &facts, NOW + Duration::hours(age_h));
        prop_assert!(aged.score <= score(&facts));
    }

    #[test]
    fn another_risk_never_lowers_the_overall_one(
        mut all in prop::collection::vec(any_facts(), 0..12),
        one in any_facts(),
    ) {
        let before = overall(&of_labels(&WEIGHTS, &all, NOW));
        all.push(one);
        let after = overall(&of_labels(&WEIGHTS, &all, NOW));
        prop_assert!(before <= after + 1e-9);
        prop_assert!((0.0..=100.0).contains(&after));
    }
}
