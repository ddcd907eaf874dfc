//! One running analysis with its own database and scripted neighbours, and what tests say to it.

use std::{collections::HashMap, time::Duration};

use proto::{
    analysis::v1::{
        GetProgressRequest, GetProgressResponse, insight_service_client::InsightServiceClient,
        report_service_client::ReportServiceClient,
    },
    common::v1 as common,
    mapper::v1 as mapper,
    orchestration::v1 as orchestration,
};
use runtime::{
    boot::Process,
    identity::{ApiKey, Authenticator, MeshKey, Principal, Role, Unavailable},
    metrics::Metrics,
    task::Tasks,
};
use testkit::{Feeds, TestDb};
use time::{OffsetDateTime, macros::datetime};
use tokio::net::TcpListener;
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;
use types::TenantId;
use uuid::Uuid;

/// When the scripts begin: a Monday, 00:00.
pub(crate) const START: OffsetDateTime = datetime!(2026-10-05 00:00 UTC);

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) feeds: Feeds,
    channel: Channel,
    tasks: Tasks,
    keys: HashMap<(Role, TenantId), String>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum As {
    Analyst(TenantId),
    Detector(TenantId),
    Nobody,
}

/// Two tenants that know nothing of each other.
pub(crate) fn a() -> TenantId {
    Uuid::from_u128(0xa).into()
}

pub(crate) fn b() -> TenantId {
    Uuid::from_u128(0xb).into()
}

pub(crate) fn config(db: &TestDb, feeds: &Feeds) -> analysis::Config {
    let defaults = analysis::CONFIG_DEFAULTS
        .replace("# url = \"postgres://analysis@…\"", &format!("url = \"{}\"", db.url))
        .replace("# mesh_key = \"…\"", &format!("mesh_key = \"{}\"", "k".repeat(32)))
        .replace("http://127.0.0.1:50051", &feeds.url())
        .replace("http://127.0.0.1:50052", &feeds.url())
        .replace("pause_ms = 100", "pause_ms = 5")
        .replace("pause_max_ms = 10_000", "pause_max_ms = 20")
        .replace("open_ms = 2_000", "open_ms = 20")
        .replace("batch_max = 1_000", "batch_max = 20");
    runtime::config::load("analysis", &defaults, None).unwrap()
}

/// What the service is made of, without a server around it.
pub(crate) async fn app(config: &analysis::Config, process: &Process) -> analysis::App {
    let mesh_key = MeshKey::new(&config.identity.mesh_key).unwrap();
    let connections =
        runtime::client::Clients::new("analysis", mesh_key, &process.metrics).unwrap();
    let mapper = connections.connect("mapper", &config.mapper).unwrap();
    let orchestration = connections.connect("orchestration", &config.orchestration).unwrap();
    let clients = analysis::Clients::new(mapper, orchestration, &config.controls);
    analysis::App::connect(config, clients, process).await.unwrap()
}

impl World {
    pub(crate) async fn start() -> World {
        let db = testkit::database("analysis", &analysis::MIGRATIONS).await;
        World::start_on(db, testkit::feeds().await).await
    }

