//! Records findings: check, map, store in one transaction.

use std::collections::HashSet;

use runtime::database;
use time::OffsetDateTime;
use tokio::time::Instant;
use types::TenantId;
use uuid::{ContextV7, Timestamp, Uuid};

use super::{App, is_unknown_word};
use crate::{
    Error,
    event::{self, NewEvent, Recorded},
    finding::{self, Checked, Finding, Problem, Raw},
    mapping::{self, Fallback, Mapping, Word},
    proposal::{self, Tally},
    store,
};

/// A finding to record, as it came.
#[derive(Debug, Clone, Default)]
pub struct ToRecord {
    pub finding: Raw,
    /// Why a neighbour found it malformed; empty when it did not.
    pub malformed: String,
    /// Name and version of the policy in force.
    pub policy: String,
}

const FINDINGS_MAX: usize = 5_000;

/// A finding on its way.
struct Item {
    event: NewEvent,
    /// What is wrong with it, if it is malformed.
    problem: Option<Problem>,
    key: Uuid,
}

impl App {
    /// Maps and stores `findings`; one result each, in order. All are committed or none is.
    pub async fn record(
        &self,
        tenant: TenantId,
        findings: Vec<ToRecord>,
    ) -> Result<Vec<Recorded>, Error> {
        if FINDINGS_MAX < findings.len() {
            let size = findings.len();
            return Err(Error::TooMany { field: "findings", size, limit: FINDINGS_MAX });
        }
        let (now, began) = (OffsetDateTime::now_utc(), Instant::now());
        let ids = ContextV7::new();
        let items: Vec<Result<Item, Problem>> =
            findings.into_iter().map(|finding| self.prepare(finding, &ids, now)).collect();

        let keys: Vec<Option<Uuid>> =
            items.iter().map(|item| item.as_ref().ok().map(|it| it.key)).collect();
        let firsts = event::firsts(&keys);
        let events: Vec<&NewEvent> = items
            .iter()
            .zip(&firsts)
            .filter(|(_, first)| **first)
            .filter_map(|(item, _)| item.as_ref().ok().map(|it| &it.event))
            .collect();
        let stored = self.store(tenant, now, &events).await?;

        let (results, mappings): (Vec<Recorded>, Vec<Option<Mapping>>) =
            items.into_iter().map(|item| outcome(item, &stored)).unzip();
        let counted = results.iter().zip(mappings.iter().map(Option::as_ref));
        self.counts.recorded(tenant, counted, began.elapsed());
        Ok(results)
    }

    /// Checks and maps one finding, and names its event.
    fn prepare(
        &self,
        to_record: ToRecord,
        ids: &ContextV7,
        now: OffsetDateTime,
    ) -> Result<Item, Problem> {
        let ToRecord { finding, malformed, policy } = to_record;
        if let Some(problem) = finding::policy_problem(&policy) {
            return Err(problem);
        }
        let (mut finding, problem) = match finding::check(finding, &malformed, now) {
            Checked::Refused(problem) => return Err(problem),
            Checked::Malformed(finding, problem) => (finding, Some(problem)),
            Checked::Sound(finding) => (finding, None),
        };
        let mapping = match (&problem, word(&finding)) {
            (None, Some(word)) => mapping::map(&self.ladder, &word),
            (Some(_), _) | (None, None) => mapping::malformed(&self.ladder),
        };
        // A word of no vocabulary may be anything, even the content.
        if matches!(mapping.fallback, Some(Fallback::UnknownLabel | Fallback::Malformed)) {
            finding.scrub_raw_label();
        }
        let seconds = now.unix_timestamp().unsigned_abs();
        let event_id = Uuid::new_v7(Timestamp::from_unix(ids, seconds, now.nanosecond()));
        let key = store::event::key(&finding.detector, &finding.finding_id);
        Ok(Item { event: NewEvent { event_id, finding, mapping, policy }, problem, key })
    }

    /// Commits what is new of `events`, and the words of them that nobody knows. Says which are stored.
    async fn store(
        &self,
        tenant: TenantId,
        now: OffsetDateTime,
        events: &[&NewEvent],
    ) -> Result<HashSet<Uuid>, Error> {
        if events.is_empty() {
            return Ok(HashSet::new());
        }
        let mut tx = database::begin(&self.db, tenant).await?;
        let stored = store::event::insert(&mut *tx, tenant, self.version, now, events).await?;
        let unknown = tally(events.iter().copied().filter(|it| stored.contains(&it.event_id)));
        if !unknown.is_empty() {
            let proposals = proposal::proposals(unknown, now, Uuid::now_v7);
            store::proposal::propose(&mut *tx, tenant, &proposals).await?;
        }
        tx.commit().await?;
        if !stored.is_empty() {
            self.committed.send_replace(());
        }
        Ok(stored)
    }
}

/// None for a finding without a score, which `finding::check` calls malformed.
fn word(finding: &Finding) -> Option<Word<'_>> {
    let Finding { detector, detector_version, raw_label, score, .. } = finding;
    Some(Word { detector, detector_version, raw_label, score: (*score)? })
}

fn tally<'a>(events: impl Iterator<Item = &'a NewEvent>) -> Tally {
    let mut tally = Tally::new();
    for event in events.filter(|it| is_unknown_word(&it.mapping)) {
        let Finding { detector, raw_label, .. } = &event.finding;
        *tally.entry(proposal::Word::new(detector, raw_label)).or_default() += 1;
    }
    tally
}

fn outcome(item: Result<Item, Problem>, stored: &HashSet<Uuid>) -> (Recorded, Option<Mapping>) {
    let Item { event, problem, key: _ } = match item {
        Ok(item) => item,
        Err(problem) => return (Recorded::Refused(problem), None),
    };
    let recorded = match problem {
        _ if !stored.contains(&event.event_id) => Recorded::Duplicate,
        Some(problem) => Recorded::Malformed(event.event_id, problem),
        None => Recorded::Stored(event.event_id),
    };
    (recorded, Some(event.mapping))
}
