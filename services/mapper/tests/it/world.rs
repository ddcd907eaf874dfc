//! One running mapper with its own database, and what tests say to it.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use proto::{
    common::v1 as common,
    mapper::v1::{
        self as wire, event_service_client::EventServiceClient,
        framework_service_client::FrameworkServiceClient,
        mapping_service_client::MappingServiceClient, review_service_client::ReviewServiceClient,
        taxonomy_service_client::TaxonomyServiceClient,
    },
};
use runtime::{
    boot::Process,
    identity::{ApiKey, Authenticator, MeshKey, Principal, Role, Unavailable},
    metrics::Metrics,
    task::Tasks,
};
use sqlx::{Connection as _, PgConnection};
use testkit::TestDb;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;
use types::TenantId;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) metrics: Metrics,
    pub(crate) tasks: Tasks,
    channel: Channel,
    mesh_key: MeshKey,
    keys: HashMap<(Role, Option<TenantId>), String>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum As {
    /// Another service, on behalf of a tenant or of nobody.
    Service(Option<TenantId>),
    Admin(TenantId),
    Detector(TenantId),
    Nobody,
}

/// Two tenants that know nothing of each other.
pub(crate) fn tenant(n: u128) -> TenantId {
    Uuid::from_u128(n).into()
}

pub(crate) fn a() -> TenantId {
    tenant(0xa)
}

pub(crate) fn b() -> TenantId {
    tenant(0xb)
}

pub(crate) fn config(db: &TestDb) -> mapper::Config {
    runtime::config::load("mapper", &defaults(&db.url), None).unwrap()
}

/// The defaults with what a deployment must say, and less patience.
pub(crate) fn defaults(url: &str) -> String {
    mapper::CONFIG_DEFAULTS
        .replace("# url = \"postgres://mapper@…\"", &format!("url = \"{url}\""))
        .replace("# mesh_key = \"…\"", &format!("mesh_key = \"{}\"", "k".repeat(32)))
        .replace("acquire_timeout_ms = 2_000", "acquire_timeout_ms = 1_000")
        .replace("poll_ms = 200", "poll_ms = 20")
}

impl World {
    pub(crate) async fn start() -> World {
        World::start_on(testkit::database("mapper", &mapper::MIGRATIONS).await).await
    }

