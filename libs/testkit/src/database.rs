//! A fresh Postgres database per test, on one private server per test process.
//!
//! The server starts with the first call and stops when the process ends, however it ends. Nothing it holds survives. Each
//! service is migrated once per process; a test's database is a copy of the result, made ahead of time where possible.

mod server;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use tokio::sync::OnceCell;

use server::Server;

const CONNECTIONS_MAX: u32 = 5;

/// One service's database for one test. It has the roles, the schema and the search path of production.
#[derive(Clone, Debug)]
pub struct TestDb {
    pub name: String,
    /// Of the role that serves: rows only, under row-level security.
    pub url: String,
    /// Of the role that owns the schema: for what migrations and operators do.
    pub owner_url: String,
    /// A superuser's, to see what no service may: for privacy audits and for breaking things.
    pub admin_url: String,
    /// Connects by `url` at first use.
    pub pool: PgPool,
    /// Connects by `owner_url` at first use.
    pub owner: PgPool,
}

impl TestDb {
    /// Cuts everybody but superusers off this database, for good, as if the server were gone.
    ///
    /// # Panics
    /// When the server does not do so.
    pub async fn cut_off(&self) {
        let mut admin =
            PgConnection::connect(&self.admin_url).await.expect("a superuser can connect");
        // One after the other: until the limit is committed, whoever is cut off would just connect again.
        for sql in [
            "do $$ begin
                 execute format('alter database %I connection limit 0', current_database());
             end $$",
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        ] {
            sqlx::raw_sql(sql).execute(&mut admin).await.expect("a superuser may do so");
        }
    }
}

/// Makes a database with the migrations of this service applied.
///
/// # Panics
/// When there is no Postgres, or a migration fails.
pub async fn database(service: &str, migrator: &Migrator) -> TestDb {
    let server = Server::running().await;
    let template = template(server, service, migrator).await;
    let name = server.copy_of(&template, service).await;
    let url = server.url(service, &name);
    let owner_url = server.owner_url(service, &name);
    let admin_url = server.admin_url(&name);
    TestDb { pool: pool(&url), owner: pool(&owner_url), name, url, owner_url, admin_url }
}

fn pool(url: &str) -> PgPool {
    let options = PgPoolOptions::new().max_connections(CONNECTIONS_MAX);
    options.connect_lazy(url).expect("the cluster makes URLs that parse")
}

type Templates = HashMap<String, Arc<OnceCell<String>>>;

/// The name of the migrated database of this service.
async fn template(server: &Server, service: &str, migrator: &Migrator) -> String {
    static TEMPLATES: LazyLock<Mutex<Templates>> = LazyLock::new(Mutex::default);
    let cell = {
        let mut templates = TEMPLATES.lock().expect("nobody panics while holding this lock");
        Arc::clone(templates.entry(service.to_owned()).or_default())
    };
    let migrated = cell.get_or_init(|| async {
        let name = server.empty(service).await;
        let url = server.owner_url(service, &name);
        let mut db = PgConnection::connect(&url).await.expect("the owner of a schema can log in");
        migrator
            .run(&mut db)
            .await
            .unwrap_or_else(|error| panic!("cannot migrate `{service}`: {error}"));
        // Postgres copies no database that somebody is connected to.
        db.close().await.expect("a connection that just worked closes");
        name
    });
    migrated.await.clone()
}
