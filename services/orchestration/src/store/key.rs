//! API keys. Only the SHA-256 of a secret is ever here.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::tenant::{Key, KeyCursor};

/// What a credential is checked against.
#[derive(Debug)]
pub struct LiveKey {
    pub tenant: TenantId,
    pub secret_sha256: Vec<u8>,
    pub roles: Vec<String>,
}

pub async fn insert_key(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    key: &Key,
    secret_sha256: &[u8; 32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into api_key (tenant_id, key_id, name, secret_sha256, roles, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.as_uuid(),
        key.id,
        key.name,
        secret_sha256,
        &key.roles,
        key.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The live key `id`, whoever it belongs to. Crosses tenants: a credential is what tells the tenant.
pub async fn live_key(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<LiveKey>> {
    let row = sqlx::query!(
        r#"select tenant_id as "tenant_id!", secret_sha256 as "secret_sha256!", roles as "roles!"
           from live_key($1)"#,
        id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| LiveKey {
        tenant: row.tenant_id.into(),
        secret_sha256: row.secret_sha256,
        roles: row.roles,
    }))
}

/// All keys by name, then age, the ones after `cursor`.
pub async fn keys_after(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    cursor: Option<&KeyCursor>,
    rows_max: i64,
) -> sqlx::Result<Vec<Key>> {
    let (name, created_at, id) = match cursor {
        Some(it) => (it.name.as_str(), it.created_at, it.id),
        None => ("", OffsetDateTime::UNIX_EPOCH, Uuid::nil()),
    };
    let rows = sqlx::query!(
        "select key_id, name, roles, created_at, revoked_at from api_key
         where tenant_id = $1 and ($2, $3, $4) < (name, created_at, key_id)
         order by name, created_at, key_id limit $5",
        tenant.as_uuid(),
        name,
        created_at,
        id,
        rows_max,
    )
    .fetch_all(db)
    .await?;
    let keys = rows.into_iter().map(|row| Key {
        id: row.key_id,
        name: row.name,
        roles: row.roles,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
    });
    Ok(keys.collect())
}

/// Revokes a key at `now`, or leaves it as it was revoked before. None when the tenant has no such key.
pub async fn revoke_key(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    id: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Key>> {
    let row = sqlx::query!(
        "update api_key set revoked_at = coalesce(revoked_at, $3)
         where tenant_id = $1 and key_id = $2
         returning name, roles, created_at, revoked_at",
        tenant.as_uuid(),
        id,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Key {
        id,
        name: row.name,
        roles: row.roles,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
    }))
}
