//! Policies. A published version is a row that never changes.

use sqlx::{PgExecutor, types::Json};
use time::OffsetDateTime;
use types::TenantId;

use crate::policy::{Policy, PublishedPolicy};

struct Row {
    version: i32,
    document: Json<Policy>,
    published_at: OffsetDateTime,
}

impl Row {
    fn decode(self) -> sqlx::Result<PublishedPolicy> {
        let version = self.version.try_into().map_err(|_| super::corrupt("version"))?;
        let published_at = self.published_at;
        Ok(PublishedPolicy { policy: self.document.0, version, published_at })
    }
}

/// Publishes `policy` as the next version of its name, and says which that is.
///
/// Two at once: one of them violates `policy_version_taken`.
pub async fn insert_policy(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    policy: &Policy,
    now: OffsetDateTime,
) -> sqlx::Result<u32> {
    let version = sqlx::query_scalar!(
        "insert into policy (tenant_id, name, version, document, published_at)
         select $1, $2, coalesce(max(version), 0) + 1, $3, $4
         from policy where tenant_id = $1 and name = $2
         returning version",
        tenant.as_uuid(),
        policy.name,
        Json(policy) as Json<&Policy>,
        now,
    )
    .fetch_one(db)
    .await?;
    version.try_into().map_err(|_| super::corrupt("version"))
}

/// The policy of that name: `version` of it, or the one in force.
pub async fn policy(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    name: &str,
    version: Option<i32>,
) -> sqlx::Result<Option<PublishedPolicy>> {
    let row = sqlx::query_as!(
        Row,
        r#"select version, document as "document: Json<Policy>", published_at from policy
           where tenant_id = $1 and name = $2 and ($3::integer is null or version = $3)
           order by version desc limit 1"#,
        tenant.as_uuid(),
        name,
        version,
    )
    .fetch_optional(db)
    .await?;
    row.map(Row::decode).transpose()
}

/// The policies in force by name, the ones after `name`.
pub async fn policies_after(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    name: &str,
    rows_max: i64,
) -> sqlx::Result<Vec<PublishedPolicy>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select distinct on (name) version, document as "document: Json<Policy>", published_at
           from policy where tenant_id = $1 and $2 < name
           order by name, version desc limit $3"#,
        tenant.as_uuid(),
        name,
        rows_max,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Row::decode).collect()
}
