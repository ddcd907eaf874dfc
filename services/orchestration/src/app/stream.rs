//! One stream of a pushing detector: batches of whatever has arrived, several on their way at once, answers in order.
//!
//! Nothing here is unbounded. A message holds leave for its bytes until its batch is done, so a client that sends faster
//! than the mapper commits, or that does not read its acknowledgements, is no longer read from.

use std::{collections::VecDeque, sync::Arc};

use futures::{StreamExt as _, stream::FuturesOrdered};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use types::TenantId;

use super::{App, Delivered};
use crate::{Error, acknowledgement::Acknowledgements, finding::Finding, report::RunReport};

/// What is forwarded at once, at most.
const BATCH_MAX: usize = 1_000;
/// Batches on their way to the mapper, or done and not yet read by the client.
const BATCHES_MAX: usize = 4;
/// Messages that were read and wait for a batch.
const MESSAGES_MAX: usize = 1_024;
/// What all messages of a stream that are not done have together, about.
const STREAM_BYTES_MAX: usize = 8 << 20;
/// Acknowledgements that wait for the transport.
const ANSWERS_MAX: usize = 2;

/// One message of the stream.
#[derive(Debug)]
struct Message {
    findings: Vec<Finding>,
    reports: Vec<RunReport>,
    leave: OwnedSemaphorePermit,
}

/// Where the door puts what it reads.
#[derive(Debug)]
pub struct Intake {
    messages: mpsc::Sender<Result<Message, Error>>,
    bytes: Arc<Semaphore>,
    stopping: CancellationToken,
}

/// Nobody takes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl Intake {
    /// Hands over a message of about `bytes`; waits until there is room for it.
    pub async fn deliver(
        &self,
        (findings, reports): (Vec<Finding>, Vec<RunReport>),
        bytes: usize,
    ) -> Result<(), Closed> {
        let bytes = u32::try_from(bytes.clamp(1, STREAM_BYTES_MAX)).map_err(|_| Closed)?;
        let leave = self.bytes.clone().acquire_many_owned(bytes);
        let leave = tokio::select! {
            leave = leave => leave.map_err(|_| Closed)?,
            () = self.messages.closed() => return Err(Closed),
        };
        let message = Message { findings, reports, leave };
        self.messages.send(Ok(message)).await.map_err(|_| Closed)
    }

    /// Ends the stream with `err`, after everything before has been acknowledged.
    pub async fn fail(self, err: Error) {
        // Where nobody takes it, nobody waits for it.
        let _closed = self.messages.send(Err(err)).await;
    }

    /// Resolves when reading on is of no use: the service stops, or the client is gone.
    pub async fn useless(&self) -> Option<Error> {
        tokio::select! {
            () = self.stopping.cancelled() => Some(Error::Stopping),
            () = self.messages.closed() => None,
        }
    }
}

/// What there is to do next.
enum Next {
    Batch(Vec<Message>),
    End(Option<Error>),
}

impl App {
    /// Opens a stream of `tenant`: where to put what arrives, and where the answers come from.
    pub fn ingest(
        &self,
        tenant: TenantId,
    ) -> (Intake, mpsc::Receiver<Result<Acknowledgements, Error>>) {
        let (messages, arrivals) = mpsc::channel(MESSAGES_MAX);
        let (answers, read) = mpsc::channel(ANSWERS_MAX);
        let app = self.clone();
        self.0.tasks.spawn_following(async move { app.pump(tenant, arrivals, answers).await });
        let bytes = Arc::new(Semaphore::new(STREAM_BYTES_MAX));
        (Intake { messages, bytes, stopping: self.0.tasks.stopping() }, read)
    }

    /// Starts `work` that a stream needs for as long as it lasts.
    pub fn follow(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn_following(work);
    }

    async fn pump(
        &self,
        tenant: TenantId,
        mut arrivals: mpsc::Receiver<Result<Message, Error>>,
        answers: mpsc::Sender<Result<Acknowledgements, Error>>,
    ) {
        let (mut n_findings, mut n_reports) = (0, 0);
        let mut held = None;
        let mut under_way = FuturesOrdered::new();
        let mut done: VecDeque<Acknowledgements> = VecDeque::new();
        let mut end: Option<Option<Error>> = None;
        while end.is_none() || !under_way.is_empty() || !done.is_empty() {
            let may_start = end.is_none() && under_way.len() + done.len() < BATCHES_MAX;
            tokio::select! {
                next = next(&mut arrivals, &mut held), if may_start => match next {
                    Next::Batch(messages) => {
                        let (delivered, leave) = number(messages, (&mut n_findings, &mut n_reports));
                        under_way.push_back(async move {
                            let acknowledgements = self.ingest_batch(tenant, delivered).await;
                            drop(leave);
                            acknowledgements
                        });
                    }
                    Next::End(err) => end = Some(err),
                },
                Some(acknowledgements) = under_way.next() => done.push_back(acknowledgements),
                // A batch goes on while the client does not read.
                place = answers.reserve(), if !done.is_empty() => {
                    let Ok(place) = place else { break };
                    if let Some(acknowledgements) = done.pop_front() {
                        place.send(Ok(acknowledgements));
                    }
                }
            }
        }
        // The client is gone. What is half done is done, and nobody is told.
        while under_way.next().await.is_some() {}
        if let Some(Some(err)) = end {
            let _gone = answers.send(Err(err)).await;
        }
    }
}

/// Whatever has arrived, up to [`BATCH_MAX`]; waits for the first message only. May be dropped at any time: a message
/// is in `arrivals`, in `held` or in the answer.
async fn next(
    arrivals: &mut mpsc::Receiver<Result<Message, Error>>,
    held: &mut Option<Result<Message, Error>>,
) -> Next {
    let first = match held.take() {
        Some(first) => Some(first),
        None => arrivals.recv().await,
    };
    let first = match first {
        None => return Next::End(None),
        Some(Err(err)) => return Next::End(Some(err)),
        Some(Ok(message)) => message,
    };
    let (mut n_findings, mut n_reports) = (first.findings.len(), first.reports.len());
    let mut messages = vec![first];
    while let Ok(arrived) = arrivals.try_recv() {
        let (findings, reports) =
            arrived.as_ref().map_or((0, 0), |it| (it.findings.len(), it.reports.len()));
        n_findings += findings;
        n_reports += reports;
        match arrived {
            Ok(message) if n_findings <= BATCH_MAX && n_reports <= BATCH_MAX => {
                messages.push(message);
            }
            other => {
                *held = Some(other);
                break;
            }
        }
    }
    Next::Batch(messages)
}

/// Puts messages together, with their positions in the stream.
fn number(
    messages: Vec<Message>,
    (n_findings, n_reports): (&mut u64, &mut u64),
) -> (Delivered, Vec<OwnedSemaphorePermit>) {
    let mut delivered = Delivered::default();
    let mut leaves = Vec::with_capacity(messages.len());
    for Message { findings, reports, leave } in messages {
        for finding in findings {
            delivered.findings.push((*n_findings, finding));
            *n_findings += 1;
        }
        for report in reports {
            delivered.reports.push((*n_reports, report));
            *n_reports += 1;
        }
        leaves.push(leave);
    }
    (delivered, leaves)
}
