use std::collections::BTreeMap;

use expect_test::expect;
use time::{Duration, macros::datetime};
use types::{Disposition, Severity};

use super::*;
use crate::{
    coverage::{DetectorCoverage, Kind, Share, Silence},
    gap::GapKind,
    posture::{ControlPosture, Framework},
    risk::SubScore,
    rollup::Evidence,
    summary::Tally,
};

const FROM: OffsetDateTime = datetime!(2026-11-07 00:00 UTC);
const DAYS: i64 = 14;

fn tallies(of: &[(&str, u64)]) -> Vec<Tally> {
    of.iter().map(|(key, events)| Tally { key: (*key).to_owned(), events: *events }).collect()
}

/// Hours of two weeks with a daily rhythm and an incident on the tenth day.
fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for hour in 0..DAYS * 24 {
        let start = FROM + Duration::hours(hour);
        let busy =
            if (7..19).contains(&(hour % 24)) { 60 + (hour * 7) % 23 } else { 12 + hour % 5 };
        let incident = if (9 * 24 + 13..9 * 24 + 16).contains(&hour) { 400 } else { 0 };
        for (domain, events) in
            [("PII", busy), ("JAILBREAK", busy / 4 + incident), ("HARM", busy / 6)]
        {
            let events = u64::try_from(events).unwrap();
            points.push(Point { start, domain: domain.to_owned(), events });
        }
    }
    points
}

fn coverage(name: &str) -> Coverage {
    let outage = Period { from: FROM + Duration::hours(100), to: FROM + Duration::hours(130) };
    let series: BTreeMap<OffsetDateTime, Share> = (0..DAYS * 24)
        .map(|hour| {
            let executed =
                if (100..130).contains(&hour) { 0 } else { 4 - u64::from(hour % 91 == 3) };
            (FROM + Duration::hours(hour), Share { expected: 4, executed })
        })
        .collect();
    let executed = series.values().map(|it| it.executed).sum();
    let push = DetectorCoverage {
        detector: name.to_owned(),
        required: true,
        kind: Kind::Push,
        expected: 4 * 24 * 14,
        executed,
        states: [("reported".to_owned(), executed), ("looked_at".to_owned(), 81_204)].into(),
        series,
        silences: vec![Silence { period: outage, allowed_s: 900, neighbours: Vec::new() }],
        missed: Evidence::default(),
    };
    let called = DetectorCoverage {
        detector: "builtin-pii".to_owned(),
        kind: Kind::Called,
        expected: 200,
        executed: 198,
        states: [
            ("clean".to_owned(), 150),
            ("flagged".to_owned(), 48),
            ("timed_out".to_owned(), 2),
        ]
        .into(),
        series: [(FROM + Duration::hours(335), Share { expected: 200, executed: 198 })].into(),
        silences: Vec::new(),
        ..push.clone()
    };
    let achieved = Some(0.945);
    Coverage {
        achieved,
        threshold: 0.95,
        policy: "default@1".to_owned(),
        detectors: vec![push, called],
    }
}

fn risk(label: &str, score: f64) -> Risk {
    let names = [("technical", 0.82), ("business", 0.6), ("regulatory", 0.44), ("temporal", 0.31)];
    Risk {
        label: label.to_owned(),
        severity: Severity::High,
        score,
        sub_scores: names.map(|(name, score)| SubScore {
            name,
            score,
            weight: 0.5,
            detail: "severity high, 1210 events".to_owned(),
        }),
        events: 1210,
        event_ids: vec![Uuid::from_u128(7)],
        dispositions: [(Disposition::Contained, 1000), (Disposition::Exposed, 210)].into(),
    }
}

fn gap(kind: GapKind, severity: Severity, subject: &str) -> Gap {
    Gap {
        id: format!("gap_{}", kind.as_str()),
        kind,
        severity,
        subject: subject.to_owned(),
        period: Period { from: FROM + Duration::hours(100), to: FROM + Duration::hours(130) },
        reason: "No run report from 2026-11-11T04:00:00Z to 2026-11-12T10:00:00Z; at most 900 s are allowed.".to_owned(),
        remediation: "Find out why it was silent, and look again at what passed in this time.".to_owned(),
        evidence_refs: vec![Uuid::from_u128(9).to_string()],
        confidence: 1.0,
    }
}

fn framework(name: &str, control: &str) -> FrameworkPosture {
    let touched = |control: &str, violation_indicators, control_operating| ControlPosture {
        control: control.to_owned(),
        title: "Anomalies are monitored and evaluated".to_owned(),
        verification: "publisher".to_owned(),
        violation_indicators,
        control_operating,
        labels: vec!["PII.Contact.Email".to_owned()],
        event_ids: vec![Uuid::from_u128(7)],
    };
    let known = Framework {
        id: name.to_lowercase(),
        name: name.to_owned(),
        edition: "2017, revised 2022".to_owned(),
        controls_known: 61,
    };
    FrameworkPosture {
        framework: known,
        controls: vec![touched(control, 210, 0), touched("CC7.2", 0, 9000)],
    }
}

