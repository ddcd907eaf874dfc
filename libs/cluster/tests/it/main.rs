//! A private cluster on this machine's Postgres.
#![expect(clippy::unwrap_used, reason = "test code")]

mod folder;
mod life;
mod roles;
mod world;
