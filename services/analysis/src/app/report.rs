//! Evidence reports: made once, stored with their bytes, and read back.

use runtime::database;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use super::{App, Span, picture};
use crate::{
    Error, gap,
    period::Period,
    report::{self, Report, Series, Stored, VersionCount},
    store, summary,
};

/// A report over more days than this is refused.
const PERIOD_DAYS_MAX: i64 = 400;

/// What a report is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub span: Span,
    pub frameworks: Vec<String>,
    /// Empty means one made from the period.
    pub title: String,
}

/// One page of reports, latest first, without their documents.
#[derive(Debug)]
pub struct ReportPage {
    pub reports: Vec<Stored>,
    pub next: Option<Uuid>,
}

impl App {
    /// Writes a report and stores it.
    pub async fn create_report(&self, tenant: TenantId, asked: Asked) -> Result<Stored, Error> {
        let stored = report::write(Uuid::now_v7(), self.report(tenant, &asked).await?);
        let mut tx = database::begin(&self.db, tenant).await?;
        store::report::insert(&mut *tx, tenant, &stored, OffsetDateTime::now_utc()).await?;
        tx.commit().await?;
        Ok(stored)
    }

    pub async fn get_report(&self, tenant: TenantId, id: Uuid) -> Result<Stored, Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        let stored = store::report::report(&mut *tx, tenant, id).await?;
        tx.commit().await?;
        stored.ok_or(Error::UnknownReport)
    }

    /// At most `size` reports that are older than `before`.
    pub async fn list_reports(
        &self,
        tenant: TenantId,
        before: Uuid,
        size: u32,
    ) -> Result<ReportPage, Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        // One more, to know whether there is a next page.
        let mut reports = store::report::reports(&mut *tx, tenant, before, size + 1).await?;
        tx.commit().await?;
        let full = usize::try_from(size).is_ok_and(|size| size < reports.len());
        if full {
            reports.pop();
        }
        let next = reports.last().map(|it| it.id).filter(|_| full);
        Ok(ReportPage { reports, next })
    }

    /// What the report says. All of it is read at one moment, so the same cursors of the feeds give the same report.
    async fn report(&self, tenant: TenantId, asked: &Asked) -> Result<Report, Error> {
        let Some(to) = asked.span.to else {
            return Err(Error::InvalidField { field: "period.to", rule: "is required" });
        };
        let mut tx = self.begin(tenant).await?;
        let period = self.period(&mut tx, tenant, asked.span).await?;
        refuse_too_long(period)?;
        let progress = store::feed::progress(&mut *tx, tenant).await?;
        let as_of = progress.as_of.unwrap_or(to);
        // What is past is known; of what is still to come, only what has been received.
        let known_at = if to <= OffsetDateTime::now_utc() { as_of.max(to) } else { as_of };
        let picture = picture::picture(&mut tx, tenant, period, known_at).await?;
        let points = store::rollup::points(&mut *tx, tenant, period, picture.width).await?;
        let detections = store::rollup::detections(&mut *tx, tenant, period).await?;
        let versions = store::rollup::versions(&mut *tx, tenant, period).await?;
        tx.commit().await?;

        let (risk, risks) = self.risks(&picture).await?;
        let versions =
            versions.into_iter().map(|(versions, events)| VersionCount { versions, events });
        let title = asked.title.trim();
        Ok(Report {
            title: if title.is_empty() { report::title(period) } else { title.to_owned() },
            period,
            as_of,
            summary: summary::of(&picture.totals),
            series: Series { width: picture.width, points },
            detections,
            risk,
            risks,
            gaps: gap::of(&picture.gap_input(), &self.thresholds),
            frameworks: self.posture(&picture, &asked.frameworks).await?,
            versions: versions.collect(),
            weights: self.weights,
            thresholds: self.thresholds,
            coverage: picture.coverage,
        })
    }
}

fn refuse_too_long(period: Period) -> Result<(), Error> {
    let days = (period.to - period.from).whole_days();
    if days <= PERIOD_DAYS_MAX {
        return Ok(());
    }
    let size = u64::try_from(days).unwrap_or(u64::MAX);
    Err(Error::TooMany { field: "period", size, limit: PERIOD_DAYS_MAX.unsigned_abs() })
}
