//! The feed: events in the order in which their transactions can be seen, one tenant's or everybody's.

use sqlx::PgExecutor;
use types::TenantId;

use super::row::Row;
use crate::event::{Position, Section, fitting};

/// Where the feed ends just now.
#[derive(Debug, Clone, Copy)]
pub struct Horizon {
    /// Every transaction below this has ended, so the feed shows it.
    pub shown: u64,
    /// No transaction at or above this had begun to write.
    pub begun: u64,
}

/// Reads the horizon.
pub async fn horizon(db: impl PgExecutor<'_>) -> sqlx::Result<Horizon> {
    let row = sqlx::query!(
        r#"select pg_snapshot_xmin(now)::text::int8 as "shown!", pg_snapshot_xmax(now)::text::int8 as "begun!"
        from pg_current_snapshot() as now"#
    )
    .fetch_one(db)
    .await?;
    Ok(Horizon { shown: row.shown.unsigned_abs(), begun: row.begun.unsigned_abs() })
}

/// At most `size` events of everybody after `after`. None where there are none.
pub async fn of_everybody(
    db: impl PgExecutor<'_>,
    after: Position,
    size: i32,
) -> sqlx::Result<Option<Section>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select tenant_id as "tenant_id!", event_id as "event_id!", received_at as "received_at!",
            occurred_at as "occurred_at!", score, confidence as "confidence!", span_start, span_end,
            severity as "severity!", route as "route!", fallback_reason as "fallback_reason!",
            disposition as "disposition!", label as "label!", detector as "detector!",
            detector_version as "detector_version!", finding_id as "finding_id!", raw_label as "raw_label!",
            policy as "policy!", resource, request_id, trace_parent, metadata,
            taxonomy, frameworks, detector_mapping, model,
            feed_xid::text::int8 as "feed_xid!", feed_seq as "feed_seq!"
        from feed($1::text::xid8, $2, $3) as event join version using (version_id)
        order by event.feed_xid, event.feed_seq"#,
        after.xid.to_string(),
        after.seq,
        size,
    )
    .fetch_all(db)
    .await?;
    section(rows, size)
}

/// At most `size` events of `tenant` after `after`. None where there are none.
pub async fn of_tenant(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    after: Position,
    size: i32,
) -> sqlx::Result<Option<Section>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select tenant_id, event_id, received_at, occurred_at, score, confidence, span_start, span_end,
            severity, route, fallback_reason, disposition, label, detector, detector_version, finding_id,
            raw_label, policy, resource, request_id, trace_parent, metadata,
            taxonomy, frameworks, detector_mapping, model,
            feed_xid::text::int8 as "feed_xid!", feed_seq
        from event join version using (version_id)
        where tenant_id = $1 and (feed_xid, feed_seq) > ($2::text::xid8, $3)
            and feed_xid < pg_snapshot_xmin(pg_current_snapshot())
        order by event.feed_xid, event.feed_seq
        limit $4"#,
        tenant.as_uuid(),
        after.xid.to_string(),
        after.seq,
        i64::from(size),
    )
    .fetch_all(db)
    .await?;
    section(rows, size)
}

fn section(rows: Vec<Row>, size: i32) -> sqlx::Result<Option<Section>> {
    if rows.is_empty() {
        return Ok(None);
    }
    let positions: Vec<Position> = rows.iter().map(Row::position).collect();
    let mut events = rows.into_iter().map(Row::into_event).collect::<sqlx::Result<Vec<_>>>()?;
    let n_fitting = fitting(&events);
    let cut = n_fitting < events.len() || usize::try_from(size).is_ok_and(|it| it <= events.len());
    events.truncate(n_fitting);
    Ok(Some(Section { events, last: positions[n_fitting - 1], cut }))
}