fn report(detector: &str, label: &str) -> Report {
    let domains = tallies(&[("PII", 18_204), ("JAILBREAK", 6_100), ("HARM", 3_011)]);
    Report {
        title: "Evidence report, November 2026".to_owned(),
        period: Period { from: FROM, to: FROM + Duration::days(DAYS) },
        as_of: datetime!(2026-11-21 08:30:15 UTC),
        summary: Summary {
            events: 27_315,
            domains,
            labels: tallies(&[(label, 12_000), ("JAILBREAK.Direct.RolePlay", 6_100)]),
            severities: tallies(&[
                ("critical", 800),
                ("high", 6_100),
                ("medium", 20_000),
                ("low", 415),
            ]),
            routes: tallies(&[("rule", 26_000), ("fallback", 1_315)]),
            detectors: tallies(&[(detector, 27_315)]),
            dispositions: tallies(&[("contained", 20_000), ("exposed", 7_315)]),
        },
        series: Series { width: Width::Hour, points: points() },
        detections: vec![DetectionCount {
            policy: "default@1".to_owned(),
            action: "block".to_owned(),
            mapping_deferred: false,
            fallback_used: true,
            partial: false,
            detections: 42,
        }],
        coverage: coverage(detector),
        risk: 93.25,
        risks: vec![risk(label, 81.4), risk("JAILBREAK.Direct.RolePlay", 64.0)],
        gaps: vec![
            gap(GapKind::Outage, Severity::High, detector),
            gap(GapKind::Spike, Severity::Critical, label),
        ],
        frameworks: vec![framework("SOC 2", "CC6.7"), framework("GDPR", "Art. 32(1)(b)")],
        versions: vec![VersionCount {
            versions: Versions {
                taxonomy: "2026.11".to_owned(),
                frameworks: "2026.11".to_owned(),
                detector_mapping: "2026.11".to_owned(),
                model: "none".to_owned(),
                policy: "default@1".to_owned(),
            },
            events: 27_315,
        }],
        weights: WEIGHTS,
        thresholds: THRESHOLDS,
    }
}

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

#[test]
fn the_same_report_has_the_same_bytes_whatever_its_id() {
    let one = write(Uuid::from_u128(1), report("presidio", "PII.Contact.Email"));
    let two = write(Uuid::from_u128(2), report("presidio", "PII.Contact.Email"));
    assert_eq!((&one.json, &one.html, &one.json_sha256), (&two.json, &two.html, &two.json_sha256));
    assert_eq!(one.json_sha256, sha256(one.json.as_bytes()));
    assert!(one.html.contains(&one.json_sha256));
    let other = write(Uuid::from_u128(1), report("presidio", "PII.Contact.Phone"));
    assert_ne!(one.json_sha256, other.json_sha256);
}

#[test]
fn the_json_begins_with_its_schema_and_how_to_read_it() {
    let json = write(Uuid::from_u128(1), report("presidio", "PII.Contact.Email")).json;
    let start: String = json.chars().take(330).collect();
    expect![[r#"{"schema":"llamamapper.evidence-report/1","wording":"A finding indicates that a control did not hold, or supports that it is working. It is evidence, not a verdict: whether a control was met is for a person to decide.","title":"Evidence report, November 2026","period":{"from":"2026-11-07T00:00:00Z","to":"2026-11-21T00:00:00Z"},""#]]
    .assert_eq(&start);
    let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(parsed["coverage"]["detectors"][0]["silences"][0]["from"], "2026-11-11T04:00:00Z");
    assert_eq!(parsed["frameworks"][0]["controls"][0]["violation_indicators"], 210);
}

#[test]
fn a_name_that_is_markup_stays_text() {
    let evil = "<script>alert('x')</script>\"><img src=x onerror=y>";
    let mut report = report(evil, evil);
    report.title = evil.to_owned();
    report.versions[0].versions.policy = evil.to_owned();
    report.detections[0].action = evil.to_owned();
    let html = page(&report, "00");
    assert!(!html.contains("<script"), "markup got through");
    assert!(!html.contains("<img"), "markup got through");
    assert!(html.contains("&lt;script&gt;alert('x')&lt;/script&gt;&quot;&gt;"));
}

#[test]
fn the_page_needs_nothing_but_itself_and_passes_no_judgement() {
    let html = page(&report("presidio", "PII.Contact.Email"), "00");
    for word in [
        "http://",
        "https://",
        "<script",
        "<link",
        "@import",
        "url(",
        "complies",
        "compliant",
        "fails",
    ] {
        assert!(!html.contains(word), "`{word}` is on the page");
    }
    for word in ["indicates", "supports", "role=\"img\"", "lang=\"en\"", "<caption>"] {
        assert!(html.contains(word), "`{word}` is not on the page");
    }
}

#[test]
fn a_report_of_nothing_is_a_page_as_well() {
    let mut empty = report("presidio", "PII.Contact.Email");
    empty.summary = Summary::default();
    empty.series.points.clear();
    empty.risks.clear();
    empty.gaps.clear();
    empty.frameworks.clear();
    empty.versions.clear();
    empty.coverage.detectors.clear();
    empty.coverage.achieved = None;
    let html = page(&empty, "00");
    assert_eq!(html.matches("class=\"empty\"").count(), 5);
}
