//! Charts as inline SVG: no script, no external asset, legible in print and without colour.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use maud::{Markup, html};
use time::{Duration, OffsetDateTime};

use super::{
    Report, Series,
    html::{number, share},
};
use crate::{
    coverage::{DetectorCoverage, Share},
    period::{Period, Width},
    risk::Risk,
    summary::Tally,
};

/// Colours that stay apart; what is beyond them is drawn as one.
const COLOURS: usize = 7;

const WIDTH: f64 = 976.0;
const LEFT: f64 = 46.0;
const HEIGHT: f64 = 230.0;
const FLOOR: f64 = 204.0;
const TOP: f64 = 10.0;

/// Events per bucket, stacked by domain.
pub(super) fn events_over_time(report: &Report) -> Markup {
    let Series { width, points } = &report.series;
    let biggest = report.summary.domains.iter().take(COLOURS).map(|it| it.key.as_str());
    let mut layers: Vec<(&str, BTreeMap<OffsetDateTime, u64>)> =
        biggest.map(|domain| (domain, BTreeMap::new())).collect();
    layers.push(("other domains", BTreeMap::new()));
    for point in points {
        let known = layers.iter().position(|(domain, _)| *domain == point.domain);
        let layer = known.unwrap_or(layers.len() - 1);
        *layers[layer].1.entry(point.start).or_default() += point.events;
    }
    layers.retain(|(_, buckets)| !buckets.is_empty());
    let (highest, stacks) = stack(report.period, *width, &layers);
    let unit = match width {
        Width::Minute => "minute",
        Width::Hour => "hour",
        Width::Day => "day",
    };
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby="events-title events-desc" {
                title id="events-title" { "Events per " (unit) ", stacked by domain" }
                desc id="events-desc" {
                    "The highest " (unit) " has " (number(highest)) " events. The figures are in the tables below."
                }
                (axes(report.period, highest))
                @for (i, path) in stacks.iter().enumerate() {
                    path d=(path) fill=(format!("var(--c{i})")) {}
                }
            }
            figcaption {
                "Events per " (unit) " by the detectors' clocks, in UTC. The highest " (unit) " has "
                (number(highest)) "."
            }
            ul.key {
                @for (i, (domain, buckets)) in layers.iter().enumerate() {
                    li { i style=(format!("background:var(--c{i})")) {} (domain) " "
                        span.muted { (number(buckets.values().sum())) } }
                }
            }
        }
    }
}

/// The highest stack, and one path per layer.
fn stack(
    period: Period,
    width: Width,
    layers: &[(&str, BTreeMap<OffsetDateTime, u64>)],
) -> (u64, Vec<String>) {
    let buckets: BTreeSet<OffsetDateTime> =
        layers.iter().flat_map(|(_, buckets)| buckets.keys().copied()).collect();
    let total = |at: &OffsetDateTime| layers.iter().filter_map(|(_, it)| it.get(at)).sum::<u64>();
    let highest = buckets.iter().map(total).max().unwrap_or(0);
    let scale = (FLOOR - TOP) / real(highest.max(1));
    let bar = (WIDTH - LEFT) / real(period.buckets(width).max(1));
    // Thin bars touch, or they would flicker.
    let gap = if bar < 6.0 { 0.0 } else { bar * 0.14 };
    let mut base: BTreeMap<OffsetDateTime, f64> = BTreeMap::new();
    let mut paths = Vec::new();
    for (_, layer) in layers {
        let mut path = String::new();
        for (at, events) in layer {
            let left = x(period, (*at).max(period.from)) + gap / 2.0;
            let height = real(*events) * scale;
            let below = base.entry(*at).or_insert(FLOOR);
            let w = (bar - gap).max(0.4);
            let drawn = write!(path, "M{left:.1} {below:.1}v{:.1}h{w:.1}v{height:.1}z", -height);
            drawn.expect("a String takes any text");
            *below -= height;
        }
        paths.push(path);
    }
    (highest, paths)
}

fn axes(period: Period, highest: u64) -> Markup {
    let lines = [0, 1, 2].map(|i| {
        let y = FLOOR - (FLOOR - TOP) * f64::from(i) / 2.0;
        (y, real(highest) * f64::from(i) / 2.0)
    });
    html! {
        @for (y, events) in lines {
            line.grid x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
            text x=(LEFT - 6.0) y=(y + 4.0) text-anchor="end" { (format!("{events:.0}")) }
        }
        @for (at, name) in days(period) {
            line.grid x1=(x(period, at)) x2=(x(period, at)) y1=(FLOOR) y2=(FLOOR + 4.0) {}
            text x=(x(period, at)) y=(FLOOR + 18.0) { (name) }
        }
    }
}

