//! What pushing detectors deliver: judged, recorded by the mapper, or kept for it.
//!
//! A finding is acknowledged when the mapper has committed it, or when it lies in our own durable queue because the
//! mapper is away. So an acknowledged finding is never lost; and since the mapper knows a finding by its detector and
//! id, delivering it twice stores it once.

use std::{collections::BTreeMap, mem, time::Duration};

use runtime::{context, database};
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use super::{App, now};
use crate::{
    Error,
    acknowledgement::{Acknowledgement, Acknowledgements, ItemError, Status},
    cache::Known,
    clients::{self, Batch, Recorded, may_work_later},
    delivery::{Bounds, Payload, Room},
    finding::{self, Fault, Finding, Judgement},
    report::{self, Refusal, RunReport},
    run::Reported,
    store::{self, Inserted},
};

/// The metric's label of a detector that nobody knows, so that senders cannot invent labels.
const UNKNOWN: &str = "unknown";

/// Findings and run reports as they arrived, with their positions in the stream or batch.
#[derive(Debug, Default)]
pub struct Delivered {
    pub findings: Vec<(u64, Finding)>,
    pub reports: Vec<(u64, RunReport)>,
}

/// A finding that goes to the mapper, and where its acknowledgement belongs.
struct Taken {
    slot: usize,
    finding: Finding,
    fault: Option<Fault>,
}

/// What becomes of one finding.
type Fate = (Status, Option<ItemError>);

impl App {
    /// Takes findings and reports; every one of them gets a status, in order.
    pub async fn ingest_batch(&self, tenant: TenantId, delivered: Delivered) -> Acknowledgements {
        let known = match self.known(tenant).await {
            Ok(known) => known,
            Err(err) => return refuse_all(delivered, &err),
        };
        let Delivered { findings, reports } = delivered;
        if !findings.is_empty() {
            self.0.meters.batch_size.observe([], findings.len() as f64);
        }
        let now = now();
        let (findings, reports) = futures::future::join(
            self.take_findings(tenant, &known, findings, now),
            self.take_reports(tenant, &known, reports, now),
        )
        .await;
        Acknowledgements { findings, reports }
    }

    async fn take_findings(
        &self,
        tenant: TenantId,
        known: &Known,
        findings: Vec<(u64, Finding)>,
        now: OffsetDateTime,
    ) -> Vec<Acknowledgement> {
        if findings.is_empty() {
            return Vec::new();
        }
        let mut acknowledgements = Vec::with_capacity(findings.len());
        let mut detectors = Vec::with_capacity(findings.len());
        let mut taken = Vec::with_capacity(findings.len());
        for (slot, (index, finding)) in findings.into_iter().enumerate() {
            let judgement = finding::judge(&finding, |name| known.registry.knows(name), now);
            let error = match &judgement {
                Judgement::Sound => None,
                Judgement::Malformed(fault) | Judgement::Refused(fault) => {
                    Some(ItemError::fault(fault, "findings", index))
                }
                Judgement::UnknownDetector => Some(ItemError::unknown_detector("findings", index)),
            };
            let id = finding.id.clone();
            acknowledgements.push(Acknowledgement { index, id, status: Status::Refused, error });
            let is_known = known.registry.knows(&finding.detector);
            detectors.push(if is_known { finding.detector.clone() } else { UNKNOWN.to_owned() });
            match judgement {
                Judgement::Sound => taken.push(Taken { slot, finding, fault: None }),
                Judgement::Malformed(fault) => {
                    taken.push(Taken { slot, finding, fault: Some(fault) });
                }
                Judgement::Refused(_) | Judgement::UnknownDetector => (),
            }
        }

        for (slot, fate) in self.record(tenant, taken).await {
            let (status, error) = fate;
            let acknowledgement = &mut acknowledgements[slot];
            acknowledgement.status = status;
            match status {
                // Ours names the place in the batch, so it is kept where there is one.
                Status::Malformed => acknowledgement.error = acknowledgement.error.take().or(error),
                Status::Refused => acknowledgement.error = error,
                Status::Accepted | Status::Queued | Status::Duplicate => {
                    acknowledgement.error = None;
                }
            }
        }
        self.count(tenant, &detectors, &acknowledgements);
        acknowledgements
    }

    /// Has the mapper record what was taken, in pieces that it reads.
    async fn record(&self, tenant: TenantId, mut taken: Vec<Taken>) -> Vec<(usize, Fate)> {
        let policy = match self.policy_in_force(tenant, "").await {
            Ok(policy) => policy.label(),
            // A tenant without a default policy has none in force; what it pushes is recorded all the same.
            Err(Error::UnknownPolicy(_)) => String::new(),
            Err(err) => {
                let error = unavailable(&err, "the policy cannot be read just now");
                let refused = (Status::Refused, Some(error));
                return taken.into_iter().map(|it| (it.slot, refused.clone())).collect();
            }
        };
        let mut fates = Vec::with_capacity(taken.len());
        while !taken.is_empty() {
            let rest = taken.split_off(piece(&taken));
            let piece = mem::replace(&mut taken, rest);
            let slots: Vec<usize> = piece.iter().map(|it| it.slot).collect();
            let findings = piece.into_iter().map(|it| (it.finding, it.fault)).collect();
            let piece_fates = self.record_piece(tenant, Batch::new(findings, &policy)).await;
            fates.extend(slots.into_iter().zip(piece_fates));
        }
        fates
    }

