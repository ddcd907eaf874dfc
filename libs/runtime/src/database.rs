//! The pool, the tenant's transaction and the version of the schema. SQL of services is in their `store.rs`.

mod failure;

use std::{str::FromStr as _, time::Duration};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use types::TenantId;

pub use failure::Failure;

use crate::config::{ExposeSecret as _, SecretString};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub url: SecretString,
    /// The same database as the owner of the schema. Only `migrate` needs it.
    pub owner_url: Option<SecretString>,
    pub connections_max: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout_ms: u64,
    /// A statement that runs longer is ended by the server.
    pub statement_timeout_ms: u64,
}

/// Opens the pool, and refuses a schema that is older than `migrations`.
///
/// A newer schema is fine: migrations only expand what older binaries use.
pub async fn connect(
    service: &'static str,
    config: &Config,
    migrations: &Migrator,
) -> anyhow::Result<PgPool> {
    let options = PgConnectOptions::from_str(config.url.expose_secret())
        .map_err(|_| anyhow::anyhow!("database.url is not a URL of Postgres"))?
        .application_name(service)
        .options([
            ("statement_timeout", format!("{}ms", config.statement_timeout_ms)),
            // Compiling a statement takes a second, and ours run for milliseconds.
            ("jit", "off".to_owned()),
        ]);
    let db = PgPoolOptions::new()
        .max_connections(config.connections_max)
        .acquire_timeout(Duration::from_millis(config.acquire_timeout_ms))
        .connect_with(options)
        .await
        .context("cannot reach the database")?;
    refuse_old_schema(service, &db, migrations).await?;
    Ok(db)
}

async fn refuse_old_schema(
    service: &str,
    db: &PgPool,
    migrations: &Migrator,
) -> anyhow::Result<()> {
    let there: Option<i64> = match applied(db).await {
        Ok(version) => version,
        Err(err) if sqlstate(&err).as_deref() == Some(UNDEFINED_TABLE) => None,
        Err(err) => return Err(err).context("cannot read the version of the schema"),
    };
    let wanted = migrations.iter().map(|migration| migration.version).max();
    if there < wanted {
        let (there, wanted) = (there.unwrap_or_default(), wanted.unwrap_or_default());
        bail!(
            "the schema is at version {there} and this binary needs {wanted}: run `{service} migrate` first"
        );
    }
    Ok(())
}

async fn applied(db: &PgPool) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(db)
        .await
}

/// Brings the schema up to `migrations`, as its owner.
pub async fn migrate(config: &Config, migrations: &Migrator) -> anyhow::Result<()> {
    let owner_url = config.owner_url.as_ref().context("database.owner_url is not set")?;
    migrate_at(owner_url.expose_secret(), migrations).await
}

/// The same, where the URL of the owner is at hand and nothing else.
pub async fn migrate_at(owner_url: &str, migrations: &Migrator) -> anyhow::Result<()> {
    let mut owner = PgConnection::connect(owner_url)
        .await
        .context("cannot reach the database as owner of the schema")?;
    // Not `run`: its future cannot move between threads.
    migrations.run_direct(None, &mut owner, false).await.context("a migration failed")?;
    let revoked = sqlx::raw_sql(KEEP_THE_RECORD).execute(&mut owner).await;
    revoked.context("cannot protect the record of migrations")?;
    owner.close().await.context("the database went away after the migration")
}

/// What was migrated is the owner's to write: `serve` goes by it. The role that serves is the owner's without `_owner`.
const KEEP_THE_RECORD: &str = "do $$
declare
    serving text := regexp_replace(current_user, '_owner$', '');
begin
    if serving <> current_user and exists (select from pg_roles where rolname = serving) then
        execute format('revoke insert, update, delete on _sqlx_migrations from %I', serving);
    end if;
end $$";

/// Opens a transaction that sees the rows of `tenant` and no others.
///
/// Everything a tenant owns is read and written inside one. `BEGIN` and the setting go out as one
/// message, so the tenant costs no round trip.
pub async fn begin(db: &PgPool, tenant: TenantId) -> sqlx::Result<Transaction<'static, Postgres>> {
    // A UUID has no quote in it, so it cannot leave the literal.
    let tenant = tenant.as_uuid();
    let statement = format!("BEGIN; SET LOCAL app.tenant_id = '{tenant}'");
    db.begin_with(sqlx::AssertSqlSafe(statement)).await
}

const UNDEFINED_TABLE: &str = "42P01";
const UNIQUE_VIOLATION: &str = "23505";
const FOREIGN_KEY_VIOLATION: &str = "23503";
const SERIALIZATION_FAILURE: &str = "40001";
const DEADLOCK: &str = "40P01";

/// The five characters by which Postgres names an error.
pub fn sqlstate(err: &sqlx::Error) -> Option<String> {
    err.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// The name of the unique constraint that `err` violates.
pub fn unique_violation(err: &sqlx::Error) -> Option<&str> {
    violated(err, UNIQUE_VIOLATION)
}

/// The name of the foreign key that `err` violates.
pub fn foreign_key_violation(err: &sqlx::Error) -> Option<&str> {
    violated(err, FOREIGN_KEY_VIOLATION)
}

/// Whether the same transaction may succeed when it is run again.
pub fn is_retryable(err: &sqlx::Error) -> bool {
    sqlstate(err).is_some_and(|code| code == SERIALIZATION_FAILURE || code == DEADLOCK)
}

fn violated<'e>(err: &'e sqlx::Error, sqlstate: &str) -> Option<&'e str> {
    let err = err.as_database_error()?;
    if err.code()? != sqlstate {
        return None;
    }
    err.constraint()
}
