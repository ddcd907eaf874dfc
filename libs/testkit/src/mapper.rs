//! A mapper for the tests of its callers: it speaks the real contract over real gRPC, and fails on demand.
//!
//! It maps the words of the built-in detectors to what they declare, everything else to `OTHER.Unknown`. It keeps what it
//! is told to record in memory, under (tenant, detector, finding id), as the real one does in its tables.

use std::{
    collections::HashSet,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use proto::{
    common::v1::{self as common, ItemError},
    mapper::v1::{
        self as wire,
        event_service_server::{EventService, EventServiceServer},
        mapping_service_server::{MappingService, MappingServiceServer},
    },
};
use runtime::{identity::MeshKey, status::ErrorCode};
use tokio::{net::TcpListener, sync::watch};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, transport::Server};
use types::TenantId;

/// How the mapper behaves from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Works,
    /// Every call is UNAVAILABLE.
    Away,
    /// Every call waits until the mode changes.
    Hangs,
    /// Mapping waits until the mode changes; recording works.
    HangsOnMapping,
    /// Every call is refused as invalid.
    Refuses,
    /// Records, and then says that it is away: the answer got lost on the way.
    LosesAnswers,
}

/// A running mapper. Cheap to clone; clones are the same.
#[derive(Debug, Clone)]
pub struct Mapper {
    url: String,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    mesh_key: MeshKey,
    mode: watch::Sender<Mode>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    recorded: Vec<(TenantId, wire::FindingToRecord)>,
    known: HashSet<(TenantId, String, String)>,
    calls: usize,
}

impl Mapper {
    /// Starts a mapper on a free port. It lives as long as the runtime of the test.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(mesh_key: MeshKey) -> Mapper {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        let mode = watch::Sender::new(Mode::Works);
        let state = Arc::new(State { mesh_key, mode, memory: Mutex::default() });
        let mapper = Mapper { url: format!("http://{address}"), state };
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let server = Server::builder()
            .add_service(EventServiceServer::new(mapper.clone()).max_decoding_message_size(8 << 20))
            .add_service(MappingServiceServer::new(mapper.clone()));
        #[expect(clippy::disallowed_methods, reason = "dies with the runtime of the test")]
        tokio::spawn(async move { server.serve_with_incoming(incoming).await });
        mapper
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn set(&self, mode: Mode) {
        self.state.mode.send_replace(mode);
    }

    /// What was recorded for `tenant`, in the order it came, duplicates left out.
    pub fn recorded(&self, tenant: TenantId) -> Vec<wire::FindingToRecord> {
        let memory = self.memory();
        let own = memory.recorded.iter().filter(|(whose, _)| *whose == tenant);
        own.map(|(_, finding)| finding.clone()).collect()
    }

