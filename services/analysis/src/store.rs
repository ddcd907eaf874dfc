//! All SQL of analysis. A function takes a connection first and a tenant second, runs one statement, and returns
//! domain types; rows never leave these files. Who needs several statements opens the transaction.
//!
//! Reading order: `store/feed.rs` for the cursors, `store/apply.rs` for what a batch adds, `store/rollup.rs` for what
//! questions read, `store/policy.rs` and `store/report.rs` for the rest.

pub mod apply;
pub mod feed;
pub mod policy;
pub mod report;
pub mod rollup;

use std::str::FromStr;

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::{
    period::{Period, Segment, Width},
    rollup::Evidence,
};

pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/analysis");

/// From here on the transaction sees the rows of `tenant` and no others.
///
/// A batch of a feed holds rows of many tenants and must be applied as a whole, so its transaction goes from tenant
/// to tenant. Everything else opens its transaction with `runtime::database::begin`.
pub async fn enter(db: impl PgExecutor<'_>, tenant: TenantId) -> sqlx::Result<()> {
    sqlx::query!("select set_config('app.tenant_id', $1, true)", tenant.to_string())
        .fetch_one(db)
        .await?;
    Ok(())
}

/// A period as three columns, to be joined with a table of rollups.
struct Segments {
    widths: Vec<i32>,
    from: Vec<OffsetDateTime>,
    to: Vec<OffsetDateTime>,
}

fn segments(period: Period, coarsest: Width) -> Segments {
    let mut columns = Segments { widths: Vec::new(), from: Vec::new(), to: Vec::new() };
    for Segment { width, period } in period.segments(coarsest) {
        columns.widths.push(width_s(width));
        columns.from.push(period.from);
        columns.to.push(period.to);
    }
    columns
}

fn width_s(width: Width) -> i32 {
    i32::try_from(width.seconds()).expect("a day has 86,400 seconds")
}

/// What a column says as text is one of a closed set, or the row was written by a newer version.
fn parse<T>(text: &str) -> sqlx::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse().map_err(|err| sqlx::Error::Decode(Box::new(err)))
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// As a literal of `uuid[]`: an array of arrays must be rectangular, an array of literals need not.
fn literal(evidence: &Evidence) -> String {
    let ids: Vec<String> = evidence.latest_first().map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

fn evidence(ids: Option<Vec<Uuid>>) -> Evidence {
    ids.into_iter().flatten().collect()
}

/// Every later statement of the transaction sees the database as it is at the first one.
pub async fn see_one_moment(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("set transaction isolation level repeatable read").execute(db).await?;
    Ok(())
}
