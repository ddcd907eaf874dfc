//! Roles, schemas and URLs: what a server needs before the first migration, on our own cluster and on a given server alike.

use std::str::FromStr;

use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};

use crate::password::verifier;
use crate::{Error, Passwords, SERVICES};

/// The same file operators run by hand: see its head.
pub const BOOTSTRAP_SQL: &str = include_str!("../../../migrations/bootstrap.sql");

/// `duplicate_database`: somebody else made it first.
const DUPLICATE_DATABASE: &str = "42P04";

/// The URLs of one service.
#[derive(Clone, Debug)]
pub struct ServiceUrls {
    /// For migrations: the role that owns the schema.
    pub owner: SecretString,
    /// For serving: the role that reads and writes rows and owns nothing.
    pub service: SecretString,
}

/// The URLs of every service.
#[derive(Clone, Debug)]
pub struct Urls {
    pub orchestration: ServiceUrls,
    pub mapper: ServiceUrls,
    pub analysis: ServiceUrls,
}

impl Urls {
    /// The URLs of the service of that name.
    pub fn of(&self, service: &str) -> Option<&ServiceUrls> {
        match service {
            "orchestration" => Some(&self.orchestration),
            "mapper" => Some(&self.mapper),
            "analysis" => Some(&self.analysis),
            _ => None,
        }
    }

    pub(crate) fn on(server: &PgConnectOptions, database: &str, passwords: &Passwords) -> Urls {
        let url = |role: &str| -> SecretString {
            let login =
                server.clone().username(role).password(passwords.of(role)).database(database);
            SecretString::from(login.to_url_lossy().to_string())
        };
        let urls = |service: &str| ServiceUrls {
            owner: url(&format!("{service}_owner")),
            service: url(service),
        };
        Urls {
            orchestration: urls("orchestration"),
            mapper: urls("mapper"),
            analysis: urls("analysis"),
        }
    }
}

/// Makes database, roles and schemas where they are missing, gives the roles these passwords, and tells the URLs. The admin
/// must be a superuser, or have CREATEDB and CREATEROLE.
pub async fn bootstrap(
    admin_url: &str,
    database: &str,
    passwords: &Passwords,
) -> Result<Urls, Error> {
    let server = PgConnectOptions::from_str(admin_url)
        .map_err(Error::database("read the URL of the server"))?;
    bootstrap_on(&server, database, passwords).await
}

pub(crate) async fn bootstrap_on(
    server: &PgConnectOptions,
    database: &str,
    passwords: &Passwords,
) -> Result<Urls, Error> {
    if !is_name(database) {
        return Err(Error::DatabaseName(database.to_owned()));
    }
    create_database(server, database).await?;

    let inside = server.clone().database(database);
    let mut db = connect(&inside).await?;
    sqlx::raw_sql(BOOTSTRAP_SQL)
        .execute(&mut db)
        .await
        .map_err(Error::database("create roles and schemas"))?;
    set_passwords(&mut db, passwords).await?;
    db.close().await.map_err(Error::database("take leave of the server"))?;
    Ok(Urls::on(server, database, passwords))
}

async fn create_database(server: &PgConnectOptions, database: &str) -> Result<(), Error> {
    let home = server.get_database().unwrap_or("postgres").to_owned();
    let mut db = connect(&server.clone().database(&home)).await?;
    let row = sqlx::raw_sql("select current_setting('server_version_num')::int4 / 10000")
        .fetch_one(&mut db)
        .await
        .map_err(Error::database("ask the server for its version"))?;
    let version: i32 = row.try_get(0).map_err(Error::database("ask the server for its version"))?;
    if version < 14 {
        return Err(Error::OldServer { version });
    }

    let statement = format!("select from pg_database where datname = '{database}'");
    let found = sqlx::raw_sql(AssertSqlSafe(statement)).fetch_optional(&mut db).await;
    if found.map_err(Error::database("list the databases"))?.is_none() {
        let statement = format!("create database {database} encoding 'UTF8' template template0");
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut db).await {
            let code = error.as_database_error().and_then(|error| error.code());
            if code.as_deref() != Some(DUPLICATE_DATABASE) {
                return Err(Error::database("create the database")(error));
            }
        }
    }
    db.close().await.map_err(Error::database("take leave of the server"))
}

async fn set_passwords(db: &mut PgConnection, passwords: &Passwords) -> Result<(), Error> {
    // One transaction under the lock of bootstrap.sql: two starts at once must not update the same role together.
    let mut script =
        "select pg_advisory_xact_lock(hashtextextended('llamamapper.bootstrap', 0));".to_owned();
    for service in SERVICES {
        for role in [service.to_owned(), format!("{service}_owner")] {
            script += &format!("alter role {role} password '{}';", verifier(passwords.of(&role))?);
        }
    }
    let done = sqlx::raw_sql(AssertSqlSafe(script)).execute(db).await;
    done.map(drop).map_err(Error::database("set the passwords of the roles"))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    PgConnection::connect_with(options).await.map_err(Error::database("connect to the server"))
}

/// A name that needs no quoting and cannot carry SQL.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(is_plain)
}
