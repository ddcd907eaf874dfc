//! The tables of the report, one per section.

use maud::{Markup, html};

use super::{
    Report, chart,
    html::{number, share, stamp},
};
use crate::{
    coverage::{DetectorCoverage, Kind},
    gap::Gap,
    posture::{ControlPosture, FrameworkPosture},
    risk::Risk,
};

/// Risks shown on the page; the JSON has them all.
const RISKS_SHOWN: usize = 15;
/// Controls of one framework shown open; the rest can be unfolded.
const CONTROLS_SHOWN: usize = 8;

pub(super) fn coverage(report: &Report) -> Markup {
    let coverage = &report.coverage;
    html! {
        section aria-labelledby="coverage" {
            h2 id="coverage" { "Coverage" }
            p {
                "Only what really ran counts. A called detector is judged by its checks, a pushing one by the report "
                "intervals it covered."
                @if !coverage.policy.is_empty() {
                    " Policy in force at the end of the period: " code { (coverage.policy) } "."
                }
            }
            @if coverage.detectors.is_empty() {
                p.empty { "No policy named a detector, and none was called." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Detector" } th.n scope="col" { "Ran" } th.n scope="col" { "Share" }
                        th.strip scope="col" { "Over time, " (stamp(report.period.from)) " to " (stamp(report.period.to)) } } }
                    tbody { @for it in &coverage.detectors { (detector(report, it)) } }
                }
                ul.key {
                    li { i style="background:var(--full)" {} "all of it ran (full height)" }
                    li { i style="background:var(--part)" {} "a part (half)" }
                    li { i style="background:var(--none)" {} "nothing (line)" }
                    li { i style="background:var(--panel);outline:1px solid var(--line)" {} "nothing was expected" }
                }
            }
        }
    }
}

fn detector(report: &Report, it: &DetectorCoverage) -> Markup {
    let unit = match it.kind {
        Kind::Called => "checks",
        Kind::Push => "intervals",
    };
    let below =
        it.required && it.achieved().is_some_and(|achieved| achieved < report.coverage.threshold);
    let states = it.states.iter().filter(|(_, n)| 0 < **n);
    let states = states.map(|(state, n)| format!("{} {}", state.replace('_', " "), number(*n)));
    html! {
        tr {
            th scope="row" { (it.detector)
                div.muted { (it.kind.as_str()) @if it.required { ", required" } }
                @for silence in &it.silences {
                    div.muted { "silent " (stamp(silence.period.from)) " to " (stamp(silence.period.to)) }
                }
            }
            td.n { (number(it.executed)) " of " (number(it.expected)) div.muted { (unit) } }
            td.n { @if below { strong.critical { (share(it.achieved())) } } @else { (share(it.achieved())) } }
            td.strip { (chart::strip(it, report.period, report.series.width))
                div.muted { (states.collect::<Vec<_>>().join(" · ")) } }
        }
    }
}

pub(super) fn risks(report: &Report) -> Markup {
    let shown: Vec<&Risk> =
        report.risks.iter().filter(|it| 0.0 < it.score).take(RISKS_SHOWN).collect();
    html! {
        section aria-labelledby="risks" {
            h2 id="risks" { "Risks" }
            p { "Each label's score, 0 to 100, joins four sub-scores with diminishing returns. All labels together: "
                strong { (format!("{:.1}", report.risk)) } "." }
            @if shown.is_empty() {
                p.empty { "Nothing in this period is a risk." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Label" } th.n scope="col" { "Score" } th.n scope="col" { "Events" }
                        th.bar scope="col" { "Sub-scores, 0 to 1" } th scope="col" { "Made from" } } }
                    tbody { @for it in &shown { (risk(it)) } }
                }
                ul.key { @for (i, it) in shown[0].sub_scores.iter().enumerate() {
                    li { i style=(format!("background:var(--c{i})")) {} (it.name) " "
                        span.muted { "weight " (it.weight) } }
                } }
            }
        }
    }
}

fn risk(it: &Risk) -> Markup {
    let dispositions = it.dispositions.iter().filter(|(_, n)| 0 < **n);
    let dispositions = dispositions.map(|(disposition, n)| format!("{disposition} {}", number(*n)));
    let scores = it.sub_scores.iter().map(|it| format!("{} {:.2}", it.name, it.score));
    html! {
        tr {
            th scope="row" { (it.label) div { span class=(format!("chip {}", it.severity)) { (it.severity) } } }
            td.n { strong { (format!("{:.1}", it.score)) } }
            td.n { (number(it.events)) }
            td.bar { (chart::breakdown(it)) }
            td.muted { (scores.collect::<Vec<_>>().join(", ")) div { (dispositions.collect::<Vec<_>>().join(" · ")) } }
        }
    }
}

