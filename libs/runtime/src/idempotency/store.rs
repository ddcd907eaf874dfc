//! The SQL of idempotency keys. Not checked at compile time: the table is in the schemas of services.

#![expect(clippy::disallowed_methods, reason = "this crate has no schema to check queries against")]

use sqlx::PgPool;

use super::Keyed;
use crate::database;

/// Whose turn it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// The key is new: make the call.
    Ours,
    Answered(Vec<u8>),
    UnderWay,
    OtherRequest,
}

/// Takes the key, or says who has it.
///
/// A key is free again after 24 hours, and after 10 minutes when its call never ended: the process
/// that made it is dead.
pub(super) async fn claim(db: &PgPool, keyed: &Keyed) -> sqlx::Result<Claim> {
    let Keyed { tenant, method, key, request_digest } = keyed;
    let mut tx = database::begin(db, *tenant).await?;
    sqlx::query(
        "DELETE FROM idempotency WHERE tenant_id = $1
         AND (created_at < now() - interval '24 hours'
              OR (response IS NULL AND created_at < now() - interval '10 minutes'))",
    )
    .bind(tenant.as_uuid())
    .execute(&mut *tx)
    .await?;
    let claimed = sqlx::query(
        "INSERT INTO idempotency (tenant_id, method, key, request_digest)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(tenant.as_uuid())
    .bind(method)
    .bind(key)
    .bind(request_digest)
    .execute(&mut *tx)
    .await?;
    if claimed.rows_affected() == 1 {
        tx.commit().await?;
        return Ok(Claim::Ours);
    }
    let before: Option<(Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT request_digest, response FROM idempotency
         WHERE tenant_id = $1 AND method = $2 AND key = $3",
    )
    .bind(tenant.as_uuid())
    .bind(method)
    .bind(key)
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(match before {
        Some((digest, _)) if digest != *request_digest => Claim::OtherRequest,
        Some((_, Some(response))) => Claim::Answered(response),
        // None when the first call failed between the two statements; the caller may come back.
        Some((_, None)) | None => Claim::UnderWay,
    })
}

/// Keeps the answer under the key.
pub(super) async fn answer(db: &PgPool, keyed: &Keyed, response: &[u8]) -> sqlx::Result<()> {
    let Keyed { tenant, method, key, request_digest: _ } = keyed;
    let mut tx = database::begin(db, *tenant).await?;
    sqlx::query(
        "UPDATE idempotency SET response = $4 WHERE tenant_id = $1 AND method = $2 AND key = $3",
    )
    .bind(tenant.as_uuid())
    .bind(method)
    .bind(key)
    .bind(response)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Gives the key free.
pub(super) async fn release(db: &PgPool, keyed: &Keyed) -> sqlx::Result<()> {
    let Keyed { tenant, method, key, request_digest: _ } = keyed;
    let mut tx = database::begin(db, *tenant).await?;
    sqlx::query(
        "DELETE FROM idempotency
         WHERE tenant_id = $1 AND method = $2 AND key = $3 AND response IS NULL",
    )
    .bind(tenant.as_uuid())
    .bind(method)
    .bind(key)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
