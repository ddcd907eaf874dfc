//! Orchestration: the front door of the mesh. It selects detectors by a tenant's policy, runs them, counts what really
//! looked, resolves what they disagree about, and takes what other detectors push. It never assigns a canonical label:
//! that is the mapper's.
//!
//! Read the core first: [`policy`] is what a tenant wants, [`plan`] what has to happen, [`ledger`] what did,
//! [`verdict`] what follows; [`finding`] and [`report`] judge what is pushed. Then the doors: [`store`], `clients` (the
//! mapper), `detectors` (the built-in ones), `rpc`. Last `app`, where all of it is put in order.

pub mod acknowledgement;
pub mod app;
pub mod delivery;
pub mod detector;
pub mod disposition;
pub mod finding;
pub mod ledger;
pub mod plan;
pub mod policy;
pub mod report;
pub mod run;
pub mod store;
pub mod tenant;
pub mod verdict;

mod cache;
mod clients;
mod config;
mod detectors;
mod error;
mod rpc;
mod wire;

use std::time::Duration;

use anyhow::Context as _;
use runtime::{
    admin::Check,
    boot::{Process, Service},
    client::Clients,
    contract::{Contract, Gate},
    database,
    idempotency::Idempotency,
    identity::{Authenticator, MeshKey, Unavailable},
    server,
};
use tokio::net::TcpListener;

pub use crate::{
    app::App,
    config::{CONFIG_DEFAULTS, Config},
    error::Error,
    store::MIGRATIONS,
};

/// Orchestration as a process sees it.
pub static SERVICE: Service<Config> = Service {
    name: NAME,
    defaults: CONFIG_DEFAULTS,
    process: |config| &config.process,
    serve: |config, process| {
        Box::pin(async move {
            let listener = TcpListener::bind(config.server.listen)
                .await
                .with_context(|| format!("cannot listen on {}", config.server.listen))?;
            serve(config, process, listener).await
        })
    },
    migrate: |config| {
        Box::pin(async move { database::migrate(&config.database, &MIGRATIONS).await })
    },
};

const NAME: &str = "orchestration";

/// Answers on `listener`, and delivers to the mapper, until the tasks of `process` stop.
pub async fn serve(config: Config, process: Process, listener: TcpListener) -> anyhow::Result<()> {
    let Process { metrics, tasks, .. } = process.clone();
    let mesh_key =
        MeshKey::new(&config.identity.mesh_key).context("identity.mesh_key is too weak")?;
    let db = database::connect(NAME, &config.database, &MIGRATIONS).await?;
    let clients = Clients::new(NAME, mesh_key.clone(), &metrics)?;
    let mapper = clients::Mapper::new(&clients.connect("mapper", &config.mapper)?);
    // A broken data file must stop the start, and tables are built now, not while the first request waits.
    taxonomy::builtin();
    detectors::warm_up();

    let app = App::new(app::Parts {
        db: db.clone(),
        mapper,
        metrics: metrics.clone(),
        tasks: tasks.clone(),
        config: config.clone(),
    });
    let resolver = app.clone();
    let authenticator = Authenticator::new(mesh_key, move |credential| {
        let app = resolver.clone();
        async move { app.authenticate(&credential).await.map_err(Unavailable::new) }
    });
    let contract = Contract::load(proto::DESCRIPTORS, rpc::SERVED)?;
    let request_bytes_max = config.limits.request_bytes_max;
    let gate = Gate { contract, authenticator, request_bytes_max };

    process.open_admin(vec![Check::database(db.clone())]).await?;
    let courier = app.clone();
    tasks.spawn("courier", async move { courier.deliver().await });
    let services = server::Services {
        routes: rpc::routes(app, request_bytes_max),
        idempotency: Some(Idempotency::new(db.clone(), &config.identity.mesh_key, tasks.clone())),
    };
    tracing::info!(listen = %config.server.listen, "Orchestration listens");
    let served = server::serve(&config.server, listener, services, gate, &process).await;

    // What streams and the courier have begun is finished before the pool goes.
    tasks.drained(Duration::from_millis(config.process.grace_ms)).await;
    db.close().await;
    served
}
