//! `ingest` and `generate`: findings as NDJSON, in and out.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write as _},
};

use ::time::OffsetDateTime;
use anyhow::Context as _;
use futures::StreamExt as _;
use proto::{
    common::v1::Finding,
    orchestration::v1::{
        Acknowledgement, AcknowledgementStatus, IngestRequest, IngestResponse, RunReport,
    },
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    Done,
    args::{GenerateArgs, Globals, IngestArgs},
    generate::{self, Item},
    mesh::Mesh,
    output::{Output, Shown, grouped},
    progress::Progress,
    wire_json,
};

/// Findings or run reports per message on the stream.
pub(crate) const BATCH_MAX: usize = 500;
/// Messages that wait for the network.
const QUEUE_MAX: usize = 8;
/// A line that is longer cannot be a finding: the limits of its fields add up to far less.
const LINE_BYTES_MAX: u64 = 256 << 10;

/// What became of everything on a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub accepted: u64,
    pub queued: u64,
    pub duplicate: u64,
    pub malformed: u64,
    pub refused: u64,
    pub runs: u64,
    pub runs_refused: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, response: &IngestResponse) {
        for acknowledgement in &response.findings {
            let counter = match acknowledgement.status() {
                AcknowledgementStatus::Accepted => &mut self.accepted,
                AcknowledgementStatus::Queued => &mut self.queued,
                AcknowledgementStatus::Duplicate => &mut self.duplicate,
                AcknowledgementStatus::Malformed => &mut self.malformed,
                AcknowledgementStatus::Refused | AcknowledgementStatus::Unspecified => {
                    &mut self.refused
                }
            };
            *counter += 1;
        }
        for acknowledgement in &response.runs {
            if refused(acknowledgement) {
                self.runs_refused += 1;
            } else {
                self.runs += 1;
            }
        }
    }

    pub(crate) fn findings(&self) -> u64 {
        self.accepted + self.queued + self.duplicate + self.malformed + self.refused
    }
}

fn refused(acknowledgement: &Acknowledgement) -> bool {
    matches!(
        acknowledgement.status(),
        AcknowledgementStatus::Refused | AcknowledgementStatus::Unspecified
    )
}

pub(crate) fn generate(args: &GenerateArgs, output: Output) -> anyhow::Result<Done> {
    let now = OffsetDateTime::now_utc();
    let end = args.end.map_or(now, |it| it.resolve(now));
    let generated = generate::generate(args.seed, args.findings, end);
    if args.truth {
        output.json(&serde_json::to_value(&generated.truth)?);
        return Ok(Done::Well);
    }
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    for item in &generated.items {
        let line = match item {
            Item::Finding(finding) => wire_json::to_json(finding.as_ref())?,
            Item::Run(run) => json!({ "run": wire_json::to_json(run)? }),
        };
        match writeln!(stdout, "{line}") {
            // `generate | head` has seen enough.
            Err(err) if err.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Done::Well),
            written => written?,
        }
    }
    Ok(Done::Well)
}

pub(crate) async fn ingest(
    args: &IngestArgs,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    let (reader, bytes): (Box<dyn Read + Send>, Option<u64>) = if args.file.as_os_str() == "-" {
        (Box::new(std::io::stdin()), None)
    } else {
        let file = File::open(&args.file)
            .with_context(|| format!("cannot open {}", args.file.display()))?;
        let bytes = file.metadata().ok().map(|it| it.len());
        (Box::new(file), bytes)
    };
    let progress = Progress::bytes("findings", bytes, output);
    let (sender, receiver) = mpsc::channel(QUEUE_MAX);
    let reading = progress.clone();
    let lines = tokio::task::spawn_blocking(move || read(reader, &sender, &reading));

    let mut answers = mesh.ingest().ingest(ReceiverStream::new(receiver)).await?.into_inner();
    let mut tally = Tally::default();
    while let Some(response) = answers.next().await {
        let response = response?;
        tally.count(&response);
        for acknowledgement in response.findings.iter().chain(&response.runs) {
            let plain = acknowledgement.status() == AcknowledgementStatus::Accepted;
            if args.verbose || !plain {
                show(acknowledgement, output)?;
            }
        }
    }
    let unreadable = lines.await??;
    progress.finish();
    for (line, reason) in &unreadable {
        output.note(&format!("line {line}: {reason}"));
    }
    summarise(&tally, unreadable.len() as u64, output);
    let all = tally.refused + tally.runs_refused == 0 && unreadable.is_empty();
    Ok(if all { Done::Well } else { Done::WithRemarks })
}

fn show(acknowledgement: &Acknowledgement, output: Output) -> anyhow::Result<()> {
    let json = wire_json::to_json(acknowledgement)?;
    if output.json {
        output.json(&json);
        return Ok(());
    }
    let status =
        acknowledgement.status().as_str_name().trim_start_matches("ACKNOWLEDGEMENT_STATUS_");
    let reason = acknowledgement.error.as_ref().map_or("", |it| it.message.as_str());
    output.text(&format!("{} {} {status} {reason}", acknowledgement.index, acknowledgement.id));
    Ok(())
}

