//! A server that does as it is told, and a client of it.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::Stream;
use proto::{
    mapper::v1::{
        ExplainRequest, ExplainResponse, MapBatchRequest, MapBatchResponse, MapRequest,
        MapResponse,
        mapping_service_client::MappingServiceClient,
        mapping_service_server::{MappingService, MappingServiceServer},
    },
    orchestration::v1::{
        DetectBatchRequest, DetectBatchResponse, DetectRequest, DetectResponse, GetRunRequest,
        GetRunResponse, TailRunsRequest, TailRunsResponse,
        detection_service_client::DetectionServiceClient,
        detection_service_server::{DetectionService, DetectionServiceServer},
        run_service_client::RunServiceClient,
        run_service_server::{RunService, RunServiceServer},
    },
};
use runtime::{
    boot::Process,
    breaker,
    client::{self, Client, Clients},
    config::SecretString,
    contract::{Contract, Gate},
    idempotency::Idempotency,
    identity::{ApiKey, Authenticator, MeshKey, Principal, Role},
    metrics::Metrics,
    server,
    task::Tasks,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

pub const TENANT: &str = "00000000-0000-0000-0000-000000000001";

/// What the fake does with a call.
#[derive(Debug, Clone)]
pub enum Act {
    Answer,
    Fail(Code),
    Panic,
    Hang,
    /// Says that it is there, then waits to be told to go on.
    Wait {
        here: Arc<Notify>,
        go: Arc<Notify>,
    },
    /// Calls the next server and answers with what it said.
    Forward(MappingServiceClient<Client>),
}

/// A service that takes its acts from a list; the last one is repeated.
#[derive(Debug, Clone)]
pub struct Fake {
    acts: Arc<Mutex<Vec<Act>>>,
    calls: Arc<AtomicUsize>,
    /// The trace context and request id that each call saw.
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub traceparent: Option<String>,
    pub request_id: String,
    pub remaining: Option<Duration>,
}

impl Fake {
    pub fn new(mut acts: Vec<Act>) -> Fake {
        acts.reverse();
        Fake { acts: Arc::new(Mutex::new(acts)), calls: Arc::default(), seen: Arc::default() }
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    async fn act(&self) -> Result<(), Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.seen.lock().unwrap().push(Seen {
            traceparent: runtime::telemetry::current_traceparent(),
            request_id: runtime::context::current().unwrap().request_id.to_string(),
            remaining: runtime::context::remaining(),
        });
        let act = {
            let mut acts = self.acts.lock().unwrap();
            if 1 < acts.len() { acts.pop().unwrap() } else { acts[0].clone() }
        };
        match act {
            Act::Answer => Ok(()),
            Act::Fail(code) => Err(Status::new(code, "as told")),
            Act::Panic => panic!("as told"),
            Act::Hang => std::future::pending().await,
            Act::Wait { here, go } => {
                here.notify_one();
                go.notified().await;
                Ok(())
            }
            Act::Forward(mut next) => next.map(example::<MapRequest>()).await.map(drop),
        }
    }
}

#[tonic::async_trait]
impl MappingService for Fake {
    async fn map(&self, _: Request<MapRequest>) -> Result<Response<MapResponse>, Status> {
        self.act().await?;
        Ok(Response::new(MapResponse::default()))
    }

    async fn map_batch(
        &self,
        _: Request<MapBatchRequest>,
    ) -> Result<Response<MapBatchResponse>, Status> {
        Err(Status::unimplemented("no test asks for it"))
    }

    async fn explain(
        &self,
        _: Request<ExplainRequest>,
    ) -> Result<Response<ExplainResponse>, Status> {
        Err(Status::unimplemented("no test asks for it"))
    }
}

#[tonic::async_trait]
impl DetectionService for Fake {
    async fn detect(&self, _: Request<DetectRequest>) -> Result<Response<DetectResponse>, Status> {
        self.act().await?;
        // No two answers are the same, so that one given twice can be told.
        let request_id = format!("detection {}", self.calls());
        Ok(Response::new(DetectResponse { request_id, ..DetectResponse::default() }))
    }

    async fn detect_batch(
        &self,
        _: Request<DetectBatchRequest>,
    ) -> Result<Response<DetectBatchResponse>, Status> {
        Err(Status::unimplemented("no test asks for it"))
    }
}

#[tonic::async_trait]
impl RunService for Fake {
    type TailRunsStream = Pin<Box<dyn Stream<Item = Result<TailRunsResponse, Status>> + Send>>;

    async fn get_run(&self, _: Request<GetRunRequest>) -> Result<Response<GetRunResponse>, Status> {
        Err(Status::unimplemented("no test asks for it"))
    }

    /// Each act is one message; a stream of acts, as it were.
    async fn tail_runs(
        &self,
        _: Request<TailRunsRequest>,
    ) -> Result<Response<Self::TailRunsStream>, Status> {
        let fake = self.clone();
        let messages = futures::stream::unfold(fake, async |fake| {
            let message = fake.act().await.map(|()| TailRunsResponse::default());
            Some((message, fake))
        });
        Ok(Response::new(Box::pin(messages)))
    }
}

/// A running server.
#[derive(Debug)]
pub struct World {
    pub url: String,
    pub process: Process,
    pub served: JoinHandle<anyhow::Result<()>>,
}

pub fn config() -> server::Config {
    server::Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        timeout_ms: 2000,
        in_flight_max: 64,
        streams_max: 64,
        connections_max: 64,
        rate_per_second: 0,
        rate_burst: 0,
        grace_ms: 5000,
        keep_alive_ms: 600_000,
    }
}

