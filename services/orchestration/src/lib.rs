//! The orchestration service.
pub mod detector;
pub mod disposition;
pub mod finding;
pub mod ledger;
pub mod plan;
pub mod policy;
pub mod report;
pub mod verdict;
