//! How far the two feeds were read, and how much of that is in the rollups.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;

use super::{count, signed};
use crate::progress::Progress;

/// One of the two feeds that analysis reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    Events,
    Runs,
}

impl Feed {
    pub fn as_str(self) -> &'static str {
        match self {
            Feed::Events => "events",
            Feed::Runs => "runs",
        }
    }
}

/// A step of a feed's cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    pub from: &'a str,
    pub to: &'a str,
    /// Whether the step reached the end of the feed.
    pub caught_up: bool,
    pub lag_s: f64,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    Moved,
    /// Another consumer moved the cursor first; nothing may be applied.
    Overtaken,
}

pub async fn cursor(db: impl PgExecutor<'_>, feed: Feed) -> sqlx::Result<String> {
    sqlx::query_scalar!("select cursor from feed where feed = $1", feed.as_str())
        .fetch_one(db)
        .await
}

/// Moves the cursor, if it is still where the step starts. The row stays locked until the transaction ends.
pub async fn advance(
    db: impl PgExecutor<'_>,
    feed: Feed,
    step: &Step<'_>,
) -> sqlx::Result<Advanced> {
    let moved = sqlx::query!(
        "update feed set cursor = $3, caught_up = $4, lag_s = $5, updated_at = now()
         where feed = $1 and cursor = $2",
        feed.as_str(),
        step.from,
        step.to,
        step.caught_up,
        step.lag_s,
    )
    .execute(db)
    .await?;
    Ok(if moved.rows_affected() == 0 { Advanced::Overtaken } else { Advanced::Moved })
}

/// Says whether the last read of `feed` reached its end.
pub async fn set_caught_up(
    db: impl PgExecutor<'_>,
    feed: Feed,
    caught_up: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update feed set caught_up = $2, updated_at = now() where feed = $1 and caught_up <> $2",
        feed.as_str(),
        caught_up,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts `items` more of `feed` as applied.
pub async fn add_progress(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    feed: Feed,
    items: u64,
    received_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into progress (tenant_id, feed, items, received_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, feed) do update set
             items = progress.items + excluded.items,
             received_at = greatest(progress.received_at, excluded.received_at)",
        tenant.as_uuid(),
        feed.as_str(),
        signed(items),
        received_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn progress(db: impl PgExecutor<'_>, tenant: TenantId) -> sqlx::Result<Progress> {
    let rows = sqlx::query!(
        r#"select feed.feed, feed.caught_up, feed.lag_s, progress.items as "items?", progress.received_at as "received_at?"
           from feed left join progress on progress.feed = feed.feed and progress.tenant_id = $1"#,
        tenant.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    let mut progress = Progress { caught_up: true, ..Progress::default() };
    for row in rows {
        let items = count(row.items.unwrap_or(0));
        if row.feed == Feed::Events.as_str() {
            progress.events = items;
        } else {
            progress.runs = items;
        }
        progress.lag_s = progress.lag_s.max(row.lag_s);
        progress.caught_up &= row.caught_up;
        progress.as_of = progress.as_of.max(row.received_at);
    }
    Ok(progress)
}
