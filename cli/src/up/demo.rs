//! What the demo sends: a tenant, its policy, findings on the stream, prompts one by one.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use futures::{StreamExt as _, stream};
use proto::{
    analysis::v1::GetProgressRequest,
    orchestration::v1::{
        Action, CreateTenantRequest, DetectRequest, DetectResponse, IngestRequest, IssueKeyRequest,
        ListTenantsRequest, MappingState, PublishPolicyRequest,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

use crate::{
    args::ServiceName,
    generate::{Item, Truth},
    mesh::{AddressBook, Mesh},
    output::{Output, Shown, grouped},
    progress::Progress,
    verbs::ingest::{BATCH_MAX, Tally},
};

use super::{
    policy,
    processes::Running,
    state::{Prompts, State, Tenant},
};

const PROMPTS: &str = include_str!("../../../examples/prompts.jsonl");
const TENANT: &str = "demo";
/// Prompts under way at once.
const PROMPTS_AT_ONCE: usize = 8;
/// Analysis has this long without any progress before the demo gives up.
const STALLED_AFTER: Duration = Duration::from_secs(60);

/// One line of `examples/prompts.jsonl`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    pub text: String,
    /// `attack` or `benign`.
    pub kind: Kind,
    /// What it is about, for the reader of the file.
    #[serde(rename = "about")]
    _about: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Attack,
    /// Also with personal data in it: that is no attack.
    Benign,
}

/// What was sent in this run; nothing where an earlier run had sent it all.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub findings: Option<Tally>,
    pub findings_s: f64,
    pub prompts_ms: Vec<f64>,
}

/// The demo tenant with its policy and key: from the state, or made now.
pub(crate) async fn ensure_tenant(
    state: &mut State,
    folder: &Path,
    running: &Running,
) -> anyhow::Result<AddressBook> {
    let mut address_book = AddressBook {
        orchestration: running.url(ServiceName::Orchestration),
        mapper: running.url(ServiceName::Mapper),
        analysis: running.url(ServiceName::Analysis),
        key: String::new(),
        operator_key: state.operator_key.clone(),
    };
    if let Some(tenant) = &state.tenant {
        address_book.key = tenant.key.clone();
        return Ok(address_book);
    }
    let operator = Mesh::at(&address_book, &state.operator_key)?;
    let tenant_id = match operator.tenancy().create_tenant(create()).await {
        Ok(response) => response.into_inner().tenant.unwrap_or_default().tenant_id,
        // An earlier run was interrupted between the tenant and its key.
        Err(status) if status.code() == Code::AlreadyExists => find(&operator).await?,
        Err(status) => return Err(status).context("cannot create the demo tenant"),
    };
    let request = IssueKeyRequest {
        tenant_id: tenant_id.clone(),
        // A name of its own, because an earlier run may have been interrupted after issuing one.
        name: format!("up-{}", uuid::Uuid::now_v7().simple()),
        roles: vec!["admin".to_owned(), "detector".to_owned()],
    };
    let issued = operator.tenancy().issue_key(request).await.context("cannot issue a key")?;
    address_book.key = issued.into_inner().credential;

    let mesh = Mesh::at(&address_book, &address_book.key)?;
    let request = PublishPolicyRequest { policy: Some(policy::demo()) };
    mesh.policies().publish_policy(request).await.context("cannot publish the demo policy")?;
    state.tenant = Some(Tenant { tenant_id, key: address_book.key.clone() });
    state.save(folder)?;
    Ok(address_book)
}

fn create() -> CreateTenantRequest {
    CreateTenantRequest { name: TENANT.to_owned() }
}

async fn find(operator: &Mesh) -> anyhow::Result<String> {
    let mut request = ListTenantsRequest::default();
    loop {
        let page = operator.tenancy().list_tenants(request.clone()).await?.into_inner();
        if let Some(tenant) = page.tenants.into_iter().find(|it| it.name == TENANT) {
            return Ok(tenant.tenant_id);
        }
        if page.next_cursor.is_empty() {
            bail!("the tenant `{TENANT}` exists and is not listed");
        }
        request.page.get_or_insert_default().cursor = page.next_cursor;
    }
}

/// Sends what an earlier run has not sent to its end.
pub(super) async fn send(
    mesh: &Mesh,
    state: &mut State,
    folder: &Path,
    (items, truth): (Vec<Item>, &Truth),
    output: Output,
) -> anyhow::Result<Sent> {
    let mut sent = Sent::default();
    if !state.findings_sent {
        let started = Instant::now();
        sent.findings = Some(stream_findings(mesh, items, truth, output).await?);
        sent.findings_s = started.elapsed().as_secs_f64();
        state.findings_sent = true;
        state.save(folder)?;
    }
    if state.prompts.is_none() {
        let (prompts, milliseconds) = detect_prompts(mesh, output).await?;
        sent.prompts_ms = milliseconds;
        state.prompts = Some(prompts);
        state.save(folder)?;
    }
    Ok(sent)
}

async fn stream_findings(
    mesh: &Mesh,
    items: Vec<Item>,
    truth: &Truth,
    output: Output,
) -> anyhow::Result<Tally> {
    let progress = Progress::counted("streaming findings", truth.sent, output);
    let requests = stream::iter(requests(items));
    let mut answers = mesh.ingest().ingest(requests).await.context("ingest refused")?.into_inner();
    let mut tally = Tally::default();
    while let Some(response) = answers.next().await {
        let response = response.context("the stream of findings broke")?;
        progress.advance(response.findings.len() as u64);
        tally.count(&response);
    }
    progress.finish();
    Ok(tally)
}

