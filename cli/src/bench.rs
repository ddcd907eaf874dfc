//! `bench`: figures of this machine, from a mesh of its own, as ratios where two things can be held side by side.

mod copy;
mod latency;

use std::{path::Path, time::Duration};

use ::time::OffsetDateTime;
use anyhow::Context as _;
use futures::StreamExt as _;
use proto::{common::v1::Finding, mapper::v1::MapRequest, orchestration::v1::IngestRequest};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    Done,
    args::{Bench, BenchArgs, Globals, ServiceName},
    generate::{self, Item},
    mesh::Mesh,
    output::{Output, Shown, grouped},
    up::{Place, Running, State, ensure_tenant},
    verbs::ingest::Tally,
};

/// Findings per message of the ingest measurement.
const MESSAGE: usize = 500;
/// Messages sent and not yet read by the other side.
const QUEUE_MAX: usize = 16;

/// One figure, ready to show.
struct Figure {
    what: String,
    value: String,
    json: Value,
}

pub(crate) async fn bench(
    args: &BenchArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let folder = globals.data_dir.join("bench");
    crate::files::create_dir(&folder)?;
    let place = Place { folder: &folder, database_url: None, otlp_endpoint: None };
    let mut state = State::load_or_create(&folder)?;
    let running = Running::start(&place, &state, output).await?;
    let measured = measure(args, &folder, &mut state, &running, output).await;
    running.stop().await?;
    cluster::remove(&folder, &cluster::Programs::find()?)?;
    std::fs::remove_dir_all(&folder)?;

    let figures = measured?;
    if output.json {
        output.json(&Value::Array(figures.iter().map(|it| it.json.clone()).collect()));
    }
    let rows = figures.into_iter().map(|it| vec![Shown::from(it.what), Shown::Number(it.value)]);
    output.table(&["what", "measured"], rows.collect(), "Nothing was measured.");
    Ok(Done::Well)
}

async fn measure(
    args: &BenchArgs,
    folder: &Path,
    state: &mut State,
    running: &Running,
    output: Output,
) -> anyhow::Result<Vec<Figure>> {
    let wanted = |what| args.what.is_empty() || args.what.contains(&what);
    let mut figures = Vec::new();
    // First, while the services have done nothing yet.
    if wanted(Bench::Memory) {
        figures.extend(memory(running).await?);
    }
    let address_book = ensure_tenant(state, folder, running).await?;
    let mesh = Mesh::at(&address_book, &address_book.key)?;
    let length = Duration::from_secs(args.seconds.into());
    if wanted(Bench::Map) {
        output.note(&format!("mapping at {} requests/s for {} s …", args.rate, args.seconds));
        figures.push(map(&mesh, args.rate, length).await?);
    }
    if wanted(Bench::Ingest) {
        output.note(&format!("ingesting for {} s, then copying the same rows …", args.seconds));
        figures.extend(ingest(&mesh, running, length).await?);
    }
    Ok(figures)
}

async fn memory(running: &Running) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (name, pid) in running.pids().await {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
            .context("resident memory is read from /proc, which this system has not")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: f64 = resident
            .and_then(|it| it.trim().strip_suffix(" kB"))
            .and_then(|it| it.parse().ok())
            .context("no VmRSS in /proc")?;
        let mib = kib / 1024.0;
        figures.push(Figure {
            what: format!("{} resident, idle", name.as_str()),
            value: format!("{mib:.1} MiB"),
            json: json!({ "what": "resident_idle", "service": name.as_str(), "mib": mib }),
        });
    }
    Ok(figures)
}

/// Unary `Map` at a fixed rate; latency counts from when the request was due, not from when it got its turn.
async fn map(mesh: &Mesh, rate: u32, length: Duration) -> anyhow::Result<Figure> {
    let words = ["EMAIL_ADDRESS", "US_SSN", "PERSON", "CREDIT_CARD", "IP_ADDRESS"];
    let call = |number: u64| {
        let mut client = mesh.mapping();
        let request = MapRequest {
            detector: "presidio".to_owned(),
            detector_version: String::new(),
            // An index below the number of words.
            raw_label: words[(number % words.len() as u64) as usize].to_owned(),
            score: Some(0.9),
        };
        async move { client.map(request).await.map(drop) }
    };
    let latencies = latency::at_rate(rate, length, call).await?;
    let (p50, p99, p999) = (latencies.ms(0.5), latencies.ms(0.99), latencies.ms(0.999));
    Ok(Figure {
        what: format!("unary Map over gRPC at {} /s: p50 · p99 · p99.9", grouped(rate.into())),
        value: format!("{p50:.2} · {p99:.2} · {p999:.2} ms"),
        json: json!({
            "what": "map_latency", "rate": rate, "requests": latencies.count(),
            "p50_ms": p50, "p99_ms": p99, "p999_ms": p999,
        }),
    })
}

/// Durable ingest from client to acknowledgement, then a raw COPY of as many identical rows.
async fn ingest(mesh: &Mesh, running: &Running, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let started = Instant::now();
    let (sender, receiver) = mpsc::channel(QUEUE_MAX);
    let feeding = async {
        for round in 0_u64.. {
            for findings in findings(round).chunks(MESSAGE) {
                let request = IngestRequest { findings: findings.to_vec(), runs: Vec::new() };
                if length < started.elapsed() || sender.send(request).await.is_err() {
                    drop(sender);
                    return;
                }
            }
        }
    };
    let reading = async {
        let mut answers = mesh.ingest().ingest(ReceiverStream::new(receiver)).await?.into_inner();
        let mut tally = Tally::default();
        while let Some(response) = answers.next().await {
            tally.count(&response?);
        }
        anyhow::Ok(tally)
    };
    let (tally, ()) = futures::try_join!(reading, async {
        feeding.await;
        Ok(())
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let stored = tally.accepted + tally.malformed;
    // Counts far below 2^53.
    let ingested = stored as f64 / seconds;

    let owner = running.owner_url(ServiceName::Mapper).context("no URL of the mapper's owner")?;
    let copied = copy::events_per_second(owner, stored).await?;
    let ratio = ingested / copied;
    Ok(vec![
        Figure {
            what: "Ingest end to end, durable".to_owned(),
            value: format!("{} events/s", grouped(ingested as u64)),
            json: json!({ "what": "ingest", "events": stored, "per_second": ingested }),
        },
        Figure {
            what: "raw COPY of the same rows into an identical table".to_owned(),
            value: format!("{} events/s", grouped(copied as u64)),
            json: json!({ "what": "copy", "events": stored, "per_second": copied }),
        },
        Figure {
            what: "ratio".to_owned(),
            value: format!("{ratio:.2}"),
            json: json!({ "what": "ingest_to_copy", "ratio": ratio }),
        },
    ])
}

/// Findings nobody has sent before.
fn findings(round: u64) -> Vec<Finding> {
    let generated = generate::generate(round, 20_000, OffsetDateTime::now_utc());
    let findings = generated.items.into_iter().filter_map(|item| match item {
        Item::Finding(finding) => Some(*finding),
        Item::Run(_) => None,
    });
    findings.collect()
}