    /// Another replica on the same database and feeds is a second world.
    pub(crate) async fn start_on(db: TestDb, feeds: Feeds) -> World {
        let config = config(&db, &feeds);
        let tasks = Tasks::default();
        let process = Process::detached(Metrics::new(10), tasks.clone());
        let app = app(&config, &process).await;
        let (authenticator, keys) = authenticator(MeshKey::new(&config.identity.mesh_key).unwrap());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            analysis::serve(app, authenticator, &config, listener, &process).await
        });
        let channel = Channel::from_shared(url).unwrap().connect().await.unwrap();
        World { db, feeds, channel, tasks, keys }
    }

    pub(crate) fn insights(&self) -> InsightServiceClient<Channel> {
        InsightServiceClient::new(self.channel.clone())
    }

    pub(crate) fn reports(&self) -> ReportServiceClient<Channel> {
        ReportServiceClient::new(self.channel.clone())
    }

    /// `message` with the credential of `who`.
    pub(crate) fn request<T>(&self, who: As, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let key = match who {
            As::Analyst(tenant) => &self.keys[&(Role::Analyst, tenant)],
            As::Detector(tenant) => &self.keys[&(Role::Detector, tenant)],
            As::Nobody => return request,
        };
        let credential = format!("Bearer {key}").parse().unwrap();
        request.metadata_mut().insert("authorization", credential);
        request
    }

    pub(crate) async fn progress(&self, tenant: TenantId) -> GetProgressResponse {
        let request = self.request(As::Analyst(tenant), GetProgressRequest {});
        self.insights().get_progress(request).await.unwrap().into_inner()
    }

    /// Waits until so many events and runs of the tenant are in the rollups.
    pub(crate) async fn taken_in(&self, tenant: TenantId, events: u64, runs: u64) {
        let taken_in = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let progress = self.progress(tenant).await;
                let there = (progress.events, progress.runs, progress.caught_up);
                if there == (events, runs, true) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let timed_out = taken_in.await.is_err();
        assert!(!timed_out, "not taken in: {:?}", self.progress(tenant).await);
    }

    /// Cuts analysis off its database, for good.
    pub(crate) async fn lose_database(&self) {
        self.db.cut_off().await;
    }

    /// Asks the service to stop, as a signal would.
    pub(crate) async fn stop(self) -> (TestDb, Feeds) {
        self.tasks.drained(Duration::from_secs(5)).await;
        (self.db, self.feeds)
    }
}

fn authenticator(mesh_key: MeshKey) -> (Authenticator, HashMap<(Role, TenantId), String>) {
    use secrecy::ExposeSecret as _;

    let mut keys = HashMap::new();
    let mut principals: HashMap<Uuid, Principal> = HashMap::new();
    for (role, tenant) in
        [Role::Analyst, Role::Detector].into_iter().flat_map(|role| [(role, a()), (role, b())])
    {
        let id = Uuid::now_v7();
        let key = ApiKey::generate(id).unwrap();
        keys.insert((role, tenant), key.expose().expose_secret().to_owned());
        let subject = format!("key:{id}");
        principals.insert(id, Principal { tenant: Some(tenant), subject, roles: vec![role] });
    }
    let resolve = move |key: ApiKey| {
        let principal = principals.get(&key.id()).cloned();
        async move { Ok::<_, Unavailable>(principal) }
    };
    (Authenticator::new(mesh_key, resolve), keys)
}

pub(crate) fn timestamp(at: OffsetDateTime) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos: 0 }
}

pub(crate) fn hours(hours: i64) -> OffsetDateTime {
    START + time::Duration::hours(hours)
}

/// The first `hours` of the scripts.
pub(crate) fn first(until: i64) -> Option<common::Period> {
    Some(common::Period { from: Some(timestamp(START)), to: Some(timestamp(hours(until))) })
}

/// An event of `presidio`, `minutes` after the start. Its id says `n`.
pub(crate) fn event(tenant: TenantId, n: u128, label: &str, minutes: i64) -> mapper::Event {
    let at = START + time::Duration::minutes(minutes);
    mapper::Event {
        event_id: Uuid::from_u128((0xe << 120) | n).to_string(),
        tenant_id: tenant.to_string(),
        finding: Some(common::Finding {
            finding_id: n.to_string(),
            detector: "presidio".to_owned(),
            raw_label: "WORD".to_owned(),
            score: 0.9,
            occurred_at: Some(timestamp(at)),
            disposition: common::Disposition::Contained.into(),
            ..Default::default()
        }),
        mapping: Some(mapper::Mapping {
            label: label.to_owned(),
            severity: common::Severity::Medium.into(),
            confidence: 0.9,
            route: common::Route::Rule.into(),
            versions: Some(common::VersionInfo {
                taxonomy: "2026.11".to_owned(),
                frameworks: "2026.11".to_owned(),
                detector_mapping: "2026.11".to_owned(),
                model: "none".to_owned(),
                policy: "default@1".to_owned(),
            }),
            ..Default::default()
        }),
        received_at: Some(timestamp(at)),
    }
}

