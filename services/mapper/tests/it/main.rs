//! The mapper from the outside: a real server, a real database, the generated clients.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test code")]

mod config;
mod count;
mod explain;
mod frameworks;
mod isolation;
mod list_proposals;
mod map;
mod map_batch;
mod privacy;
mod query;
mod record;
mod tail;
mod taxonomy;
mod world;