    async fn record_piece(&self, tenant: TenantId, batch: Batch) -> Vec<Fate> {
        let payload = batch.payload();
        let n_findings = usize::try_from(payload.findings).unwrap_or_default();
        let within = Duration::from_millis(self.0.config.ingest.record_timeout_ms);
        let recorded = context::within(within, self.0.mapper.record(tenant, batch)).await;
        let err = match recorded {
            Some(Ok(recorded)) => return recorded.into_iter().map(fate).collect(),
            Some(Err(err)) => err,
            None => clients::out_of_time(),
        };
        if !may_work_later(&err) {
            tracing::error!(error.chain = runtime::report(&err), "The mapper refused a batch");
            return vec![(Status::Refused, Some(ItemError::internal())); n_findings];
        }
        tracing::debug!(error.chain = runtime::report(&err), "Keeping a batch for the mapper");
        let fate = match self.queue(tenant, &payload).await {
            Ok(Room::Enough) => (Status::Queued, None),
            Ok(Room::Full) => {
                let full = "the mapper is away and its inbox is full";
                (Status::Refused, Some(ItemError::unavailable(full)))
            }
            Err(err) => {
                let away = "neither the mapper nor the database can be reached";
                (Status::Refused, Some(unavailable(&err, away)))
            }
        };
        vec![fate; n_findings]
    }

    /// Keeps `payload` until the mapper takes it.
    async fn queue(&self, tenant: TenantId, payload: &Payload) -> Result<Room, Error> {
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let bounds = self.bounds();
        let room =
            store::delivery::insert_delivery(&mut *tx, tenant, payload, now(), bounds).await?;
        tx.commit().await?;
        self.0.queued.notify_one();
        Ok(room)
    }

    pub(super) fn bounds(&self) -> Bounds {
        let config = &self.0.config.delivery;
        Bounds { deliveries_max: config.deliveries_max, bytes_max: config.bytes_max }
    }

    async fn take_reports(
        &self,
        tenant: TenantId,
        known: &Known,
        reports: Vec<(u64, RunReport)>,
        now: OffsetDateTime,
    ) -> Vec<Acknowledgement> {
        let mut acknowledgements = Vec::with_capacity(reports.len());
        let mut sound = Vec::new();
        for (slot, (index, report)) in reports.into_iter().enumerate() {
            let id = report.id.clone();
            let error = match report::judge(report, |name| known.registry.knows(name), now) {
                Ok(report) => {
                    sound.push((slot, Reported { run_id: Uuid::now_v7(), report }));
                    None
                }
                Err(Refusal::Fault(fault)) => Some(ItemError::fault(&fault, "runs", index)),
                Err(Refusal::UnknownDetector) => Some(ItemError::unknown_detector("runs", index)),
            };
            acknowledgements.push(Acknowledgement { index, id, status: Status::Refused, error });
        }
        if sound.is_empty() {
            return acknowledgements;
        }
        let (slots, sound): (Vec<usize>, Vec<Reported>) = sound.into_iter().unzip();
        match self.store_reports(tenant, &sound, now).await {
            Ok(inserted) => {
                for (slot, inserted) in slots.into_iter().zip(inserted) {
                    acknowledgements[slot].status = match inserted {
                        Inserted::New => Status::Accepted,
                        Inserted::Known => Status::Duplicate,
                    };
                }
            }
            Err(err) => {
                let error = unavailable(&err, "the database cannot store the report just now");
                for slot in slots {
                    acknowledgements[slot].error = Some(error.clone());
                }
            }
        }
        acknowledgements
    }

    async fn store_reports(
        &self,
        tenant: TenantId,
        reports: &[Reported],
        now: OffsetDateTime,
    ) -> Result<Vec<Inserted>, Error> {
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let new = store::run::insert_reports(&mut *tx, tenant, reports, now).await?;
        tx.commit().await?;
        self.0.committed.send_replace(());
        let inserted = reports.iter().map(|report| match new.contains(&report.run_id) {
            true => Inserted::New,
            false => Inserted::Known,
        });
        Ok(inserted.collect())
    }

    fn count(&self, tenant: TenantId, detectors: &[String], acknowledgements: &[Acknowledgement]) {
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (detector, acknowledgement) in detectors.iter().zip(acknowledgements) {
            *counts.entry((detector, acknowledgement.status.as_str())).or_default() += 1;
        }
        let tenant = self.0.meters.tenant(tenant);
        for ((detector, status), n) in counts {
            self.0.meters.ingested.add([&tenant, detector, status], n);
        }
    }
}

/// How many of `taken` fit into one request to the mapper; at least one.
fn piece(taken: &[Taken]) -> usize {
    let mut bytes = 0;
    let fitting = taken.iter().take(clients::FINDINGS_MAX).take_while(|it| {
        bytes += clients::size(&it.finding);
        bytes <= clients::REQUEST_BYTES_MAX
    });
    fitting.count().max(1)
}

fn fate(recorded: Recorded) -> Fate {
    match recorded {
        Recorded::Stored => (Status::Accepted, None),
        Recorded::Duplicate => (Status::Duplicate, None),
        Recorded::Malformed(error) => (Status::Malformed, error),
        Recorded::Refused(error) => (Status::Refused, error),
    }
}

/// What a sender is told when `err` kept its finding out; the operator is told more.
fn unavailable(err: &Error, what: &str) -> ItemError {
    tracing::error!(error.chain = runtime::report(err), "Refusing findings or reports");
    ItemError::unavailable(what)
}

fn refuse_all(Delivered { findings, reports }: Delivered, err: &Error) -> Acknowledgements {
    let error = unavailable(err, "the database cannot be read just now");
    let refused = |index, id| Acknowledgement {
        index,
        id,
        status: Status::Refused,
        error: Some(error.clone()),
    };
    Acknowledgements {
        findings: findings.into_iter().map(|(index, it)| refused(index, it.id)).collect(),
        reports: reports.into_iter().map(|(index, it)| refused(index, it.id)).collect(),
    }
}
