//! `events`: list, count, follow.

use futures::StreamExt as _;
use proto::{
    common::v1::{Disposition, Route, Severity},
    mapper::v1::{CountBy, CountRequest, Event, EventFilter, QueryRequest, TailRequest},
};

use crate::{
    Done,
    args::{CountKey, EventsArgs, Globals},
    mesh::Mesh,
    output::{Output, Shown, grouped},
    period, time, wire_json,
};

const HEADERS: [&str; 8] =
    ["occurred", "label", "severity", "confidence", "route", "detector", "its word", "disposition"];

pub(crate) async fn events(
    args: &EventsArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    if let Some(by) = args.count_by {
        return count(args, by, &mesh, output).await;
    }
    if args.follow {
        return follow(args, &mesh, output).await;
    }
    let request = QueryRequest { filter: Some(filter(args)), page: Some(period::page(&args.page)) };
    let response = mesh.events().query(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let rows = response.events.iter().map(row).collect();
    output.table(&HEADERS, rows, "No event passes the filter.");
    if !response.next_cursor.is_empty() {
        output.text(&format!("more: --cursor {}", response.next_cursor));
    }
    Ok(Done::Well)
}

async fn count(
    args: &EventsArgs,
    by: CountKey,
    mesh: &Mesh,
    output: Output,
) -> anyhow::Result<Done> {
    let by = match by {
        CountKey::Domain => CountBy::Domain,
        CountKey::Label => CountBy::Label,
        CountKey::Severity => CountBy::Severity,
        CountKey::Route => CountBy::Route,
        CountKey::Detector => CountBy::Detector,
        CountKey::Disposition => CountBy::Disposition,
    };
    let request = CountRequest { filter: Some(filter(args)), by: by.into() };
    let response = mesh.events().count(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let rows = response.counts.iter().map(|it| vec![Shown::from(it.key.as_str()), it.count.into()]);
    output.table(&["", "events"], rows.collect(), "No event passes the filter.");
    output.text(&format!("{} events", grouped(response.total)));
    Ok(Done::Well)
}

async fn follow(args: &EventsArgs, mesh: &Mesh, output: Output) -> anyhow::Result<Done> {
    let request = TailRequest { cursor: args.page.cursor.clone(), batch_max: 0, follow: true };
    let mut feed = mesh.events().tail(request).await?.into_inner();
    while let Some(response) = feed.next().await {
        for event in &response?.events {
            if output.json {
                output.json(&wire_json::to_json(event)?);
                continue;
            }
            let finding = event.finding.clone().unwrap_or_default();
            let mapping = event.mapping.clone().unwrap_or_default();
            output.text(&format!(
                "{} {} {:.2} {} {}",
                time::show(finding.occurred_at.as_ref()),
                mapping.label,
                mapping.confidence,
                finding.detector,
                finding.raw_label.escape_debug(),
            ));
        }
    }
    Ok(Done::Well)
}

fn filter(args: &EventsArgs) -> EventFilter {
    EventFilter {
        occurred: Some(period::of(&args.period)),
        labels: args.labels.clone(),
        detectors: args.detectors.clone(),
        severity_min: args.severity.map_or(Severity::Unspecified, wire_severity).into(),
        routes: args.routes.iter().map(|it| wire_route(*it).into()).collect(),
        dispositions: Vec::new(),
        request_id: args.request.clone(),
        event_ids: Vec::new(),
    }
}

fn row(event: &Event) -> Vec<Shown> {
    let finding = event.finding.clone().unwrap_or_default();
    let mapping = event.mapping.clone().unwrap_or_default();
    let disposition = finding.disposition();
    vec![
        time::show(finding.occurred_at.as_ref()).into(),
        mapping.label.as_str().into(),
        shown_severity(mapping.severity()),
        Shown::Number(format!("{:.2}", mapping.confidence)),
        shown_route(mapping.route()),
        finding.detector.as_str().into(),
        finding.raw_label.as_str().into(),
        disposition_name(disposition).into(),
    ]
}

pub(crate) fn shown_severity(severity: Severity) -> Shown {
    match severity {
        Severity::Unspecified => Shown::Text(String::new()),
        Severity::Info => Shown::Severity(types::Severity::Info),
        Severity::Low => Shown::Severity(types::Severity::Low),
        Severity::Medium => Shown::Severity(types::Severity::Medium),
        Severity::High => Shown::Severity(types::Severity::High),
        Severity::Critical => Shown::Severity(types::Severity::Critical),
    }
}

pub(crate) fn shown_route(route: Route) -> Shown {
    Shown::Text(route.as_str_name().trim_start_matches("ROUTE_").to_lowercase())
}

fn disposition_name(disposition: Disposition) -> String {
    disposition.as_str_name().trim_start_matches("DISPOSITION_").to_lowercase()
}

fn wire_severity(severity: types::Severity) -> Severity {
    match severity {
        types::Severity::Info => Severity::Info,
        types::Severity::Low => Severity::Low,
        types::Severity::Medium => Severity::Medium,
        types::Severity::High => Severity::High,
        types::Severity::Critical => Severity::Critical,
    }
}

fn wire_route(route: types::Route) -> Route {
    match route {
        types::Route::Rule => Route::Rule,
        types::Route::Alias => Route::Alias,
        types::Route::Model => Route::Model,
        types::Route::Llm => Route::Llm,
        types::Route::Fallback => Route::Fallback,
    }
}
