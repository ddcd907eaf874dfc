//! What the mapper does: read, decide, write. Decisions are in the core; here is only the order.
//!
//! One method per RPC. The longer ones have a file: `record.rs`, `tail.rs`. What runs beside the requests is in
//! `upkeep.rs`.

mod count;
mod record;
mod tail;
mod upkeep;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use runtime::{boot::Process, database};
use sqlx::PgPool;
use taxonomy::{Controls, Migration, Rules, Taxonomy, Vocabulary};
use time::OffsetDateTime;
use tokio::{sync::watch, time::Instant};
use types::{Confidence, TenantId};

use crate::{
    Config, Error,
    event::{self, Event, Filter, GroupBy, Page},
    finding::{self, Problem},
    framework::{self, Circumstances, LabelControls, Rows},
    mapping::{self, Fallback, Ladder, Mapping, Step, Thresholds, Versions, Word},
    proposal::{self, Proposal, Queue},
    store::{self, VersionId},
};
use count::Counts;

pub use record::ToRecord;
pub use tail::{Scope, Tail};

/// Everything a request needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    db: PgPool,
    ladder: Arc<Ladder>,
    versions: Arc<Versions>,
    version: VersionId,
    /// Changes with every commit of events, so that those who tail look at once.
    committed: Arc<watch::Sender<()>>,
    /// Unknown words that `Map` was asked for and nobody wrote down yet.
    unknown: Arc<Mutex<Queue>>,
    counts: Counts,
    poll: std::time::Duration,
}

/// A word to map, as it came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub detector: String,
    pub detector_version: String,
    pub raw_label: String,
    /// Missing means sure.
    pub score: Option<f64>,
}

/// How a word was mapped and what it is evidence for.
#[derive(Debug)]
pub struct Explained {
    pub mapping: Mapping,
    pub steps: Vec<Step>,
    pub controls: LabelControls,
}

const COUNT_GROUPS_MAX: i64 = 1_000;

impl App {
    /// Opens the database and gives the present versions a number.
    pub async fn connect(config: &Config, process: &Process) -> anyhow::Result<App> {
        let db = database::connect("mapper", &config.database, &store::MIGRATIONS).await?;
        let versions = Versions {
            taxonomy: Taxonomy::builtin().version().to_owned(),
            frameworks: Controls::builtin().version().to_owned(),
            detector_mapping: Rules::builtin().version().to_owned(),
            model: "none".to_owned(),
        };
        let version = intern(&db, &versions).await.context("cannot number the versions")?;
        let thresholds = Thresholds {
            default: config.mapping.threshold,
            by_detector: config.mapping.threshold_by_detector.clone(),
        };
        let ladder = Ladder { taxonomy: Taxonomy::builtin(), rules: Rules::builtin(), thresholds };
        Ok(App {
            db,
            ladder: Arc::new(ladder),
            versions: Arc::new(versions),
            version,
            committed: Arc::new(watch::Sender::new(())),
            unknown: Arc::default(),
            counts: Counts::new(&process.metrics),
            poll: std::time::Duration::from_millis(config.feed.poll_ms),
        })
    }

    pub fn db(&self) -> PgPool {
        self.db.clone()
    }

    /// What this process maps with.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Maps one word of `tenant`. An unknown one is proposed for review, later and without waiting.
    pub fn map(&self, tenant: TenantId, asked: &Asked) -> Result<Mapping, Problem> {
        let began = Instant::now();
        let mapping = word(asked).map(|word| mapping::map(&self.ladder, &word));
        if mapping.as_ref().is_ok_and(is_unknown_word) {
            self.propose_later(tenant, proposal::Word::new(&asked.detector, &asked.raw_label));
        }
        self.counts.mapped(tenant, mapping.as_ref().ok(), began.elapsed());
        mapping
    }

    /// Maps one word and tells how.
    pub fn explain(
        &self,
        asked: &Asked,
        circumstances: &Circumstances,
    ) -> Result<Explained, Error> {
        let word = word(asked).map_err(Error::InvalidField)?;
        let (mapping, steps) = mapping::explain(&self.ladder, &word);
        let on = OffsetDateTime::now_utc().date();
        let controls = framework::controls(mapping.label, circumstances, Rows::All, on);
        Ok(Explained { mapping, steps, controls })
    }

