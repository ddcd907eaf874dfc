//! One detection: plan, look, map, decide, store, answer, within its budget.
//!
//! The run and what the mapper has yet to get are committed in one transaction before the answer leaves, so an answer
//! that somebody acted on can always be found again, and its findings reach the mapper however often a process dies.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::StreamExt as _;
use hmac::{Hmac, Mac as _};
use runtime::{context, database, telemetry};
use sha2::Sha256;
use time::OffsetDateTime;
use tokio::time::Instant;
use types::TenantId;
use uuid::Uuid;

use super::{App, now, scan::milliseconds};
use crate::{
    Error,
    cache::Known,
    clients::{self, Batch, Mapped, Word},
    delivery::Room,
    detectors,
    disposition::disposition,
    finding::{Finding, Moment, Said, Span},
    ledger::{Ledger, settle},
    plan::plan,
    policy::{ContentType, Direction, Priority, PublishedPolicy},
    run::Detection,
    store,
    verdict::{Decision, Mapping, ResolvedLabel, Versions, decide},
};

/// Detections of a batch that run at once.
const BATCH_PARALLEL: usize = 4;
/// Of what the caller still waits, so much is left for storing and answering.
const ANSWER_SHARE: f64 = 0.1;
/// Findings of one delivery.
const DELIVERY_MAX: usize = 1_000;

/// What to look at, and how.
#[derive(Debug)]
pub struct DetectRequest {
    pub content: String,
    pub content_type: ContentType,
    pub direction: Direction,
    pub priority: Priority,
    /// Empty for the default one.
    pub policy: String,
    pub resource: String,
}

/// The whole answer.
#[derive(Debug)]
pub struct Detected {
    pub detection: Detection,
    pub findings: Vec<DetectedFinding>,
    /// Gravest first.
    pub labels: Vec<ResolvedLabel>,
    pub versions: Versions,
    pub policy: String,
    pub duration_ms: f64,
}

#[derive(Debug)]
pub struct DetectedFinding {
    pub finding: Finding,
    pub mapping: Option<Mapping>,
}

/// How long each part may take.
#[derive(Debug, Clone, Copy)]
struct Budget {
    detectors_until: Instant,
    mapper: Duration,
    until: Instant,
}

/// Everything a detection is made with.
struct Setting {
    tenant: TenantId,
    policy: Arc<PublishedPolicy>,
    known: Arc<Known>,
    content: Arc<str>,
    content_type: ContentType,
    direction: Direction,
    resource: String,
    started_at: OffsetDateTime,
    budget: Budget,
}

/// What came of it, before it is stored.
struct Outcome {
    run_id: Uuid,
    ledger: Ledger,
    mapped: Mapped,
    decision: Decision,
}

impl App {
    /// Looks at content with the detectors of the policy, and says what was looked at by whom.
    pub async fn detect(
        &self,
        tenant: TenantId,
        request: DetectRequest,
    ) -> Result<Detected, Error> {
        let started = Instant::now();
        let policy = self.policy_in_force(tenant, &request.policy).await;
        // A name that nobody published is no label: senders could invent them.
        let name = policy.as_ref().map_or("unknown", |it| &it.policy.name).to_owned();
        let detected = match policy {
            Ok(policy) => self.detect_by(tenant, policy, request, started).await,
            Err(err) => Err(err),
        };
        self.count_detection(tenant, &name, &detected, milliseconds(started.elapsed()));
        detected
    }

    /// Each request has its own answer or error, in order.
    pub async fn detect_batch(
        &self,
        tenant: TenantId,
        requests: Vec<DetectRequest>,
    ) -> Vec<Result<Detected, Error>> {
        let detections = requests.into_iter().map(|request| self.detect(tenant, request));
        futures::stream::iter(detections).buffered(BATCH_PARALLEL).collect().await
    }

