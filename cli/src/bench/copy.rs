//! The yardstick: a raw COPY of stored events into an identical table, on the same server in the same run.

use anyhow::{Context as _, ensure};
use futures::TryStreamExt as _;
use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgPoolCopyExt as _},
};
use tokio::time::Instant;

/// More rows change the figure no more, and they are held in memory.
const ROWS_MAX: u64 = 200_000;
/// As psql sends it.
const CHUNK_BYTES: usize = 64 << 10;

/// Rows per second of a COPY, committed, of up to `events` events that are stored already.
pub(super) async fn events_per_second(owner_url: &str, events: u64) -> anyhow::Result<f64> {
    ensure!(0 < events, "no event was stored, so there is nothing to copy");
    let options: PgConnectOptions = owner_url.parse().context("the owner's URL is damaged")?;
    let mut db = PgConnection::connect_with(&options).await.context("cannot reach the database")?;
    // The same columns, defaults and indexes; partitions and row-level security stay behind, which COPY cannot have.
    sqlx::raw_sql(
        "DROP TABLE IF EXISTS bench_event; CREATE TABLE bench_event (LIKE event INCLUDING ALL)",
    )
    .execute(&mut db)
    .await?;
    let rows = rows(&options, events.min(ROWS_MAX)).await?;
    let started = Instant::now();
    let mut copy = db.copy_in_raw("COPY bench_event FROM STDIN").await?;
    for chunk in rows.chunks(CHUNK_BYTES) {
        copy.send(chunk).await?;
    }
    let copied = copy.finish().await?;
    let seconds = started.elapsed().as_secs_f64();
    sqlx::raw_sql("DROP TABLE bench_event").execute(&mut db).await?;
    db.close().await?;
    // Counts far below 2^53.
    Ok(copied as f64 / seconds)
}

async fn rows(options: &PgConnectOptions, count: u64) -> anyhow::Result<Vec<u8>> {
    let pool = sqlx::PgPool::connect_with(options.clone()).await?;
    let copy = format!("COPY (SELECT * FROM event LIMIT {count}) TO STDOUT");
    let rows = pool.copy_out_raw(&copy).await?;
    let rows = rows.try_fold(Vec::new(), async |mut all, chunk| {
        all.extend_from_slice(&chunk);
        Ok(all)
    });
    let rows = rows.await?;
    pool.close().await;
    Ok(rows)
}
