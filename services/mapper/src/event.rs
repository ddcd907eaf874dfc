//! The canonical event: a finding after mapping. Stored once, never changed.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use types::{Confidence, Disposition, Route, Severity, TenantId};
use uuid::Uuid;

use crate::{
    finding::{Finding, Problem},
    mapping::{Fallback, Mapping, Versions},
};

/// One that is to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub event_id: Uuid,
    pub finding: Finding,
    pub mapping: Mapping,
    /// Name and version of the policy in force.
    pub policy: String,
}

/// One that was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub event_id: Uuid,
    pub tenant: TenantId,
    pub finding: Finding,
    /// By the taxonomy version of its time, so not a [`taxonomy::Label`].
    pub label: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub route: Route,
    pub fallback: Option<Fallback>,
    pub versions: Versions,
    pub policy: String,
    pub received_at: OffsetDateTime,
}

/// What became of a finding that was to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    Stored(Uuid),
    Duplicate,
    /// Stored as `OTHER.ModelError`.
    Malformed(Uuid, Problem),
    Refused(Problem),
}

/// Which events. An empty list lets all through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Inclusive.
    pub from: Option<OffsetDateTime>,
    /// Exclusive.
    pub to: Option<OffsetDateTime>,
    /// Labels or groups.
    pub labels: Vec<String>,
    pub detectors: Vec<String>,
    pub severity_min: Option<Severity>,
    pub routes: Vec<Route>,
    pub dispositions: Vec<Disposition>,
    pub request_id: String,
    pub event_ids: Vec<Uuid>,
}

/// What to group counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    All,
    Domain,
    Label,
    Severity,
    Route,
    Detector,
    Disposition,
}

/// One page of a list, and where the next one starts, if there is one.
#[derive(Debug, Clone)]
pub struct Page<T, C> {
    pub items: Vec<T>,
    pub next: Option<C>,
}

/// Behind which event a page starts, latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    pub occurred_at: OffsetDateTime,
    pub event_id: Uuid,
}

/// A place in the feed: the transaction, then the place in its batch. The default is before everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    pub xid: u64,
    pub seq: i32,
}

/// Some events of the feed, and the place of the last of them.
#[derive(Debug, Clone)]
pub struct Section {
    pub events: Vec<Event>,
    pub last: Position,
    /// Whether it ended for its size, so that there may be more.
    pub cut: bool,
}

/// A cursor that was not made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct NotACursor;

/// What a caller is sent at once; clients of gRPC refuse more than 4 MiB unless they are told otherwise.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// How many of `events`, from the first, fit into one answer; at least one.
pub fn fitting(events: &[Event]) -> usize {
    let mut bytes = 0;
    let fit = events.iter().take_while(|event| {
        bytes += event.bytes();
        bytes <= BYTES_MAX
    });
    fit.count().max(1).min(events.len())
}

/// Where in a batch each finding stands for the first time: later ones of the same key are duplicates.
pub fn firsts(keys: &[Option<Uuid>]) -> Vec<bool> {
    let mut seen = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(key) = key {
            seen.entry(key).or_insert(at);
        }
    }
    keys.iter().enumerate().map(|(at, key)| key.is_some_and(|it| seen[&it] == at)).collect()
}

impl Event {
    /// About how many bytes it takes on the wire.
    fn bytes(&self) -> usize {
        /// Ids, times, numbers, tags and lengths.
        const REST: usize = 256;

        let Event { finding, label, versions, policy, .. } = self;
        let metadata: usize =
            finding.metadata.iter().map(|(key, value)| key.len() + value.len() + 8).sum();
        let texts = [
            label,
            policy,
            &finding.finding_id,
            &finding.detector,
            &finding.detector_version,
            &finding.raw_label,
            &finding.resource,
            &finding.request_id,
            &finding.trace_parent,
            &versions.taxonomy,
            &versions.frameworks,
            &versions.detector_mapping,
            &versions.model,
        ];
        REST + metadata + texts.iter().map(|text| text.len()).sum::<usize>()
    }
}

impl Behind {
    pub fn encode(self) -> String {
        let micros = self.occurred_at.unix_timestamp_nanos() / 1000;
        format!("{micros}_{}", self.event_id.simple())
    }

    pub fn decode(cursor: &str) -> Result<Behind, NotACursor> {
        let (micros, event_id) = cursor.split_once('_').ok_or(NotACursor)?;
        let nanos = micros.parse::<i64>().map_err(|_| NotACursor)?;
        let occurred_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(nanos) * 1000)
            .map_err(|_| NotACursor)?;
        let event_id = Uuid::try_parse(event_id).map_err(|_| NotACursor)?;
        Ok(Behind { occurred_at, event_id })
    }
}

impl Position {
    pub fn encode(self) -> String {
        format!("{:x}_{:x}", self.xid, self.seq)
    }

    /// An empty cursor is the beginning.
    pub fn decode(cursor: &str) -> Result<Position, NotACursor> {
        if cursor.is_empty() {
            return Ok(Position::default());
        }
        let (xid, seq) = cursor.split_once('_').ok_or(NotACursor)?;
        let xid = u64::from_str_radix(xid, 16).map_err(|_| NotACursor)?;
        let seq = i32::from_str_radix(seq, 16).map_err(|_| NotACursor)?;
        Ok(Position { xid, seq })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_of_equals_is_stored() {
        let [a, b] = [1, 2].map(|n| Some(Uuid::from_u128(n)));
        assert_eq!(firsts(&[a, b, a, None, b, a]), [true, true, false, false, false, false]);
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back(xid: u64, seq in 0..i32::MAX, micros in -62_000_000_000_000_000i64..253_000_000_000_000_000, id: u128) {
            let position = Position { xid, seq };
            prop_assert_eq!(Position::decode(&position.encode()), Ok(position));
            let occurred_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap();
            let behind = Behind { occurred_at, event_id: Uuid::from_u128(id) };
            prop_assert_eq!(Behind::decode(&behind.encode()), Ok(behind));
        }

        #[test]
        fn any_other_text_is_no_cursor(text in "\\PC{0,40}") {
            if let Ok(position) = Position::decode(&text) {
                prop_assert!(text.is_empty() || Position::decode(&position.encode()) == Ok(position));
            }
            if let Ok(behind) = Behind::decode(&text) {
                prop_assert_eq!(Behind::decode(&behind.encode()), Ok(behind));
            }
        }
    }
}
