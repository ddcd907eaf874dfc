//! Content is never stored or logged: planted words are in no table, no log line, no metric.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use proto::{
    common::v1::Finding,
    orchestration::v1::{DetectRequest, IngestBatchRequest},
};
use testkit::Mode;

use crate::world::{World, bearer, detect, finding};

const CANARY: &str = "canary-7f3a9c";

/// Every row of every table, as a superuser reads it.
async fn dump(world: &World) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = 'orchestration' order by 1",
    )
    .fetch_all(&world.db.owner)
    .await
    .unwrap();
    assert!(10 <= tables.len(), "{tables:?}");
    let mut dump = String::new();
    for table in tables {
        let statement = format!("select coalesce(string_agg(it::text, ' '), '') from {table} it");
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .fetch_one(&world.db.owner)
            .await
            .unwrap();
        dump.push_str(&rows);
    }
    dump
}

/// What is logged on this thread, which is the one of the test and all its tasks.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn content_is_in_no_table_no_log_and_no_metric() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    // Away, so that the payloads for the mapper lie in the queue.
    world.mapper.set(Mode::Away);
    let content = format!("{CANARY} wrote from {CANARY}@example.org, password = {CANARY}");
    let request = DetectRequest { resource: "a-resource".to_owned(), ..detect(&content) };
    let mut request = bearer(&acme.admin, request);
    request.metadata_mut().insert("idempotency-key", "once".parse().unwrap());
    let detected = world.detection().detect(request).await.unwrap().into_inner();
    assert!(!detected.findings.is_empty());
    assert!(!format!("{detected:?}").contains(CANARY));

    let dump = dump(&world).await;
    assert!(dump.contains("a-resource"), "the dump shows what is stored");
    // Payloads are bytes, which a dump shows in hexadecimal.
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!dump.contains(CANARY) && !dump.contains(&hex));
    assert!(!world.metrics.render().contains(CANARY));
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("Deciding without the mapper"), "the log shows what is logged");
    assert!(!log.contains(CANARY));
}

#[tokio::test]
async fn what_a_sender_invents_is_no_label_of_a_metric() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let invented = Finding { detector: CANARY.to_owned(), ..finding("a") };
    let request = IngestBatchRequest { findings: vec![invented], runs: Vec::new() };
    world.ingest().ingest_batch(bearer(&acme.detector, request)).await.unwrap();
    let request = DetectRequest { policy: CANARY.to_owned(), ..detect("hello") };
    world.detection().detect(bearer(&acme.admin, request)).await.unwrap_err();
    let metrics = world.metrics.render();
    assert!(metrics.contains("ingest_events_total{detector=\"unknown\""), "{metrics}");
    assert!(!metrics.contains(CANARY));
}
