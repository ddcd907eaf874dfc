//! Policies: published once, in force at once, never changed.

use std::sync::Arc;

use runtime::database;
use taxonomy::{Facts, Taxonomy};
use types::TenantId;

use super::{App, now};
use crate::{
    Error,
    policy::{DEFAULT_NAME, Policy, PublishedPolicy, validate},
    store,
};

impl App {
    /// Publishes the next version of a policy and puts it into force.
    pub async fn publish_policy(
        &self,
        tenant: TenantId,
        policy: Policy,
    ) -> Result<PublishedPolicy, Error> {
        validate(&policy, Taxonomy::builtin(), Facts::builtin()).map_err(Error::Contradiction)?;
        let published_at = now();

        let mut tx = database::begin(&self.0.db, tenant).await?;
        let inserted = store::policy::insert_policy(&mut *tx, tenant, &policy, published_at).await;
        let version = inserted.map_err(|err| match database::unique_violation(&err) {
            Some("policy_version_taken") => Error::ConcurrentPublish,
            _ => err.into(),
        })?;
        tx.commit().await?;

        self.0.tenants.forget_policy(tenant, &policy.name).await;
        self.0.committed.send_replace(());
        let published = PublishedPolicy { policy, version, published_at };
        tracing::info!(tenant.id = %tenant, policy = published.label(), "Published a policy");
        Ok(published)
    }

    /// The policy of that name, `default` for an empty one: `version` of it, or the one in force.
    pub async fn policy(
        &self,
        tenant: TenantId,
        name: &str,
        version: Option<u32>,
    ) -> Result<Arc<PublishedPolicy>, Error> {
        let Some(version) = version else { return self.policy_in_force(tenant, name).await };
        let name = if name.is_empty() { DEFAULT_NAME } else { name };
        let unknown = || Error::UnknownPolicy(name.to_owned());
        let version = i32::try_from(version).map_err(|_| unknown())?;
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let policy = store::policy::policy(&mut *tx, tenant, name, Some(version)).await?;
        tx.commit().await?;
        policy.map(Arc::new).ok_or_else(unknown)
    }

    /// The policies in force by name, the ones after `name`, at most `n_max`.
    pub async fn list_policies(
        &self,
        tenant: TenantId,
        name: &str,
        n_max: i64,
    ) -> Result<Vec<PublishedPolicy>, Error> {
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let policies = store::policy::policies_after(&mut *tx, tenant, name, n_max).await?;
        tx.commit().await?;
        Ok(policies)
    }
}