/// The same event with another end.
pub(crate) fn exposed(mut event: mapper::Event) -> mapper::Event {
    let finding = event.finding.as_mut().unwrap();
    finding.disposition = common::Disposition::Exposed.into();
    event
}

/// `agent` reports that it looked, from one hour of the script to another.
pub(crate) fn report(tenant: TenantId, n: u128, from: i64, to: i64) -> orchestration::RunFeedItem {
    let report = orchestration::RunReport {
        run_id: n.to_string(),
        detector: "agent".to_owned(),
        looked_at: 10,
        flagged: 1,
        ..Default::default()
    };
    run(tenant, 0x1000 + n, from, to, orchestration::run::Kind::Report(report))
}

/// A detection in an hour of the script, whose checks by `pii` ended in `states`.
pub(crate) fn detection(
    tenant: TenantId,
    n: u128,
    hour: i64,
    states: &[orchestration::CheckState],
) -> orchestration::RunFeedItem {
    let check = |state: &orchestration::CheckState| orchestration::Check {
        detector: "pii".to_owned(),
        state: (*state).into(),
        required: true,
        ..Default::default()
    };
    let verdict = orchestration::Verdict {
        action: orchestration::Action::Block.into(),
        ..Default::default()
    };
    let detection = orchestration::DetectionRun {
        policy: "default@1".to_owned(),
        verdict: Some(verdict),
        checks: states.iter().map(check).collect(),
        ..Default::default()
    };
    run(tenant, 0x2000 + n, hour, hour, orchestration::run::Kind::Detection(detection))
}

fn run(
    tenant: TenantId,
    id: u128,
    from: i64,
    to: i64,
    kind: orchestration::run::Kind,
) -> orchestration::RunFeedItem {
    let run = orchestration::Run {
        run_id: Uuid::from_u128(id).to_string(),
        tenant_id: tenant.to_string(),
        started_at: Some(timestamp(hours(from))),
        ended_at: Some(timestamp(hours(to))),
        kind: Some(kind),
    };
    orchestration::RunFeedItem { item: Some(orchestration::run_feed_item::Item::Run(run)) }
}

/// A policy that requires hourly reports of `agent`, and `pii`.
pub(crate) fn policy(tenant: TenantId, hour: i64) -> orchestration::RunFeedItem {
    let requirement = |detector: &str, report_interval_s| orchestration::Requirement {
        detector: detector.to_owned(),
        required: true,
        report_interval_s,
        weight: 0.5,
        criticality: 0.8,
    };
    let activation = orchestration::PolicyActivation {
        tenant_id: tenant.to_string(),
        policy: "default".to_owned(),
        version: 1,
        is_default: true,
        activated_at: Some(timestamp(hours(hour))),
        requirements: vec![requirement("agent", 3600), requirement("pii", 0)],
        partial_coverage_threshold: 0.8,
        facts: Vec::new(),
    };
    orchestration::RunFeedItem {
        item: Some(orchestration::run_feed_item::Item::Policy(activation)),
    }
}

/// What a caller sees of an error: code, reason, field, message.
pub(crate) fn show(status: &Status) -> String {
    let info = status.get_details_error_info().unwrap();
    let field = info.metadata.get("field").map(|it| format!(" [{it}]")).unwrap_or_default();
    format!("{:?} {}{field}: {}", status.code(), info.reason, status.message())
}

/// Tallies on one line.
pub(crate) fn line(tallies: &[proto::analysis::v1::Tally]) -> String {
    tallies.iter().map(|it| format!("{} {}", it.key, it.events)).collect::<Vec<_>>().join(", ")
}
