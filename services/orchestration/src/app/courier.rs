//! The courier brings to the mapper what waits for it, and does so by itself as soon as the mapper is back.
//!
//! A tenant's deliveries go out in their order, by one replica at a time: it leases the tenant's oldest one. What was
//! brought but could not be struck off is brought again, and the mapper, who knows a finding by its detector and id,
//! stores it once.

use std::time::Duration;

use futures::future::join_all;
use runtime::{context, database};
use types::TenantId;

use super::{App, now};
use crate::{
    Error,
    clients::{self, Batch, may_work_later},
    delivery::Delivery,
    store,
};

/// Tenants served at once.
const TENANTS_MAX: i64 = 16;
/// Deliveries put together into one request.
const DELIVERIES_MAX: i64 = 200;

/// What became of one turn.
enum Turn {
    Brought,
    /// The mapper did not take it, or somebody else had brought it.
    Nothing,
}

impl App {
    /// Delivers until the service stops.
    pub async fn deliver(&self) {
        let stopping = self.0.tasks.stopping();
        let poll = Duration::from_millis(self.0.config.delivery.poll_ms);
        while !stopping.is_cancelled() {
            match self.deliver_due().await {
                Ok(true) => continue,
                Ok(false) => self.count_backlog().await,
                Err(err) => {
                    tracing::warn!(
                        error.chain = runtime::report(&err),
                        "Cannot read what is to be delivered"
                    );
                }
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.0.queued.notified() => (),
                () = tokio::time::sleep(poll) => (),
            }
        }
    }

    /// Takes the turn of tenants that have something due; says whether it got rid of anything.
    async fn deliver_due(&self) -> Result<bool, Error> {
        let now = now();
        let until = now + Duration::from_millis(self.0.config.delivery.lease_ms);
        let tenants =
            store::delivery::lease_deliveries(&self.0.db, now, until, TENANTS_MAX).await?;
        let turns = join_all(tenants.into_iter().map(|tenant| self.take_turn(tenant))).await;
        let mut brought = false;
        for turn in turns {
            match turn {
                Ok(Turn::Brought) => brought = true,
                Ok(Turn::Nothing) => (),
                // The lease ends by itself, and then the turn is taken again.
                Err(err) => {
                    tracing::warn!(
                        error.chain = runtime::report(&err),
                        "A delivery was interrupted"
                    );
                }
            }
        }
        Ok(brought)
    }

    async fn take_turn(&self, tenant: TenantId) -> Result<Turn, Error> {
        let bytes_max = i64::try_from(clients::REQUEST_BYTES_MAX).unwrap_or(i64::MAX);
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let waiting =
            store::delivery::oldest_deliveries(&mut *tx, tenant, DELIVERIES_MAX, bytes_max).await?;
        tx.commit().await?;
        let Some(oldest) = waiting.first() else { return Ok(Turn::Nothing) };
        let failed_before = 0 < oldest.attempts;
        let (head, attempts) = (oldest.seq, oldest.attempts);

        // One at a time after a failure, so that one that will never be taken holds up no other.
        let together = if failed_before { &waiting[..1] } else { fitting(&waiting) };
        match self.bring(tenant, together).await {
            Ok(()) => {
                let seqs: Vec<i64> = together.iter().map(|delivery| delivery.seq).collect();
                let mut tx = database::begin(&self.0.db, tenant).await?;
                store::delivery::delete_deliveries(&mut *tx, tenant, &seqs).await?;
                tx.commit().await?;
                Ok(Turn::Brought)
            }
            Err(Failure::Later) => {
                let next = now() + self.pause(attempts);
                let mut tx = database::begin(&self.0.db, tenant).await?;
                store::delivery::postpone_delivery(&mut *tx, tenant, head, next).await?;
                tx.commit().await?;
                Ok(Turn::Nothing)
            }
            Err(Failure::Never) if 1 < together.len() => {
                let mut tx = database::begin(&self.0.db, tenant).await?;
                // Counts as an attempt, after which they go one by one.
                store::delivery::postpone_delivery(&mut *tx, tenant, head, now()).await?;
                tx.commit().await?;
                Ok(Turn::Brought)
            }
            Err(Failure::Never) => {
                self.park(tenant, head).await?;
                Ok(Turn::Brought)
            }
        }
    }

    async fn bring(&self, tenant: TenantId, deliveries: &[Delivery]) -> Result<(), Failure> {
        let payloads = deliveries.iter().map(|delivery| &delivery.payload);
        let Some(batch) = Batch::of_payloads(payloads) else {
            tracing::error!(tenant.id = %tenant, "A delivery cannot be read");
            return Err(Failure::Never);
        };
        let within = Duration::from_millis(self.0.config.ingest.record_timeout_ms);
        match context::within(within, self.0.mapper.record(tenant, batch)).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(err)) if may_work_later(&err) => {
                tracing::debug!(
                    error.chain = runtime::report(&err),
                    "The mapper did not take a delivery"
                );
                Err(Failure::Later)
            }
            Some(Err(err)) => {
                tracing::error!(
                    error.chain = runtime::report(&err),
                    "The mapper refused a delivery"
                );
                Err(Failure::Never)
            }
            None => Err(Failure::Later),
        }
    }

    async fn park(&self, tenant: TenantId, seq: i64) -> Result<(), Error> {
        tracing::error!(tenant.id = %tenant, delivery.seq = seq, "Parked a delivery that the mapper will never take");
        let mut tx = database::begin(&self.0.db, tenant).await?;
        store::delivery::park_delivery(&mut *tx, tenant, seq, now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Doubles with every attempt, with jitter, so that tenants do not come back all at once.
    fn pause(&self, attempts: i32) -> Duration {
        let config = &self.0.config.delivery;
        let doubled = 2u64.saturating_pow(u32::try_from(attempts).unwrap_or(0));
        let full = config.pause_min_ms.saturating_mul(doubled).min(config.pause_max_ms);
        Duration::from_millis(full).mul_f64(rand::random_range(0.5..1.0))
    }

    async fn count_backlog(&self) {
        match store::delivery::backlog(&self.0.db).await {
            Ok(backlog) => {
                self.0.meters.backlog.set(["waiting"], backlog.deliveries as f64);
                self.0.meters.backlog.set(["parked"], backlog.parked as f64);
            }
            Err(err) => {
                tracing::warn!(
                    error.chain = runtime::report(&err),
                    "Cannot count what is to be delivered"
                );
            }
        }
    }
}

enum Failure {
    Later,
    Never,
}

/// As many of the oldest as the mapper takes at once; at least one.
fn fitting(waiting: &[Delivery]) -> &[Delivery] {
    let mut findings = 0;
    let n = waiting
        .iter()
        .take_while(|delivery| {
            findings += usize::try_from(delivery.payload.findings).unwrap_or(usize::MAX / 1_000);
            findings <= clients::FINDINGS_MAX
        })
        .count();
    &waiting[..n.max(1)]
}
