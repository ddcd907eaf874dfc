//! How a service of the mesh starts, listens, calls, fails and stops. The same for all three.
//!
//! Read [`boot`] first: it is what a `main.rs` calls. Then [`server`] and [`client`], the two stacks
//! that every RPC passes through, and [`status`](mod@status), where errors become answers.

pub mod admin;
pub mod boot;
pub mod breaker;
pub mod client;
pub mod config;
pub mod context;
pub mod contract;
pub mod database;
pub mod idempotency;
pub mod identity;
pub mod metrics;
pub mod middleware;
pub mod rpc;
pub mod server;
pub mod status;
pub mod task;
pub mod telemetry;

mod body;
mod deadline;

pub use status::{report, status};