pub(super) fn gaps(report: &Report) -> Markup {
    html! {
        section aria-labelledby="gaps" {
            h2 id="gaps" { "Gaps" }
            @if report.gaps.is_empty() {
                p.empty { "No gap was found in this period." }
            } @else {
                table {
                    thead { tr { th scope="col" { "What" } th scope="col" { "About" } th scope="col" { "Why, and what to do" }
                        th scope="col" { "Evidence" } } }
                    tbody { @for it in &report.gaps { (gap(it)) } }
                }
            }
        }
    }
}

fn gap(it: &Gap) -> Markup {
    html! {
        tr id=(it.id) {
            td { span class=(format!("chip {}", it.severity)) { (it.severity) }
                div { (it.kind.as_str().replace('_', " ")) } }
            th scope="row" { (it.subject)
                div.muted { (stamp(it.period.from)) " to " (stamp(it.period.to)) } }
            td { (it.reason) div.muted { (it.remediation) } }
            td.mono { @for id in it.evidence_refs.iter().take(2) { div { (id) } }
                @if 2 < it.evidence_refs.len() { div.muted { "and " (it.evidence_refs.len() - 2) " more" } } }
        }
    }
}

pub(super) fn frameworks(report: &Report) -> Markup {
    html! {
        section aria-labelledby="controls" {
            h2 id="controls" { "Controls" }
            p { "Which controls the findings are evidence for. The count to the left of the middle indicates that the "
                "control did not hold, the count to the right supports that it is working. Bars are on a root scale. “Verified by” says how the "
                "control's id was checked against its source." }
            @if report.frameworks.is_empty() {
                p.empty { "The findings of this period touch no control." }
            }
            @for it in &report.frameworks { (framework(it)) }
        }
    }
}

fn framework(it: &FrameworkPosture) -> Markup {
    let most = it.controls.iter().map(|it| it.violation_indicators.max(it.control_operating)).max();
    let (first, rest) = it.controls.split_at(it.controls.len().min(CONTROLS_SHOWN));
    html! {
        h3 { (it.framework.name) " " span.muted { (it.framework.edition) } }
        p.muted { (it.controls.len()) " of " (it.framework.controls_known) " known controls are touched." }
        (controls(first, most.unwrap_or(0)))
        @if !rest.is_empty() {
            details { summary { (rest.len()) " more" } (controls(rest, most.unwrap_or(0))) }
        }
    }
}

fn controls(controls: &[ControlPosture], most: u64) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "Control" } th.n scope="col" { "Indicates" } th.bar scope="col" aria-hidden="true" {}
                th scope="col" { "Supports" } th scope="col" { "Most of it from" } th scope="col" { "Verified by" } } }
            tbody { @for it in controls {
                tr {
                    th scope="row" { (it.control) div.muted { (it.title) } }
                    td.n { (number(it.violation_indicators)) }
                    td.bar { (chart::balance(it.violation_indicators, it.control_operating, most)) }
                    td { (number(it.control_operating)) }
                    td.muted { (it.labels.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ")) }
                    td.muted { (it.verification) }
                }
            } }
        }
    }
}

pub(super) fn provenance(report: &Report, json_sha256: &str) -> Markup {
    let weights = &report.weights;
    html! {
        section aria-labelledby="provenance" {
            h2 id="provenance" { "Provenance" }
            table {
                caption { "What the events were mapped with" }
                thead { tr { th scope="col" { "Taxonomy" } th scope="col" { "Frameworks" } th scope="col" { "Detector mapping" }
                    th scope="col" { "Model" } th scope="col" { "Policy" } th.n scope="col" { "Events" } } }
                tbody { @for it in &report.versions {
                    tr { td { (it.versions.taxonomy) } td { (it.versions.frameworks) } td { (it.versions.detector_mapping) }
                        td { (it.versions.model) } td { (it.versions.policy) } td.n { (number(it.events)) } }
                } }
            }
            @if !report.detections.is_empty() {
                table {
                    caption { "How detections ended; a bypass is a part that a failure rule decided" }
                    thead { tr { th scope="col" { "Policy" } th scope="col" { "Action" } th scope="col" { "Coverage" }
                        th scope="col" { "Bypass" } th scope="col" { "Mapping" } th.n scope="col" { "Detections" } } }
                    tbody { @for it in &report.detections {
                        tr { td { (it.policy) } td { (it.action) }
                            td { @if it.partial { "partial" } @else { "complete" } }
                            td { @if it.fallback_used { "yes" } @else { "no" } }
                            td { @if it.mapping_deferred { "later" } @else { "in time" } }
                            td.n { (number(it.detections)) } }
                    } }
                }
            }
            p.muted { "Risk weights: technical " (weights.technical) ", business " (weights.business) ", regulatory "
                (weights.regulatory) ", temporal " (weights.temporal) "; half-life " (weights.half_life_h) " h." }
            p { "SHA-256 of the JSON form of this report: " code { (json_sha256) } }
        }
    }
}
