//! What analysis does: read, decide, write. Decisions are in the core; here is only the order.
//!
//! One method per RPC; reports have a file, `report.rs`. `picture.rs` reads what several questions are answered from.
//! The two feeds are read beside the requests, in `consume.rs`.

mod consume;
mod picture;
mod report;

use runtime::{
    boot::Process,
    database,
    metrics::{Gauge, names},
};
use sqlx::{PgPool, Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use types::TenantId;

use crate::{
    Clients, Config, Error,
    config::Feed,
    coverage::Coverage,
    gap::{self, Gap, Thresholds},
    period::{Period, Width},
    posture::{self, FrameworkPosture},
    progress::Progress,
    risk::{self, Risk, Weights},
    store,
    summary::{self, Point, Summary},
};
use picture::Picture;

pub use report::{Asked, ReportPage};

/// Everything a request needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    db: PgPool,
    clients: Clients,
    weights: Weights,
    thresholds: Thresholds,
    feed: Feed,
    lag: Gauge<0>,
}

/// A span of time as it was asked for; both ends may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub from: Option<OffsetDateTime>,
    pub to: Option<OffsetDateTime>,
}

/// Past this many buckets a series is refused rather than cut.
const BUCKETS_MAX: u64 = 10_000;

/// A period may end this far from now, for clocks that disagree and for "until tonight".
const AHEAD_MAX: Duration = Duration::DAY;

impl App {
    /// Opens the database.
    pub async fn connect(
        config: &Config,
        clients: Clients,
        process: &Process,
    ) -> anyhow::Result<App> {
        config.risk.validate()?;
        let db = database::connect("analysis", &config.database, &store::MIGRATIONS).await?;
        Ok(App {
            db,
            clients,
            weights: config.risk,
            thresholds: config.gap,
            feed: config.feed,
            lag: process.metrics.gauge(&names::ANALYSIS_LAG_SECONDS),
        })
    }

    pub fn db(&self) -> PgPool {
        self.db.clone()
    }

    /// How many events, by everything, and over time.
    pub async fn get_summary(
        &self,
        tenant: TenantId,
        span: Span,
        width: Width,
    ) -> Result<(Summary, Vec<Point>), Error> {
        let mut tx = self.begin(tenant).await?;
        let period = self.period(&mut tx, tenant, span).await?;
        refuse_too_many(period, width)?;
        let totals = store::rollup::totals(&mut *tx, tenant, period).await?;
        let points = store::rollup::points(&mut *tx, tenant, period, width).await?;
        tx.commit().await?;
        Ok((summary::of(&totals), points))
    }

    /// How much of what the policy required really ran.
    pub async fn get_coverage(
        &self,
        tenant: TenantId,
        span: Span,
        width: Width,
    ) -> Result<Coverage, Error> {
        if width == Width::Minute {
            return Err(Error::InvalidField { field: "granularity", rule: "must be HOUR or DAY" });
        }
        let mut tx = self.begin(tenant).await?;
        let period = self.period(&mut tx, tenant, span).await?;
        refuse_too_many(period, width)?;
        let now = OffsetDateTime::now_utc();
        let (coverage, _) = picture::coverage(&mut tx, tenant, period, now, width).await?;
        tx.commit().await?;
        Ok(coverage)
    }

    /// The risk of all labels together, and the highest ones.
    pub async fn list_risks(
        &self,
        tenant: TenantId,
        span: Span,
        limit: usize,
    ) -> Result<(f64, Vec<Risk>), Error> {
        let picture = self.picture(tenant, span).await?;
        let (overall, mut risks) = self.risks(&picture).await?;
        risks.truncate(limit);
        Ok((overall, risks))
    }

    /// What is missing or odd, gravest first.
    pub async fn list_gaps(
        &self,
        tenant: TenantId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Gap>, Error> {
        let picture = self.picture(tenant, span).await?;
        let mut gaps = gap::of(&picture.gap_input(), &self.thresholds);
        gaps.truncate(limit);
        Ok(gaps)
    }

    /// Which controls the findings are evidence for; of `frameworks` only, or of all when it is empty.
    pub async fn get_posture(
        &self,
        tenant: TenantId,
        span: Span,
        frameworks: &[String],
    ) -> Result<Vec<FrameworkPosture>, Error> {
        let picture = self.picture(tenant, span).await?;
        self.posture(&picture, frameworks).await
    }

    /// How far the feeds were read, for this tenant.
    pub async fn get_progress(&self, tenant: TenantId) -> Result<Progress, Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        let progress = store::feed::progress(&mut *tx, tenant).await?;
        tx.commit().await?;
        Ok(progress)
    }

    async fn risks(&self, picture: &Picture) -> Result<(f64, Vec<Risk>), Error> {
        let contexts = posture::contexts(&picture.totals, &picture.recurring(&self.thresholds));
        let resolved = self.clients.controls.resolve(&contexts, picture.facts()).await?;
        let Picture { totals, hours, .. } = picture;
        let in_force = picture.history.in_force(picture.period.to);
        let facts = risk::facts(&self.weights, totals, hours, in_force, &resolved);
        let seen_at = picture.period.to.min(picture.known_at);
        let risks = risk::of_labels(&self.weights, &facts, seen_at);
        Ok((risk::overall(&risks), risks))
    }

    async fn posture(
        &self,
        picture: &Picture,
        frameworks: &[String],
    ) -> Result<Vec<FrameworkPosture>, Error> {
        let recurring = picture.recurring(&self.thresholds);
        let contexts = posture::contexts(&picture.totals, &recurring);
        let resolved = self.clients.controls.resolve(&contexts, picture.facts()).await?;
        let mut known = self.clients.controls.frameworks().await?;
        known.retain(|it| frameworks.is_empty() || frameworks.contains(&it.id));
        Ok(posture::of(&picture.totals, &recurring, &resolved, &known))
    }

    /// A transaction that sees one moment: what it reads in several statements fits together.
    async fn begin(&self, tenant: TenantId) -> Result<Transaction<'static, Postgres>, Error> {
        let mut tx = database::begin(&self.db, tenant).await?;
        store::see_one_moment(&mut *tx).await?;
        Ok(tx)
    }

    /// The period that `span` stands for: from the first data on, and until now, where it does not say.
    async fn period(
        &self,
        tx: &mut Transaction<'static, Postgres>,
        tenant: TenantId,
        span: Span,
    ) -> Result<Period, Error> {
        let now = OffsetDateTime::now_utc();
        let to = span.to.unwrap_or(now);
        if now + AHEAD_MAX < to {
            let rule = "must be at most a day from now";
            return Err(Error::InvalidField { field: "period.to", rule });
        }
        let from = match span.from {
            Some(from) => from,
            None => {
                let data_from = store::rollup::data_from(&mut **tx, tenant).await?;
                data_from.map_or(to, |from| from.min(to))
            }
        };
        if to < from {
            return Err(Error::InvalidField {
                field: "period.from",
                rule: "must not be after period.to",
            });
        }
        Ok(Period { from, to })
    }
}

fn refuse_too_many(period: Period, width: Width) -> Result<(), Error> {
    let size = period.buckets(width);
    if BUCKETS_MAX < size {
        return Err(Error::TooMany { field: "granularity", size, limit: BUCKETS_MAX });
    }
    Ok(())
}
