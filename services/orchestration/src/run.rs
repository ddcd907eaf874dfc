//! What is kept of a detection and of a run report, and the feed of both. Pure.

use std::{fmt, str::FromStr};

use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::{
    ledger::Check,
    policy::PublishedPolicy,
    report::SoundReport,
    verdict::{Coverage, MappingState, Verdict},
};

/// The stored part of a detection. Never content.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    pub run_id: Uuid,
    pub started_at: OffsetDateTime,
    pub ended_at: OffsetDateTime,
    pub policy_name: String,
    pub policy_version: u32,
    pub verdict: Verdict,
    pub coverage: Coverage,
    pub checks: Vec<Check>,
    /// HMAC-SHA-256 of the content under the tenant's key.
    pub content_digest: [u8; 32],
    pub resource: String,
    pub mapping: MappingState,
    pub fallback_used: bool,
}

/// A run report under our own id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub run_id: Uuid,
    pub report: SoundReport,
}

/// Something that ran.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    Detection(Box<Detection>),
    Report(Reported),
}

/// One item of the feed.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedItem {
    Run { tenant: TenantId, run: Run },
    Policy { tenant: TenantId, published: PublishedPolicy },
}

/// Where a consumer of the feed is: after the transaction `xid`, and in it after `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub xid: u64,
    pub seq: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this feed")]
pub struct NotACursor;

impl Cursor {
    pub const START: Cursor = Cursor { xid: 0, seq: 0 };
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.xid, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    /// An empty text is the beginning.
    fn from_str(text: &str) -> Result<Cursor, NotACursor> {
        if text.is_empty() {
            return Ok(Cursor::START);
        }
        let (xid, seq) = text.split_once('-').ok_or(NotACursor)?;
        let xid = xid.parse().map_err(|_| NotACursor)?;
        let seq = seq.parse().ok().filter(|seq| 0 <= *seq).ok_or(NotACursor)?;
        Ok(Cursor { xid, seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor { xid: u64::MAX, seq: i64::MAX };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!("".parse(), Ok(Cursor::START));
        for bad in ["7", "-", "7--1", "x-1", "1-x", "18446744073709551616-1"] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }
}
