//! Words nobody knew, waiting for a person.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::event::NotACursor;

/// A word of a detector, fit to be stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    pub detector: String,
    /// Scrubbed: a word that nobody knows may be anything.
    pub raw_label: String,
}

/// How many events carry each word. Ordered, so that two transactions never wait for each other in a circle.
pub type Tally = BTreeMap<Word, i64>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub proposal_id: Uuid,
    pub word: Word,
    /// How many events carry it.
    pub events: i64,
    pub first_seen_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
}

/// Behind which proposal a page starts, most frequent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    pub events: i64,
    pub proposal_id: Uuid,
}

/// Words that `Map` was asked for, until they are written down. A word is in it once, so it holds no more than its
/// bound, and what it refuses will be asked for again.
#[derive(Debug, Default)]
pub struct Queue {
    words: BTreeSet<(Uuid, Word)>,
}

const QUEUE_MAX: usize = 10_000;

/// The words of `tally` as proposals made at `now`, each with an id of its own.
pub fn proposals(tally: Tally, now: OffsetDateTime, new_id: impl Fn() -> Uuid) -> Vec<Proposal> {
    let proposal = |(word, events)| Proposal {
        proposal_id: new_id(),
        word,
        events,
        first_seen_at: now,
        last_seen_at: now,
    };
    tally.into_iter().map(proposal).collect()
}

impl Word {
    pub fn new(detector: &str, raw_label: &str) -> Word {
        let storable = |text: &str| text.replace('\0', "\u{fffd}");
        Word { detector: storable(detector), raw_label: storable(&scanner::scrub(raw_label)) }
    }
}

impl Queue {
    /// Adds a word. False when there is no room for a new one.
    pub fn add(&mut self, tenant: TenantId, word: Word) -> bool {
        let entry = (tenant.as_uuid(), word);
        if self.words.len() < QUEUE_MAX {
            self.words.insert(entry);
            return true;
        }
        self.words.contains(&entry)
    }

    /// Takes everything, by tenant.
    pub fn take(&mut self) -> BTreeMap<Uuid, Tally> {
        let mut tallies: BTreeMap<Uuid, Tally> = BTreeMap::new();
        for (tenant, word) in std::mem::take(&mut self.words) {
            tallies.entry(tenant).or_default().insert(word, 0);
        }
        tallies
    }
}

impl Behind {
    pub fn encode(self) -> String {
        format!("{}_{}", self.events, self.proposal_id.simple())
    }

    pub fn decode(cursor: &str) -> Result<Behind, NotACursor> {
        let (events, proposal_id) = cursor.split_once('_').ok_or(NotACursor)?;
        let events = events.parse().map_err(|_| NotACursor)?;
        let proposal_id = Uuid::try_parse(proposal_id).map_err(|_| NotACursor)?;
        Ok(Behind { events, proposal_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_keeps_what_it_has() {
        let tenant: TenantId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
        let mut queue = Queue::default();
        for n in 0..QUEUE_MAX {
            assert!(queue.add(tenant, Word::new("d", &format!("w{n}"))));
        }
        assert!(queue.add(tenant, Word::new("d", "w7")));
        assert!(!queue.add(tenant, Word::new("d", "one more")));
        assert_eq!(queue.take()[&tenant.as_uuid()].len(), QUEUE_MAX);
        assert!(queue.take().is_empty());
    }

    #[test]
    fn an_unknown_word_is_scrubbed() {
        let word = Word::new("d", "mail to jane.doe@example.org");
        assert!(!word.raw_label.contains("jane.doe"), "{word:?}");
    }

    #[test]
    fn a_cursor_reads_back() {
        let behind = Behind { events: 42, proposal_id: Uuid::from_u128(7) };
        assert_eq!(Behind::decode(&behind.encode()), Ok(behind));
        for bad in ["", "42", "x_y", "42_7"] {
            assert_eq!(Behind::decode(bad), Err(NotACursor), "{bad}");
        }
    }
}
