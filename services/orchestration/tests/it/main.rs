//! Orchestration from the outside: a real server, a real database, the real clients, a fake mapper.

#![expect(clippy::unwrap_used, reason = "test code")]

mod authenticate;
mod create_tenant;
mod ingest;
mod ingest_batch;
mod issue_key;
mod list_keys;
mod list_tenants;
mod revoke_key;
mod world;
