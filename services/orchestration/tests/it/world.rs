//! One running orchestration with its own database and a fake mapper, and what tests say to it.

use std::{fmt::Write as _, time::Duration};

use orchestration::{CONFIG_DEFAULTS, Config, store};
use proto::{
    common::v1::Finding,
    detector::v1::detector_service_client::DetectorServiceClient as BuiltInServiceClient,
    orchestration::v1::{
        self as wire, detection_service_client::DetectionServiceClient,
        detector_service_client::DetectorServiceClient,
        identity_service_client::IdentityServiceClient, ingest_service_client::IngestServiceClient,
        policy_service_client::PolicyServiceClient, run_service_client::RunServiceClient,
        tenancy_service_client::TenancyServiceClient,
    },
};
use runtime::{
    boot::Process,
    config::SecretString,
    identity::{ApiKey, MeshKey},
    metrics::Metrics,
    task::Tasks,
};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use testkit::{Mapper, TestDb};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;
use types::TenantId;
use uuid::Uuid;

const MESH_KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) mapper: Mapper,
    pub(crate) metrics: Metrics,
    pub(crate) tasks: Tasks,
    pub(crate) operator: String,
    pub(crate) channel: Channel,
    pub(crate) address: std::net::SocketAddr,
    mesh_key: MeshKey,
}

/// A tenant with a credential per role.
#[derive(Debug, Clone)]
pub(crate) struct Acquaintance {
    pub(crate) id: TenantId,
    pub(crate) admin: String,
    pub(crate) analyst: String,
    pub(crate) detector: String,
}

impl World {
    pub(crate) async fn start() -> World {
        World::start_with("").await
    }

    /// `changes` are lines `a.b = value` that override the defaults.
    pub(crate) async fn start_with(changes: &str) -> World {
        let db = testkit::database("orchestration", &store::MIGRATIONS).await;
        World::start_on(db, changes).await
    }

    /// Another replica on the same database is a second world, with a mapper of its own.
    pub(crate) async fn start_on(db: TestDb, changes: &str) -> World {
        let mesh_key = MeshKey::new(&SecretString::from(MESH_KEY)).unwrap();
        let mapper = Mapper::start(mesh_key.clone()).await;
        let operator = ApiKey::generate(Uuid::nil()).unwrap().expose().expose_secret().to_owned();
        let config = config(&db, &mapper, &operator, changes);

        let (metrics, tasks) = (Metrics::new(10), Tasks::default());
        let process = Process::detached(metrics.clone(), tasks.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        #[expect(clippy::disallowed_methods, reason = "dies with the runtime of the test")]
        tokio::spawn(async move { orchestration::serve(config, process, listener).await.unwrap() });
        let channel = Channel::from_shared(url).unwrap().connect().await.unwrap();
        World { db, mapper, metrics, tasks, operator, channel, address, mesh_key }
    }

    pub(crate) async fn tenant(&self, name: &str) -> Acquaintance {
        let request = wire::CreateTenantRequest { name: name.to_owned() };
        let created = self.tenancy().create_tenant(bearer(&self.operator, request)).await.unwrap();
        let id = created.into_inner().tenant.unwrap().tenant_id;
        let issue = async |role: &str| {
            let request = wire::IssueKeyRequest {
                tenant_id: id.clone(),
                name: role.to_owned(),
                roles: vec![role.to_owned()],
            };
            let issued = self.tenancy().issue_key(bearer(&self.operator, request)).await.unwrap();
            issued.into_inner().credential
        };
        Acquaintance {
            id: id.parse().unwrap(),
            admin: issue("admin").await,
            analyst: issue("analyst").await,
            detector: issue("detector").await,
        }
    }

    /// Publishes the default policy again, with budgets that no test machine uses up.
    pub(crate) async fn be_patient(&self, who: &Acquaintance) {
        let request = wire::GetPolicyRequest { name: "default".to_owned(), version: 0 };
        let policy = self.policies().get_policy(bearer(&who.admin, request)).await.unwrap();
        let policy = policy.into_inner().published.unwrap().policy.unwrap();
        let patient = wire::Policy { budgets: Some(BUDGETS), ..policy };
        let request = wire::PublishPolicyRequest { policy: Some(patient) };
        self.policies().publish_policy(bearer(&who.admin, request)).await.unwrap();
    }

    /// A call of another service of the mesh.
    pub(crate) fn mesh<T>(&self, tenant: Option<TenantId>, message: T) -> Request<T> {
        let token = self.mesh_key.sign("analysis", tenant, std::time::SystemTime::now());
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Mesh {token}").parse().unwrap());
        request
    }

    pub(crate) fn tenancy(&self) -> TenancyServiceClient<Channel> {
        TenancyServiceClient::new(self.channel.clone())
    }

    pub(crate) fn identity(&self) -> IdentityServiceClient<Channel> {
        IdentityServiceClient::new(self.channel.clone())
    }

    pub(crate) fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.channel.clone())
    }

    pub(crate) fn detection(&self) -> DetectionServiceClient<Channel> {
        DetectionServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    pub(crate) fn runs(&self) -> RunServiceClient<Channel> {
        RunServiceClient::new(self.channel.clone())
    }

    pub(crate) fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel.clone())
    }

    pub(crate) fn detectors(&self) -> DetectorServiceClient<Channel> {
        DetectorServiceClient::new(self.channel.clone())
    }

    pub(crate) fn built_in(&self) -> BuiltInServiceClient<Channel> {
        BuiltInServiceClient::new(self.channel.clone())
    }

    /// Breaks the database for everything that reads or writes `table`.
    pub(crate) async fn drop_table(&self, table: &'static str) {
        let statement = format!("drop table {table} cascade");
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::raw_sql(statement).execute(&self.db.owner).await.unwrap();
    }

    /// What a superuser counts in `table`.
    pub(crate) async fn n_rows(&self, table: &'static str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(statement).fetch_one(&self.db.owner).await.unwrap()
    }

    /// Waits until `condition` holds, for as long as a test can wait.
    pub(crate) async fn eventually(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let waiting = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        assert!(waited.is_ok(), "never: {what}");
    }
}

