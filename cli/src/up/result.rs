//! What the services answer afterwards, held against the truth, and shown.

use std::collections::BTreeMap;

use ::time::{Duration, OffsetDateTime};
use proto::{
    analysis::v1::{
        CreateReportRequest, GetCoverageRequest, GetCoverageResponse, GetPostureRequest,
        GetPostureResponse, GetSummaryRequest, GetSummaryResponse, Granularity, ListGapsRequest,
        ListGapsResponse, ListRisksRequest, ListRisksResponse, Report, Tally,
    },
    common::v1::{Page, Period},
    mapper::v1::{
        CountBy, CountRequest, CountResponse, EventFilter, ListProposalsRequest,
        ListProposalsResponse,
    },
};
use serde_json::{Value, json};

use crate::{
    generate::{DETECTORS, OUTAGE, Truth},
    mesh::Mesh,
    output::{Output, Shown, grouped, percent},
    time::to_wire,
    verbs::analyse::{show_coverage, show_gaps, show_risks},
    wire_json,
};

use super::{demo::Sent, state::State};

/// Everything `up` shows, as the services told it.
#[derive(Debug)]
pub(super) struct Read {
    events: CountResponse,
    /// The next three of the pushing detectors only: what the generator knows everything about.
    by_domain: CountResponse,
    by_severity: CountResponse,
    by_route: CountResponse,
    summary: GetSummaryResponse,
    coverage: GetCoverageResponse,
    risks: ListRisksResponse,
    gaps: ListGapsResponse,
    posture: GetPostureResponse,
    proposals: ListProposalsResponse,
}

/// One claim of the truth and what the mesh says.
#[derive(Debug)]
pub(super) struct Check {
    what: String,
    expected: String,
    found: String,
}

impl Check {
    fn of(what: &str, expected: impl ToString, found: impl ToString) -> Check {
        Check { what: what.to_owned(), expected: expected.to_string(), found: found.to_string() }
    }

    pub(super) fn holds(&self) -> bool {
        self.expected == self.found
    }
}

/// The demo's days, and the hours since its end in which the prompts came.
fn period(end: OffsetDateTime) -> Period {
    let from = end - Duration::days(i64::from(crate::generate::DAYS));
    Period {
        from: Some(to_wire(from)),
        to: Some(to_wire(OffsetDateTime::now_utc() + Duration::minutes(1))),
    }
}

pub(super) async fn read(mesh: &Mesh, end: OffsetDateTime) -> anyhow::Result<Read> {
    let period = Some(period(end));
    let pushed = EventFilter {
        detectors: DETECTORS.iter().map(|it| (*it).to_owned()).collect(),
        ..Default::default()
    };
    let count = async |filter, by: CountBy| -> anyhow::Result<CountResponse> {
        let request = CountRequest { filter, by: by.into() };
        Ok(mesh.events().count(request).await?.into_inner())
    };
    let mut insights = mesh.insights();
    let summary = GetSummaryRequest { period, granularity: Granularity::Day.into() };
    let coverage = GetCoverageRequest { period, granularity: Granularity::Day.into() };
    let posture = GetPostureRequest { period, frameworks: Vec::new() };
    let proposals =
        ListProposalsRequest { page: Some(Page { size: 1_000, cursor: String::new() }) };
    Ok(Read {
        events: count(None, CountBy::Detector).await?,
        by_domain: count(Some(pushed.clone()), CountBy::Domain).await?,
        by_severity: count(Some(pushed.clone()), CountBy::Severity).await?,
        by_route: count(Some(pushed), CountBy::Route).await?,
        summary: insights.get_summary(summary).await?.into_inner(),
        coverage: insights.get_coverage(coverage).await?.into_inner(),
        risks: insights.list_risks(ListRisksRequest { period, limit: 10 }).await?.into_inner(),
        gaps: insights.list_gaps(ListGapsRequest { period, limit: 20 }).await?.into_inner(),
        posture: insights.get_posture(posture).await?.into_inner(),
        proposals: mesh.review().list_proposals(proposals).await?.into_inner(),
    })
}

/// The evidence report over the same period.
pub(super) async fn report(mesh: &Mesh, end: OffsetDateTime) -> anyhow::Result<Report> {
    let request = CreateReportRequest {
        period: Some(period(end)),
        frameworks: Vec::new(),
        title: String::new(),
    };
    Ok(mesh.reports().create_report(request).await?.into_inner().report.unwrap_or_default())
}

/// Holds what the services say against what the generator knows.
pub(super) fn verify(read: &Read, truth: &Truth, state: &State, sent: &Sent) -> Vec<Check> {
    let prompts = state.prompts.clone().unwrap_or_default();
    let mut checks = Vec::new();
    if let Some(tally) = &sent.findings {
        // QUEUED is as good a promise; the counts below show that it was kept.
        let committed = tally.accepted + tally.queued + tally.malformed + tally.duplicate;
        let expected = truth.accepted + truth.malformed + truth.duplicates;
        checks.push(Check::of("findings acknowledged", expected, committed));
        checks.push(Check::of("findings refused", truth.refused, tally.refused));
        checks.push(Check::of("run reports acknowledged", truth.runs, tally.runs));
    }
    let events = truth.events + prompts.findings;
    checks.push(Check::of("events at the mapper", events, read.events.total));
    checks.push(Check::of("events in the rollups", events, read.summary.events));

    for (what, expected, found) in [
        ("events by label group", &truth.by_domain, counts(&read.by_domain)),
        ("events by severity", &truth.by_severity, counts(&read.by_severity)),
        ("events by route", &truth.by_route, counts(&read.by_route)),
        ("events by detector", &truth.by_detector, pushed(counts(&read.events))),
        (
            "events by detector, rollups",
            &truth.by_detector,
            pushed(tallies(&read.summary.detectors)),
        ),
    ] {
        checks.push(Check::of(what, list(expected), list(&found)));
    }
    let waiting = read.proposals.total;
    checks.push(Check::of("words waiting for review", truth.unknown_words.len(), waiting));
    let silent = read.coverage.detectors.iter().find(|it| it.detector == OUTAGE.detector);
    let silent = silent.map_or(0, |it| it.expected.saturating_sub(it.executed));
    checks.push(Check::of("silent hours of the outage", OUTAGE.to - OUTAGE.from, silent));
    checks
}

