//! Detectors that tenants registered. All of them push.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub name: String,
    pub groups: Vec<String>,
    pub revision: u32,
}

/// Registers a detector or changes it. The revision rises with every change, and with nothing else.
pub async fn upsert_detector(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    (name, groups): (&str, &[String]),
    now: OffsetDateTime,
) -> sqlx::Result<u32> {
    let revision = sqlx::query_scalar!(
        "insert into detector as it (tenant_id, name, label_groups, revision, registered_at)
         values ($1, $2, $3, 1, $4)
         on conflict (tenant_id, name) do update set
             revision = it.revision + (it.label_groups is distinct from excluded.label_groups)::integer,
             registered_at = case when it.label_groups is distinct from excluded.label_groups
                             then excluded.registered_at else it.registered_at end,
             label_groups = excluded.label_groups
         returning revision",
        tenant.as_uuid(),
        name,
        groups,
        now,
    )
    .fetch_one(db)
    .await?;
    revision.try_into().map_err(|_| super::corrupt("revision"))
}

/// How many detectors the tenant has registered beside `name`.
pub async fn n_others(db: impl PgExecutor<'_>, tenant: TenantId, name: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from detector where tenant_id = $1 and name <> $2"#,
        tenant.as_uuid(),
        name,
    )
    .fetch_one(db)
    .await
}

/// The tenant's detectors by name. There are at most as many as [`n_others`] lets in.
pub async fn detectors(db: impl PgExecutor<'_>, tenant: TenantId) -> sqlx::Result<Vec<Registered>> {
    let rows = sqlx::query!(
        "select name, label_groups, revision from detector where tenant_id = $1 order by name limit 10000",
        tenant.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let revision = row.revision.try_into().map_err(|_| super::corrupt("revision"))?;
            Ok(Registered { name: row.name, groups: row.label_groups, revision })
        })
        .collect()
}