fn config(db: &TestDb, mapper: &Mapper, operator: &str, changes: &str) -> Config {
    let digest = Sha256::digest(operator).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let mut defaults = CONFIG_DEFAULTS
        .replace("connections_max = 16", &format!("connections_max = 5\nurl = \"{}\"", db.url))
        .replace("# mesh_key = \"...\"", &format!("mesh_key = \"{MESH_KEY}\""))
        .replace("credential_sha256 = \"\"", &format!("credential_sha256 = \"{digest}\""))
        .replace("http://127.0.0.1:50052", mapper.url())
        .replace("poll_ms = 1_000", "poll_ms = 20")
        .replace("pause_min_ms = 200", "pause_min_ms = 10")
        .replace("pause_max_ms = 5_000", "pause_max_ms = 20")
        .replace("open_ms = 2_000", "open_ms = 20")
        .replace("acquire_timeout_ms = 2_000", "acquire_timeout_ms = 5_000")
        // A test machine may be slow, and no test may depend on it.
        .replace("record_timeout_ms = 3_000", "record_timeout_ms = 60_000")
        .replace("\ntimeout_ms = 5_000", "\ntimeout_ms = 60_000")
        .replace("slow_ms = 4_000", "slow_ms = 60_000")
        .replace("slow_ms = 2_000", "slow_ms = 60_000");
    for change in changes.lines() {
        let (key, _) = change.split_once(" = ").unwrap();
        let line = defaults.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        defaults = defaults.replace(&line.to_owned(), change);
    }
    runtime::config::load("orchestration-test", &defaults, None).unwrap()
}

/// `message` with an API key.
pub(crate) fn bearer<T>(credential: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("Bearer {credential}").parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    request
}

/// A sound finding of `presidio`.
pub(crate) fn finding(id: &str) -> Finding {
    Finding {
        finding_id: id.to_owned(),
        detector: "presidio".to_owned(),
        raw_label: "US_SSN".to_owned(),
        score: 0.9,
        occurred_at: timestamp(OffsetDateTime::now_utc()),
        ..Finding::default()
    }
}

/// A sound report of `presidio` over the last hour.
pub(crate) fn report(id: &str) -> wire::RunReport {
    let now = OffsetDateTime::now_utc();
    wire::RunReport {
        run_id: id.to_owned(),
        detector: "presidio".to_owned(),
        detector_version: "2.2".to_owned(),
        started_at: timestamp(now - time::Duration::HOUR),
        ended_at: timestamp(now),
        looked_at: 10,
        flagged: 2,
        failed: 1,
    }
}

