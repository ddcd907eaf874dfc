//! The private Postgres of a laptop, a test run or a first look: found or installed, started, given roles and schemas, stopped.
//!
//! Reading order: [`Programs`] (which Postgres), [`Cluster`] (its life), [`bootstrap()`] (roles, schemas and URLs, also on a
//! server somebody else runs). It knows nothing of tables: migrations belong to the services.
//!
//! A cluster never outlives the process that started it: a supervisor holds a pipe to that process and stops Postgres when the
//! pipe closes, however the process ended. Should the supervisor be killed too, the next start stops what is left.

mod account;
mod bootstrap;
mod error;
mod password;
mod place;
mod programs;
mod server;

pub use bootstrap::{BOOTSTRAP_SQL, ServiceUrls, Urls, bootstrap};
pub use error::Error;
pub use password::Passwords;
pub use programs::Programs;
pub use server::{Cluster, Durability, Listen, Options, remove};

/// The services, which are also the names of their schemas and of their roles without rights of ownership.
pub const SERVICES: [&str; 3] = ["orchestration", "mapper", "analysis"];

/// The database that holds the three schemas.
pub const DATABASE: &str = "llamamapper";
