//! `report`: write, list, fetch.

use std::path::{Path, PathBuf};

use ::time::OffsetDateTime;
use proto::analysis::v1::{CreateReportRequest, GetReportRequest, ListReportsRequest, Report};
use serde_json::json;

use crate::{
    Done,
    args::{Globals, ReportVerb},
    files,
    mesh::Mesh,
    output::{Output, Shown},
    period, time, wire_json,
};

pub(crate) async fn report(
    verb: ReportVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    match verb {
        ReportVerb::Create { period, frameworks, title, out } => {
            let mut period = period::of(&period);
            // A report needs an end, so that it stays the same.
            period.to.get_or_insert_with(|| time::to_wire(OffsetDateTime::now_utc()));
            let request = CreateReportRequest { period: Some(period), frameworks, title };
            let response = mesh.reports().create_report(request).await?.into_inner();
            save_and_tell(&response.report.unwrap_or_default(), &out, output)
        }
        ReportVerb::Get { report_id, out } => {
            let request = GetReportRequest { report_id };
            let response = mesh.reports().get_report(request).await?.into_inner();
            save_and_tell(&response.report.unwrap_or_default(), &out, output)
        }
        ReportVerb::List(page) => {
            let request = ListReportsRequest { page: Some(period::page(&page)) };
            let response = mesh.reports().list_reports(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            let rows = response.reports.iter().map(|it| {
                vec![
                    Shown::from(it.report_id.as_str()),
                    it.title.as_str().into(),
                    time::show(it.as_of.as_ref()).into(),
                    it.json_sha256.as_str().into(),
                ]
            });
            output.table(
                &["report", "title", "as of", "sha-256 of its JSON"],
                rows.collect(),
                "No report was written yet: `llama-mapper report create`.",
            );
            Ok(Done::Well)
        }
    }
}

fn save_and_tell(report: &Report, out: &Path, output: Output) -> anyhow::Result<Done> {
    let (json, html) = save(report, out)?;
    if output.json {
        output.json(&json!({
            "report_id": report.report_id, "json": json, "html": html, "json_sha256": report.json_sha256,
        }));
    }
    output.text(&format!("{}\n{}", json.display(), html.display()));
    Ok(Done::Well)
}

/// Writes both documents into `out`; gives back their paths.
pub(crate) fn save(report: &Report, out: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    files::create_dir(out)?;
    let json = out.join(format!("report-{}.json", report.report_id));
    let html = out.join(format!("report-{}.html", report.report_id));
    files::write(&json, report.json.as_bytes())?;
    files::write(&html, report.html.as_bytes())?;
    Ok((json, html))
}
