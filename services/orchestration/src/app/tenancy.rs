//! Tenants, their keys, and whose a credential is.

use runtime::{
    database,
    identity::{ApiKey, Principal, Role, SecretDigest},
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use types::TenantId;
use uuid::Uuid;

use super::{App, now};
use crate::{
    Error,
    policy::default_policy,
    store,
    tenant::{Key, KeyCursor, Reach, Tenant},
};

impl App {
    /// Creates a tenant with a default policy that requires the built-in detectors.
    pub async fn create_tenant(&self, name: String) -> Result<Tenant, Error> {
        let now = now();
        let tenant = Tenant { id: Uuid::now_v7().into(), name, created_at: now };
        let mut digest_key = [0; 32];
        getrandom::fill(&mut digest_key).map_err(|_| Error::NoRandomness)?;
        let built_in = scanner_names(self);
        let policy = default_policy(built_in.iter().map(String::as_str));

        let mut tx = database::begin(&self.0.db, tenant.id).await?;
        let inserted = store::tenant::insert_tenant(&mut *tx, &tenant, &digest_key).await;
        inserted.map_err(|err| match database::unique_violation(&err) {
            Some("tenant_name_taken") => Error::TenantNameTaken,
            _ => err.into(),
        })?;
        store::policy::insert_policy(&mut *tx, tenant.id, &policy, now).await?;
        tx.commit().await?;

        self.0.committed.send_replace(());
        tracing::info!(tenant.id = %tenant.id, "Created tenant `{}`", tenant.name);
        Ok(tenant)
    }

    /// Tenants that `reach` admits by name, the ones after `name`, at most `n_max`.
    pub async fn list_tenants(
        &self,
        reach: Reach,
        name: &str,
        n_max: i64,
    ) -> Result<Vec<Tenant>, Error> {
        match reach {
            Reach::Everyone => Ok(store::tenant::tenants_after(&self.0.db, name, n_max).await?),
            Reach::Only(own) => {
                let mut tx = database::begin(&self.0.db, own).await?;
                let tenant = store::tenant::tenant(&mut *tx, own).await?;
                tx.commit().await?;
                Ok(tenant.into_iter().filter(|tenant| name < tenant.name.as_str()).collect())
            }
        }
    }

    /// Issues a key. The credential is in the answer and nowhere else.
    pub async fn issue_key(
        &self,
        reach: Reach,
        tenant: TenantId,
        (name, roles): (String, Vec<String>),
    ) -> Result<(Key, SecretString), Error> {
        if !reach.admits(tenant) {
            return Err(Error::UnknownTenant);
        }
        let id = Uuid::now_v7();
        let credential = ApiKey::generate(id).map_err(|_| Error::NoRandomness)?;
        let key = Key { id, name, roles, created_at: now(), revoked_at: None };

        let mut tx = database::begin(&self.0.db, tenant).await?;
        let digest = credential.digest();
        let inserted = store::key::insert_key(&mut *tx, tenant, &key, digest.as_bytes()).await;
        inserted.map_err(|err| {
            if database::foreign_key_violation(&err).is_some() {
                return Error::UnknownTenant;
            }
            match database::unique_violation(&err) {
                Some("api_key_name_taken") => Error::KeyNameTaken,
                _ => err.into(),
            }
        })?;
        tx.commit().await?;

        tracing::info!(tenant.id = %tenant, key.id = %id, "Issued a key");
        Ok((key, credential.expose()))
    }

    /// Keys of a tenant by name, then age, the ones after `cursor`, at most `n_max`.
    pub async fn list_keys(
        &self,
        reach: Reach,
        tenant: TenantId,
        (cursor, n_max): (Option<&KeyCursor>, i64),
    ) -> Result<Vec<Key>, Error> {
        if !reach.admits(tenant) {
            return Err(Error::UnknownTenant);
        }
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let known = store::tenant::tenant(&mut *tx, tenant).await?;
        let keys = store::key::keys_after(&mut *tx, tenant, cursor, n_max).await?;
        tx.commit().await?;
        known.ok_or(Error::UnknownTenant)?;
        Ok(keys)
    }

    /// Revokes a key; one that is revoked already stays as it is.
    pub async fn revoke_key(&self, reach: Reach, tenant: TenantId, id: Uuid) -> Result<Key, Error> {
        if !reach.admits(tenant) {
            return Err(Error::UnknownKey);
        }
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let key = store::key::revoke_key(&mut *tx, tenant, id, now()).await?;
        tx.commit().await?;
        let key = key.ok_or(Error::UnknownKey)?;
        tracing::info!(tenant.id = %tenant, key.id = %id, "Revoked a key");
        Ok(key)
    }

    /// Whose credential this is; none for one that is unknown, wrong or revoked, without saying which.
    pub async fn authenticate(&self, credential: &ApiKey) -> Result<Option<Principal>, Error> {
        let subject = format!("key:{}", credential.id().simple());
        if self.is_operator(credential) {
            return Ok(Some(Principal { tenant: None, subject, roles: vec![Role::Operator] }));
        }
        let Some(key) = store::key::live_key(&self.0.db, credential.id()).await? else {
            return Ok(None);
        };
        let stored = SecretDigest::from_bytes(&key.secret_sha256);
        if !stored.is_some_and(|stored| stored.matches(&credential.digest())) {
            return Ok(None);
        }
        let roles: Result<Vec<Role>, _> = key.roles.iter().map(|role| role.parse()).collect();
        let roles = roles.map_err(|_| Error::BadCredential)?;
        Ok(Some(Principal { tenant: Some(key.tenant), subject, roles }))
    }

    fn is_operator(&self, credential: &ApiKey) -> bool {
        let Some(configured) = self.0.config.operator.credential_sha256 else { return false };
        let digest: [u8; 32] = Sha256::digest(credential.expose().expose_secret()).into();
        let digests = SecretDigest::from_bytes(&configured).zip(SecretDigest::from_bytes(&digest));
        digests.is_some_and(|(configured, digest)| configured.matches(&digest))
    }
}

fn scanner_names(app: &App) -> Vec<String> {
    let built_in = app.0.shared.iter().filter(|it| it.kind == crate::detector::Kind::BuiltIn);
    built_in.map(|it| it.name.clone()).collect()
}
