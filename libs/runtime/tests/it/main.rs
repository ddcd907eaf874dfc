//! What the stacks promise of every service, shown on fakes of generated server traits over real connections.

#![expect(clippy::unwrap_used, unreachable_pub, reason = "test code")]

mod admin;
mod breaker;
mod client_stack;
mod contract;
mod database;
mod drain;
mod idempotency;
mod identity;
mod server_stack;
mod trace;
mod world;