fn summarise(tally: &Tally, unreadable: u64, output: Output) {
    let Tally { accepted, queued, duplicate, malformed, refused, runs, runs_refused } = *tally;
    if output.json {
        output.json(&json!({
            "accepted": accepted, "queued": queued, "duplicate": duplicate, "malformed": malformed,
            "refused": refused, "runs": runs, "runs_refused": runs_refused, "unreadable": unreadable,
        }));
        return;
    }
    let rows = [
        ("accepted", accepted),
        ("queued", queued),
        ("duplicate", duplicate),
        ("malformed", malformed),
        ("refused", refused),
        ("run reports", runs),
        ("run reports refused", runs_refused),
        ("unreadable lines", unreadable),
    ];
    let rows = rows.into_iter().filter(|(_, n)| 0 < *n);
    let rows: Vec<_> = rows.map(|(what, n)| vec![Shown::from(what), n.into()]).collect();
    output.table(&["what became of them", "how many"], rows, "There was nothing to send.");
    output.text(&format!("{} findings sent", grouped(tally.findings())));
}

/// Reads lines and sends them in batches; gives back the lines that are no findings, with the reason.
fn read(
    reader: impl Read,
    sender: &mpsc::Sender<IngestRequest>,
    progress: &Progress,
) -> anyhow::Result<Vec<(u64, String)>> {
    let mut reader = BufReader::new(reader);
    let mut batch = IngestRequest::default();
    let mut unreadable = Vec::new();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        // One byte more than allowed, to tell the longest line from one that is too long.
        let read = reader.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        progress.advance(read as u64);
        if LINE_BYTES_MAX < read as u64 {
            reader.skip_until(b'\n')?;
            unreadable.push((number, format!("longer than {LINE_BYTES_MAX} bytes")));
            continue;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parse(&line) {
            Ok(Item::Finding(finding)) => batch.findings.push(*finding),
            Ok(Item::Run(run)) => batch.runs.push(run),
            Err(err) => unreadable.push((number, format!("{err:#}"))),
        }
        let full = BATCH_MAX <= batch.findings.len().max(batch.runs.len());
        // An empty buffer means that the next line has to be waited for: a live pipe is not held back.
        let flush = full || reader.buffer().is_empty();
        if flush && sender.blocking_send(std::mem::take(&mut batch)).is_err() {
            // The stream has ended; its own error says why.
            return Ok(unreadable);
        }
    }
    if !batch.findings.is_empty() || !batch.runs.is_empty() {
        // As above: an ended stream tells for itself.
        let _ended = sender.blocking_send(batch);
    }
    Ok(unreadable)
}

/// A finding, `{"finding": …}` or `{"run": …}`.
fn parse(line: &[u8]) -> anyhow::Result<Item> {
    let text = std::str::from_utf8(line).context("not UTF-8")?;
    let value: Value = serde_json::from_str(text).context("not JSON")?;
    if let Some(run) = value.get("run") {
        return Ok(Item::Run(wire_json::from_json::<RunReport>(&run.to_string())?));
    }
    let finding = value.get("finding").unwrap_or(&value);
    Ok(Item::Finding(Box::new(wire_json::from_json::<Finding>(&finding.to_string())?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, expected: expect_test::Expect) {
        let (sender, mut receiver) = mpsc::channel(QUEUE_MAX);
        let progress = Progress::silent();
        let unreadable = read(lines.as_bytes(), &sender, &progress).unwrap();
        drop(sender);
        let mut actual = String::new();
        while let Ok(IngestRequest { findings, runs }) = receiver.try_recv() {
            let ids = findings.iter().map(|it| it.finding_id.as_str());
            let runs = runs.iter().map(|it| it.run_id.as_str());
            actual += &format!("{:?} {:?}\n", ids.collect::<Vec<_>>(), runs.collect::<Vec<_>>());
        }
        for (line, reason) in unreadable {
            actual += &format!("{line}: {reason}\n");
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_bad_line_does_not_stop_the_good_ones() {
        check(
            "{\"finding_id\":\"a\"}\nnonsense\n\n{\"run\":{\"run_id\":\"r\"}}\n{\"findingId\":\"b\",\"colour\":1}\n{\"finding\":{\"finding_id\":\"c\",\"score\":\"NaN\"}}",
            expect_test::expect![[r#"
                ["a", "c"] ["r"]
                2: not JSON: expected ident at line 1 column 2
                5: unrecognized field name 'colour' at line 1 column 9
            "#]],
        );
    }

    #[test]
    fn an_endless_line_is_refused_without_being_held() {
        let long = "x".repeat(LINE_BYTES_MAX as usize + 10) + "\n{\"finding_id\":\"a\"}\n";
        check(
            &long,
            expect_test::expect![[r#"
                ["a"] []
                1: longer than 262144 bytes
            "#]],
        );
    }
}
