//! The server-side stack, one for all services.
//!
//! A request passes, outermost first: transcode → trace → catch panic → deadline → shed →
//! authenticate, authorise → rate limit → validate → idempotency → service. Each layer is one function in a file
//! of its own below, or of the [`Gate`], where the contract decides.

mod connection;
mod deadline;
mod panic;
mod rate;
mod shed;
mod trace;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use serde::Deserialize;
use tokio::net::TcpListener;
use tonic::{body::Body, service::Routes};
use tower::{BoxError, Layer as _, ServiceExt, util::BoxCloneSyncService};

pub(crate) use trace::REQUEST_ID;

use crate::{
    boot::Process,
    contract::Gate,
    idempotency::{self, Idempotency},
    rpc::Methods,
};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    /// A unary request is ended after this, or after the caller's own deadline if that is sooner.
    pub timeout_ms: u64,
    /// Above this many unary requests at once the rest are refused, not queued.
    pub in_flight_max: usize,
    /// Above this many streams at once the rest are refused.
    pub streams_max: usize,
    /// Above this many connections at once the rest wait to be accepted.
    pub connections_max: usize,
    /// Requests a tenant may make per second, on average. 0 is no limit.
    pub rate_per_second: u32,
    /// How many of them may come at once.
    pub rate_burst: u32,
    /// What is in flight when the service is asked to stop has this long to finish.
    pub grace_ms: u64,
    /// A connection whose other end does not answer a ping within this is closed.
    pub keep_alive_ms: u64,
}

/// A service of HTTP requests, whatever is in it.
pub type Http = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, BoxError>;

/// What is served.
#[derive(Debug, Clone)]
pub struct Services {
    pub routes: Routes,
    /// Where KEYED RPCs keep their answers.
    pub idempotency: Option<Idempotency>,
}

impl From<Routes> for Services {
    fn from(routes: Routes) -> Services {
        Services { routes, idempotency: None }
    }
}

/// Serves `services` on `listener` until the tasks of `process` are asked to stop, then finishes what is in flight.
///
/// gRPC health and reflection are added to them, and HTTP/1.1 is spoken on the same port.
pub async fn serve(
    config: &Config,
    listener: TcpListener,
    services: impl Into<Services>,
    gate: Gate,
    process: &Process,
) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .context("the descriptors cannot be reflected")?;
    let Services { routes, idempotency } = services.into();
    let routes = routes.add_service(health_service).add_service(reflection);

    let services = Services { routes, idempotency };
    let http = stack(config, services, &gate, process);
    let stopping = process.tasks.stopping();
    let answering = connection::serve(config, listener, http, stopping.clone());
    let reporting = async {
        stopping.cancelled().await;
        health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
    };
    tokio::join!(answering, reporting).0
}

fn stack(config: &Config, services: Services, gate: &Gate, process: &Process) -> Http {
    let Process { metrics, tasks, .. } = process;
    let Services { routes, idempotency } = services;
    let methods = Methods::of_contract(&gate.contract);
    let timeout = Duration::from_millis(config.timeout_ms);

    // Innermost first.
    let service = Http::new(ServiceExt::<http::Request<Body>>::map_err(routes, BoxError::from));
    // A call that was answered before is not made again.
    let service = Http::new(idempotency::layer(idempotency, &methods).layer(service));
    let service = Http::new(gate.validate().layer(service));
    // One tenant's haste must not become the others' wait.
    let service = Http::new(rate::layer(config).layer(service));
    let service = Http::new(gate.authorise().layer(service));
    let service = Http::new(gate.authenticate().layer(service));
    // Refuse early: a queue only makes every request late.
    let service = Http::new(shed::layer(config, &methods, metrics).layer(service));
    // The caller's budget, or ours if that is shorter.
    let service = Http::new(deadline::layer(timeout, &methods, tasks.stopping()).layer(service));
    // A panic is one failed request, not a dead process.
    let service = Http::new(panic::layer().layer(service));
    // A span per request, so that everything below logs inside it.
    let service = Http::new(trace::layer(&methods, metrics).layer(service));
    // Outermost, so that every refusal reaches every caller in its own tongue.
    Http::new(gate.transcode().layer(service))
}
