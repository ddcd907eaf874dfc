//! `detect`: one text through the detectors of the policy.

use std::io::Read as _;

use anyhow::Context as _;
use proto::orchestration::v1::{Action, Check, DetectRequest, DetectResponse, Direction};

use crate::{
    Done,
    args::{DetectArgs, Flow, Globals},
    mesh::Mesh,
    output::{Output, Shown, percent},
    verbs::events::shown_severity,
    wire_json,
};

/// The domain's limit; read no more than what shows that it is exceeded.
const CONTENT_BYTES_MAX: u64 = 1 << 20;

pub(crate) async fn detect(
    args: &DetectArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let request = DetectRequest {
        content: content(args.text.as_deref())?,
        direction: match args.direction {
            Flow::Input => Direction::Input.into(),
            Flow::Output => Direction::Output.into(),
        },
        policy: args.policy.clone(),
        resource: args.resource.clone(),
        ..Default::default()
    };
    let response = mesh.detection().detect(request).await?.into_inner();
    show(&response, output)?;
    let partial = response.coverage.as_ref().is_some_and(|it| it.achieved < it.threshold);
    Ok(if partial || response.fallback_used { Done::WithRemarks } else { Done::Well })
}

fn content(given: Option<&str>) -> anyhow::Result<String> {
    if let Some(text) = given.filter(|it| *it != "-") {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(CONTENT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).context("the text is not UTF-8")
}

fn show(response: &DetectResponse, output: Output) -> anyhow::Result<()> {
    if output.json {
        output.json(&wire_json::to_json(response)?);
        return Ok(());
    }
    let verdict = response.verdict.clone().unwrap_or_default();
    let action = action_name(verdict.action());
    output.heading(&format!("{} {}", action.to_uppercase(), verdict.reason));
    let rows = response.findings.iter().map(|it| {
        let finding = it.finding.clone().unwrap_or_default();
        let span = finding.span.map_or(String::new(), |it| format!("{}..{}", it.start, it.end));
        vec![
            Shown::from(it.label.as_str()),
            shown_severity(it.severity()),
            Shown::Number(format!("{:.2}", it.confidence)),
            finding.detector.into(),
            finding.raw_label.into(),
            Shown::Number(span),
        ]
    });
    output.table(
        &["label", "severity", "confidence", "detector", "its word", "at"],
        rows.collect(),
        "Nothing was found.",
    );
    let coverage = response.coverage.clone().unwrap_or_default();
    output.text(&format!(
        "coverage {} (threshold {})",
        percent(coverage.achieved),
        percent(coverage.threshold)
    ));
    show_checks(&response.checks, output);
    output.text(&format!("request {} · {:.1} ms", response.request_id, response.duration_ms));
    if response.fallback_used {
        output.text("a failure rule of the policy decided part of this answer");
    }
    Ok(())
}

/// The check ledger: who looked at what, and how it ended.
pub(crate) fn show_checks(checks: &[Check], output: Output) {
    let rows = checks.iter().map(|it| {
        let state = it.state().as_str_name().trim_start_matches("CHECK_STATE_").to_lowercase();
        let executed = matches!(state.as_str(), "clean" | "flagged" | "below_threshold" | "cached");
        vec![
            Shown::from(it.detector.as_str()),
            Shown::Number(format!("{}/{}", it.part, it.chunk)),
            Shown::Verdict { text: state, good: executed },
            Shown::Number(format!("{:.1}", it.duration_ms)),
            it.policy_line.as_str().into(),
            it.reason.as_str().into(),
        ]
    });
    output.table(
        &["detector", "part/chunk", "state", "ms", "policy line", "why"],
        rows.collect(),
        "No detector was asked.",
    );
}

pub(crate) fn action_name(action: Action) -> String {
    action.as_str_name().trim_start_matches("ACTION_").to_lowercase()
}
