//! Looks for planted words where none may be: in every table, log line and metric.

use std::{
    io,
    sync::{Mutex, Once},
};

use sqlx::{Connection as _, PgConnection, Row as _};
use testkit::TestDb;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::raw::holds;

/// Every log line of this process, of all tests.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Debug, Clone, Copy)]
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        Log
    }
}

/// Keeps all that is logged from here on, louder than any deployment would have it.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let levels = "debug,mapper=trace,orchestration=trace,analysis=trace,runtime=trace";
        let levels: Targets = levels.parse().unwrap();
        let lines = fmt::layer().with_writer(Log).with_ansi(false);
        let lines = lines.with_span_events(fmt::format::FmtSpan::CLOSE);
        tracing_subscriber::registry().with(lines.with_filter(levels)).init();
    });
}

/// The log lines that hold `word`.
pub(crate) fn lines_with(word: &str) -> Vec<String> {
    let log = LOG.lock().unwrap();
    let lines = log.split(|byte| *byte == b'\n').filter(|line| holds(line, word));
    lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

/// Names of the tables of a service that hold `word`, as text or as bytes.
pub(crate) async fn tables_with(db: &TestDb, word: &str) -> Vec<String> {
    let mut admin = PgConnection::connect(&db.admin_url).await.unwrap();
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema') order by 1";
    let tables = sqlx::raw_sql(tables).fetch_all(&mut admin).await.unwrap();
    assert!(2 < tables.len(), "the tables are found");
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut found = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        // A row as text shows every column, the bytes among them in hex.
        let sql = format!(
            "select count(*) from {table} as row
             where position('{word}' in row::text) > 0 or position('{hex}' in row::text) > 0"
        );
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_one(&mut admin).await.unwrap();
        if 0 < rows.get::<i64, _>(0) {
            found.push(table);
        }
    }
    found
}
