//! `coverage`, `risk`, `gaps`: what analysis says.

use proto::{
    analysis::v1::{
        Gap, GapKind, GetCoverageRequest, GetCoverageResponse, Granularity, ListGapsRequest,
        ListRisksRequest, Risk,
    },
    orchestration::v1::{GetRunRequest, run::Kind},
};

use crate::{
    Done,
    args::{CoverageArgs, Globals, RankedArgs},
    mesh::Mesh,
    output::{Output, Shown, percent},
    period, time,
    verbs::{detect::show_checks, events::shown_severity},
    wire_json,
};

pub(crate) async fn coverage(
    args: &CoverageArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    if let Some(request) = &args.request {
        return ledger(request, &mesh, output).await;
    }
    let request = GetCoverageRequest {
        period: Some(period::of(&args.period)),
        granularity: Granularity::Day.into(),
    };
    let response = mesh.insights().get_coverage(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
    }
    show_coverage(&response, output);
    let short = response.achieved.is_some_and(|it| it < response.threshold);
    Ok(if short { Done::WithRemarks } else { Done::Well })
}

async fn ledger(request: &str, mesh: &Mesh, output: Output) -> anyhow::Result<Done> {
    let request = GetRunRequest { run_id: request.to_owned() };
    let response = mesh.runs().get_run(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let run = response.run.unwrap_or_default();
    match run.kind {
        Some(Kind::Detection(run)) => show_checks(&run.checks, output),
        Some(Kind::Report(report)) => output.text(&format!(
            "{} looked at {}, flagged {}, failed {}",
            report.detector, report.looked_at, report.flagged, report.failed
        )),
        None => output.text("The run says nothing of what it did."),
    }
    Ok(Done::Well)
}

pub(crate) fn show_coverage(response: &GetCoverageResponse, output: Output) {
    let rows = response.detectors.iter().map(|it| {
        let good = it.achieved.is_none_or(|share| response.threshold <= share);
        let achieved = it.achieved.map_or_else(|| "nothing expected".to_owned(), percent);
        let states = it.states.iter().map(|it| format!("{} {}", it.key, it.events));
        vec![
            Shown::from(it.detector.as_str()),
            it.kind.as_str().into(),
            if it.required { "required" } else { "optional" }.into(),
            it.expected.into(),
            it.executed.into(),
            Shown::Verdict { text: achieved, good },
            states.collect::<Vec<_>>().join(", ").into(),
        ]
    });
    output.table(
        &["detector", "kind", "", "expected", "ran", "coverage", "states"],
        rows.collect(),
        "The policy names no detector.",
    );
    let achieved = response.achieved.map_or_else(|| "nothing was expected".to_owned(), percent);
    output.text(&format!(
        "coverage {achieved} of what {} requires (threshold {})",
        response.policy,
        percent(response.threshold)
    ));
}

pub(crate) async fn risk(
    args: &RankedArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let request = ListRisksRequest { period: Some(period::of(&args.period)), limit: args.limit };
    let response = mesh.insights().list_risks(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    show_risks(&response.risks, output);
    output.text(&format!("overall {:.1} of 100", response.overall));
    Ok(Done::Well)
}

pub(crate) fn show_risks(risks: &[Risk], output: Output) {
    let rows = risks.iter().map(|it| {
        let parts = it.sub_scores.iter().map(|part| format!("{} {:.2}", part.name, part.score));
        vec![
            Shown::from(it.label.as_str()),
            shown_severity(it.severity()),
            Shown::Number(format!("{:.1}", it.score)),
            it.events.into(),
            parts.collect::<Vec<_>>().join(" · ").into(),
        ]
    });
    output.table(
        &["label", "severity", "risk", "events", "breakdown"],
        rows.collect(),
        "No risk: there are no events in this period.",
    );
}

pub(crate) async fn gaps(
    args: &RankedArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let request = ListGapsRequest { period: Some(period::of(&args.period)), limit: args.limit };
    let response = mesh.insights().list_gaps(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
    }
    show_gaps(&response.gaps, output);
    Ok(if response.gaps.is_empty() { Done::Well } else { Done::WithRemarks })
}

pub(crate) fn show_gaps(gaps: &[Gap], output: Output) {
    let rows = gaps.iter().map(|it| {
        let from = it.period.as_ref().and_then(|it| it.from.as_ref());
        let to = it.period.as_ref().and_then(|it| it.to.as_ref());
        vec![
            Shown::from(kind_name(it.kind())),
            shown_severity(it.severity()),
            it.subject.as_str().into(),
            format!("{} – {}", time::show(from), time::show(to)).into(),
            it.reason.as_str().into(),
            it.remediation.as_str().into(),
            Shown::Number(it.evidence_refs.len().to_string()),
        ]
    });
    output.table(
        &["gap", "severity", "about", "when", "reason", "what to do", "evidence"],
        rows.collect(),
        "No gap was found.",
    );
}

fn kind_name(kind: GapKind) -> String {
    kind.as_str_name().trim_start_matches("GAP_KIND_").to_lowercase().replace('_', " ")
}
