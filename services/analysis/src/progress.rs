//! How far the feeds were read. Pure.

use time::OffsetDateTime;

/// How far a tenant's part of the feeds is in the rollups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    pub events: u64,
    pub runs: u64,
    /// How old the last processed item was when it was processed; the larger of both feeds.
    pub lag_s: f64,
    /// Whether the last read of both feeds reached their ends.
    pub caught_up: bool,
    /// When the latest processed item was received; none when there is none.
    pub as_of: Option<OffsetDateTime>,
}
