//! `map` and `explain`: what a detector's word means, and how that was decided.

use proto::{
    common::v1::Disposition,
    mapper::v1::{
        ControlEvidence, EvidenceContext, ExplainRequest, MapBatchRequest, MapRequest, Mapping,
        Relation, map_batch_result::Result as MapResult,
    },
};

use crate::{
    Done,
    args::{ExplainArgs, Globals, MapArgs},
    mesh::Mesh,
    output::{Output, Shown},
    verbs::events::{shown_route, shown_severity},
    wire_json,
};

pub(crate) async fn map(args: &MapArgs, globals: &Globals, output: Output) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let requests = args.raw_labels.iter().map(|raw_label| MapRequest {
        detector: args.detector.clone(),
        detector_version: String::new(),
        raw_label: raw_label.clone(),
        score: args.score,
    });
    let request = MapBatchRequest { requests: requests.collect() };
    let response = mesh.mapping().map_batch(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
    }
    let mut done = Done::Well;
    let mut rows = Vec::new();
    for (raw_label, result) in args.raw_labels.iter().zip(response.results) {
        match result.result {
            Some(MapResult::Mapping(mapping)) => rows.push(row(raw_label, &mapping)),
            Some(MapResult::Error(error)) => {
                done = Done::WithRemarks;
                output.note(&format!("{raw_label}: {}", error.message));
            }
            None => {
                done = Done::WithRemarks;
                output.note(&format!("{raw_label}: the mapper gave no answer"));
            }
        }
    }
    let headers = ["word", "label", "severity", "confidence", "route"];
    output.table(&headers, rows, "No word could be mapped.");
    Ok(done)
}

fn row(raw_label: &str, mapping: &Mapping) -> Vec<Shown> {
    vec![
        raw_label.into(),
        mapping.label.as_str().into(),
        shown_severity(mapping.severity()),
        Shown::Number(format!("{:.2}", mapping.confidence)),
        shown_route(mapping.route()),
    ]
}

pub(crate) async fn explain(
    args: &ExplainArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let request = ExplainRequest {
        request: Some(MapRequest {
            detector: args.detector.clone(),
            detector_version: String::new(),
            raw_label: args.raw_label.clone(),
            score: args.score,
        }),
        context: Some(EvidenceContext {
            disposition: wire_disposition(args.disposition).into(),
            recurring: false,
            incident: false,
            facts: args.facts.clone(),
        }),
    };
    let response = mesh.mapping().explain(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let mapping = response.mapping.unwrap_or_default();
    output.heading(&format!("{} {} is {}", args.detector, args.raw_label, mapping.label));
    let steps = response.steps.iter().map(|it| {
        vec![
            Shown::from(it.step.as_str()),
            Shown::Verdict {
                text: if it.decided { "decided" } else { "-" }.to_owned(),
                good: it.decided,
            },
            it.detail.as_str().into(),
        ]
    });
    output.table(&["step", "", "detail"], steps.collect(), "No step was taken.");
    let controls: Vec<_> =
        response.controls.iter().filter(|it| args.all || it.holds).map(control).collect();
    output.heading("Controls it is evidence for");
    output.table(
        &["framework", "control", "title", "evidence", "when", "verified", "missing"],
        controls,
        "None in this context. `--all` shows what is missing, `--disposition` and `--fact` change the context.",
    );
    Ok(Done::Well)
}

fn control(evidence: &ControlEvidence) -> Vec<Shown> {
    let relation = match evidence.relation() {
        Relation::ViolationIndicator => "indicates it did not hold",
        Relation::ControlOperating => "supports that it works",
        Relation::Unspecified => "",
    };
    vec![
        evidence.framework.as_str().into(),
        evidence.control.as_str().into(),
        evidence.title.as_str().into(),
        relation.into(),
        evidence.when.as_str().into(),
        evidence.verification.as_str().into(),
        evidence.missing.join(", ").into(),
    ]
}

pub(crate) fn wire_disposition(disposition: types::Disposition) -> Disposition {
    match disposition {
        types::Disposition::Unknown => Disposition::Unknown,
        types::Disposition::Contained => Disposition::Contained,
        types::Disposition::Exposed => Disposition::Exposed,
        types::Disposition::Ingested => Disposition::Ingested,
        types::Disposition::Succeeded => Disposition::Succeeded,
    }
}
