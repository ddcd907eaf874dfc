use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::policy::Requirement;

const DAY: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);

fn hour(hours: f64) -> OffsetDateTime {
    DAY + Duration::seconds_f64(hours * 3600.0)
}

fn activation(at: OffsetDateTime, version: u32, requirements: &[(&str, u32)]) -> Activation {
    let requirement = |(detector, interval): &(&str, u32)| Requirement {
        detector: (*detector).to_owned(),
        required: true,
        report_interval_s: (0 < *interval).then_some(*interval),
        weight: 1.0,
        criticality: 1.0,
    };
    Activation {
        policy: "default".to_owned(),
        version,
        is_default: true,
        activated_at: at,
        requirements: requirements.iter().map(requirement).collect(),
        threshold: 0.8,
        facts: Vec::new(),
    }
}

/// Reports of `agent`, as `from-to` in hours of the day.
fn reports(spans: &str) -> Vec<SpanReport> {
    let report = |(i, span): (usize, &str)| {
        let (from, to) = span.split_once('-').unwrap();
        SpanReport {
            id: Uuid::from_u128(i as u128 + 1),
            detector: "agent".to_owned(),
            from: hour(from.parse().unwrap()),
            to: hour(to.parse().unwrap()),
            looked_at: 10,
            flagged: 1,
            failed: 0,
        }
    };
    spans.split_whitespace().enumerate().map(report).collect()
}

fn of_reports(history: &History, reports: &[SpanReport], hours: i64, known_h: f64) -> Coverage {
    let first = reports.iter().map(|it| it.from).min();
    let first_reports = first.map(|at| ("agent".to_owned(), at)).into_iter().collect();
    of(&Input {
        period: Period { from: DAY, to: DAY + Duration::hours(hours) },
        known_at: hour(known_h),
        width: Width::Hour,
        history,
        checks: &[],
        reports,
        first_reports: &first_reports,
    })
}

#[track_caller]
fn check(activations: Vec<Activation>, spans: &str, known_h: f64, expected: Expect) {
    let coverage = of_reports(&History::new(activations), &reports(spans), 12, known_h);
    expected.assert_eq(&render(&coverage));
}

fn render(coverage: &Coverage) -> String {
    let mut text = format!("{} {:?}\n", coverage.policy, coverage.achieved);
    for it in &coverage.detectors {
        writeln!(text, "{} {} {}/{}", it.detector, it.kind.as_str(), it.executed, it.expected)
            .unwrap();
        for silence in &it.silences {
            let hours = |at: OffsetDateTime| (at - DAY).as_seconds_f64() / 3600.0;
            let (from, to) = (hours(silence.period.from), hours(silence.period.to));
            writeln!(text, "  silent {from}..{to}, {} neighbours", silence.neighbours.len())
                .unwrap();
        }
    }
    text
}

#[test]
fn an_outage_is_seen_in_past_data_under_a_policy_activated_after_it() {
    check(
        vec![activation(hour(12.0), 1, &[("agent", 3600)])],
        "0-1 1-2 2-3 7-8 8-9 9-10 10-11 11-12",
        24.0,
        expect![[r#"
            default@1 Some(0.6666666666666666)
            agent push 8/12
              silent 3..7, 2 neighbours
        "#]],
    );
}

#[test]
fn a_tenant_without_requirements_at_first_is_judged_by_the_policy_that_names_the_detector() {
    check(
        vec![activation(hour(12.0), 1, &[]), activation(hour(12.1), 2, &[("agent", 3600)])],
        "0-1 1-2 2-6",
        24.0,
        expect![[r#"
            default@1 Some(0.5)
            agent push 6/12
              silent 6..12, 1 neighbours
        "#]],
    );
}

#[test]
fn who_never_reported_is_expected_from_the_activation_on() {
    check(
        vec![activation(hour(4.0), 1, &[("agent", 3600)])],
        "",
        24.0,
        expect![[r#"
            default@1 Some(0.0)
            agent push 0/8
              silent 4..12, 0 neighbours
        "#]],
    );
}

#[test]
fn a_slot_is_not_judged_before_its_report_can_be_there() {
    check(
        vec![activation(DAY, 1, &[("agent", 3600)])],
        "0-1 1-2",
        3.5,
        expect![[r#"
            default@1 Some(1.0)
            agent push 2/2
        "#]],
    );
}

#[test]
fn each_moment_is_judged_by_the_policy_in_force_then() {
    check(
        vec![activation(DAY, 1, &[("agent", 3600)]), activation(hour(6.0), 2, &[("agent", 7200)])],
        "0-1 1-2 2-3 3-4 4-5 6-8 8-10",
        24.0,
        expect![[r#"
            default@2 Some(0.7777777777777778)
            agent push 7/9
        "#]],
    );
}

#[test]
fn a_heartbeat_without_length_speaks_for_the_interval_before_it() {
    check(
        vec![activation(hour(10.0), 1, &[("agent", 3600)])],
        "11-11 12-12",
        24.0,
        expect![[r#"
            default@1 Some(1.0)
            agent push 2/2
        "#]],
    );
}

#[test]
fn of_a_called_detector_only_executed_checks_count() {
    let count = |state, checks| CheckCount {
        bucket: DAY,
        detector: "pii".to_owned(),
        state,
        required: true,
        checks,
        evidence: Evidence::default(),
    };
    let checks = CheckState::ALL.map(|state| count(state, 1));
    let coverage = of(&Input {
        period: Period { from: DAY, to: hour(24.0) },
        known_at: hour(24.0),
        width: Width::Hour,
        history: &History::default(),
        checks: &checks,
        reports: &[],
        first_reports: &BTreeMap::new(),
    });
    expect![[r#"
         Some(0.4)
        pii called 4/10
    "#]]
    .assert_eq(&render(&coverage));
}

#[test]
fn a_state_reads_back_from_its_name() {
    for state in CheckState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    assert_eq!("fine".parse::<CheckState>(), Err(UnknownState("fine".to_owned())));
}

proptest! {
    #[test]
    fn coverage_never_rises_when_a_report_is_removed(
        spans in prop::collection::vec((0i64..40_000, 0i64..8_000), 1..20),
        removed in 0usize..20,
        interval in 600u32..7200,
    ) {
        let history = History::new(vec![activation(DAY, 1, &[("agent", interval)])]);
        let all: Vec<SpanReport> = spans
            .iter()
            .enumerate()
            .map(|(i, (from, length))| SpanReport {
                id: Uuid::from_u128(i as u128),
                detector: "agent".to_owned(),
                from: DAY + Duration::seconds(*from),
                to: DAY + Duration::seconds(from + length),
                looked_at: 0,
                flagged: 0,
                failed: 0,
            })
            .collect();
        let mut fewer = all.clone();
        fewer.remove(removed % all.len());
        let before = of_reports(&history, &all, 12, 24.0);
        let after = of_reports(&history, &fewer, 12, 24.0);
        prop_assert_eq!(before.detectors[0].expected, after.detectors[0].expected);
        prop_assert!(after.detectors[0].executed <= before.detectors[0].executed);
    }
}
