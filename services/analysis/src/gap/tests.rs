use std::{collections::BTreeMap, fmt::Write as _};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use time::{Duration, macros::datetime};
use types::{Disposition, Route};

use super::*;
use crate::rollup::EventSum;

const START: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);

const THRESHOLDS: Thresholds = Thresholds {
    spike_events_min: 12,
    spike_deviations_min: 6.0,
    spike_ratio_min: 3.0,
    spike_days_min: 3,
    noisy_share_min: 0.2,
    noisy_confidence_max: 0.6,
    noisy_events_min: 100,
    unknown_share_min: 0.02,
    unknown_events_min: 10,
    recurring_days_min: 3,
    recurring_events_min: 10,
};

fn days(n: i64) -> Period {
    Period { from: START, to: START + Duration::days(n) }
}

fn coverage(detectors: Vec<DetectorCoverage>) -> Coverage {
    Coverage { achieved: None, threshold: 0.8, policy: "default@3".to_owned(), detectors }
}

fn detector(kind: Kind, executed: u64, expected: u64, missed: &[u128]) -> DetectorCoverage {
    DetectorCoverage {
        detector: "presidio".to_owned(),
        required: true,
        kind,
        expected,
        executed,
        states: BTreeMap::new(),
        series: BTreeMap::new(),
        silences: Vec::new(),
        missed: missed.iter().copied().map(Uuid::from_u128).collect(),
    }
}

fn total(detector: &str, label: &str, events: u64, confidence: f64) -> Total {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "test data")]
    let micros = (confidence * 1e6) as u64;
    Total {
        detector: detector.to_owned(),
        label: label.to_owned(),
        severity: Severity::Low,
        route: Route::Rule,
        disposition: Disposition::Unknown,
        sum: EventSum {
            events,
            confidence_micros: events * micros,
            confidence_micros_max: micros,
            evidence: [Uuid::from_u128(9)].into_iter().collect(),
        },
    }
}

/// `n` days of one label with the daily rhythm `of_hour`, and `extra` events in one hour.
fn rhythm(n: i64, of_hour: impl Fn(i64, i64) -> u64, extra: Option<(i64, u64)>) -> Vec<LabelHour> {
    let mut hours = Vec::new();
    for hour in 0..n * 24 {
        let more = extra.filter(|(at, _)| *at == hour).map_or(0, |(_, events)| events);
        let events = of_hour(hour / 24, hour % 24) + more;
        if 0 < events {
            hours.push(LabelHour {
                label: "JAILBREAK.Direct.RolePlay".to_owned(),
                severity: Severity::High,
                hour: START + Duration::hours(hour),
                sum: EventSum {
                    events,
                    evidence: [Uuid::from_u128(u128::try_from(hour).unwrap() + 1)]
                        .into_iter()
                        .collect(),
                    ..EventSum::default()
                },
            });
        }
    }
    hours
}

fn found(coverage: &Coverage, totals: &[Total], hours: &[LabelHour]) -> Vec<Gap> {
    let input = Input { period: days(14), coverage, totals, hours, data_from: START };
    of(&input, &THRESHOLDS)
}

#[track_caller]
fn check(coverage: &Coverage, totals: &[Total], hours: &[LabelHour], expected: Expect) {
    let mut actual = String::new();
    for gap in found(coverage, totals, hours) {
        let Gap { kind, severity, subject, reason, remediation, evidence_refs, .. } = gap;
        assert!(reason.chars().count() <= TEXT_MAX && remediation.chars().count() <= TEXT_MAX);
        assert!(!evidence_refs.is_empty());
        writeln!(actual, "{} {severity} {subject}: {reason} {evidence_refs:?}", kind.as_str())
            .unwrap();
    }
    expected.assert_eq(&actual);
}

