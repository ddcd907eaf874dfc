//! The order in which policies and runs were committed, over all tenants.

use sqlx::PgExecutor;
use types::TenantId;
use uuid::Uuid;

use super::corrupt;
use crate::run::Cursor;

/// Which row comes next. The row itself is read in its tenant's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub cursor: Cursor,
    pub tenant: TenantId,
    pub row: Row,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Detection(Uuid),
    Report(Uuid),
    Policy { name: String, version: i32 },
}

/// The entries after `cursor`, in the order they were committed. Crosses tenants; tells ids only.
pub async fn feed_after(
    db: impl PgExecutor<'_>,
    cursor: Cursor,
    rows_max: i64,
) -> sqlx::Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"select feed_xid::text as "feed_xid!", feed_seq as "feed_seq!", kind as "kind!",
                  tenant_id as "tenant_id!", run_id, policy_name, policy_version
           from feed_after($1::text::xid8, $2, $3)
           order by feed_after.feed_xid, feed_after.feed_seq"#,
        cursor.xid.to_string(),
        cursor.seq,
        rows_max,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let xid = row.feed_xid.parse().map_err(|_| corrupt("feed_xid"))?;
            let it = match (row.kind.as_str(), row.run_id, row.policy_name, row.policy_version) {
                ("detection", Some(run_id), ..) => Row::Detection(run_id),
                ("report", Some(run_id), ..) => Row::Report(run_id),
                ("policy", _, Some(name), Some(version)) => Row::Policy { name, version },
                _ => return Err(corrupt("kind")),
            };
            let cursor = Cursor { xid, seq: row.feed_seq };
            Ok(Entry { cursor, tenant: row.tenant_id.into(), row: it })
        })
        .collect()
}
