//! Reports with their bytes.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::{period::Period, report::Stored, rollup::Versions};

pub async fn insert(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    report: &Stored,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let Stored { id, title, period, as_of, json, html, json_sha256, versions } = report;
    let Versions { taxonomy, frameworks, detector_mapping, model, policy } = versions;
    sqlx::query!(
        "insert into report (
             tenant_id, report_id, title, period_from, period_to, as_of, taxonomy, frameworks, detector_mapping,
             model, policy, json, html, json_sha256, created_at
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        tenant.as_uuid(),
        id,
        title,
        period.from,
        period.to,
        as_of,
        taxonomy,
        frameworks,
        detector_mapping,
        model,
        policy,
        json,
        html,
        json_sha256,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn report(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    id: Uuid,
) -> sqlx::Result<Option<Stored>> {
    let row = sqlx::query!(
        "select title, period_from, period_to, as_of, taxonomy, frameworks, detector_mapping, model, policy,
             json, html, json_sha256
         from report where tenant_id = $1 and report_id = $2",
        tenant.as_uuid(),
        id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Stored {
        id,
        title: row.title,
        period: Period { from: row.period_from, to: row.period_to },
        as_of: row.as_of,
        json: row.json,
        html: row.html,
        json_sha256: row.json_sha256,
        versions: Versions {
            taxonomy: row.taxonomy,
            frameworks: row.frameworks,
            detector_mapping: row.detector_mapping,
            model: row.model,
            policy: row.policy,
        },
    }))
}

/// At most `limit` reports that are older than `before`, latest first, without their documents.
///
/// Ids are UUIDv7, so their order is that of creation.
pub async fn reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    before: Uuid,
    limit: u32,
) -> sqlx::Result<Vec<Stored>> {
    let rows = sqlx::query!(
        "select report_id, title, period_from, period_to, as_of, taxonomy, frameworks, detector_mapping, model,
             policy, json_sha256
         from report where tenant_id = $1 and report_id < $2 order by report_id desc limit $3",
        tenant.as_uuid(),
        before,
        i64::from(limit),
    )
    .fetch_all(db)
    .await?;
    let reports = rows.into_iter().map(|row| Stored {
        id: row.report_id,
        title: row.title,
        period: Period { from: row.period_from, to: row.period_to },
        as_of: row.as_of,
        json: String::new(),
        html: String::new(),
        json_sha256: row.json_sha256,
        versions: Versions {
            taxonomy: row.taxonomy,
            frameworks: row.frameworks,
            detector_mapping: row.detector_mapping,
            model: row.model,
            policy: row.policy,
        },
    });
    Ok(reports.collect())
}
