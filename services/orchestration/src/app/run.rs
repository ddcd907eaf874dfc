//! What ran: one run of a tenant, or the feed of all of them.

use std::{collections::HashMap, time::Duration};

use runtime::database;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use types::TenantId;
use uuid::Uuid;

use super::App;
use crate::{
    Error,
    run::{Cursor, FeedItem, Run},
    store::{
        self,
        feed::{Entry, Row},
    },
};

/// Pages that wait for the transport.
const PAGES_MAX: usize = 2;

/// Some items of the feed, and where to go on after them.
#[derive(Debug)]
pub struct FeedPage {
    pub items: Vec<FeedItem>,
    pub cursor: Cursor,
}

/// How a consumer reads the feed.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    pub cursor: Cursor,
    pub batch_max: u32,
    pub follow: bool,
}

impl App {
    /// The stored run `id` of the tenant: a detection, or a run report.
    pub async fn run(&self, tenant: TenantId, id: Uuid) -> Result<Run, Error> {
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let runs = runs(&mut tx, tenant, &[id], &[id]).await?;
        tx.commit().await?;
        runs.into_values().next().ok_or(Error::UnknownRun)
    }

    /// Every run and policy activation of every tenant, in the order they were committed.
    pub fn tail_runs(&self, tail: Tail) -> mpsc::Receiver<Result<FeedPage, Error>> {
        let (pages, read) = mpsc::channel(PAGES_MAX);
        let app = self.clone();
        self.0.tasks.spawn_following(async move {
            if let Err(err) = app.follow_feed(tail, &pages).await {
                let _gone = pages.send(Err(err)).await;
            }
        });
        read
    }

    async fn follow_feed(
        &self,
        mut tail: Tail,
        pages: &mpsc::Sender<Result<FeedPage, Error>>,
    ) -> Result<(), Error> {
        let stopping = self.0.tasks.stopping();
        let poll = Duration::from_millis(self.0.config.feed.poll_ms);
        let mut committed = self.0.committed.subscribe();
        loop {
            committed.mark_unchanged();
            let page = self.feed_page(tail).await?;
            if !page.items.is_empty() {
                tail.cursor = page.cursor;
                if pages.send(Ok(page)).await.is_err() {
                    return Ok(());
                }
                continue;
            }
            if !tail.follow {
                return Ok(());
            }
            tokio::select! {
                () = stopping.cancelled() => return Err(Error::Stopping),
                () = pages.closed() => return Ok(()),
                // A neighbour's longer transaction can hold back what was committed here, so it is looked for again.
                _ = committed.changed() => (),
                () = tokio::time::sleep(poll) => (),
            }
        }
    }

    async fn feed_page(&self, tail: Tail) -> Result<FeedPage, Error> {
        let entries =
            store::feed::feed_after(&self.0.db, tail.cursor, i64::from(tail.batch_max)).await?;
        let cursor = entries.last().map_or(tail.cursor, |entry| entry.cursor);
        let mut by_tenant: HashMap<TenantId, Vec<(usize, &Row)>> = HashMap::new();
        for (position, Entry { tenant, row, .. }) in entries.iter().enumerate() {
            by_tenant.entry(*tenant).or_default().push((position, row));
        }
        let mut items: Vec<Option<FeedItem>> = entries.iter().map(|_| None).collect();
        for (tenant, rows) in by_tenant {
            for (position, item) in self.items(tenant, &rows).await? {
                items[position] = Some(item);
            }
        }
        Ok(FeedPage { items: items.into_iter().flatten().collect(), cursor })
    }

    /// Reads `rows` of one tenant, in its own transaction.
    async fn items(
        &self,
        tenant: TenantId,
        rows: &[(usize, &Row)],
    ) -> Result<Vec<(usize, FeedItem)>, Error> {
        let mut detections = Vec::new();
        let mut reports = Vec::new();
        for (_, row) in rows {
            match row {
                Row::Detection(id) => detections.push(*id),
                Row::Report(id) => reports.push(*id),
                Row::Policy { .. } => (),
            }
        }
        let mut tx = database::begin(&self.0.db, tenant).await?;
        let mut runs = runs(&mut tx, tenant, &detections, &reports).await?;
        let mut items = Vec::with_capacity(rows.len());
        for (position, row) in rows {
            let item = match row {
                Row::Detection(id) | Row::Report(id) => {
                    runs.remove(id).map(|run| FeedItem::Run { tenant, run })
                }
                Row::Policy { name, version } => {
                    let published =
                        store::policy::policy(&mut *tx, tenant, name, Some(*version)).await?;
                    published.map(|published| FeedItem::Policy { tenant, published })
                }
            };
            items.extend(item.map(|item| (*position, item)));
        }
        tx.commit().await?;
        Ok(items)
    }
}

/// Runs by their id: the detections and the reports.
async fn runs(
    db: &mut PgConnection,
    tenant: TenantId,
    detections: &[Uuid],
    reports: &[Uuid],
) -> Result<HashMap<Uuid, Run>, Error> {
    let mut runs = HashMap::new();
    if !detections.is_empty() {
        let checks = store::run::checks(&mut *db, tenant, detections).await?;
        for detection in store::run::detections(&mut *db, tenant, detections, checks).await? {
            runs.insert(detection.run_id, Run::Detection(Box::new(detection)));
        }
    }
    if !reports.is_empty() {
        for report in store::run::reports(&mut *db, tenant, reports).await? {
            runs.insert(report.run_id, Run::Report(report));
        }
    }
    Ok(runs)
}
