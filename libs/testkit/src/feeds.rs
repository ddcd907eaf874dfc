//! The mapper's and orchestration's feeds, as scripts: fakes of the generated server traits on one private port.
//!
//! A cursor is the number of items before it. Everything pushed is delivered from the asked cursor on, so a consumer
//! that comes back with an old cursor is told everything again.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{StreamExt as _, stream, stream::BoxStream};
use proto::{
    mapper::v1::{
        self as mapper,
        event_service_server::{EventService, EventServiceServer},
        framework_service_server::{FrameworkService, FrameworkServiceServer},
    },
    orchestration::v1::{
        self as orchestration,
        run_service_server::{RunService, RunServiceServer},
    },
};
use tokio::{net::TcpListener, sync::watch};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// Two neighbours that say what they are told to. Clones are the same neighbours.
#[derive(Clone, Debug)]
pub struct Feeds {
    script: Arc<Mutex<Script>>,
    /// Changes whenever the script does.
    changed: Arc<watch::Sender<()>>,
    address: SocketAddr,
}

#[derive(Debug, Default)]
struct Script {
    events: Vec<mapper::Event>,
    runs: Vec<orchestration::RunFeedItem>,
    /// Answer nothing, and end what streams.
    away: bool,
    /// Streams end with an error after so many responses.
    responses_max: Option<usize>,
    resolved: u64,
}

/// Starts both neighbours. They end with the test's runtime.
///
/// # Panics
/// When no port is free.
#[expect(clippy::disallowed_methods, reason = "dies with the test's runtime")]
pub async fn feeds() -> Feeds {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let address = listener.local_addr().expect("a bound listener has an address");
    let changed = Arc::new(watch::Sender::new(()));
    let feeds = Feeds { script: Arc::default(), changed, address };
    let server = tonic::transport::Server::builder()
        .add_service(EventServiceServer::new(feeds.clone()))
        .add_service(FrameworkServiceServer::new(feeds.clone()))
        .add_service(RunServiceServer::new(feeds.clone()))
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    feeds
}

impl Feeds {
    /// Of both neighbours.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn push_events(&self, events: impl IntoIterator<Item = mapper::Event>) {
        self.change(|script| script.events.extend(events));
    }

    pub fn push_runs(&self, items: impl IntoIterator<Item = orchestration::RunFeedItem>) {
        self.change(|script| script.runs.extend(items));
    }

    /// From now on every call fails with UNAVAILABLE and every stream ends so, or no longer.
    pub fn set_away(&self, away: bool) {
        self.change(|script| script.away = away);
    }

    /// From now on streams break after so many responses, or run on.
    pub fn break_after(&self, responses_max: Option<usize>) {
        self.change(|script| script.responses_max = responses_max);
    }

    /// How often controls were asked for.
    pub fn resolved(&self) -> u64 {
        self.script().resolved
    }

    fn change(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script());
        self.changed.send_replace(());
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_when_away(&self) -> Result<(), Status> {
        if self.script().away { Err(gone()) } else { Ok(()) }
    }

    /// The items behind `cursor` in batches, each with the cursor behind it.
    fn tail<T: Clone + Send + 'static>(
        &self,
        cursor: &str,
        batch_max: usize,
        follow: bool,
        items: fn(&Script) -> &Vec<T>,
    ) -> Result<BoxStream<'static, Result<Batch<T>, Status>>, Status> {
        self.refuse_when_away()?;
        let from: usize = if cursor.is_empty() {
            0
        } else {
            cursor.parse().map_err(|_| Status::invalid_argument("not a cursor of this feed"))?
        };
        let batch_max = if batch_max == 0 { 1_000 } else { batch_max };
        let reader =
            Reader { feeds: self.clone(), changed: self.changed.subscribe(), at: from, told: 0 };
        let batches = stream::unfold(Some(reader), move |reader| async move {
            let mut reader = reader?;
            match reader.next(batch_max, follow, items).await? {
                Ok(batch) => Some((Ok(batch), Some(reader))),
                Err(status) => Some((Err(status), None)),
            }
        });
        Ok(batches.boxed())
    }
}

/// Some items, and the cursor behind them.
type Batch<T> = (Vec<T>, String);

struct Reader {
    feeds: Feeds,
    changed: watch::Receiver<()>,
    at: usize,
    told: usize,
}

impl Reader {
    async fn next<T: Clone>(
        &mut self,
        batch_max: usize,
        follow: bool,
        items: fn(&Script) -> &Vec<T>,
    ) -> Option<Result<Batch<T>, Status>> {
        loop {
            self.changed.borrow_and_update();
            let batch: Vec<T> = {
                let script = self.feeds.script();
                if script.away || script.responses_max.is_some_and(|max| max <= self.told) {
                    return Some(Err(gone()));
                }
                items(&script).iter().skip(self.at).take(batch_max).cloned().collect()
            };
            if !batch.is_empty() {
                self.at += batch.len();
                self.told += 1;
                return Some(Ok((batch, self.at.to_string())));
            }
            if !follow {
                return None;
            }
            self.changed.changed().await.ok()?;
        }
    }
}

