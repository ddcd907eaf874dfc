//! What questions read: sums over a period, made up of the coarsest buckets that fit in it.

use std::collections::BTreeMap;

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;

use super::{Segments, count, evidence, parse, segments, width_s};
use crate::{
    coverage::{CheckCount, LOOK_BACK, SpanReport},
    period::{Period, Width},
    report::DetectionCount,
    rollup::{EventSum, Versions},
    summary::{LabelHour, Point, Total},
};

/// Sums of the period by everything but time.
pub async fn totals(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
) -> sqlx::Result<Vec<Total>> {
    let Segments { widths, from, to } = segments(period, Width::Day);
    let rows = sqlx::query!(
        // Every row has evidence, so its first id stands for the row in the sums.
        r#"select detector, label, severity, route, disposition,
               (sum(events) filter (where position = 1))::bigint as "events!",
               (sum(confidence_micros) filter (where position = 1))::bigint as "confidence_micros!",
               max(confidence_micros_max) as "confidence_micros_max!",
               (array_agg(id order by id desc))[1:4] as evidence
           from event_rollup as rollup
           join unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as segment (width_s, from_at, to_at)
           on rollup.width_s = segment.width_s
               and rollup.bucket >= segment.from_at and rollup.bucket < segment.to_at
           cross join unnest(rollup.evidence) with ordinality as shown (id, position)
           where rollup.tenant_id = $1
           group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"#,
        tenant.as_uuid(),
        &widths,
        &from,
        &to,
    )
    .fetch_all(db)
    .await?;
    let total = |row| {
        let Row { detector, label, severity, route, disposition, sum } = row;
        let (severity, route) = (parse(&severity)?, parse(&route)?);
        Ok(Total { detector, label, severity, route, disposition: parse(&disposition)?, sum })
    };
    let rows = rows.into_iter().map(|row| Row {
        detector: row.detector,
        label: row.label,
        severity: row.severity,
        route: row.route,
        disposition: row.disposition,
        sum: EventSum {
            events: count(row.events),
            confidence_micros: count(row.confidence_micros),
            confidence_micros_max: count(row.confidence_micros_max),
            evidence: evidence(row.evidence),
        },
    });
    rows.map(total).collect()
}

struct Row {
    detector: String,
    label: String,
    severity: String,
    route: String,
    disposition: String,
    sum: EventSum,
}

/// The period's events by label and hour, in order of label and time.
pub async fn label_hours(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
) -> sqlx::Result<Vec<LabelHour>> {
    let Segments { widths, from, to } = segments(period, Width::Hour);
    let rows = sqlx::query!(
        r#"select label, severity, date_trunc('hour', bucket, 'UTC') as "hour!",
               sum(events)::bigint as "events!", sum(confidence_micros)::bigint as "confidence_micros!",
               max(confidence_micros_max) as "confidence_micros_max!",
               (array_agg(evidence[1] order by evidence[1] desc))[1:4] as evidence
           from event_rollup as rollup
           join unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as segment (width_s, from_at, to_at)
           on rollup.width_s = segment.width_s
               and rollup.bucket >= segment.from_at and rollup.bucket < segment.to_at
           where rollup.tenant_id = $1
           group by 1, 2, 3 order by 1, 3, 2"#,
        tenant.as_uuid(),
        &widths,
        &from,
        &to,
    )
    .fetch_all(db)
    .await?;
    let hours = rows.into_iter().map(|row| {
        let sum = EventSum {
            events: count(row.events),
            confidence_micros: count(row.confidence_micros),
            confidence_micros_max: count(row.confidence_micros_max),
            evidence: evidence(row.evidence),
        };
        Ok(LabelHour { label: row.label, severity: parse(&row.severity)?, hour: row.hour, sum })
    });
    hours.collect()
}

/// The period's events by domain and bucket, in order of time and domain.
pub async fn points(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
    width: Width,
) -> sqlx::Result<Vec<Point>> {
    let Segments { widths, from, to } = segments(period, width);
    let rows = sqlx::query!(
        r#"select date_bin(make_interval(secs => $5::integer), bucket, 'epoch') as "start!",
               split_part(label, '.', 1) as "domain!", sum(events)::bigint as "events!"
           from event_rollup as rollup
           join unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as segment (width_s, from_at, to_at)
           on rollup.width_s = segment.width_s
               and rollup.bucket >= segment.from_at and rollup.bucket < segment.to_at
           where rollup.tenant_id = $1
           group by 1, 2 order by 1, 2"#,
        tenant.as_uuid(),
        &widths,
        &from,
        &to,
        width_s(width),
    )
    .fetch_all(db)
    .await?;
    let point = rows.into_iter().map(|row| {
        let domain = row.domain;
        Point { start: row.start, domain, events: count(row.events) }
    });
    Ok(point.collect())
}

