//! All SQL of orchestration. A function takes an executor first, the tenant second, and is one statement; what it
//! returns are domain types, row types never leave these files.
//!
//! Everything a tenant owns is read and written in a transaction of `runtime::database::begin`. The few functions
//! without a tenant call a `SECURITY DEFINER` function of the schema, each of which tells no more than its name says.

pub mod delivery;
pub mod detector;
pub mod feed;
pub mod key;
pub mod policy;
pub mod run;
pub mod tenant;

use sqlx::migrate::Migrator;

pub static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/orchestration");

/// What was expected of an insert that may meet a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    New,
    Known,
}

/// A value of the database that its constraints should have kept out.
fn corrupt(column: &'static str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "not a known value".into() }
}
