//! What orchestration does: read, decide, write. Decisions are in the core; here is only the order.
//!
//! One file per service of the contract below `app/`, one method per RPC.

mod courier;
mod detect;
mod detector;
mod ingest;
mod meters;
mod policy;
mod run;
mod scan;
mod stream;
mod tenancy;

use std::sync::Arc;

use runtime::{database, task::Tasks};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use types::TenantId;

use crate::{
    Config, Error,
    cache::{Known, Tenants},
    clients::Mapper,
    detector::{Detector, Kind, Registry},
    detectors,
    policy::{DEFAULT_NAME, PublishedPolicy},
    store,
};

pub use detect::{DetectRequest, Detected, DetectedFinding};
pub use ingest::Delivered;
pub use run::{FeedPage, Tail};
pub use scan::{Description, Scanned};
pub use stream::Intake;

use meters::Meters;
use scan::Bulkhead;

/// Orchestration without its doors. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<State>);

#[derive(Debug)]
struct State {
    db: PgPool,
    mapper: Mapper,
    tenants: Tenants,
    /// The detectors that ship with the mesh.
    shared: Vec<Detector>,
    bulkhead: Bulkhead,
    meters: Meters,
    tasks: Tasks,
    /// Something was put into the queue for the mapper.
    queued: Notify,
    /// Something was committed that the feed will show.
    committed: watch::Sender<()>,
    config: Config,
}

/// What the app is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) db: PgPool,
    pub(crate) mapper: Mapper,
    pub(crate) metrics: runtime::metrics::Metrics,
    pub(crate) tasks: Tasks,
    pub(crate) config: Config,
}

impl App {
    pub(crate) fn new(parts: Parts) -> App {
        let Parts { db, mapper, metrics, tasks, config } = parts;
        let (meters, shared) = (Meters::new(&metrics), detectors::shared());
        let called = shared.iter().filter(|it| it.kind == Kind::BuiltIn);
        let bulkhead = Bulkhead::new(config.detect, called, &meters.breaker);
        App(Arc::new(State {
            db,
            mapper,
            tenants: Tenants::new(config.cache),
            shared,
            bulkhead,
            meters,
            tasks,
            queued: Notify::new(),
            committed: watch::Sender::new(()),
            config,
        }))
    }

    /// What is known of `tenant`: its detectors and the key of its digests.
    async fn known(&self, tenant: TenantId) -> Result<Arc<Known>, Error> {
        if let Some(known) = self.0.tenants.known(tenant).await {
            return Ok(known);
        }
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let registered = store::detector::detectors(&mut *tx, tenant).await?;
        let digest_key = store::tenant::digest_key(&mut *tx, tenant).await?;
        tx.commit().await?;

        let own = registered.into_iter().map(|registered| Detector {
            name: registered.name,
            kind: Kind::Push,
            version: String::new(),
            labels: Default::default(),
            groups: registered.groups.into_iter().collect(),
            shared: false,
            revision: registered.revision,
            text_bytes_max: 0,
        });
        let registry = Registry::new(self.0.shared.iter().cloned(), own);
        let digest_key = digest_key.ok_or(Error::UnknownTenant)?;
        let known = Arc::new(Known { registry, digest_key });
        self.0.tenants.remember_known(tenant, known.clone()).await;
        Ok(known)
    }

    /// The policy in force under `name`, the default one for an empty name.
    async fn policy_in_force(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<Arc<PublishedPolicy>, Error> {
        let name = if name.is_empty() { DEFAULT_NAME } else { name };
        if let Some(policy) = self.0.tenants.policy(tenant, name).await {
            return Ok(policy);
        }
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let policy = store::policy::policy(&mut *tx, tenant, name, None).await?;
        tx.commit().await?;
        let policy = Arc::new(policy.ok_or_else(|| Error::UnknownPolicy(name.to_owned()))?);
        self.0.tenants.remember_policy(tenant, policy.clone()).await;
        Ok(policy)
    }
}

/// The time, as precisely as the database keeps it.
fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    let micros = now.microsecond();
    now.replace_microsecond(micros).expect("the microsecond of a time is one")
}
