//! What several questions are answered from, read at one moment.

use std::collections::BTreeSet;

use sqlx::{Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use types::TenantId;

use super::{App, Span};
use crate::{
    Error,
    coverage::{self, Coverage},
    gap::{self, GapKind, Thresholds},
    period::{Period, Width},
    policy::{Activation, History},
    store,
    summary::{self, LabelHour, Tolerance, Total},
};

/// How far back a spike is compared.
const BASELINE: Duration = Duration::weeks(4);

/// Up to this length a series has a point per hour.
const HOURLY_MAX: Duration = Duration::days(31);

#[derive(Debug)]
pub(super) struct Picture {
    pub(super) period: Period,
    /// Until when anything is known.
    pub(super) known_at: OffsetDateTime,
    pub(super) width: Width,
    pub(super) totals: Vec<Total>,
    /// Of the period.
    pub(super) hours: Vec<LabelHour>,
    /// Of the baseline and the period.
    long_hours: Vec<LabelHour>,
    pub(super) data_from: OffsetDateTime,
    pub(super) history: History,
    pub(super) coverage: Coverage,
}

impl Picture {
    pub(super) fn gap_input(&self) -> gap::Input<'_> {
        gap::Input {
            period: Period { to: self.period.to.min(self.known_at), ..self.period },
            coverage: &self.coverage,
            totals: &self.totals,
            hours: &self.long_hours,
            data_from: self.data_from,
        }
    }

    /// Labels of which a pattern was measured.
    pub(super) fn recurring(&self, thresholds: &Thresholds) -> BTreeSet<String> {
        let gaps = gap::of(&self.gap_input(), thresholds);
        let spikes = gaps.into_iter().filter(|it| it.kind == GapKind::Spike);
        let tolerance = Tolerance {
            recurring_days_min: thresholds.recurring_days_min,
            recurring_events_min: thresholds.recurring_events_min,
        };
        summary::recurring(&self.hours, &spikes.map(|it| it.subject).collect(), &tolerance)
    }

    /// What the tenant states about itself, by the policy in force at the end of the period.
    pub(super) fn facts(&self) -> &[String] {
        self.history.in_force(self.period.to).map_or(&[], |Activation { facts, .. }| facts)
    }
}

impl App {
    /// What is known now of the period that `span` stands for.
    pub(super) async fn picture(&self, tenant: TenantId, span: Span) -> Result<Picture, Error> {
        let mut tx = self.begin(tenant).await?;
        let period = self.period(&mut tx, tenant, span).await?;
        let picture = picture(&mut tx, tenant, period, OffsetDateTime::now_utc()).await?;
        tx.commit().await?;
        Ok(picture)
    }
}

pub(super) async fn picture(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    period: Period,
    known_at: OffsetDateTime,
) -> Result<Picture, Error> {
    let width = if period.to - period.from <= HOURLY_MAX { Width::Hour } else { Width::Day };
    let (coverage, history) = coverage(tx, tenant, period, known_at, width).await?;
    let first = store::rollup::data_from(&mut **tx, tenant).await?.unwrap_or(period.from);
    let data_from = first.max(period.from.saturating_sub(BASELINE));
    let before = Period { from: data_from, to: period.from };
    let hours = store::rollup::label_hours(&mut **tx, tenant, period).await?;
    let mut long_hours = store::rollup::label_hours(&mut **tx, tenant, before).await?;
    long_hours.extend(hours.iter().cloned());
    let totals = store::rollup::totals(&mut **tx, tenant, period).await?;
    Ok(Picture { period, known_at, width, totals, hours, long_hours, data_from, history, coverage })
}

/// The coverage of the period, and the policies it was judged by.
pub(super) async fn coverage(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    period: Period,
    known_at: OffsetDateTime,
    width: Width,
) -> Result<(Coverage, History), Error> {
    let history = store::policy::history(&mut **tx, tenant).await?;
    let checks = store::rollup::checks(&mut **tx, tenant, period, width).await?;
    let reports = store::rollup::span_reports(&mut **tx, tenant, period).await?;
    let first_reports = store::rollup::first_reports(&mut **tx, tenant).await?;
    let coverage = coverage::of(&coverage::Input {
        period,
        known_at,
        width,
        history: &history,
        checks: &checks,
        reports: &reports,
        first_reports: &first_reports,
    });
    Ok((coverage, history))
}
