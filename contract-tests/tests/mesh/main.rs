//! All three services in one process, with real gRPC between them and a real Postgres below.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test code")]

mod canary;
mod degrade;
mod detect;
mod http;
mod ingest;
mod isolation;
mod raw;
mod world;