    async fn detect_by(
        &self,
        tenant: TenantId,
        policy: Arc<PublishedPolicy>,
        request: DetectRequest,
        started: Instant,
    ) -> Result<Detected, Error> {
        let DetectRequest { content, content_type, direction, priority, policy: _, resource } =
            request;
        let budget = budget(&policy, priority, started);
        let known = self.known(tenant).await?;
        let content = content.into();
        let started_at = now();
        let setting = Setting {
            tenant,
            policy,
            known,
            content,
            content_type,
            direction,
            resource,
            started_at,
            budget,
        };

        let outcome = self.look(&setting).await;
        let findings = findings(&setting, &outcome);
        let detection = stored(&setting, &outcome);
        self.store(&setting, &detection, &findings).await?;

        let Outcome { mapped, decision, .. } = outcome;
        Ok(Detected {
            detection,
            findings,
            labels: decision.labels,
            versions: mapped.versions.unwrap_or_else(detectors::versions),
            policy: setting.policy.label(),
            duration_ms: milliseconds(started.elapsed()),
        })
    }

    /// Plans, runs the detectors, asks the mapper, decides.
    async fn look(&self, setting: &Setting) -> Outcome {
        let Setting { policy, known, content, content_type, direction, budget, .. } = setting;
        let policy = &policy.policy;
        let plan = plan(policy, &known.registry, *content_type, &[content]);
        let parts = [content.clone()];
        let outcomes = self.run_checks(&plan, &parts, budget.detectors_until).await;
        let ledger = settle(&plan, outcomes);
        self.count_checks(&ledger);
        let mapped = self.map_found(setting, &ledger).await;
        let decision = decide(policy, &known.registry, *direction, &ledger, &mapped.mappings);
        Outcome { run_id: Uuid::now_v7(), ledger, mapped, decision }
    }

    /// Asks the mapper for the labels of what was found, within its share of the budget.
    async fn map_found(&self, setting: &Setting, ledger: &Ledger) -> Mapped {
        if ledger.found.is_empty() {
            return Mapped { mappings: Vec::new(), versions: None };
        }
        // A text full of addresses has thousands of findings and a handful of words.
        let mut words: Vec<Word> = Vec::new();
        let mut positions = HashMap::new();
        let of_found: Vec<usize> = ledger
            .found
            .iter()
            .map(|found| {
                let key = (&found.detector, &found.raw.label, found.raw.score.to_bits());
                *positions.entry(key).or_insert_with(|| {
                    words.push(Word {
                        detector: found.detector.clone(),
                        detector_version: found.detector_version.clone(),
                        raw_label: found.raw.label.clone(),
                        score: found.raw.score,
                    });
                    words.len() - 1
                })
            })
            .collect();
        let left = setting.budget.until.saturating_duration_since(Instant::now());
        let share = setting.budget.mapper.min(left);
        let err = match context::within(share, self.0.mapper.map(setting.tenant, &words)).await {
            Some(Ok(mapped)) => {
                let mappings =
                    of_found.iter().map(|&at| mapped.mappings.get(at).cloned().flatten());
                return Mapped { mappings: mappings.collect(), versions: mapped.versions };
            }
            Some(Err(err)) => err,
            None => clients::out_of_time(),
        };
        tracing::info!(error.chain = runtime::report(&err), "Deciding without the mapper");
        Mapped { mappings: vec![None; ledger.found.len()], versions: None }
    }

    /// Commits the run and what the mapper has yet to get, together.
    async fn store(
        &self,
        setting: &Setting,
        detection: &Detection,
        findings: &[DetectedFinding],
    ) -> Result<(), Error> {
        let tenant = setting.tenant;
        let policy = setting.policy.label();
        let mut tx = database::begin(&self.0.db, tenant).await?;
        store::run::insert_detection(&mut *tx, tenant, detection).await?;
        store::run::insert_checks(&mut *tx, tenant, detection.run_id, &detection.checks).await?;
        for piece in findings.chunks(DELIVERY_MAX) {
            let piece = piece.iter().map(|it| (it.finding.clone(), None)).collect();
            let payload = Batch::new(piece, &policy).payload();
            let bounds = self.bounds();
            let room =
                store::delivery::insert_delivery(&mut *tx, tenant, &payload, now(), bounds).await?;
            if room == Room::Full {
                return Err(Error::InboxFull);
            }
        }
        tx.commit().await?;
        self.0.queued.notify_one();
        self.0.committed.send_replace(());
        Ok(())
    }

    fn count_checks(&self, ledger: &Ledger) {
        for check in &ledger.checks {
            let in_rotation = self.0.bulkhead.in_rotation(&check.detector);
            if let Some(in_rotation) = in_rotation {
                let health = if in_rotation { 1.0 } else { 0.0 };
                self.0.meters.detector_health.set([&check.detector], health);
                let labels = [check.detector.as_str(), check.state.as_str()];
                self.0.meters.detector_ms.observe(labels, check.duration_ms);
            }
        }
    }

