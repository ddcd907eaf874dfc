//! What tests of more than one crate need, as a dev-dependency only: real servers, private to the run, instead of mocks.
//!
//! A helper here panics with the reason where it cannot do its work: a test has no better answer.

mod database;
mod feeds;
mod mapper;

pub use database::{TestDb, database};
pub use feeds::{Feeds, feeds};
pub use mapper::{Mapper, Mode};