    /// Another replica on the same database is a second world.
    pub(crate) async fn start_on(db: TestDb) -> World {
        let config = config(&db);
        let (metrics, tasks) = (Metrics::new(10), Tasks::default());
        let process = Process::detached(metrics.clone(), tasks.clone());
        let app = mapper::App::connect(&config, &process).await.unwrap();
        let mesh_key = MeshKey::new(&config.identity.mesh_key).unwrap();
        let (authenticator, keys) = authenticator(mesh_key.clone());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            mapper::serve(app, authenticator, &config, listener, &process).await
        });
        let channel = Channel::from_shared(url).unwrap().connect().await.unwrap();
        World { db, metrics, tasks, channel, mesh_key, keys }
    }

    pub(crate) fn mapping(&self) -> MappingServiceClient<Channel> {
        MappingServiceClient::new(self.channel.clone())
    }

    pub(crate) fn events(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    pub(crate) fn taxonomy(&self) -> TaxonomyServiceClient<Channel> {
        TaxonomyServiceClient::new(self.channel.clone())
    }

    pub(crate) fn frameworks(&self) -> FrameworkServiceClient<Channel> {
        FrameworkServiceClient::new(self.channel.clone())
    }

    pub(crate) fn review(&self) -> ReviewServiceClient<Channel> {
        ReviewServiceClient::new(self.channel.clone())
    }

    /// `message` with the credential of `who`.
    pub(crate) fn request<T>(&self, who: As, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let key = |role, tenant| format!("Bearer {}", self.keys[&(role, Some(tenant))]);
        let credential = match who {
            As::Service(tenant) => {
                let token = self.mesh_key.sign("orchestration", tenant, SystemTime::now());
                format!("Mesh {token}")
            }
            As::Admin(tenant) => key(Role::Admin, tenant),
            As::Detector(tenant) => key(Role::Detector, tenant),
            As::Nobody => return request,
        };
        request.metadata_mut().insert("authorization", credential.parse().unwrap());
        request
    }

    /// Records `findings` of `tenant` and says what became of each.
    pub(crate) async fn record(
        &self,
        tenant: TenantId,
        findings: Vec<common::Finding>,
    ) -> Result<Vec<wire::RecordResult>, Status> {
        let findings = findings.into_iter().map(|finding| wire::FindingToRecord {
            finding: Some(finding),
            malformed: String::new(),
            policy: "default@3".to_owned(),
        });
        let request = wire::RecordRequest { findings: findings.collect() };
        let request = self.request(As::Service(Some(tenant)), request);
        Ok(self.events().record(request).await?.into_inner().results)
    }

    /// All events of `tenant` that pass `filter`.
    pub(crate) async fn query(
        &self,
        tenant: TenantId,
        filter: wire::EventFilter,
    ) -> Vec<wire::Event> {
        let page = Some(common::Page { size: 1000, cursor: String::new() });
        let request = wire::QueryRequest { filter: Some(filter), page };
        let request = self.request(As::Admin(tenant), request);
        self.events().query(request).await.unwrap().into_inner().events
    }

    /// Runs `sql` as a superuser.
    pub(crate) async fn break_by(&self, sql: &str) {
        let mut admin = PgConnection::connect(&self.db.admin_url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }

    /// Cuts the mapper off its database, for good.
    pub(crate) async fn lose_database(&self) {
        self.db.cut_off().await;
    }
}

fn authenticator(mesh_key: MeshKey) -> (Authenticator, HashMap<(Role, Option<TenantId>), String>) {
    use secrecy::ExposeSecret as _;

    let mut keys = HashMap::new();
    let mut principals: HashMap<Uuid, Principal> = HashMap::new();
    for (role, tenant) in
        [Role::Admin, Role::Detector].into_iter().flat_map(|role| [(role, a()), (role, b())])
    {
        let id = Uuid::now_v7();
        let key = ApiKey::generate(id).unwrap();
        keys.insert((role, Some(tenant)), key.expose().expose_secret().to_owned());
        let subject = format!("key:{id}");
        principals.insert(id, Principal { tenant: Some(tenant), subject, roles: vec![role] });
    }
    let resolve = move |key: ApiKey| {
        let principal = principals.get(&key.id()).cloned();
        async move { Ok::<_, Unavailable>(principal) }
    };
    (Authenticator::new(mesh_key, resolve), keys)
}

/// A sound finding of `presidio`.
pub(crate) fn finding(finding_id: &str, raw_label: &str) -> common::Finding {
    common::Finding {
        finding_id: finding_id.to_owned(),
        detector: "presidio".to_owned(),
        detector_version: "2.2.366".to_owned(),
        raw_label: raw_label.to_owned(),
        score: 0.9,
        occurred_at: Some(timestamp(OffsetDateTime::now_utc())),
        disposition: common::Disposition::Contained.into(),
        ..Default::default()
    }
}

pub(crate) fn timestamp(time: OffsetDateTime) -> prost_types::Timestamp {
    let nanos = i32::try_from(time.microsecond() * 1000).unwrap();
    prost_types::Timestamp { seconds: time.unix_timestamp(), nanos }
}

/// What a caller sees of an error: code, reason, field, message.
pub(crate) fn show(status: &Status) -> String {
    let info = status.get_details_error_info().unwrap();
    let field = info.metadata.get("field").map(|it| format!(" [{it}]")).unwrap_or_default();
    format!("{:?} {}{field}: {}", status.code(), info.reason, status.message())
}

/// The statuses of recorded findings, in words.
pub(crate) fn statuses(results: &[wire::RecordResult]) -> String {
    let words = results.iter().map(|result| {
        let name = result.status().as_str_name().trim_start_matches("RECORD_STATUS_");
        let problem = result.error.as_ref().map(|it| format!(" ({})", it.message));
        name.to_lowercase() + &problem.unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Waits until `condition` holds, which it must within ten seconds.
pub(crate) async fn eventually<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    let waited = tokio::time::timeout(Duration::from_secs(10), async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.expect("it never came true");
}
