//! What is remembered of tenants for a moment, so that a batch or a detection needs no query for it.
//!
//! A change on this replica counts at once; on another one, after the time to live. In process: what is lost is read
//! again.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use types::TenantId;

use crate::{config, detector::Registry, policy::PublishedPolicy};

/// What is known of a tenant.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) registry: Registry,
    /// Keys the HMAC of its content.
    pub(crate) digest_key: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(crate) struct Tenants {
    known: Cache<TenantId, Arc<Known>>,
    /// By tenant and name.
    policies: Cache<(TenantId, String), Arc<PublishedPolicy>>,
}

impl Tenants {
    pub(crate) fn new(config: config::Cache) -> Tenants {
        let ttl = Duration::from_millis(config.ttl_ms);
        let known = Cache::builder().max_capacity(config.tenants_max).time_to_live(ttl).build();
        let policies = Cache::builder().max_capacity(config.tenants_max).time_to_live(ttl).build();
        Tenants { known, policies }
    }

    pub(crate) async fn known(&self, tenant: TenantId) -> Option<Arc<Known>> {
        self.known.get(&tenant).await
    }

    pub(crate) async fn remember_known(&self, tenant: TenantId, known: Arc<Known>) {
        self.known.insert(tenant, known).await;
    }

    pub(crate) async fn forget_known(&self, tenant: TenantId) {
        self.known.invalidate(&tenant).await;
    }

    pub(crate) async fn policy(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Option<Arc<PublishedPolicy>> {
        self.policies.get(&(tenant, name.to_owned())).await
    }

    pub(crate) async fn remember_policy(&self, tenant: TenantId, policy: Arc<PublishedPolicy>) {
        self.policies.insert((tenant, policy.policy.name.clone()), policy).await;
    }

    pub(crate) async fn forget_policy(&self, tenant: TenantId, name: &str) {
        self.policies.invalidate(&(tenant, name.to_owned())).await;
    }
}