/// The items in their order, in messages of at most [`BATCH_MAX`].
fn requests(items: Vec<Item>) -> Vec<IngestRequest> {
    let mut requests = Vec::with_capacity(items.len() / BATCH_MAX + 1);
    let mut request = IngestRequest::default();
    for item in items {
        match item {
            Item::Finding(finding) => request.findings.push(*finding),
            Item::Run(run) => request.runs.push(run),
        }
        if request.findings.len() + request.runs.len() == BATCH_MAX {
            requests.push(std::mem::take(&mut request));
        }
    }
    requests.push(request);
    requests
}

async fn detect_prompts(mesh: &Mesh, output: Output) -> anyhow::Result<(Prompts, Vec<f64>)> {
    let prompts = prompts()?;
    let progress = Progress::counted("looking at prompts", prompts.len() as u64, output);
    let mut answers = stream::iter(prompts)
        .map(|prompt| async move {
            let kind = prompt.kind;
            let request = DetectRequest { content: prompt.text, ..Default::default() };
            let response = mesh.detection().detect(request).await?.into_inner();
            Ok::<_, Status>((kind, response))
        })
        .buffer_unordered(PROMPTS_AT_ONCE);
    let mut counts = Prompts::default();
    let mut milliseconds = Vec::new();
    while let Some(answer) = answers.next().await {
        let (kind, response) = answer.context("a prompt could not be looked at")?;
        progress.advance(1);
        milliseconds.push(response.duration_ms);
        count(&mut counts, kind, &response);
    }
    progress.finish();
    Ok((counts, milliseconds))
}

fn prompts() -> anyhow::Result<Vec<Prompt>> {
    let lines = (1..).zip(PROMPTS.lines());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| format!("examples/prompts.jsonl:{number}"))
        })
        .collect()
}

fn count(counts: &mut Prompts, kind: Kind, response: &DetectResponse) {
    counts.sent += 1;
    counts.findings += response.findings.len() as u64;
    counts.deferred += u64::from(response.mapping() == MappingState::Deferred);
    // Personal data may be redacted in any prompt; taking it for an attack is blocking it or flagging it as one.
    let taken_for_attack = response.labels.iter().any(|label| {
        let attack =
            label.label.starts_with("PROMPT_INJECTION") || label.label.starts_with("JAILBREAK");
        attack && matches!(label.action(), Action::Flag | Action::Block)
    });
    let (seen, acted_on) = match kind {
        Kind::Attack => (&mut counts.attacks, &mut counts.attacks_acted_on),
        Kind::Benign => (&mut counts.benign, &mut counts.benign_acted_on),
    };
    *seen += 1;
    *acted_on += u64::from(taken_for_attack);
}

/// Waits until analysis has every event and run that was sent.
pub(super) async fn wait_for_analysis(
    mesh: &Mesh,
    truth: &Truth,
    state: &State,
    output: Output,
) -> anyhow::Result<()> {
    let prompts = state.prompts.clone().unwrap_or_default();
    let events = truth.events + prompts.findings;
    let runs = truth.runs + prompts.sent;
    let progress = Progress::waiting("waiting until analysis has caught up", output);
    let mut last = (0, 0, Instant::now());
    loop {
        let answer = mesh.insights().get_progress(GetProgressRequest {}).await?.into_inner();
        if events <= answer.events && runs <= answer.runs && answer.caught_up {
            break;
        }
        if (answer.events, answer.runs) != (last.0, last.1) {
            last = (answer.events, answer.runs, Instant::now());
        }
        if STALLED_AFTER < last.2.elapsed() {
            bail!(
                "analysis stands still at {} of {events} events and {} of {runs} runs; its log says why",
                answer.events,
                answer.runs
            );
        }
        sleep(Duration::from_millis(100)).await;
    }
    progress.finish();
    Ok(())
}

impl Sent {
    /// Acknowledged findings per second, where this run streamed any.
    fn findings_per_second(&self) -> Option<f64> {
        self.findings.as_ref().map(|it| it.findings() as f64 / self.findings_s)
    }

    fn prompt_ms(&self, share: f64) -> Option<f64> {
        let mut sorted = self.prompts_ms.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        // A share of at most 1 of a small index.
        Some(sorted[(last as f64 * share).round() as usize])
    }

    pub(super) fn json(&self) -> Value {
        let findings = self.findings.as_ref().map(|it| {
            json!({
                "accepted": it.accepted, "queued": it.queued, "duplicates": it.duplicate,
                "malformed": it.malformed, "refused": it.refused, "runs": it.runs,
                "seconds": self.findings_s, "per_second": self.findings_per_second(),
            })
        });
        json!({
            "findings": findings,
            "prompts": { "p50_ms": self.prompt_ms(0.5), "p99_ms": self.prompt_ms(0.99) },
        })
    }

    pub(super) fn show(&self, output: Output) {
        output.heading("Throughput");
        let mut rows = Vec::new();
        if let Some(per_second) = self.findings_per_second() {
            rows.push(vec![
                Shown::from("findings, durable and mapped, acknowledged one by one"),
                // Findings per second are far below 2^53.
                Shown::Number(format!("{} /s", grouped(per_second as u64))),
            ]);
        }
        for (what, share) in [("detection, median", 0.5), ("detection, p99", 0.99)] {
            if let Some(milliseconds) = self.prompt_ms(share) {
                rows.push(vec![what.into(), Shown::Number(format!("{milliseconds:.1} ms"))]);
            }
        }
        output.table(
            &["what", "measured now"],
            rows,
            "Everything had been sent by an earlier run.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_prompts_are_attacks_and_benign_ones() {
        let prompts = prompts().unwrap();
        let attacks = prompts.iter().filter(|it| it.kind == Kind::Attack).count();
        assert!(180 <= prompts.len(), "{}", prompts.len());
        assert!(60 <= attacks && 60 <= prompts.len() - attacks, "{attacks} of {}", prompts.len());
    }
}
