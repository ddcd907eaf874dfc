//! Orchestration from the outside: a real server, a real database, the real clients, a fake mapper.

#![expect(clippy::unwrap_used, reason = "test code")]

mod authenticate;
mod create_tenant;
mod describe;
mod detect;
mod detect_batch;
mod get_detector;
mod get_policy;
mod get_run;
mod http;
mod ingest;
mod ingest_batch;
mod issue_key;
mod list_detectors;
mod list_keys;
mod list_policies;
mod list_tenants;
mod privacy;
mod publish_policy;
mod register_detector;
mod replicas;
mod revoke_key;
mod scan;
mod tail_runs;
mod world;