    /// How many calls came, refused ones too.
    pub fn calls(&self) -> usize {
        self.memory().calls
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.state.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose call it is, when the mode lets it through.
    async fn admit<T>(&self, request: &Request<T>, mapping: bool) -> Result<TenantId, Status> {
        self.memory().calls += 1;
        let mut mode = self.state.mode.subscribe();
        let waits = |it: &Mode| *it == Mode::Hangs || (mapping && *it == Mode::HangsOnMapping);
        let now = *mode.wait_for(|it| !waits(it)).await.expect("the sender is in the state");
        match now {
            Mode::Away => {
                return Err(runtime::status::refuse(ErrorCode::UpstreamUnavailable, "away"));
            }
            Mode::Refuses => {
                return Err(runtime::status::refuse(ErrorCode::InvalidRequest, "refused"));
            }
            Mode::Works | Mode::Hangs | Mode::HangsOnMapping | Mode::LosesAnswers => (),
        }
        let header = request.metadata().get("authorization").and_then(|it| it.to_str().ok());
        let token = header.and_then(|it| it.strip_prefix("Mesh ")).unwrap_or_default();
        let principal = self.state.mesh_key.verify(token, SystemTime::now());
        let tenant = principal.and_then(|it| it.tenant);
        tenant.ok_or_else(|| {
            runtime::status::refuse(ErrorCode::Unauthenticated, "no mesh token of a tenant")
        })
    }

    fn record_one(&self, tenant: TenantId, finding: wire::FindingToRecord) -> wire::RecordResult {
        let raw = finding.finding.clone().unwrap_or_default();
        let mut memory = self.memory();
        let status = if !memory.known.insert((tenant, raw.detector, raw.finding_id)) {
            wire::RecordStatus::Duplicate
        } else {
            memory.recorded.push((tenant, finding.clone()));
            match finding.malformed.as_str() {
                "" => wire::RecordStatus::Stored,
                _ => wire::RecordStatus::Malformed,
            }
        };
        let error = (status == wire::RecordStatus::Malformed).then(|| ItemError {
            code: common::ErrorCode::InvalidRequest.into(),
            message: finding.malformed,
            field: String::new(),
        });
        wire::RecordResult { status: status.into(), event_id: String::new(), error }
    }
}

fn map(request: &wire::MapRequest) -> wire::Mapping {
    let words = scanner::detector(&request.detector).map(|it| it.labels).unwrap_or_default();
    let word = words.iter().find(|word| word.raw == request.raw_label);
    let (label, route) = match word {
        Some(word) => (word.canonical, common::Route::Rule),
        None => ("OTHER.Unknown", common::Route::Fallback),
    };
    let severity = match label.split('.').next() {
        Some("SECRET") => common::Severity::Critical,
        Some("JAILBREAK" | "PROMPT_INJECTION") => common::Severity::High,
        _ => common::Severity::Medium,
    };
    wire::Mapping {
        label: label.to_owned(),
        severity: severity.into(),
        confidence: request.score.unwrap_or(1.0),
        route: route.into(),
        fallback_reason: 0,
        versions: Some(common::VersionInfo {
            taxonomy: "2026.11".to_owned(),
            frameworks: "test".to_owned(),
            detector_mapping: "test".to_owned(),
            model: "none".to_owned(),
            policy: String::new(),
        }),
    }
}

#[tonic::async_trait]
impl EventService for Mapper {
    type TailStream = Pin<Box<dyn Stream<Item = Result<wire::TailResponse, Status>> + Send>>;

    async fn record(
        &self,
        request: Request<wire::RecordRequest>,
    ) -> Result<Response<wire::RecordResponse>, Status> {
        let tenant = self.admit(&request, false).await?;
        let findings = request.into_inner().findings.into_iter();
        let results = findings.map(|finding| self.record_one(tenant, finding)).collect();
        if *self.state.mode.borrow() == Mode::LosesAnswers {
            return Err(runtime::status::refuse(
                ErrorCode::UpstreamUnavailable,
                "the answer got lost",
            ));
        }
        Ok(Response::new(wire::RecordResponse { results }))
    }

    async fn query(
        &self,
        _: Request<wire::QueryRequest>,
    ) -> Result<Response<wire::QueryResponse>, Status> {
        Err(Status::unimplemented("this mapper only records"))
    }

    async fn count(
        &self,
        _: Request<wire::CountRequest>,
    ) -> Result<Response<wire::CountResponse>, Status> {
        Err(Status::unimplemented("this mapper only records"))
    }

    async fn tail(
        &self,
        _: Request<wire::TailRequest>,
    ) -> Result<Response<Self::TailStream>, Status> {
        Err(Status::unimplemented("this mapper only records"))
    }
}

#[tonic::async_trait]
impl MappingService for Mapper {
    async fn map(
        &self,
        request: Request<wire::MapRequest>,
    ) -> Result<Response<wire::MapResponse>, Status> {
        self.admit(&request, true).await?;
        let mapping = Some(map(request.get_ref()));
        Ok(Response::new(wire::MapResponse { mapping }))
    }

    async fn map_batch(
        &self,
        request: Request<wire::MapBatchRequest>,
    ) -> Result<Response<wire::MapBatchResponse>, Status> {
        self.admit(&request, true).await?;
        let results = request.get_ref().requests.iter().map(|request| wire::MapBatchResult {
            result: Some(wire::map_batch_result::Result::Mapping(map(request))),
        });
        Ok(Response::new(wire::MapBatchResponse { results: results.collect() }))
    }

    async fn explain(
        &self,
        _: Request<wire::ExplainRequest>,
    ) -> Result<Response<wire::ExplainResponse>, Status> {
        Err(Status::unimplemented("this mapper explains nothing"))
    }
}
