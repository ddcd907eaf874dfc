//! A mesh: three services on loopback ports, a database each, two tenants with keys, and what tests say to them.

mod place;

use std::{fs, time::SystemTime};

use proto::{
    analysis::v1::{
        insight_service_client::InsightServiceClient, report_service_client::ReportServiceClient,
    },
    common::v1 as common,
    mapper::v1::{
        self as mapper_wire, event_service_client::EventServiceClient,
        mapping_service_client::MappingServiceClient,
    },
    orchestration::v1::{
        self as wire, detection_service_client::DetectionServiceClient,
        detector_service_client::DetectorServiceClient, ingest_service_client::IngestServiceClient,
        policy_service_client::PolicyServiceClient, run_service_client::RunServiceClient,
        tenancy_service_client::TenancyServiceClient,
    },
};
use runtime::identity::{ApiKey, MeshKey, Role};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tonic::{Request, transport::Channel};
use types::TenantId;
use uuid::Uuid;

use crate::canary;

pub(crate) use place::{Name, Place, eventually};

pub(crate) struct World {
    pub(crate) orchestration: Place,
    pub(crate) mapper: Place,
    pub(crate) analysis: Place,
    pub(crate) a: Tenant,
    pub(crate) b: Tenant,
    operator: String,
    mesh_key: MeshKey,
}

/// A tenant with a key per role.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) name: String,
    pub(crate) keys: Vec<(Role, wire::IssueKeyResponse)>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum As<'a> {
    Nobody,
    Operator,
    /// Another service, for a tenant or for none.
    Mesh(Option<TenantId>),
    Key(&'a Tenant, Role),
}

impl World {
    /// Starts all three services, and creates the tenants A and B.
    pub(crate) async fn start() -> World {
        canary::listen();
        let mut orchestration = Place::new(
            Name::Orchestration,
            testkit::database("orchestration", &orchestration::MIGRATIONS).await,
        )
        .await;
        let mut mapper =
            Place::new(Name::Mapper, testkit::database("mapper", &mapper::MIGRATIONS).await).await;
        let mut analysis =
            Place::new(Name::Analysis, testkit::database("analysis", &analysis::MIGRATIONS).await)
                .await;

        let secret = "k".repeat(32);
        let operator =
            ApiKey::generate(Uuid::now_v7()).unwrap().expose().expose_secret().to_owned();
        let common = |place: &Place| {
            let Place { address, db, .. } = place;
            format!(
                "server.listen = \"{address}\"\nserver.grace_ms = 1000\nprocess.grace_ms = 5000\n\
                 database.url = \"{}\"\ndatabase.connections_max = 5\nidentity.mesh_key = \"{secret}\"\n",
                db.url
            )
        };
        // Waits are shortened, so that a neighbour that is back is soon noticed.
        let neighbour = |place: &Place| {
            let name = place.name.as_str();
            format!("{name}.url = \"http://{}\"\n{name}.breaker.open_ms = 100\n", place.address)
        };
        let digest: String =
            Sha256::digest(&operator).iter().map(|byte| format!("{byte:02x}")).collect();
        let own = format!(
            "operator.credential_sha256 = \"{digest}\"\ndelivery.poll_ms = 50\ndelivery.pause_min_ms = 20\n\
             delivery.pause_max_ms = 100\nfeed.poll_ms = 20\n"
        );
        fs::write(&orchestration.file, common(&orchestration) + &neighbour(&mapper) + &own)
            .unwrap();
        fs::write(
            &mapper.file,
            common(&mapper) + &neighbour(&orchestration) + "feed.poll_ms = 20\n",
        )
        .unwrap();
        let own = "feed.pause_ms = 20\nfeed.pause_max_ms = 100\n";
        let neighbours = neighbour(&orchestration) + &neighbour(&mapper);
        fs::write(&analysis.file, common(&analysis) + &neighbours + own).unwrap();

        orchestration.again().await;
        mapper.again().await;
        analysis.again().await;

        let mesh_key = MeshKey::new(&secret.into()).unwrap();
        let (a, b) = (Tenant::nobody(), Tenant::nobody());
        let mut world = World { orchestration, mapper, analysis, a, b, operator, mesh_key };
        world.a = world.create_tenant("canary-tenant-a").await;
        world.b = world.create_tenant("tenant-b").await;
        world
    }

    async fn create_tenant(&self, name: &str) -> Tenant {
        let request = wire::CreateTenantRequest { name: name.to_owned() };
        let request = self.request(As::Operator, request);
        let tenant =
            self.tenancy().create_tenant(request).await.unwrap().into_inner().tenant.unwrap();
        let mut keys = Vec::new();
        for role in [Role::Admin, Role::Analyst, Role::Detector, Role::Application] {
            let request = wire::IssueKeyRequest {
                tenant_id: tenant.tenant_id.clone(),
                name: format!("{name}-{role}"),
                roles: vec![role.to_string()],
            };
            let request = self.request(As::Operator, request);
            keys.push((role, self.tenancy().issue_key(request).await.unwrap().into_inner()));
        }
        Tenant { id: tenant.tenant_id.parse().unwrap(), name: tenant.name, keys }
    }

    pub(crate) fn places(&self) -> [&Place; 3] {
        [&self.orchestration, &self.mapper, &self.analysis]
    }

    pub(crate) fn place(&self, name: Name) -> &Place {
        match name {
            Name::Orchestration => &self.orchestration,
            Name::Mapper => &self.mapper,
            Name::Analysis => &self.analysis,
        }
    }