/// The period's checks by detector, state and bucket.
pub async fn checks(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
    width: Width,
) -> sqlx::Result<Vec<CheckCount>> {
    let Segments { widths, from, to } = segments(period, width);
    let rows = sqlx::query!(
        r#"select date_bin(make_interval(secs => $5::integer), bucket, 'epoch') as "bucket!", detector, state, required,
               sum(checks)::bigint as "checks!",
               (array_agg(evidence[1] order by evidence[1] desc))[1:4] as evidence
           from check_rollup as rollup
           join unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as segment (width_s, from_at, to_at)
           on rollup.width_s = segment.width_s
               and rollup.bucket >= segment.from_at and rollup.bucket < segment.to_at
           where rollup.tenant_id = $1
           group by 1, 2, 3, 4 order by 1, 2, 3, 4"#,
        tenant.as_uuid(),
        &widths,
        &from,
        &to,
        width_s(width),
    )
    .fetch_all(db)
    .await?;
    let checks = rows.into_iter().map(|row| {
        Ok(CheckCount {
            bucket: row.bucket,
            detector: row.detector,
            state: parse(&row.state)?,
            required: row.required,
            checks: count(row.checks),
            evidence: evidence(row.evidence),
        })
    });
    checks.collect()
}

/// How the period's detections ended.
pub async fn detections(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
) -> sqlx::Result<Vec<DetectionCount>> {
    let Segments { widths, from, to } = segments(period, Width::Day);
    let rows = sqlx::query!(
        r#"select policy, action, mapping_deferred, fallback_used, partial, sum(detections)::bigint as "detections!"
           from detection_rollup as rollup
           join unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as segment (width_s, from_at, to_at)
           on rollup.width_s = segment.width_s
               and rollup.bucket >= segment.from_at and rollup.bucket < segment.to_at
           where rollup.tenant_id = $1
           group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"#,
        tenant.as_uuid(),
        &widths,
        &from,
        &to,
    )
    .fetch_all(db)
    .await?;
    let detections = rows.into_iter().map(|row| DetectionCount {
        policy: row.policy,
        action: row.action,
        mapping_deferred: row.mapping_deferred,
        fallback_used: row.fallback_used,
        partial: row.partial,
        detections: count(row.detections),
    });
    Ok(detections.collect())
}

/// Run reports that touch the period or the day before it.
pub async fn span_reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
) -> sqlx::Result<Vec<SpanReport>> {
    let rows = sqlx::query!(
        "select report_id, detector, started_at, ended_at, looked_at, flagged, failed from span_report
         where tenant_id = $1 and ended_at >= $2 and started_at < $3
         order by started_at, report_id",
        tenant.as_uuid(),
        period.from.saturating_sub(LOOK_BACK),
        period.to,
    )
    .fetch_all(db)
    .await?;
    let reports = rows.into_iter().map(|row| SpanReport {
        id: row.report_id,
        detector: row.detector,
        from: row.started_at,
        to: row.ended_at,
        looked_at: count(row.looked_at),
        flagged: count(row.flagged),
        failed: count(row.failed),
    });
    Ok(reports.collect())
}

/// When each pushing detector sent its first report ever.
pub async fn first_reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
) -> sqlx::Result<BTreeMap<String, OffsetDateTime>> {
    let rows = sqlx::query!(
        r#"select detector, min(started_at) as "started_at!" from span_report where tenant_id = $1 group by detector"#,
        tenant.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.detector, row.started_at)).collect())
}

/// What the period's events were mapped with, by whole days.
pub async fn versions(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    period: Period,
) -> sqlx::Result<Vec<(Versions, u64)>> {
    let rows = sqlx::query!(
        r#"select taxonomy, frameworks, detector_mapping, model, policy, sum(events)::bigint as "events!"
           from version_rollup where tenant_id = $1 and day >= $2 and day < $3
           group by 1, 2, 3, 4, 5 order by 6 desc, 1, 2, 3, 4, 5"#,
        tenant.as_uuid(),
        Width::Day.floor(period.from),
        period.to,
    )
    .fetch_all(db)
    .await?;
    let versions = rows.into_iter().map(|row| {
        let versions = Versions {
            taxonomy: row.taxonomy,
            frameworks: row.frameworks,
            detector_mapping: row.detector_mapping,
            model: row.model,
            policy: row.policy,
        };
        (versions, count(row.events))
    });
    Ok(versions.collect())
}

/// When the tenant's first data is from: an event, a check or a run report.
pub async fn data_from(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "select least(
             (select min(bucket) from event_rollup where tenant_id = $1 and width_s = 3600),
             (select min(bucket) from check_rollup where tenant_id = $1 and width_s = 3600),
             (select min(started_at) from span_report where tenant_id = $1)
         )",
        tenant.as_uuid(),
    )
    .fetch_one(db)
    .await
}