#[test]
fn a_detector_below_the_threshold_is_a_gap() {
    let detectors = vec![detector(Kind::Called, 30, 100, &[1])];
    check(
        &coverage(detectors),
        &[],
        &[],
        expect![[r#"
        coverage high presidio: 30 of 100 checks were executed; the policy asks for a share of 0.8. ["00000000-0000-0000-0000-000000000001"]
    "#]],
    );
}

#[test]
fn who_never_reported_is_shown_by_the_policy_that_asks_for_it() {
    let mut silent = detector(Kind::Push, 0, 8, &[]);
    silent.silences = vec![Silence { period: days(1), allowed_s: 10_800, neighbours: Vec::new() }];
    check(
        &coverage(vec![silent]),
        &[],
        &[],
        expect![[r#"
        coverage critical presidio: 0 of 8 report intervals were covered; the policy asks for a share of 0.8. ["default@3"]
        outage high presidio: No run report from 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z; at most 10800 s are allowed. ["default@3"]
    "#]],
    );
}

#[test]
fn enough_coverage_is_no_gap() {
    check(&coverage(vec![detector(Kind::Push, 80, 100, &[1])]), &[], &[], expect![""]);
}

#[test]
fn words_that_nobody_knows_want_a_person() {
    let totals = [
        total("lakera", UNKNOWN, 40, 0.5),
        total("lakera", "PII.Contact.Email", 60, 0.9),
        total("presidio", UNKNOWN, 5, 0.5),
        total("presidio", "PII.Contact.Email", 5, 0.9),
    ];
    check(
        &coverage(Vec::new()),
        &totals,
        &[],
        expect![[r#"
        unknown_labels medium lakera: 40 of 100 events carry a word that no rule knows. ["00000000-0000-0000-0000-000000000009"]
    "#]],
    );
}

#[test]
fn a_frequent_and_unsure_label_is_noise() {
    let totals = [
        total("lakera", "HARM.Toxicity", 300, 0.4),
        total("lakera", "PII.Contact.Email", 500, 0.9),
        total("lakera", "PII.Contact.Phone", 90, 0.4),
    ];
    check(
        &coverage(Vec::new()),
        &totals,
        &[],
        expect![[r#"
        noisy_label low HARM.Toxicity: 300 of 890 events, and their mean confidence is below 0.6. ["00000000-0000-0000-0000-000000000009"]
    "#]],
    );
}

/// Busy by day, quiet by night, with the jitter of real traffic.
fn office(day: i64, hour: i64) -> u64 {
    let jitter = u64::try_from((day * 7 + hour * 13) % 5).unwrap();
    if (8..18).contains(&hour) { 20 + 3 * jitter } else { jitter / 2 }
}

#[test]
fn an_incident_stands_out_of_the_daily_rhythm() {
    let hours = rhythm(14, office, Some((9 * 24 + 14, 120)));
    check(
        &coverage(Vec::new()),
        &[],
        &hours,
        expect![[r#"
        spike high JAILBREAK.Direct.RolePlay: 140 events in the hour from 2026-11-10T14:00:00Z; the median of that hour of the day is 26. ["00000000-0000-0000-0000-0000000000e7"]
    "#]],
    );
}

#[test]
fn the_daily_rhythm_is_no_spike() {
    check(&coverage(Vec::new()), &[], &rhythm(14, office, None), expect![""]);
}

#[test]
fn two_days_of_data_are_no_baseline() {
    let hours = rhythm(2, office, Some((30, 500)));
    let coverage = coverage(Vec::new());
    let input = Input {
        period: days(2),
        coverage: &coverage,
        totals: &[],
        hours: &hours,
        data_from: START,
    };
    assert_eq!(of(&input, &THRESHOLDS), []);
}

#[test]
fn an_id_is_stable_and_tells_periods_apart() {
    let one = id(GapKind::Spike, "PII", days(14));
    assert_eq!(one, id(GapKind::Spike, "PII", days(14)));
    assert_ne!(one, id(GapKind::Spike, "PII", days(13)));
    assert_ne!(one, id(GapKind::Outage, "PII", days(14)));
    expect!["gap_6d3731048e6abdae"].assert_eq(&one);
}

proptest! {
    #[test]
    fn a_spike_quotes_only_numbers_that_were_counted(at in 96i64..300, extra in 100u64..5000) {
        let hours = rhythm(14, office, Some((at, extra)));
        for gap in found(&coverage(Vec::new()), &[], &hours) {
            let (counted, rest) = gap.reason.split_once(' ').unwrap();
            let counted: u64 = counted.parse().unwrap();
            prop_assert!(hours.iter().any(|it| it.sum.events == counted));
            let median: u64 = rest.trim_end_matches('.').rsplit_once(' ').unwrap().1.parse().unwrap();
            prop_assert!(median == 0 || hours.iter().any(|it| it.sum.events == median));
        }
    }
}