fn counts(response: &CountResponse) -> BTreeMap<String, u64> {
    response.counts.iter().map(|it| (it.key.clone(), it.count)).collect()
}

/// The pushing detectors' share: the prompts' findings come from detectors of their own.
fn pushed(counts: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    counts.into_iter().filter(|(name, _)| DETECTORS.contains(&name.as_str())).collect()
}

fn tallies(tallies: &[Tally]) -> BTreeMap<String, u64> {
    tallies.iter().map(|it| (it.key.clone(), it.events)).collect()
}

fn list(counts: &BTreeMap<String, u64>) -> String {
    counts.iter().map(|(key, n)| format!("{key} {n}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn checks_json(checks: &[Check]) -> Value {
    let checks = checks.iter().map(|it| {
        json!({ "what": it.what, "expected": it.expected, "found": it.found, "holds": it.holds() })
    });
    Value::Array(checks.collect())
}

pub(super) fn show_checks(checks: &[Check], output: Output) {
    output.heading("What was sent is what is there");
    let rows = checks.iter().map(|it| {
        let found = if it.found.len() <= 24 { it.found.clone() } else { "the same".to_owned() };
        let text = if it.holds() {
            found
        } else {
            format!("expected {}, found {}", it.expected, it.found)
        };
        vec![
            Shown::from(it.what.as_str()),
            Shown::Verdict {
                text: if it.holds() { "✓" } else { "✗" }.to_owned(),
                good: it.holds(),
            },
            text.into(),
        ]
    });
    output.table(&["claim", "", ""], rows.collect(), "Nothing could be checked.");
}

impl Read {
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        Ok(json!({
            "events": self.events.total,
            "by_domain": wire_json::to_json(&self.by_domain)?,
            "by_severity": wire_json::to_json(&self.by_severity)?,
            "by_route": wire_json::to_json(&self.by_route)?,
            "by_detector": wire_json::to_json(&self.events)?,
            "summary": wire_json::to_json(&self.summary)?,
            "coverage": wire_json::to_json(&self.coverage)?,
            "risks": wire_json::to_json(&self.risks)?,
            "gaps": wire_json::to_json(&self.gaps)?,
            "posture": wire_json::to_json(&self.posture)?,
            "proposals": wire_json::to_json(&self.proposals)?,
        }))
    }

    pub(super) fn show(&self, output: Output) {
        output.heading(&format!("{} events", grouped(self.summary.events)));
        for (what, tallies) in [
            ("label group", &self.summary.domains),
            ("severity", &self.summary.severities),
            ("route", &self.summary.routes),
        ] {
            let rows = tallies.iter().map(|it| {
                // Shares of counts: far below 2^53.
                let share = it.events as f64 / self.summary.events.max(1) as f64;
                vec![Shown::from(it.key.as_str()), it.events.into(), Shown::Number(percent(share))]
            });
            output.table(&[what, "events", "share"], rows.collect(), "No events.");
        }
        output.heading("Coverage: only what really ran counts");
        show_coverage(&self.coverage, output);
        output.heading(&format!("Top risks (overall {:.1} of 100)", self.risks.overall));
        show_risks(&self.risks.risks, output);
        output.heading("Gaps");
        show_gaps(&self.gaps.gaps, output);
        output.heading("Controls the findings are evidence for");
        self.show_posture(output);
        output.heading("Words waiting for review");
        let rows = self.proposals.proposals.iter().take(10).map(|it| {
            vec![Shown::from(it.detector.as_str()), it.raw_label.as_str().into(), it.events.into()]
        });
        output.table(&["detector", "its word", "events"], rows.collect(), "None.");
        output.text(&format!("{} in all: `proposals` lists them", grouped(self.proposals.total)));
    }

    fn show_posture(&self, output: Output) {
        let rows = self.posture.frameworks.iter().map(|framework| {
            let indicators: u64 = framework.controls.iter().map(|it| it.violation_indicators).sum();
            let operating: u64 = framework.controls.iter().map(|it| it.control_operating).sum();
            let most = framework.controls.iter().take(3).map(|it| it.control.as_str());
            vec![
                Shown::from(framework.name.as_str()),
                Shown::Number(format!(
                    "{} of {}",
                    framework.controls.len(),
                    framework.controls_known
                )),
                indicators.into(),
                operating.into(),
                most.collect::<Vec<_>>().join(", ").into(),
            ]
        });
        output.table(
            &["framework", "controls touched", "indications against", "support", "most touched"],
            rows.collect(),
            "No control is touched.",
        );
    }
}
