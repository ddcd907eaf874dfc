//! The report as one self-contained page: no script, no external asset, everything escaped by `maud`.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::{OffsetDateTime, macros::format_description};

use super::{Report, WORDING, chart, table};
use crate::gap::GapKind;

const STYLE: &str = include_str!("style.css");

/// The page of `report`, whose JSON has the digest `json_sha256`.
pub fn page(report: &Report, json_sha256: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="llama-mapper analysis";
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(report))
                main {
                    (events(report))
                    (table::coverage(report))
                    (table::risks(report))
                    (table::gaps(report))
                    (table::frameworks(report))
                    (table::provenance(report, json_sha256))
                }
                footer { div {
                    p { "Made from counts of canonical events, check ledgers and run reports. It holds no content. "
                        "The same period as of the same time gives the same bytes." }
                } }
            }
        }
    };
    page.into_string()
}

fn head(report: &Report) -> Markup {
    let sections = [
        ("events", "Events"),
        ("coverage", "Coverage"),
        ("risks", "Risks"),
        ("gaps", "Gaps"),
        ("controls", "Controls"),
        ("provenance", "Provenance"),
    ];
    html! {
        header {
            h1 { (report.title) }
            p.lead {
                "Findings from " time datetime=(stamp(report.period.from)) { (stamp(report.period.from)) }
                " up to " time datetime=(stamp(report.period.to)) { (stamp(report.period.to)) }
                ", as known at " time datetime=(stamp(report.as_of)) { (stamp(report.as_of)) } ". Times are UTC."
            }
            nav aria-label="Sections" { @for (id, name) in sections { a href=(format!("#{id}")) { (name) } } }
            (figures(report))
            p.note { (WORDING) }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let detections: u64 = report.detections.iter().map(|it| it.detections).sum();
    let bypassed: u64 =
        report.detections.iter().filter(|it| it.fallback_used).map(|it| it.detections).sum();
    let outages = report.gaps.iter().filter(|it| it.kind == GapKind::Outage).count();
    let indicated = report.frameworks.iter().flat_map(|it| &it.controls);
    let indicated = indicated.filter(|it| 0 < it.violation_indicators).count();
    html! {
        dl.figures {
            div { dt { "Events" } dd { (number(report.summary.events))
                small { "labels: " (report.summary.labels.len()) ", detectors: " (report.summary.detectors.len()) } } }
            div { dt { "Coverage of what is required" } dd { (share(report.coverage.achieved))
                small { "the policy asks for " (share(Some(report.coverage.threshold))) } } }
            div { dt { "Overall risk" } dd { (format!("{:.0}", report.risk)) small { "of 100" } } }
            div { dt { "Gaps" } dd { (report.gaps.len()) small { "outages among them: " (outages) } } }
            div { dt { "Controls indicated" } dd { (indicated)
                small { "in " (report.frameworks.len()) " frameworks" } } }
            @if 0 < detections {
                div { dt { "Detections" } dd { (number(detections))
                    small { (number(bypassed)) " by a failure rule" } } }
            }
        }
    }
}

fn events(report: &Report) -> Markup {
    let summary = &report.summary;
    html! {
        section aria-labelledby="events" {
            h2 id="events" { "Events" }
            @if summary.events == 0 {
                p.empty { "No events in this period." }
            } @else {
                (chart::events_over_time(report))
                h3 { "By severity" }
                (chart::bars(&summary.severities, |_, severity| format!("var(--{severity})")))
                h3 { "By label" }
                (chart::bars(head_of(&summary.labels), |_, _| "var(--c0)".to_owned()))
                @if head_of(&summary.labels).len() < summary.labels.len() {
                    p.muted { "The " (head_of(&summary.labels).len()) " most frequent of " (summary.labels.len())
                        " labels; the JSON has them all." }
                }
                h3 { "By what became of the finding" }
                (chart::bars(&summary.dispositions, |_, _| "var(--c4)".to_owned()))
                h3 { "By how the label was decided" }
                (chart::bars(&summary.routes, |_, _| "var(--c2)".to_owned()))
            }
        }
    }
}

fn head_of<T>(all: &[T]) -> &[T] {
    &all[..all.len().min(12)]
}

/// With a thin space between thousands.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (i, digit) in digits.chars().enumerate() {
        if 0 < i && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// As a percentage that never rounds up to the whole.
pub(super) fn share(share: Option<f64>) -> String {
    let Some(share) = share else { return "–".to_owned() };
    let tenths = (share * 1000.0 + 1e-9).floor() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0} %") } else { format!("{tenths:.1} %") }
}

/// To the minute: what is below it is noise to a reader.
pub(super) fn stamp(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    at.format(&format).unwrap_or_else(|_| at.unix_timestamp().to_string())
}
