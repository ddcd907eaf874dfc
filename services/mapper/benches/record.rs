//! How many events a second `Record` stores, and how many a raw COPY of the same rows into the same table does.
//!
//! Run it with `cargo bench -p mapper --bench record`. On the private Postgres of the tests, so without waiting for the
//! disk: it compares what each way costs, and says nothing about a disk.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_types,
    reason = "a bench measures, prints and breaks loudly"
)]

use std::time::Instant;

use mapper::{App, app::ToRecord, finding::Raw};
use runtime::{boot::Process, metrics::Metrics, task::Tasks};
use sqlx::{Connection as _, PgConnection};
use taxonomy::Rules;
use time::OffsetDateTime;
use types::{Disposition, TenantId};

const BATCH: usize = 1_000;
const BATCHES: usize = 200;
const TRUNCATE: &str = "truncate mapper.event, mapper.finding_key, mapper.proposal";

#[tokio::main]
async fn main() {
    let db = testkit::database("mapper", &mapper::MIGRATIONS).await;
    let defaults = mapper::CONFIG_DEFAULTS
        .replace("# url = \"postgres://mapper@…\"", &format!("url = \"{}\"", db.url))
        .replace("# mesh_key = \"…\"", &format!("mesh_key = \"{}\"", "k".repeat(32)));
    let config = runtime::config::load("mapper", &defaults, None).unwrap();
    let process = Process::detached(Metrics::new(10), Tasks::default());
    let app = App::connect(&config, &process).await.unwrap();
    app.make_partitions(1).await;
    let mut admin = PgConnection::connect(&db.admin_url).await.unwrap();

    record(&app, "warm-up", 1).await;
    for writers in [1, 2, 4] {
        sqlx::raw_sql(TRUNCATE).execute(&mut admin).await.unwrap();
        let rate = record(&app, "measured", writers).await;
        println!("Record, {writers} writers, {BATCH} findings each time: {rate:.0} events/s");
    }
    let rate = copy(&mut admin).await;
    println!("raw COPY of the same rows, 1 connection: {rate:.0} rows/s");
}

/// Records all batches by so many writers; events per second.
async fn record(app: &App, run: &str, writers: usize) -> f64 {
    let mut batches: Vec<Vec<Vec<ToRecord>>> = vec![Vec::new(); writers];
    for batch in 0..BATCHES {
        batches[batch % writers].push(findings(run, batch));
    }
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for (writer, batches) in batches.into_iter().enumerate() {
        let app = app.clone();
        let tenant = TenantId::from(uuid::Uuid::from_u128(u128::try_from(writer).unwrap() + 1));
        running.spawn(async move {
            for batch in batches {
                app.record(tenant, batch).await.unwrap();
            }
        });
    }
    running.join_all().await;
    rate(began)
}

/// Reads all events out, empties the table and copies them in again; rows per second.
async fn copy(admin: &mut PgConnection) -> f64 {
    use futures::TryStreamExt as _;

    let all = "copy (select * from mapper.event) to stdout (format binary)";
    let rows: Vec<_> = admin.copy_out_raw(all).await.unwrap().try_collect().await.unwrap();
    sqlx::raw_sql(TRUNCATE).execute(&mut *admin).await.unwrap();

    let began = Instant::now();
    let mut copy = admin.copy_in_raw("copy mapper.event from stdin (format binary)").await.unwrap();
    for chunk in rows.concat().chunks(1 << 16) {
        copy.send(chunk).await.unwrap();
    }
    copy.finish().await.unwrap();
    rate(began)
}

fn rate(began: Instant) -> f64 {
    let events = u32::try_from(BATCH * BATCHES).unwrap();
    f64::from(events) / began.elapsed().as_secs_f64()
}

/// Words of presidio in turn, all different, none with metadata.
fn findings(run: &str, batch: usize) -> Vec<ToRecord> {
    let words = Rules::builtin().vocabulary("presidio", "").unwrap().words();
    let now = OffsetDateTime::now_utc();
    let finding = |n: usize| Raw {
        finding_id: format!("{run}-{batch}-{n}"),
        detector: "presidio".to_owned(),
        detector_version: "2.2.366".to_owned(),
        raw_label: words[n % words.len()].raw.clone(),
        score: 0.85,
        span: Some((10, 21)),
        occurred_at: Some(now),
        resource: format!("conversation/{batch}"),
        disposition: Some(Disposition::Contained),
        ..Raw::default()
    };
    let policy = || "default@3".to_owned();
    (0..BATCH)
        .map(|n| ToRecord { finding: finding(n), malformed: String::new(), policy: policy() })
        .collect()
}
