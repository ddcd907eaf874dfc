//! The client-side stack: how one service calls another.
//!
//! `metrics(breaker(retry(timeout(bulkhead(channel)))))`. What a call carries besides its message,
//! the remaining time, the request id, the trace and the caller's credential, is added here.

mod call;
mod retry;
mod upstream;

use std::{
    sync::Arc,
    task::{Context as Poller, Poll},
    time::Duration,
};

use anyhow::Context as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tonic::{
    Request, Status,
    body::Body,
    transport::{Channel, Endpoint},
};
use types::TenantId;

use crate::{
    breaker::{self, Breaker},
    identity::MeshKey,
    metrics::{Counter, Gauge, Histogram, Metrics, names},
    rpc::Methods,
};

pub use retry::Budget;
pub use upstream::{Upstream, upstream};

use call::Call;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// As `http://mapper:50051`.
    pub url: String,
    pub connect_timeout_ms: u64,
    /// A unary call gets this long, or what is left of the caller's time if that is less.
    pub timeout_ms: u64,
    /// Calls under way at once; the rest are refused.
    pub in_flight_max: usize,
    /// How often a call may be sent again.
    pub retries_max: u32,
    /// About how long before the first retry; it doubles, with jitter.
    pub retry_pause_ms: u64,
    /// Retries may be this share of the calls, 0 to 1, so that they do not feed an overload.
    pub retry_share_max: f64,
    pub breaker: breaker::Config,
}

/// What all connections of one service have in common.
#[derive(Debug, Clone)]
pub struct Clients {
    service: &'static str,
    mesh_key: MeshKey,
    methods: Methods,
    counts: Counts,
}

#[derive(Debug, Clone)]
pub(crate) struct Counts {
    answered: Counter<3>,
    took: Histogram<2>,
    retries: Counter<2>,
    breaker: Gauge<2>,
}

/// A connection to a neighbour, for the generated clients: `MappingServiceClient::new(client)`.
///
/// Cheap to clone; clones share the connection, the breaker and the budget.
#[derive(Debug, Clone)]
pub struct Client(Arc<Neighbour>);

#[derive(Debug)]
struct Neighbour {
    service: &'static str,
    upstream: &'static str,
    channel: Channel,
    breaker: Breaker,
    bulkhead: Arc<Semaphore>,
    budget: Budget,
    mesh_key: MeshKey,
    methods: Methods,
    counts: Counts,
    config: Config,
}

impl Clients {
    /// For calls of `service`, which prove by `mesh_key` who makes them.
    pub fn new(
        service: &'static str,
        mesh_key: MeshKey,
        metrics: &Metrics,
    ) -> anyhow::Result<Clients> {
        let counts = Counts {
            answered: metrics.counter(&names::UPSTREAM_REQUESTS_TOTAL),
            took: metrics.histogram(&names::UPSTREAM_DURATION_SECONDS, names::SECONDS),
            retries: metrics.counter(&names::UPSTREAM_RETRIES_TOTAL),
            breaker: metrics.gauge(&names::UPSTREAM_BREAKER_STATE),
        };
        Ok(Clients { service, mesh_key, methods: Methods::of_mesh()?, counts })
    }

    /// A client of `upstream`. It connects when it is first used, and again whenever it must.
    pub fn connect(&self, upstream: &'static str, config: &Config) -> anyhow::Result<Client> {
        let keep_alive = Duration::from_secs(10);
        let channel = Endpoint::from_shared(config.url.clone())
            .with_context(|| format!("the URL of {upstream} is invalid"))?
            .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
            .tcp_nodelay(true)
            // A neighbour that vanished without a word is noticed by its silence.
            .http2_keep_alive_interval(keep_alive)
            .keep_alive_timeout(keep_alive)
            .connect_lazy();
        let Clients { service, mesh_key, methods, counts } = self.clone();
        Ok(Client(Arc::new(Neighbour {
            service,
            upstream,
            channel,
            breaker: Breaker::new(upstream, config.breaker, counts.breaker.clone()),
            bulkhead: Arc::new(Semaphore::new(config.in_flight_max)),
            budget: Budget::new(config.retry_share_max),
            mesh_key,
            methods,
            counts,
            config: config.clone(),
        })))
    }
}

impl Client {
    pub fn breaker(&self) -> &Breaker {
        &self.0.breaker
    }
}

/// A request that acts for `tenant`.
pub fn request<T>(tenant: TenantId, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(tenant);
    request
}

impl tower::Service<http::Request<Body>> for Client {
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Poller<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(Call::new(self.0.clone(), request).run())
    }
}
