//! What the mapper has yet to get. A durable queue per tenant, in order, with a lease.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;

use crate::delivery::{Backlog, Bounds, Delivery, Payload, Room};

/// Puts `payload` at the end of the tenant's queue, if that is not full. It may be taken after `not_before`.
///
/// Several at once may overshoot the bound by what they bring; requests in flight are bounded, so that is.
pub async fn insert_delivery(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    payload: &Payload,
    not_before: OffsetDateTime,
    bounds: Bounds,
) -> sqlx::Result<Room> {
    let inserted = sqlx::query!(
        "insert into delivery (tenant_id, payload, findings, next_attempt_at, created_at)
         select $1, $2::bytea, $3, $4, now()
         from (select count(*) as n, coalesce(sum(octet_length(payload)), 0) as bytes
               from delivery where tenant_id = $1) waiting
         where waiting.n < $5 and waiting.bytes + octet_length($2::bytea) <= $6",
        tenant.as_uuid(),
        payload.bytes,
        payload.findings,
        not_before,
        bounds.deliveries_max,
        bounds.bytes_max,
    )
    .execute(db)
    .await?;
    Ok(if inserted.rows_affected() == 0 { Room::Full } else { Room::Enough })
}

/// Takes the turn of at most `tenants_max` tenants that have something due at `now`. Crosses tenants; tells ids only.
pub async fn lease_deliveries(
    db: impl PgExecutor<'_>,
    now: OffsetDateTime,
    until: OffsetDateTime,
    tenants_max: i64,
) -> sqlx::Result<Vec<TenantId>> {
    let tenants = sqlx::query_scalar!(
        r#"select tenant_id as "tenant_id!" from lease_deliveries($1, $2, $3)"#,
        now,
        until,
        tenants_max,
    )
    .fetch_all(db)
    .await?;
    Ok(tenants.into_iter().map(TenantId::from).collect())
}

/// The oldest deliveries of the tenant that are not parked, in order. One is there even when it is over `bytes_max`.
pub async fn oldest_deliveries(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rows_max: i64,
    bytes_max: i64,
) -> sqlx::Result<Vec<Delivery>> {
    let rows = sqlx::query!(
        "select seq, payload, findings, attempts from (
             select seq, payload, findings, attempts,
                    sum(octet_length(payload)) over (order by seq) as bytes,
                    row_number() over (order by seq) as n
             from (select * from delivery where tenant_id = $1 and parked_at is null
                   order by seq limit $2) oldest
         ) running
         where n = 1 or bytes <= $3
         order by seq",
        tenant.as_uuid(),
        rows_max,
        bytes_max,
    )
    .fetch_all(db)
    .await?;
    let deliveries = rows.into_iter().map(|row| Delivery {
        seq: row.seq,
        payload: Payload { bytes: row.payload, findings: row.findings },
        attempts: row.attempts,
    });
    Ok(deliveries.collect())
}

/// Forgets what was delivered.
pub async fn delete_deliveries(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    seqs: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from delivery where tenant_id = $1 and seq = any($2)",
        tenant.as_uuid(),
        seqs,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives the turn back until `next_attempt_at`, after an attempt that failed.
pub async fn postpone_delivery(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    seq: i64,
    next_attempt_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update delivery set attempts = attempts + 1, next_attempt_at = $3, leased_until = '-infinity'
         where tenant_id = $1 and seq = $2",
        tenant.as_uuid(),
        seq,
        next_attempt_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts aside what the mapper will never take.
pub async fn park_delivery(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    seq: i64,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update delivery set parked_at = $3, attempts = attempts + 1 where tenant_id = $1 and seq = $2",
        tenant.as_uuid(),
        seq,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How much waits. Crosses tenants; tells sums only.
pub async fn backlog(db: impl PgExecutor<'_>) -> sqlx::Result<Backlog> {
    sqlx::query_as!(
        Backlog,
        r#"select deliveries as "deliveries!", findings as "findings!", parked as "parked!"
           from delivery_backlog()"#,
    )
    .fetch_one(db)
    .await
}
