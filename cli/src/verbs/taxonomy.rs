//! `taxonomy`, `frameworks`, `proposals`: the words themselves.

use proto::mapper::v1::{
    DiffTaxonomyRequest, GetTaxonomyRequest, ListFrameworksRequest, ListFrameworksResponse,
    ListProposalsRequest,
};

use crate::{
    Done,
    args::{FrameworksArgs, Globals, PageArgs, TaxonomyVerb},
    mesh::Mesh,
    output::{Output, Shown, grouped},
    period, time,
    verbs::events::shown_severity,
    wire_json,
};

pub(crate) async fn taxonomy(
    verb: TaxonomyVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    match verb {
        TaxonomyVerb::Show { group } => show(group.as_deref().unwrap_or(""), &mesh, output).await,
        TaxonomyVerb::Diff { from, to } => diff(from, to, &mesh, output).await,
    }
}

async fn show(group: &str, mesh: &Mesh, output: Output) -> anyhow::Result<Done> {
    let mut response = mesh.taxonomy().get_taxonomy(GetTaxonomyRequest {}).await?.into_inner();
    response.labels.retain(|it| {
        let below = it.name.strip_prefix(group);
        group.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let rows = response.labels.iter().map(|it| {
        vec![
            Shown::from(it.name.as_str()),
            shown_severity(it.severity()),
            it.description.as_str().into(),
        ]
    });
    output.table(&["label", "severity", "meaning"], rows.collect(), "No label is in this group.");
    output.text(&format!("taxonomy {}, {} labels", response.version, response.labels.len()));
    Ok(Done::Well)
}

async fn diff(from: String, to: String, mesh: &Mesh, output: Output) -> anyhow::Result<Done> {
    let request = DiffTaxonomyRequest { from, to };
    let response = mesh.taxonomy().diff_taxonomy(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let rows = response.moves.iter().map(|it| {
        let others = it.to.iter().filter(|to| **to != it.default_to).map(String::as_str);
        vec![
            Shown::from(it.from.as_str()),
            it.action.as_str().into(),
            it.default_to.as_str().into(),
            others.collect::<Vec<_>>().join(", ").into(),
            it.rule.as_str().into(),
        ]
    });
    output.heading(&format!("{} → {}", response.from, response.to));
    output.table(
        &["label", "action", "goes to", "or to", "how to tell"],
        rows.collect(),
        "Nothing moved.",
    );
    Ok(Done::Well)
}

pub(crate) async fn frameworks(
    args: &FrameworksArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let response = mesh.frameworks().list_frameworks(ListFrameworksRequest {}).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    match &args.framework {
        Some(framework) => controls(framework, &response, output)?,
        None if args.facts => facts(&response, output),
        None => overview(&response, output),
    }
    Ok(Done::Well)
}

fn controls(
    framework: &str,
    response: &ListFrameworksResponse,
    output: Output,
) -> anyhow::Result<()> {
    let Some(framework) = response.frameworks.iter().find(|it| it.framework == framework) else {
        let known = response.frameworks.iter().map(|it| it.framework.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        anyhow::bail!("no framework `{framework}`; there are {known}");
    };
    let rows = framework.controls.iter().map(|it| {
        vec![
            Shown::from(it.control.as_str()),
            it.title.as_str().into(),
            it.verification.as_str().into(),
        ]
    });
    output.heading(&format!("{} {}", framework.name, framework.edition));
    output.table(&["control", "title (own words)", "verified"], rows.collect(), "No controls.");
    Ok(())
}

fn facts(response: &ListFrameworksResponse, output: Output) {
    let rows = response
        .facts
        .iter()
        .map(|it| vec![Shown::from(it.fact.as_str()), it.description.as_str().into()]);
    output.table(&["fact", "what it says"], rows.collect(), "No facts.");
}

fn overview(response: &ListFrameworksResponse, output: Output) {
    let rows = response.frameworks.iter().map(|it| {
        vec![
            Shown::from(it.framework.as_str()),
            it.name.as_str().into(),
            it.edition.as_str().into(),
            (it.controls.len() as u64).into(),
        ]
    });
    output.table(&["framework", "name", "edition", "controls"], rows.collect(), "No frameworks.");
}

pub(crate) async fn proposals(
    args: &PageArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let request = ListProposalsRequest { page: Some(period::page(args)) };
    let response = mesh.review().list_proposals(request).await?.into_inner();
    if output.json {
        output.json(&wire_json::to_json(&response)?);
        return Ok(Done::Well);
    }
    let rows = response.proposals.iter().map(|it| {
        vec![
            Shown::from(it.detector.as_str()),
            it.raw_label.as_str().into(),
            it.events.into(),
            time::show(it.last_seen_at.as_ref()).into(),
        ]
    });
    output.table(
        &["detector", "its word", "events", "last seen"],
        rows.collect(),
        "No word waits for review.",
    );
    output.text(&format!("{} in all", grouped(response.total)));
    if !response.next_cursor.is_empty() {
        output.text(&format!("more: --cursor {}", response.next_cursor));
    }
    Ok(Done::Well)
}