    /// The value of `authorization` that `who` would send.
    pub(crate) fn credential(&self, who: As<'_>) -> Option<String> {
        match who {
            As::Nobody => None,
            As::Operator => Some(format!("Bearer {}", self.operator)),
            As::Mesh(tenant) => {
                Some(format!("Mesh {}", self.mesh_key.sign("mapper", tenant, SystemTime::now())))
            }
            As::Key(tenant, role) => Some(format!("Bearer {}", tenant.credential(role))),
        }
    }

    /// `message` with the credential of `who`.
    pub(crate) fn request<T>(&self, who: As<'_>, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(credential) = self.credential(who) {
            request.metadata_mut().insert("authorization", credential.parse().unwrap());
        }
        request
    }

    pub(crate) fn tenancy(&self) -> TenancyServiceClient<Channel> {
        TenancyServiceClient::new(self.orchestration.channel())
    }

    pub(crate) fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.orchestration.channel())
    }

    pub(crate) fn detectors(&self) -> DetectorServiceClient<Channel> {
        DetectorServiceClient::new(self.orchestration.channel())
    }

    pub(crate) fn detection(&self) -> DetectionServiceClient<Channel> {
        DetectionServiceClient::new(self.orchestration.channel())
    }

    pub(crate) fn runs(&self) -> RunServiceClient<Channel> {
        RunServiceClient::new(self.orchestration.channel())
    }

    pub(crate) fn mapping(&self) -> MappingServiceClient<Channel> {
        MappingServiceClient::new(self.mapper.channel())
    }

    pub(crate) fn events(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(self.mapper.channel()).max_decoding_message_size(64 << 20)
    }

    pub(crate) fn insights(&self) -> InsightServiceClient<Channel> {
        InsightServiceClient::new(self.analysis.channel())
    }

    pub(crate) fn reports(&self) -> ReportServiceClient<Channel> {
        ReportServiceClient::new(self.analysis.channel())
    }

    /// Streams `findings` and `runs` into the mesh as a detector of `tenant`, and returns all acknowledgements.
    pub(crate) async fn ingest(
        &self,
        tenant: &Tenant,
        findings: Vec<common::Finding>,
        runs: Vec<wire::RunReport>,
    ) -> Vec<wire::Acknowledgement> {
        let pieces: Vec<_> = findings
            .chunks(50)
            .map(|some| wire::IngestRequest { findings: some.to_vec(), runs: Vec::new() })
            .chain((!runs.is_empty()).then(|| wire::IngestRequest { findings: Vec::new(), runs }))
            .collect();
        let request = self.request(As::Key(tenant, Role::Detector), tokio_stream::iter(pieces));
        let mut answers = IngestServiceClient::new(self.orchestration.channel())
            .ingest(request)
            .await
            .unwrap()
            .into_inner();
        let mut acknowledged = Vec::new();
        while let Some(answer) = answers.message().await.unwrap() {
            acknowledged.extend(answer.findings);
            acknowledged.extend(answer.runs);
        }
        acknowledged
    }

    /// All events of `tenant`, through `Query`, page by page.
    pub(crate) async fn query(&self, tenant: &Tenant) -> Vec<mapper_wire::Event> {
        let mut events = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = Some(common::Page { size: 100, cursor });
            let request = mapper_wire::QueryRequest { filter: None, page };
            let request = self.request(As::Key(tenant, Role::Admin), request);
            let answer = self.events().query(request).await.unwrap().into_inner();
            events.extend(answer.events);
            cursor = answer.next_cursor;
            if cursor.is_empty() {
                return events;
            }
        }
    }

    /// All events of `tenant`, through `Tail`, up to its end.
    pub(crate) async fn tail(&self, tenant: &Tenant) -> Vec<mapper_wire::Event> {
        let request = mapper_wire::TailRequest { batch_max: 70, ..Default::default() };
        let request = self.request(As::Key(tenant, Role::Admin), request);
        let mut stream = self.events().tail(request).await.unwrap().into_inner();
        let mut events = Vec::new();
        while let Some(answer) = stream.message().await.unwrap() {
            events.extend(answer.events);
        }
        events
    }

    /// Waits until analysis has counted `n` events of `tenant`, and sees that it never counts more.
    pub(crate) async fn analysed(&self, tenant: &Tenant, n: usize) {
        let n = n as u64;
        eventually("analysis has counted every event", || async move {
            let request = self.request(
                As::Key(tenant, Role::Analyst),
                proto::analysis::v1::GetProgressRequest {},
            );
            let progress = self.insights().get_progress(request).await.unwrap().into_inner();
            assert!(progress.events <= n, "analysis counts {} events of {n}", progress.events);
            progress.events == n && progress.caught_up
        })
        .await;
    }

    pub(crate) async fn detect(&self, tenant: &Tenant, content: &str) -> wire::DetectResponse {
        let request = wire::DetectRequest {
            content: content.to_owned(),
            resource: format!("{}-conversation", tenant.name),
            ..Default::default()
        };
        let request = self.request(As::Key(tenant, Role::Admin), request);
        self.detection().detect(request).await.unwrap().into_inner()
    }
}

impl Tenant {
    fn nobody() -> Tenant {
        Tenant { id: Uuid::nil().into(), name: String::new(), keys: Vec::new() }
    }

    pub(crate) fn credential(&self, role: Role) -> &str {
        let (_, issued) =
            self.keys.iter().find(|(it, _)| *it == role).expect("every tenant has a key per role");
        &issued.credential
    }
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
        disposition: common::Disposition::Exposed.into(),
        ..Default::default()
    }
}

pub(crate) fn timestamp(time: OffsetDateTime) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.unix_timestamp(), nanos: 0 }
}