fn gone() -> Status {
    Status::unavailable("the neighbour is away")
}

fn size(batch_max: u32) -> usize {
    usize::try_from(batch_max).expect("a usize holds 32 bits")
}

#[tonic::async_trait]
impl EventService for Feeds {
    type TailStream = BoxStream<'static, Result<mapper::TailResponse, Status>>;

    async fn tail(
        &self,
        request: Request<mapper::TailRequest>,
    ) -> Result<Response<Self::TailStream>, Status> {
        let mapper::TailRequest { cursor, batch_max, follow } = request.into_inner();
        let batches = Feeds::tail(self, &cursor, size(batch_max), follow, |it| &it.events)?;
        let respond = |(events, cursor)| mapper::TailResponse { events, cursor };
        Ok(Response::new(batches.map(move |batch| batch.map(respond)).boxed()))
    }

    async fn record(
        &self,
        _: Request<mapper::RecordRequest>,
    ) -> Result<Response<mapper::RecordResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn query(
        &self,
        _: Request<mapper::QueryRequest>,
    ) -> Result<Response<mapper::QueryResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn count(
        &self,
        _: Request<mapper::CountRequest>,
    ) -> Result<Response<mapper::CountResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}

#[tonic::async_trait]
impl RunService for Feeds {
    type TailRunsStream = BoxStream<'static, Result<orchestration::TailRunsResponse, Status>>;

    async fn tail_runs(
        &self,
        request: Request<orchestration::TailRunsRequest>,
    ) -> Result<Response<Self::TailRunsStream>, Status> {
        let orchestration::TailRunsRequest { cursor, batch_max, follow } = request.into_inner();
        let batches = Feeds::tail(self, &cursor, size(batch_max), follow, |it| &it.runs)?;
        let respond = |(items, cursor)| orchestration::TailRunsResponse { items, cursor };
        Ok(Response::new(batches.map(move |batch| batch.map(respond)).boxed()))
    }

    async fn get_run(
        &self,
        _: Request<orchestration::GetRunRequest>,
    ) -> Result<Response<orchestration::GetRunResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}

/// What is exposed indicates that SOC2 CC6.7 did not hold; what recurs, CC3.2; whatever is found supports CC7.2.
#[tonic::async_trait]
impl FrameworkService for Feeds {
    async fn list_frameworks(
        &self,
        _: Request<mapper::ListFrameworksRequest>,
    ) -> Result<Response<mapper::ListFrameworksResponse>, Status> {
        self.refuse_when_away()?;
        let control = |control: &str| mapper::Control {
            control: control.to_owned(),
            title: format!("Title of {control}"),
            verification: "publisher".to_owned(),
        };
        let framework = |framework: &str, controls: &[&str]| mapper::Framework {
            framework: framework.to_owned(),
            name: framework.to_uppercase(),
            edition: "2022".to_owned(),
            controls: controls.iter().copied().map(control).collect(),
        };
        Ok(Response::new(mapper::ListFrameworksResponse {
            version: "2026.11".to_owned(),
            frameworks: vec![
                framework("soc2", &["CC3.2", "CC6.7", "CC7.2"]),
                framework("gdpr", &["Art. 32"]),
            ],
            facts: Vec::new(),
        }))
    }

    async fn resolve_controls(
        &self,
        request: Request<mapper::ResolveControlsRequest>,
    ) -> Result<Response<mapper::ResolveControlsResponse>, Status> {
        self.refuse_when_away()?;
        self.script().resolved += 1;
        let mapper::ResolveControlsRequest { labels, context, .. } = request.into_inner();
        if labels.iter().any(|label| label.starts_with("LEGACY.")) {
            return Err(Status::not_found("no such label"));
        }
        let context = context.unwrap_or_default();
        let exposed = context.disposition() == proto::common::v1::Disposition::Exposed;
        let indicator = mapper::Relation::ViolationIndicator;
        let mut controls = vec![evidence("CC7.2", mapper::Relation::ControlOperating, 0.0)];
        if exposed {
            controls.push(evidence("CC6.7", indicator, 0.8));
        }
        if context.recurring {
            controls.push(evidence("CC3.2", indicator, 0.5));
        }
        let of_label = |label| mapper::LabelControls { label, controls: controls.clone() };
        let labels = labels.into_iter().map(of_label).collect();
        Ok(Response::new(mapper::ResolveControlsResponse { labels }))
    }
}

fn evidence(control: &str, relation: mapper::Relation, weight: f64) -> mapper::ControlEvidence {
    mapper::ControlEvidence {
        framework: "soc2".to_owned(),
        control: control.to_owned(),
        title: format!("Title of {control}"),
        relation: relation.into(),
        verification: "publisher".to_owned(),
        holds: true,
        weight,
        ..mapper::ControlEvidence::default()
    }
}
