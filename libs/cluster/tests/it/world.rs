//! Clusters to test with, and one statement as somebody.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::LazyLock;

use cluster::{Cluster, Durability, Error, Listen, Options, Programs};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// What is installed; on a fresh machine it is installed now, once for all tests of the process.
pub(crate) fn programs() -> Programs {
    static PROGRAMS: LazyLock<Programs> =
        LazyLock::new(|| Programs::find_or_install(&tell).unwrap());
    PROGRAMS.clone()
}

#[expect(clippy::print_stderr, reason = "installing takes minutes, and a test has no other voice")]
fn tell(line: &str) {
    eprintln!("{line}");
}

pub(crate) fn options(folder: &Path, durability: Durability) -> Options {
    let programs = programs();
    Options { folder: folder.to_owned(), programs, listen: Listen::Socket, durability }
}

pub(crate) async fn start(folder: &Path) -> Result<Cluster, Error> {
    Cluster::start(&options(folder, Durability::Off)).await
}

/// One cluster for all tests that leave it as it is. It stops when the test process ends.
pub(crate) async fn shared() -> &'static Cluster {
    static SHARED: OnceCell<Cluster> = OnceCell::const_new();
    let start = || async {
        let folder =
            std::env::temp_dir().join(format!("llama-mapper-cluster-{}", std::process::id()));
        let cluster = Cluster::start(&options(&folder, Durability::Scratch)).await.unwrap();
        let table = "
            create table note (tenant_id uuid not null, text text not null constraint note_text_key unique);
            alter table note enable row level security;
            alter table note force row level security;
            create policy tenant on note to mapper
                using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
            create policy owner on note to mapper_owner using (true);
            insert into note values ('00000000-0000-0000-0000-000000000001', 'first');
            create function n_notes() returns bigint language sql as 'select count(*) from mapper.note';";
        run(&cluster.urls().mapper.owner, table).await.unwrap();
        cluster
    };
    SHARED.get_or_init(start).await
}

/// Runs the statements on a connection of their own, and gives the last row.
pub(crate) async fn run(url: &SecretString, sql: &str) -> sqlx::Result<Option<PgRow>> {
    let mut db = PgConnection::connect(url.expose_secret()).await?;
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&mut db).await?;
    db.close().await?;
    Ok(rows.into_iter().last())
}

/// Whether a folder belongs to the account of this test, which is not that of a server when the test runs as root.
pub(crate) fn is_ours(folder: &Path) -> bool {
    let probe = tempfile::tempdir().unwrap();
    fs::metadata(folder).unwrap().uid() == fs::metadata(probe.path()).unwrap().uid()
}
