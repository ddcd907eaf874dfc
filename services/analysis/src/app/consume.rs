//! Reads the two feeds. Each batch is applied in one transaction together with the cursor behind it, so whatever dies
//! at whatever point, nothing is missed and nothing counted twice. A transaction that finds the cursor elsewhere
//! applies nothing, so several replicas may read at once.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use futures::{Stream, StreamExt as _};
use runtime::{task::Tasks, telemetry};
use time::OffsetDateTime;
use tracing::Span;

use super::App;
use crate::{
    Error,
    clients::{Batch, Broken},
    rollup::{self, Event, RunItem},
    store::{
        self, apply,
        feed::{Advanced, Feed, Step},
    },
};

/// Detections whose trace goes on in analysis, per batch: enough to follow one, not enough to drown in.
const TRACES_MAX: usize = 50;

impl App {
    /// Starts to read both feeds until `tasks` are asked to stop.
    pub(crate) fn consume(&self, tasks: &Tasks) {
        for (feed, name) in [(Feed::Events, "consume events"), (Feed::Runs, "consume runs")] {
            let (app, stopping) = (self.clone(), tasks.stopping());
            tasks.spawn(name, async move {
                // A batch that is cut off is rolled back, so there is nothing to wait for.
                stopping.run_until_cancelled(app.keep_reading(feed)).await;
            });
        }
    }

    /// Reads `feed` for ever, and again after every failure.
    async fn keep_reading(&self, feed: Feed) {
        let mut pause_ms = self.feed.pause_ms;
        loop {
            let before = store::feed::cursor(&self.db, feed).await;
            let read = self.read(feed).await;
            if let Err(err) = &read {
                let chain = runtime::report(err);
                tracing::warn!(feed.name = feed.as_str(), error.chain = chain, "Lost the feed");
                // Nobody knows how long the feed has become. That the database may be away as well is no news.
                let _ = store::feed::set_caught_up(&self.db, feed, false).await;
            }
            let after = store::feed::cursor(&self.db, feed).await;
            let moved = matches!((before, after), (Ok(before), Ok(after)) if before != after);
            if moved || read.is_ok() {
                pause_ms = self.feed.pause_ms;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            pause_ms = (2 * pause_ms).min(self.feed.pause_max_ms);
        }
    }

    /// Reads `feed` to its end, and then what is added to it, until the stream ends.
    async fn read(&self, feed: Feed) -> Result<(), Error> {
        let mut cursor = store::feed::cursor(&self.db, feed).await?;
        for follow in [false, true] {
            let max = self.feed.batch_max;
            let all = match feed {
                Feed::Events => {
                    let stream = self.clients.tail_events(&cursor, max, follow).await?;
                    self.apply_all(stream, &mut cursor, Self::apply_events).await?
                }
                Feed::Runs => {
                    let stream = self.clients.tail_runs(&cursor, max, follow).await?;
                    self.apply_all(stream, &mut cursor, Self::apply_runs).await?
                }
            };
            if all == Advanced::Overtaken {
                return Ok(());
            }
            store::feed::set_caught_up(&self.db, feed, true).await?;
        }
        Ok(())
    }

    /// Applies every batch of `stream`, and moves `cursor` along.
    async fn apply_all<T>(
        &self,
        stream: impl Stream<Item = Result<Batch<T>, Broken>>,
        cursor: &mut String,
        apply: impl AsyncFn(&App, &str, &Batch<T>) -> Result<Advanced, Error>,
    ) -> Result<Advanced, Error> {
        let mut stream = pin!(stream);
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            if apply(self, cursor.as_str(), &batch).await? == Advanced::Overtaken {
                return Ok(Advanced::Overtaken);
            }
            *cursor = batch.cursor;
        }
        Ok(Advanced::Moved)
    }

    /// Applies one batch of events, and moves the cursor from `cursor` to behind it.
    pub async fn apply_events(
        &self,
        cursor: &str,
        batch: &Batch<Event>,
    ) -> Result<Advanced, Error> {
        let _traces = traces(&batch.items);
        let last = batch.items.iter().map(|it| it.received_at).max();
        let rollups = rollup::of_events(&batch.items);
        let step = self.step(cursor, batch, last);

        let mut tx = self.db.begin().await?;
        if store::feed::advance(&mut *tx, Feed::Events, &step).await? == Advanced::Overtaken {
            return Ok(Advanced::Overtaken);
        }
        for (tenant, rollup) in &rollups {
            store::enter(&mut *tx, *tenant).await?;
            apply::add_events(&mut *tx, *tenant, rollup).await?;
            apply::add_versions(&mut *tx, *tenant, rollup).await?;
            if let Some(at) = rollup.received_at {
                store::feed::add_progress(&mut *tx, *tenant, Feed::Events, rollup.events, at)
                    .await?;
            }
        }
        tx.commit().await?;
        self.lag.set([], step.lag_s);
        Ok(Advanced::Moved)
    }

    /// Applies one batch of runs and policies, and moves the cursor from `cursor` to behind it.
    pub async fn apply_runs(
        &self,
        cursor: &str,
        batch: &Batch<RunItem>,
    ) -> Result<Advanced, Error> {
        let rollups = rollup::of_runs(&batch.items);
        let last = rollups.values().filter_map(|it| it.received_at).max();
        let step = self.step(cursor, batch, last);

        let mut tx = self.db.begin().await?;
        if store::feed::advance(&mut *tx, Feed::Runs, &step).await? == Advanced::Overtaken {
            return Ok(Advanced::Overtaken);
        }
        for (tenant, rollup) in &rollups {
            store::enter(&mut *tx, *tenant).await?;
            apply::add_checks(&mut *tx, *tenant, rollup).await?;
            apply::add_detections(&mut *tx, *tenant, rollup).await?;
            apply::add_reports(&mut *tx, *tenant, rollup).await?;
            for activation in &rollup.activations {
                apply::add_activation(&mut *tx, *tenant, activation).await?;
                apply::add_requirements(&mut *tx, *tenant, activation).await?;
            }
            if let Some(at) = rollup.received_at {
                store::feed::add_progress(&mut *tx, *tenant, Feed::Runs, rollup.runs, at).await?;
            }
        }
        tx.commit().await?;
        Ok(Advanced::Moved)
    }

    fn step<'a, T>(
        &self,
        cursor: &'a str,
        batch: &'a Batch<T>,
        last: Option<OffsetDateTime>,
    ) -> Step<'a> {
        let lag = last.map(|at| (OffsetDateTime::now_utc() - at).as_seconds_f64().max(0.0));
        let full = u32::try_from(batch.items.len()).is_ok_and(|items| self.feed.batch_max <= items);
        Step { from: cursor, to: &batch.cursor, caught_up: !full, lag_s: lag.unwrap_or(0.0) }
    }
}

/// One open span per detection in `events`, so that a trace of it shows when analysis took it in.
fn traces(events: &[Event]) -> Vec<Span> {
    let parents: BTreeSet<&str> =
        events.iter().filter_map(|it| it.trace_parent.as_deref()).collect();
    let open = |parent: &str| {
        let span = tracing::info_span!(parent: None, "apply_events", otel.kind = "consumer");
        telemetry::set_parent(&span, parent);
        span
    };
    parents.into_iter().take(TRACES_MAX).map(open).collect()
}
