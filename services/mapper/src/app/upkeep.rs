//! What runs beside the requests: partitions are made ahead, unknown words of `Map` are written down.

use std::{sync::PoisonError, time::Duration};

use runtime::{database, task::Tasks};
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use super::App;
use crate::{
    Error,
    proposal::{self, Proposal},
    store,
};

const PARTITIONS_EVERY: Duration = Duration::from_secs(3600);
const PROPOSALS_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// Starts the work; it ends with `tasks`.
    pub fn keep_up(&self, partitions_ahead_days: u16, tasks: &Tasks) {
        let (app, stopping) = (self.clone(), tasks.stopping());
        tasks.spawn("partitions", async move {
            while stopping.run_until_cancelled(tokio::time::sleep(PARTITIONS_EVERY)).await.is_some()
            {
                app.make_partitions(partitions_ahead_days).await;
            }
        });
        let (app, stopping) = (self.clone(), tasks.stopping());
        tasks.spawn("proposals", async move {
            while stopping.run_until_cancelled(tokio::time::sleep(PROPOSALS_EVERY)).await.is_some()
            {
                app.propose_unknown().await;
            }
            // Once more, for what came last.
            app.propose_unknown().await;
        });
    }

    /// Makes the partitions of today and the days to come. Without them events go to the default partition, so a failure
    /// is no reason not to serve.
    pub async fn make_partitions(&self, ahead_days: u16) {
        match store::make_partitions(&self.db, i32::from(ahead_days)).await {
            Ok(0) => (),
            Ok(n_new) => tracing::info!(partition.count = n_new, "Made partitions for events"),
            Err(err) => {
                tracing::warn!(
                    error.chain = runtime::report(&err),
                    "Cannot make partitions for events"
                );
            }
        }
    }

    async fn propose_unknown(&self) {
        let tallies = self.unknown.lock().unwrap_or_else(PoisonError::into_inner).take();
        for (tenant, tally) in tallies {
            let proposals = proposal::proposals(tally, OffsetDateTime::now_utc(), Uuid::now_v7);
            if let Err(err) = self.propose(tenant.into(), &proposals).await {
                let (error, words) = (runtime::report(&err), proposals.len());
                tracing::warn!(
                    error.chain = error,
                    word.count = words,
                    "Cannot propose unknown words"
                );
                for proposal in proposals {
                    self.propose_later(tenant.into(), proposal.word);
                }
            }
        }
    }

    async fn propose(&self, tenant: TenantId, proposals: &[Proposal]) -> Result<(), Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        store::proposal::propose(&mut *tx, tenant, proposals).await?;
        tx.commit().await?;
        Ok(())
    }
}