/// Midnights to be named, no more than fit.
fn days(period: Period) -> Vec<(OffsetDateTime, String)> {
    let all = period.buckets(Width::Day);
    let step = i64::try_from(all.div_ceil(14).max(1)).unwrap_or(1);
    let mut at = Width::Day.ceil(period.from);
    let mut days = Vec::new();
    while at < period.to {
        days.push((at, format!("{} {}", at.day(), &at.month().to_string()[..3])));
        at = at.saturating_add(Duration::days(step));
    }
    days
}

fn x(period: Period, at: OffsetDateTime) -> f64 {
    let whole = (period.to - period.from).as_seconds_f64().max(1.0);
    let share = (at - period.from).as_seconds_f64() / whole;
    LEFT + (WIDTH - LEFT) * share.clamp(0.0, 1.0)
}

/// One horizontal bar per tally, with its own colour class.
pub(super) fn bars(tallies: &[Tally], colour: impl Fn(usize, &str) -> String) -> Markup {
    let most = tallies.iter().map(|it| it.events).max().unwrap_or(0);
    html! {
        table {
            @for (i, Tally { key, events }) in tallies.iter().enumerate() {
                tr {
                    th scope="row" { (key) }
                    td.bar aria-hidden="true" { (bar(real(*events) / real(most.max(1)), &colour(i, key))) }
                    td.n { (number(*events)) }
                }
            }
        }
    }
}

fn bar(part: f64, colour: &str) -> Markup {
    html! {
        svg viewBox="0 0 200 12" preserveAspectRatio="none" style="height:12px" {
            rect width=(format!("{:.1}", 200.0 * part.clamp(0.0, 1.0))) height="12" fill=(colour) {}
        }
    }
}

/// Coverage over time: full height where all of it ran, half where a part did, a line at the bottom where none did.
pub(super) fn strip(detector: &DetectorCoverage, period: Period, width: Width) -> Markup {
    const STRIP: f64 = 420.0;
    let whole = (period.to - period.from).as_seconds_f64().max(1.0);
    let place =
        |at: OffsetDateTime| STRIP * ((at - period.from).as_seconds_f64() / whole).clamp(0.0, 1.0);
    let (mut full, mut part, mut none) = (String::new(), String::new(), String::new());
    for (start, Share { expected, executed }) in &detector.series {
        let left = place(*start);
        let right = place(start.saturating_add(Duration::seconds(width.seconds())));
        let (path, height) = if expected == executed {
            (&mut full, 18.0)
        } else if 0 < *executed {
            (&mut part, 10.0)
        } else {
            (&mut none, 4.0)
        };
        let drawn =
            write!(path, "M{left:.1} 18v{:.1}h{:.1}v{height:.1}z", -height, right - left + 0.2);
        drawn.expect("a String takes any text");
    }
    let name =
        format!("Coverage of {} over time: {}", detector.detector, share(detector.achieved()));
    html! {
        svg viewBox=(format!("0 0 {STRIP} 19")) preserveAspectRatio="none" style="height:20px" role="img" aria-label=(name) {
            rect width=(STRIP) height="18" fill="var(--panel)" {}
            path d=(full) fill="var(--full)" {}
            path d=(part) fill="var(--part)" {}
            path d=(none) fill="var(--none)" {}
        }
    }
}

/// What each sub-score adds to a risk: its weighted part, drawn on a scale from 0 to 1.
pub(super) fn breakdown(risk: &Risk) -> Markup {
    let name = risk.sub_scores.iter().map(|it| format!("{} {:.2}", it.name, it.score));
    let name = name.collect::<Vec<_>>().join(", ");
    html! {
        svg viewBox="0 0 200 34" preserveAspectRatio="none" style="height:34px" role="img" aria-label=(name) {
            @for (i, it) in risk.sub_scores.iter().enumerate() {
                @let y = 9 * i;
                rect x="0" y=(y) width="200" height="7" fill="var(--panel)" {}
                rect x="0" y=(y) width=(format!("{:.1}", 200.0 * it.score)) height="7" fill=(format!("var(--c{i})")) {
                    title { (it.name) " " (format!("{:.2}", it.score)) ": " (it.detail) }
                }
            }
        }
    }
}

/// Indications to the left, support to the right, on one scale.
pub(super) fn balance(indicates: u64, supports: u64, most: u64) -> Markup {
    let scale = |events: u64| 100.0 * (real(events) / real(most.max(1))).sqrt().clamp(0.0, 1.0);
    let (left, right) = (scale(indicates), scale(supports));
    html! {
        svg viewBox="0 0 204 12" preserveAspectRatio="none" style="height:12px" aria-hidden="true" {
            rect x=(format!("{:.1}", 101.0 - left)) width=(format!("{left:.1}")) height="12" fill="var(--high)" {}
            rect x="103" width=(format!("{right:.1}")) height="12" fill="var(--full)" {}
            rect x="101.5" width="1" height="12" fill="var(--soft)" {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn real(count: u64) -> f64 {
    count as f64
}
