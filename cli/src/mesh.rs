//! The three services as this program calls them: addresses, credentials, generated clients.

use std::{path::Path, str::FromStr as _, time::Duration};

use anyhow::Context as _;
use proto::{
    analysis::v1::{
        insight_service_client::InsightServiceClient, report_service_client::ReportServiceClient,
    },
    mapper::v1::{
        event_service_client::EventServiceClient, framework_service_client::FrameworkServiceClient,
        mapping_service_client::MappingServiceClient, review_service_client::ReviewServiceClient,
        taxonomy_service_client::TaxonomyServiceClient,
    },
    orchestration::v1::{
        detection_service_client::DetectionServiceClient,
        detector_service_client::DetectorServiceClient, ingest_service_client::IngestServiceClient,
        policy_service_client::PolicyServiceClient, run_service_client::RunServiceClient,
        tenancy_service_client::TenancyServiceClient,
    },
};
use serde::{Deserialize, Serialize};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use crate::args::Globals;

/// Reports and pages of events are larger than tonic's 4 MiB.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Where the mesh on this machine is, and the keys of its demo tenant. Written by `up`, readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBook {
    pub orchestration: String,
    pub mapper: String,
    pub analysis: String,
    pub key: String,
    pub operator_key: String,
}

impl std::fmt::Debug for AddressBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressBook")
            .field("orchestration", &self.orchestration)
            .field("mapper", &self.mapper)
            .field("analysis", &self.analysis)
            .finish_non_exhaustive()
    }
}

impl AddressBook {
    const FILE: &str = "mesh.json";

    /// What `up` wrote; `None` when it never ran here.
    pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Option<AddressBook>> {
        let path = data_dir.join(AddressBook::FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let book = serde_json::from_str(&text);
                Ok(Some(book.with_context(|| format!("{} is damaged", path.display()))?))
            }
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    pub(crate) fn write(&self, data_dir: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        crate::files::write_private(&data_dir.join(AddressBook::FILE), text.as_bytes())
    }
}

/// Puts a credential on every call.
#[derive(Clone)]
pub(crate) struct Credential(MetadataValue<Ascii>);

impl Credential {
    pub(crate) fn bearer(key: &str) -> anyhow::Result<Credential> {
        let mut value = MetadataValue::from_str(&format!("Bearer {key}"))
            .context("the key has characters that no key has")?;
        value.set_sensitive(true);
        Ok(Credential(value))
    }
}

impl Interceptor for Credential {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A connection that carries a credential.
pub(crate) type Door = InterceptedService<Channel, Credential>;

/// The mesh, seen with one credential. Connects when first used.
#[derive(Clone)]
pub(crate) struct Mesh {
    orchestration: Door,
    mapper: Door,
    analysis: Door,
}

impl Mesh {
    /// The mesh as the command line and the address book give it, with the tenant's key.
    pub(crate) fn of_tenant(globals: &Globals) -> anyhow::Result<Mesh> {
        let book = AddressBook::read(&globals.data_dir)?;
        let key = globals.key.clone().or_else(|| book.as_ref().map(|it| it.key.clone()));
        let key = key.context(
            "no key: give --key or LLAMA_MAPPER_KEY, or run `llama-mapper up` here first",
        )?;
        Mesh::from(globals, book.as_ref(), &key)
    }

    /// The same with the operator's key.
    pub(crate) fn of_operator(globals: &Globals) -> anyhow::Result<Mesh> {
        let book = AddressBook::read(&globals.data_dir)?;
        let key = globals
            .operator_key
            .clone()
            .or_else(|| book.as_ref().map(|it| it.operator_key.clone()));
        let key = key.context(
            "no operator's key: give --operator-key or LLAMA_MAPPER_OPERATOR_KEY, or run `llama-mapper up` here first",
        )?;
        Mesh::from(globals, book.as_ref(), &key)
    }

    /// The mesh at the addresses of `book`, with `key`.
    pub(crate) fn at(book: &AddressBook, key: &str) -> anyhow::Result<Mesh> {
        let credential = Credential::bearer(key)?;
        Ok(Mesh {
            orchestration: door(&book.orchestration, &credential)?,
            mapper: door(&book.mapper, &credential)?,
            analysis: door(&book.analysis, &credential)?,
        })
    }

    fn from(globals: &Globals, book: Option<&AddressBook>, key: &str) -> anyhow::Result<Mesh> {
        let credential = Credential::bearer(key)?;
        let address = |given: &Option<String>, known: Option<&String>, default: &str| {
            given.clone().or_else(|| known.cloned()).unwrap_or_else(|| default.to_owned())
        };
        let orchestration = address(
            &globals.orchestration,
            book.map(|it| &it.orchestration),
            "http://127.0.0.1:50051",
        );
        let mapper = address(&globals.mapper, book.map(|it| &it.mapper), "http://127.0.0.1:50052");
        let analysis =
            address(&globals.analysis, book.map(|it| &it.analysis), "http://127.0.0.1:50053");
        Ok(Mesh {
            orchestration: door(&orchestration, &credential)?,
            mapper: door(&mapper, &credential)?,
            analysis: door(&analysis, &credential)?,
        })
    }

    pub(crate) fn ingest(&self) -> IngestServiceClient<Door> {
        IngestServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn detection(&self) -> DetectionServiceClient<Door> {
        DetectionServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn runs(&self) -> RunServiceClient<Door> {
        RunServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn tenancy(&self) -> TenancyServiceClient<Door> {
        TenancyServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn policies(&self) -> PolicyServiceClient<Door> {
        PolicyServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn detectors(&self) -> DetectorServiceClient<Door> {
        DetectorServiceClient::new(self.orchestration.clone())
    }

    pub(crate) fn mapping(&self) -> MappingServiceClient<Door> {
        MappingServiceClient::new(self.mapper.clone())
    }

    pub(crate) fn events(&self) -> EventServiceClient<Door> {
        EventServiceClient::new(self.mapper.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    pub(crate) fn taxonomy(&self) -> TaxonomyServiceClient<Door> {
        TaxonomyServiceClient::new(self.mapper.clone())
    }

    pub(crate) fn frameworks(&self) -> FrameworkServiceClient<Door> {
        FrameworkServiceClient::new(self.mapper.clone())
    }

    pub(crate) fn review(&self) -> ReviewServiceClient<Door> {
        ReviewServiceClient::new(self.mapper.clone())
    }

    pub(crate) fn insights(&self) -> InsightServiceClient<Door> {
        InsightServiceClient::new(self.analysis.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    pub(crate) fn reports(&self) -> ReportServiceClient<Door> {
        ReportServiceClient::new(self.analysis.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }
}

fn door(address: &str, credential: &Credential) -> anyhow::Result<Door> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .with_context(|| {
            format!("`{address}` is no address; one looks like `http://127.0.0.1:50051`")
        })?
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .user_agent(concat!("llama-mapper/", env!("CARGO_PKG_VERSION")))?;
    Ok(InterceptedService::new(endpoint.connect_lazy(), credential.clone()))
}