    /// One page of the tenant's events.
    pub async fn query(
        &self,
        tenant: TenantId,
        filter: &Filter,
        cursor: &str,
        size: usize,
    ) -> Result<Page<Event, event::Behind>, Error> {
        let behind = decode_cursor(cursor, event::Behind::decode)?;
        let mut tx = database::begin(&self.db, tenant).await?;
        let page = store::event::query(&mut *tx, tenant, filter, behind, size).await?;
        tx.commit().await?;
        Ok(page)
    }

    /// How many events of the tenant, by group, and in all.
    pub async fn count(
        &self,
        tenant: TenantId,
        filter: &Filter,
        by: GroupBy,
    ) -> Result<(Vec<(String, u64)>, u64), Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        let counts = store::event::count(&mut *tx, tenant, filter, by, COUNT_GROUPS_MAX).await?;
        tx.commit().await?;
        Ok(counts)
    }

    /// One page of the tenant's proposals, and how many there are.
    pub async fn list_proposals(
        &self,
        tenant: TenantId,
        cursor: &str,
        size: usize,
    ) -> Result<(Page<Proposal, proposal::Behind>, u64), Error> {
        let behind = decode_cursor(cursor, proposal::Behind::decode)?;
        let mut tx = database::begin(&self.db, tenant).await?;
        let page = store::proposal::list(&mut *tx, tenant, behind, size).await?;
        tx.commit().await?;
        Ok(page)
    }

    pub fn taxonomy(&self) -> &'static Taxonomy {
        self.ladder.taxonomy
    }

    /// The migration between two versions; an empty name is the one before the current, or the current.
    pub fn diff_taxonomy(&self, from: &str, to: &str) -> Result<&'static Migration, Error> {
        let migration = Migration::builtin();
        let is = |asked: &str, there: &str| asked.is_empty() || asked == there;
        if is(from, migration.from()) && is(to, migration.to()) {
            return Ok(migration);
        }
        let (from, to) = (migration.from().to_owned(), migration.to().to_owned());
        Err(Error::NoMigration { from, to })
    }

    /// The vocabulary of one detector, or all.
    pub fn list_vocabularies(&self, detector: &str) -> Result<Vec<&'static Vocabulary>, Error> {
        let rules = self.ladder.rules;
        if detector.is_empty() {
            return Ok(rules.detectors().iter().collect());
        }
        let known = rules.vocabulary(detector, "");
        Ok(vec![known.ok_or_else(|| Error::UnknownDetector(detector.to_owned()))?])
    }

    pub fn list_frameworks(&self) -> &'static Controls {
        Controls::builtin()
    }

    /// Which controls labels are evidence for today.
    pub fn resolve_controls(
        &self,
        labels: &[String],
        circumstances: &Circumstances,
        rows: Rows,
    ) -> Result<Vec<LabelControls>, Error> {
        let on = OffsetDateTime::now_utc().date();
        Ok(framework::resolve_controls(labels, circumstances, rows, on)?)
    }

    fn propose_later(&self, tenant: TenantId, word: proposal::Word) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if !unknown.add(tenant, word) {
            tracing::warn!(tenant.id = %tenant, "No room to propose an unknown word");
        }
    }
}

/// A label that means nothing to anybody yet.
fn is_unknown_word(mapping: &Mapping) -> bool {
    mapping.fallback == Some(Fallback::UnknownLabel)
}

fn word(asked: &Asked) -> Result<Word<'_>, Problem> {
    let Asked { detector, detector_version, raw_label, score } = asked;
    if let Some(problem) = finding::word_problem(detector, detector_version, raw_label) {
        return Err(problem);
    }
    let score = match score {
        None => Confidence::ONE,
        Some(score) => finding::parse_score(*score)?,
    };
    Ok(Word { detector, detector_version, raw_label, score })
}

fn decode_cursor<T>(
    cursor: &str,
    decode: impl Fn(&str) -> Result<T, event::NotACursor>,
) -> Result<Option<T>, Error> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let field = "page.cursor";
    decode(cursor).map(Some).map_err(|source| Error::InvalidCursor { field, source })
}

async fn intern(db: &PgPool, versions: &Versions) -> sqlx::Result<VersionId> {
    if let Some(version) = store::version(db, versions).await? {
        return Ok(version);
    }
    store::insert_version(db, versions).await?;
    store::version(db, versions).await?.ok_or(sqlx::Error::RowNotFound)
}