pub(crate) fn timestamp(time: OffsetDateTime) -> Option<prost_types::Timestamp> {
    let nanos = i32::try_from(time.nanosecond()).unwrap();
    Some(prost_types::Timestamp { seconds: time.unix_timestamp(), nanos })
}

/// Code, reason, message and what the error is about, on one line.
pub(crate) fn show(status: &Status) -> String {
    let info = status.get_details_error_info().unwrap();
    let mut about: Vec<_> = info.metadata.iter().filter(|(key, _)| *key != "request_id").collect();
    about.sort();
    let about: String = about.iter().map(|(key, value)| format!(" {key}={value}")).collect();
    format!("{:?} {}{about}: {}", status.code(), info.reason, status.message())
}

/// One acknowledgement per line: index, id, status, error.
pub(crate) fn show_all(acknowledgements: &[wire::Acknowledgement]) -> String {
    let mut shown = String::new();
    for it in acknowledgements {
        let status = it.status().as_str_name().trim_start_matches("ACKNOWLEDGEMENT_STATUS_");
        write!(shown, "{} {} {status}", it.index, it.id).unwrap();
        if let Some(error) = &it.error {
            let code = error.code().as_str_name().trim_start_matches("ERROR_CODE_");
            write!(shown, " {code} {}: {}", error.field, error.message).unwrap();
        }
        shown.push('\n');
    }
    shown
}

/// Sends encoded messages on a stream of `Ingest`, whatever is in them; shows the answers and the end.
pub(crate) async fn raw_stream(world: &World, credential: &str, messages: Vec<Vec<u8>>) -> String {
    use tonic::codegen::http::uri::PathAndQuery;

    let mut grpc = tonic::client::Grpc::new(world.channel.clone());
    grpc.ready().await.unwrap();
    let path = PathAndQuery::from_static("/llamamapper.orchestration.v1.IngestService/Ingest");
    let request = bearer(credential, tokio_stream::iter(messages));
    let answers = grpc.streaming(request, path, codec::Raw).await.unwrap();
    let mut answers = answers.into_inner();
    let mut shown = String::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => shown += &show_all(&answer.findings),
            Ok(None) => return shown,
            Err(status) => return shown + &show(&status),
        }
    }
}

mod codec {
    //! Bytes out as they are, messages in.

    use prost::{Message as _, bytes::BufMut as _};
    use proto::orchestration::v1::IngestResponse;
    use tonic::{
        Status,
        codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    };

    #[derive(Debug, Default, Clone, Copy)]
    pub(super) struct Raw;

    impl Codec for Raw {
        type Encode = Vec<u8>;
        type Decode = IngestResponse;
        type Encoder = Raw;
        type Decoder = Raw;

        fn encoder(&mut self) -> Raw {
            Raw
        }

        fn decoder(&mut self) -> Raw {
            Raw
        }
    }

    impl Encoder for Raw {
        type Item = Vec<u8>;
        type Error = Status;

        fn encode(&mut self, bytes: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
            buffer.put_slice(&bytes);
            Ok(())
        }
    }

    impl Decoder for Raw {
        type Item = IngestResponse;
        type Error = Status;

        fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<IngestResponse>, Status> {
            Ok(Some(IngestResponse::decode(buffer).unwrap()))
        }
    }
}

/// A policy that requires two built-in detectors and asks for nothing.
pub(crate) fn policy(name: &str) -> wire::Policy {
    let named = |detector: &str| wire::PolicyDetector {
        detector: detector.to_owned(),
        required: true,
        ..wire::PolicyDetector::default()
    };
    wire::Policy {
        name: name.to_owned(),
        detectors: vec![named("builtin-pii"), named("builtin-secrets")],
        budgets: Some(BUDGETS),
        ..wire::Policy::default()
    }
}

/// More than any test machine needs, so that no test depends on its speed.
const BUDGETS: wire::Budgets =
    wire::Budgets { sync_ms: 60_000, critical_ms: 60_000, low_ms: 60_000, mapper_ms: 30_000 };

/// Looks at `content` by the default policy.
pub(crate) fn detect(content: &str) -> wire::DetectRequest {
    wire::DetectRequest { content: content.to_owned(), ..wire::DetectRequest::default() }
}

/// The whole answer to an HTTP/1.1 request.
pub(crate) async fn http(
    world: &World,
    credential: &str,
    (method, path): (&str, &str),
    body: &str,
) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut connection = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}