pub async fn start(config: server::Config, fake: &Fake) -> World {
    start_with(config, fake, |_| None).await
}

/// A server that keeps its answers.
pub async fn start_with(
    config: server::Config,
    fake: &Fake,
    idempotency: impl FnOnce(&Process) -> Option<Idempotency>,
) -> World {
    let listener = TcpListener::bind(config.listen).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let process = Process::detached(Metrics::new(10), Tasks::default());
    let routes = tonic::service::Routes::new(MappingServiceServer::new(fake.clone()))
        .add_service(DetectionServiceServer::new(fake.clone()))
        .add_service(RunServiceServer::new(fake.clone()));
    let contract = Contract::load(
        proto::DESCRIPTORS,
        &[
            "llamamapper.mapper.v1.MappingService",
            "llamamapper.orchestration.v1.DetectionService",
            "llamamapper.orchestration.v1.RunService",
        ],
    );
    let authenticator = Authenticator::new(mesh_key(), async |_| Ok(Some(admin())));
    let gate = Gate { contract: contract.unwrap(), authenticator, request_bytes_max: 1024 * 1024 };
    let services = server::Services { routes, idempotency: idempotency(&process) };
    let serving = process.clone();
    #[expect(clippy::disallowed_methods, reason = "dies with the test's runtime")]
    let served =
        tokio::spawn(
            async move { server::serve(&config, listener, services, gate, &serving).await },
        );
    World { url, process, served }
}

fn mesh_key() -> MeshKey {
    MeshKey::new(&SecretString::from("a key of the tests that is long enough")).unwrap()
}

fn admin() -> Principal {
    Principal {
        tenant: Some(TENANT.parse().unwrap()),
        subject: "key:test".to_owned(),
        roles: vec![Role::Admin],
    }
}

pub fn client_config(url: &str) -> client::Config {
    client::Config {
        url: url.to_owned(),
        connect_timeout_ms: 1000,
        timeout_ms: 1000,
        in_flight_max: 16,
        retries_max: 3,
        retry_pause_ms: 10,
        retry_share_max: 1.0,
        breaker: breaker::Config {
            window: breaker::Window::Calls(100),
            calls_min: 100,
            failure_rate_max: 0.5,
            slow_rate_max: 2.0,
            slow_ms: 1000,
            open_ms: 1000,
            probes: 1,
        },
    }
}

pub fn connect(config: &client::Config) -> (Client, Metrics) {
    let metrics = Metrics::new(10);
    let clients = Clients::new("test", mesh_key(), &metrics).unwrap();
    (clients.connect("fake", config).unwrap(), metrics)
}

impl World {
    pub fn client(&self) -> Client {
        connect(&client_config(&self.url)).0
    }

    pub fn mapping(&self) -> MappingServiceClient<Client> {
        MappingServiceClient::new(self.client())
    }

    pub fn detection(&self) -> DetectionServiceClient<Client> {
        DetectionServiceClient::new(self.client())
    }

    pub fn runs(&self) -> RunServiceClient<Client> {
        RunServiceClient::new(self.client())
    }
}

/// A message of any kind that validation lets through.
pub fn example<M: prost::Message + Default + prost::Name>() -> M {
    let services = Contract::services(proto::DESCRIPTORS).unwrap();
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    let contract = Contract::load(proto::DESCRIPTORS, &services).unwrap();
    let rpc = contract.rpcs().find(|rpc| rpc.method.input().full_name() == M::full_name());
    let example = contract.example(rpc.unwrap());
    M::decode(prost::Message::encode_to_vec(&example).as_slice()).unwrap()
}

/// A request with the credential of a tenant's administrator.
pub fn as_admin<M>(message: M) -> Request<M> {
    let key = ApiKey::generate(Uuid::nil()).unwrap();
    let mut request = Request::new(message);
    let bearer = {
        use runtime::config::ExposeSecret as _;
        format!("Bearer {}", key.expose().expose_secret())
    };
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    request
}

/// An answer on one line.
pub fn show<T>(answer: Result<T, Status>) -> String {
    match answer {
        Ok(_) => "ok\n".to_owned(),
        Err(status) => {
            let reason = status.get_details_error_info().map(|info| info.reason);
            let reason = reason.unwrap_or_else(|| "-".to_owned());
            let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
            let retry = retry.map(|wait| format!(" (retry after {wait:?})")).unwrap_or_default();
            format!("{:?} {reason}: {}{retry}\n", status.code(), status.message())
        }
    }
}
