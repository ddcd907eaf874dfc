//! Spikes: hours with far more events of a label than the same hour of other days explains.
//!
//! The baseline of an hour is the same hour of the day and its two neighbours on all other days of data, hours
//! without events counting as 0. An hour spikes when it is `spike_deviations_min` robust deviations above the
//! baseline's median and `spike_ratio_min` times that median. The deviation is the larger of 1.4826 · MAD and the
//! square root of the median, below which counts scatter by themselves. Medians are used so that neither the daily
//! rhythm nor an earlier incident moves the bar.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};
use types::Severity;

use super::{Gap, GapKind, Input, Thresholds};
use crate::{
    period::{Period, Width},
    rollup::{EventSum, Evidence},
};

/// One hour that spikes.
#[derive(Debug)]
struct Peak<'a> {
    hour: OffsetDateTime,
    sum: &'a EventSum,
    median: u64,
    deviations: f64,
}

pub(super) fn find(input: &Input<'_>, thresholds: &Thresholds) -> Vec<Gap> {
    let mut labels: BTreeMap<(&str, Severity), BTreeMap<OffsetDateTime, &EventSum>> =
        BTreeMap::new();
    for hour in input.hours {
        labels.entry((&hour.label, hour.severity)).or_default().insert(hour.hour, &hour.sum);
    }
    let mut gaps = Vec::new();
    for ((label, severity), hours) in labels {
        let mut spike: Vec<Peak<'_>> = Vec::new();
        for peak in peaks(input, thresholds, &hours) {
            // One quiet hour does not end an incident.
            let joins = |last: &Peak<'_>| peak.hour - last.hour <= Duration::hours(2);
            if !spike.last().is_none_or(joins) {
                gaps.push(gap(label, severity, &spike));
                spike.clear();
            }
            spike.push(peak);
        }
        if !spike.is_empty() {
            gaps.push(gap(label, severity, &spike));
        }
    }
    gaps
}

fn peaks<'a>(
    input: &Input<'_>,
    thresholds: &Thresholds,
    hours: &BTreeMap<OffsetDateTime, &'a EventSum>,
) -> Vec<Peak<'a>> {
    let mut peaks = Vec::new();
    for (hour, sum) in hours {
        if sum.events < thresholds.spike_events_min || !input.period.contains(*hour) {
            continue;
        }
        let baseline = baseline(input, hours, *hour);
        if baseline.len() < 3 * thresholds.spike_days_min {
            continue;
        }
        let median = median(&baseline);
        let distances: Vec<u64> = baseline.iter().map(|it| it.abs_diff(median)).collect();
        let mad = self::median(&distances);
        let (events, median_f, mad) = (real(sum.events), real(median), real(mad));
        let deviation = (1.4826 * mad).max(median_f.max(1.0).sqrt());
        let deviations = (events - median_f) / deviation;
        let stands_out = thresholds.spike_deviations_min <= deviations
            && thresholds.spike_ratio_min * median_f <= events;
        if stands_out {
            peaks.push(Peak { hour: *hour, sum, median, deviations });
        }
    }
    peaks
}

/// Events in the same hour and its neighbours on all other days of data.
fn baseline(
    input: &Input<'_>,
    hours: &BTreeMap<OffsetDateTime, &EventSum>,
    hour: OffsetDateTime,
) -> Vec<u64> {
    let data_from = Width::Hour.ceil(input.data_from);
    let mut baseline = Vec::new();
    let days = |a: OffsetDateTime, b: OffsetDateTime| (a - b).whole_days() + 1;
    for day in -days(hour, data_from)..=days(input.period.to, hour) {
        for neighbour in -1..=1 {
            let at = hour + Duration::days(day) + Duration::hours(neighbour);
            if day != 0 && data_from <= at && at + Duration::HOUR <= input.period.to {
                baseline.push(hours.get(&at).map_or(0, |sum| sum.events));
            }
        }
    }
    baseline
}

/// The lower median, which is one of the values; 0 of none.
fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

fn gap(label: &str, severity: Severity, spike: &[Peak<'_>]) -> Gap {
    let highest =
        spike.iter().max_by(|a, b| a.sum.events.cmp(&b.sum.events).then(b.hour.cmp(&a.hour)));
    let highest = highest.expect("a spike has at least one hour");
    let (first, last) = (&spike[0], &spike[spike.len() - 1]);
    let period = Period { from: first.hour, to: last.hour + Duration::HOUR };
    let reason = format!(
        "{} events in the hour from {}; the median of that hour of the day is {}.",
        highest.sum.events,
        super::moment(highest.hour),
        highest.median
    );
    let mut evidence = Evidence::default();
    spike.iter().for_each(|peak| evidence.merge(&peak.sum.evidence));
    let at_highest = highest.sum.evidence.latest_first();
    let others = evidence.latest_first().filter(|id| !at_highest_contains(highest, *id));
    let gap = Gap::new(GapKind::Spike, severity.max(Severity::Low), label, period)
        .saying(reason, "Look at the events behind it; if it is one source, contain it and confirm the incident.")
        .shown_by(at_highest.chain(others));
    Gap { confidence: highest.deviations / (highest.deviations + 2.0), ..gap }
}

fn at_highest_contains(highest: &Peak<'_>, id: uuid::Uuid) -> bool {
    highest.sum.evidence.latest_first().any(|it| it == id)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn real(count: u64) -> f64 {
    count as f64
}