    fn count_detection(
        &self,
        tenant: TenantId,
        policy: &str,
        detected: &Result<Detected, Error>,
        duration_ms: f64,
    ) {
        let meters = &self.0.meters;
        let tenant = meters.tenant(tenant);
        meters.request_ms.observe([], duration_ms);
        let Ok(Detected { detection, labels, .. }) = detected else {
            meters.requests.inc([&tenant, policy, "error"]);
            return;
        };
        let status = if detection.coverage.is_partial() { "partial_coverage" } else { "complete" };
        meters.requests.inc([&tenant, policy, status]);
        meters.coverage.set([&tenant, policy], detection.coverage.achieved);
        let verdict = &detection.verdict;
        let decisive = labels.iter().find(|it| it.policy_line == verdict.policy_line);
        let violation = match decisive {
            Some(label) => label.label.split('.').next().unwrap_or_default(),
            None if verdict.policy_line.is_empty() => "none",
            None => "failure",
        };
        meters.enforcement.inc([&tenant, policy, verdict.action.as_str(), violation]);
    }
}

/// The budget of the policy for this priority, or what is left of the caller's time if that is less.
fn budget(policy: &PublishedPolicy, priority: Priority, started: Instant) -> Budget {
    let budgets = policy.policy.budgets;
    let own = Duration::from_millis(budgets.of(priority).into());
    let callers = context::remaining().map(|left| left.mul_f64(1.0 - ANSWER_SHARE));
    let whole = callers.map_or(own, |left| left.min(own));
    // The detectors get at least half, however the tenant set the mapper's share.
    let mapper = Duration::from_millis(budgets.mapper_ms.into()).min(whole / 2);
    Budget { detectors_until: started + (whole - mapper), mapper, until: started + whole }
}

/// The findings as they are answered and delivered: with an id of ours, a place, and what became of them.
fn findings(setting: &Setting, outcome: &Outcome) -> Vec<DetectedFinding> {
    let Outcome { run_id, ledger, mapped, decision } = outcome;
    let spans: Vec<_> = ledger.found.iter().map(|found| found.raw.span.clone()).collect();
    let points = detectors::code_points(&setting.content, &spans);
    let trace_parent = telemetry::current_traceparent().unwrap_or_default();
    let places = points.into_iter().enumerate();
    let found = ledger.found.iter().zip(&mapped.mappings).zip(places);
    let findings = found.map(|((found, mapping), (number, (start, end)))| {
        let label = mapping.as_ref().map(|it| it.label.as_str());
        let action = decision.verdict.action;
        let became = disposition(action, setting.direction, label, found.below_threshold);
        let point = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let finding = Finding {
            id: format!("{run_id}:{number}"),
            detector: found.detector.clone(),
            detector_version: found.detector_version.clone(),
            raw_label: found.raw.label.clone(),
            score: found.raw.score,
            span: (start < end).then(|| Span { start: point(start), end: point(end) }),
            occurred_at: Some(Moment::of(setting.started_at)),
            resource: setting.resource.clone(),
            disposition: Said::Known(became),
            metadata: Default::default(),
            request_id: run_id.to_string(),
            trace_parent: trace_parent.clone(),
        };
        DetectedFinding { finding, mapping: mapping.clone() }
    });
    findings.collect()
}

/// What is kept of it. Never content.
fn stored(setting: &Setting, outcome: &Outcome) -> Detection {
    let Setting { policy, known, content, resource, started_at, .. } = setting;
    let Outcome { run_id, ledger, decision, .. } = outcome;
    Detection {
        run_id: *run_id,
        started_at: *started_at,
        ended_at: now().max(*started_at),
        policy_name: policy.policy.name.clone(),
        policy_version: policy.version,
        verdict: decision.verdict.clone(),
        coverage: decision.coverage.clone(),
        checks: ledger.checks.clone(),
        content_digest: digest(&known.digest_key, content),
        resource: resource.clone(),
        mapping: decision.mapping,
        fallback_used: decision.fallback_used,
    }
}

/// HMAC-SHA-256 of the content under the tenant's key: tells the same content again, and nobody else what it was.
fn digest(key: &[u8], content: &str) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(content).finalize().into_bytes().into()
}
