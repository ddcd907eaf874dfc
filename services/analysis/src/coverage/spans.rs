//! Pushing detectors: which spans of time their reports cover.

use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DetectorCoverage, Input, SpanReport};
use crate::period::Period;

/// A span without a report, longer than the policy allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    #[serde(flatten)]
    pub period: Period,
    /// What the policy allows, in seconds.
    pub allowed_s: u32,
    /// The reports before and after it, as far as there are any.
    pub neighbours: Vec<Uuid>,
}

/// A span of time in which reports are expected every `interval_s` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Expectation {
    from: i64,
    to: i64,
    interval_s: u32,
}

/// Seconds since the epoch, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: i64,
    to: i64,
}

pub(super) fn add_reports(coverage: &mut DetectorCoverage, input: &Input<'_>) {
    let mut reports: Vec<&SpanReport> =
        input.reports.iter().filter(|it| it.detector == coverage.detector).collect();
    reports.sort_by_key(|it| (it.from, it.to, it.id));

    for report in reports.iter().filter(|it| input.period.contains(it.from)) {
        let SpanReport { looked_at, flagged, failed, .. } = report;
        for (state, n) in [("looked_at", looked_at), ("flagged", flagged), ("failed", failed)] {
            *coverage.states.entry(state.to_owned()).or_default() += n;
        }
    }
    for expectation in expectations(&coverage.detector, input) {
        let covered = union(&reports, expectation.interval_s);
        add_slots(coverage, input, expectation, &covered);
        add_silences(coverage, input, expectation, &covered, &reports);
    }
    let silent = coverage.expected - coverage.executed;
    coverage.states.insert("reported".to_owned(), coverage.executed);
    coverage.states.insert("silent".to_owned(), silent);
    let neighbours = coverage.silences.iter().flat_map(|it| it.neighbours.iter().copied());
    coverage.missed = neighbours.collect();
    if 0 < silent && coverage.missed.is_empty() {
        // Too short to be an outage, or never heard of: the latest reports show what was missing around them.
        coverage.missed = reports.iter().map(|it| it.id).collect();
    }
}

/// When reports of `detector` were expected, as the module docs of coverage say.
fn expectations(detector: &str, input: &Input<'_>) -> Vec<Expectation> {
    let judging = input.history.judging();
    let interval_of = |i: usize| -> Option<u32> {
        judging.get(i)?.requirement(detector)?.report_interval_s.filter(|it| 0 < *it)
    };
    let mut expectations: Vec<Expectation> = Vec::new();
    let mut expect = |from: i64, to: i64, interval_s: u32| match expectations.last_mut() {
        _ if to <= from => (),
        Some(last) if last.to == from && last.interval_s == interval_s => last.to = to,
        _ => expectations.push(Expectation { from, to, interval_s }),
    };

    let start = judging.first().map(|it| it.activated_at.unix_timestamp());
    let first_report = input.first_reports.get(detector).map(|it| it.unix_timestamp());
    let first_interval_s = (0..judging.len()).find_map(interval_of);
    if let (Some(start), Some(first), Some(interval_s)) = (start, first_report, first_interval_s) {
        expect(first, start, interval_s);
    }
    for (i, activation) in judging.iter().enumerate() {
        let from = activation.activated_at.unix_timestamp();
        let to = judging.get(i + 1).map_or(i64::MAX, |next| next.activated_at.unix_timestamp());
        if let Some(interval_s) = interval_of(i) {
            expect(from, to, interval_s);
        }
    }
    expectations
}

/// What the reports cover, as spans that neither touch nor overlap.
fn union(reports: &[&SpanReport], interval_s: u32) -> Vec<Span> {
    let mut spans: Vec<Span> = reports
        .iter()
        .map(|report| {
            let (from, to) = (report.from.unix_timestamp(), report.to.unix_timestamp());
            if from < to {
                Span { from, to }
            } else {
                Span { from: to - i64::from(interval_s), to }
            }
        })
        .collect();
    spans.sort_by_key(|span| (span.from, span.to));

    let mut union: Vec<Span> = Vec::new();
    for span in spans {
        match union.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => union.push(span),
        }
    }
    union
}

fn add_slots(
    coverage: &mut DetectorCoverage,
    input: &Input<'_>,
    expectation: Expectation,
    covered: &[Span],
) {
    let interval = i64::from(expectation.interval_s);
    let Span { from, to } = judged(input, expectation);
    // The first slot that starts in the period.
    let behind = (from - expectation.from).max(0);
    let mut start = expectation.from + (behind + interval - 1) / interval * interval;
    let mut next = 0;
    while start + interval <= to {
        let end = start + interval;
        while next < covered.len() && covered[next].to <= start {
            next += 1;
        }
        let seconds: i64 = covered[next..]
            .iter()
            .take_while(|span| span.from < end)
            .map(|span| span.to.min(end) - span.from.max(start))
            .sum();
        let reported = interval * 9 <= seconds * 10;
        if let Ok(at) = OffsetDateTime::from_unix_timestamp(start) {
            coverage.add(input.width.floor(at), 1, u64::from(reported));
        }
        start = end;
    }
}

fn add_silences(
    coverage: &mut DetectorCoverage,
    input: &Input<'_>,
    expectation: Expectation,
    covered: &[Span],
    reports: &[&SpanReport],
) {
    let Span { from, to } = judged(input, expectation);
    let mut silent_from = from;
    let end = Span { from: to, to };
    for span in covered.iter().filter(|span| from < span.to && span.from < to).chain([&end]) {
        let silence = Span { from: silent_from, to: span.from };
        silent_from = span.to;
        if silence.to - silence.from <= i64::from(expectation.interval_s) {
            continue;
        }
        let from = OffsetDateTime::from_unix_timestamp(silence.from);
        let to = OffsetDateTime::from_unix_timestamp(silence.to);
        let (Ok(from), Ok(to)) = (from, to) else { continue };
        let before = reports.iter().rfind(|it| it.to <= from).map(|it| it.id);
        let after = reports.iter().find(|it| to <= it.from).map(|it| it.id);
        coverage.silences.push(Silence {
            period: Period { from, to },
            allowed_s: expectation.interval_s,
            neighbours: before.into_iter().chain(after).collect(),
        });
    }
}

/// What of the expectation lies in the period and is old enough to be judged.
fn judged(input: &Input<'_>, expectation: Expectation) -> Span {
    let known = input.known_at.unix_timestamp() - i64::from(expectation.interval_s);
    let from = expectation.from.max(input.period.from.unix_timestamp());
    let to = expectation.to.min(input.period.to.unix_timestamp()).min(known);
    Span { from, to: to.max(from) }
}
