//! Analysis reads what the mapper and orchestration say, and tells what it means: how much, how well covered, how
//! risky, what is missing. It never sees content, never calls a detector and never assigns a label.
//!
//! Read the modules in this order: [`rollup`] is what is kept of the two feeds, [`summary`], [`coverage`], [`risk`],
//! [`gap`] and [`posture`] what is concluded from it, [`report`] what is handed to an auditor; [`store`] is where it
//! remembers, [`app`] what it does, `clients` whom it asks, `rpc` how it is asked.

pub mod app;
pub mod clients;
pub mod coverage;
pub mod gap;
pub mod period;
pub mod policy;
pub mod posture;
pub mod progress;
pub mod report;
pub mod risk;
pub mod rollup;
pub mod store;
pub mod summary;

mod config;
mod error;
mod rpc;

use anyhow::Context as _;
use runtime::{
    admin::Check,
    boot::{self, Process},
    contract::{Contract, Gate},
    idempotency::Idempotency,
    identity::{Authenticator, Cache, MeshKey, remote},
    server::Services,
};
use tokio::net::TcpListener;

pub use crate::{
    app::App,
    clients::Clients,
    config::{CONFIG_DEFAULTS, Config},
    error::Error,
    store::MIGRATIONS,
};

/// Analysis as a process sees it.
pub static SERVICE: boot::Service<Config> = boot::Service {
    name: "analysis",
    defaults: CONFIG_DEFAULTS,
    process: |config| &config.process,
    serve: |config, process| Box::pin(start(config, process)),
    migrate: |config| Box::pin(migrate(config)),
};

/// Opens every door and answers until `process` is asked to stop.
async fn start(config: Config, process: Process) -> anyhow::Result<()> {
    let mesh_key = MeshKey::new(&config.identity.mesh_key).context("identity.mesh_key")?;
    let connections =
        runtime::client::Clients::new("analysis", mesh_key.clone(), &process.metrics)?;
    let mapper = connections.connect("mapper", &config.mapper)?;
    let orchestration = connections.connect("orchestration", &config.orchestration)?;
    let clients = Clients::new(mapper, orchestration.clone(), &config.controls);
    let app = App::connect(&config, clients, &process).await?;
    let authenticator = Authenticator::new(mesh_key, remote(orchestration, Cache::STANDARD));
    process.open_admin(vec![Check::database(app.db())]).await?;

    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    serve(app, authenticator, &config, listener, &process).await
}

/// Answers requests on `listener`, and reads both feeds beside that, until `process` is asked to stop.
pub async fn serve(
    app: App,
    authenticator: Authenticator,
    config: &Config,
    listener: TcpListener,
    process: &Process,
) -> anyhow::Result<()> {
    let contract = Contract::load(proto::DESCRIPTORS, rpc::SERVICES)?;
    let gate = Gate { contract, authenticator, request_bytes_max: rpc::REQUEST_BYTES_MAX };
    app.consume(&process.tasks);
    let idempotency = Idempotency::new(app.db(), &config.identity.mesh_key, process.tasks.clone());
    let routes = rpc::routes(app, &process.metrics);
    let services = Services { routes, idempotency: Some(idempotency) };
    runtime::server::serve(&config.server, listener, services, gate, process).await
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    runtime::database::migrate(&config.database, &MIGRATIONS).await
}
