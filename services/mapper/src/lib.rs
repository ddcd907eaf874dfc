//! The mapper turns what detectors say into labels of the canonical taxonomy, and keeps what it said.
//!
//! Read the modules in this order: [`mapping`] is what the service decides, [`finding`] and [`event`] what comes in and
//! what is kept, [`proposal`] what it could not decide, [`framework`] what a label is evidence for; [`store`] is where it
//! remembers, [`app`] what it does, `rpc` how it is asked.

pub mod app;
pub mod event;
pub mod finding;
pub mod framework;
pub mod mapping;
pub mod proposal;
pub mod store;

mod config;
mod error;
mod rpc;

use anyhow::Context as _;
use runtime::{
    admin::Check,
    boot::{self, Process},
    client::Clients,
    contract::{Contract, Gate},
    identity::{Authenticator, Cache, MeshKey, remote},
};
use tokio::net::TcpListener;

pub use crate::{
    app::App,
    config::{CONFIG_DEFAULTS, Config},
    error::Error,
    store::MIGRATIONS,
};

/// The mapper as a process sees it.
pub static SERVICE: boot::Service<Config> = boot::Service {
    name: "mapper",
    defaults: CONFIG_DEFAULTS,
    process: |config| &config.process,
    serve: |config, process| Box::pin(start(config, process)),
    migrate: |config| Box::pin(migrate(config)),
};

/// Opens every door and answers until `process` is asked to stop.
async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    let app = App::connect(&config, &process).await?;
    let mesh_key = MeshKey::new(&config.identity.mesh_key).context("identity.mesh_key")?;
    let clients = Clients::new("mapper", mesh_key.clone(), &process.metrics)?;
    let orchestration = clients.connect("orchestration", &config.orchestration)?;
    let authenticator = Authenticator::new(mesh_key, remote(orchestration, Cache::STANDARD));
    process.open_admin(vec![Check::database(app.db()), taxonomy_check()]).await?;

    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    serve(app, authenticator, &config, listener, &process).await
}

/// Answers requests on `listener`, and does what runs beside them, until `process` is asked to stop.
pub async fn serve(
    app: App,
    authenticator: Authenticator,
    config: &Config,
    listener: TcpListener,
    process: &Process,
) -> anyhow::Result<()> {
    let contract = Contract::load(proto::DESCRIPTORS, rpc::SERVICES)?;
    let gate = Gate { contract, authenticator, request_bytes_max: rpc::REQUEST_BYTES_MAX };
    app.make_partitions(config.event.partitions_ahead_days).await;
    app.keep_up(config.event.partitions_ahead_days, &process.tasks);
    let versions = app.versions();
    tracing::info!(
        taxonomy.version = versions.taxonomy,
        detector_mapping.version = versions.detector_mapping,
        frameworks.version = versions.frameworks,
        "Mapping by taxonomy {}",
        versions.taxonomy
    );
    runtime::server::serve(&config.server, listener, rpc::routes(app), gate, process).await
}

/// Always holds; it is there for its name, by which an operator sees what this process maps to.
fn taxonomy_check() -> Check {
    let name = format!("taxonomy {}", taxonomy::Taxonomy::builtin().version());
    // As long as the process lives there is one.
    Check::new(name.leak(), || std::future::ready(Ok(())))
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    runtime::database::migrate(&config.database, &MIGRATIONS).await
}
