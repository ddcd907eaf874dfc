//! Tenants.

use sqlx::PgExecutor;
use types::TenantId;

use crate::tenant::Tenant;

pub async fn insert_tenant(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    digest_key: &[u8; 32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into tenant (tenant_id, name, digest_key, created_at) values ($1, $2, $3, $4)",
        tenant.id.as_uuid(),
        tenant.name,
        digest_key,
        tenant.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn tenant(db: impl PgExecutor<'_>, tenant: TenantId) -> sqlx::Result<Option<Tenant>> {
    let row =
        sqlx::query!("select name, created_at from tenant where tenant_id = $1", tenant.as_uuid())
            .fetch_optional(db)
            .await?;
    Ok(row.map(|row| Tenant { id: tenant, name: row.name, created_at: row.created_at }))
}

/// The key of the HMAC that identifies the tenant's content.
pub async fn digest_key(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select digest_key from tenant where tenant_id = $1", tenant.as_uuid())
        .fetch_optional(db)
        .await
}

/// All tenants by name, the ones after `name`. Crosses tenants, for operators.
pub async fn tenants_after(
    db: impl PgExecutor<'_>,
    name: &str,
    rows_max: i64,
) -> sqlx::Result<Vec<Tenant>> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant_id!", name as "name!", created_at as "created_at!"
           from tenants_after($1, $2)"#,
        name,
        rows_max,
    )
    .fetch_all(db)
    .await?;
    let tenants = rows.into_iter().map(|row| Tenant {
        id: row.tenant_id.into(),
        name: row.name,
        created_at: row.created_at,
    });
    Ok(tenants.collect())
}
