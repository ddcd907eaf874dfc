//! What a batch of a feed adds to the rollups of one tenant: one statement per table. Rows come sorted, so that two
//! transactions that meet wait for each other instead of deadlocking.

use sqlx::PgExecutor;
use types::TenantId;

use super::{literal, signed, width_s};
use crate::{
    coverage::SpanReport,
    policy::{Activation, Requirement},
    rollup::{EventRollup, RunRollup},
};

pub async fn add_events(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rollup: &EventRollup,
) -> sqlx::Result<()> {
    let rows = || rollup.rows.iter();
    let texts = |of: fn(&crate::rollup::EventKey) -> &str| -> Vec<String> {
        rows().map(|(key, _)| of(key).to_owned()).collect()
    };
    let numbers = |of: fn(&crate::rollup::EventSum) -> u64| -> Vec<i64> {
        rows().map(|(_, sum)| signed(of(sum))).collect()
    };
    sqlx::query!(
        "insert into event_rollup (
             tenant_id, width_s, bucket, detector, label, severity, route, disposition,
             events, confidence_micros, confidence_micros_max, evidence
         )
         select $1, width_s, bucket, detector, label, severity, route, disposition,
             events, confidence_micros, confidence_micros_max, evidence::uuid[]
         from unnest(
             $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::bigint[], $10::bigint[], $11::bigint[], $12::text[]
         ) as row (
             width_s, bucket, detector, label, severity, route, disposition,
             events, confidence_micros, confidence_micros_max, evidence
         )
         on conflict (tenant_id, width_s, bucket, detector, label, severity, route, disposition) do update set
             events = event_rollup.events + excluded.events,
             confidence_micros = event_rollup.confidence_micros + excluded.confidence_micros,
             confidence_micros_max = greatest(event_rollup.confidence_micros_max, excluded.confidence_micros_max),
             evidence = array(
                 select distinct id from unnest(event_rollup.evidence || excluded.evidence) as id
                 order by id desc limit 4
             )",
        tenant.as_uuid(),
        &rows().map(|(key, _)| width_s(key.width)).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.bucket).collect::<Vec<_>>(),
        &texts(|key| &key.detector),
        &texts(|key| &key.label),
        &texts(|key| key.severity.as_str()),
        &texts(|key| key.route.as_str()),
        &texts(|key| key.disposition.as_str()),
        &numbers(|sum| sum.events),
        &numbers(|sum| sum.confidence_micros),
        &numbers(|sum| sum.confidence_micros_max),
        &rows().map(|(_, sum)| literal(&sum.evidence)).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn add_versions(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rollup: &EventRollup,
) -> sqlx::Result<()> {
    let rows = || rollup.versions.iter();
    let texts = |of: fn(&crate::rollup::Versions) -> &str| -> Vec<String> {
        rows().map(|((_, versions), _)| of(versions).to_owned()).collect()
    };
    sqlx::query!(
        "insert into version_rollup (tenant_id, day, taxonomy, frameworks, detector_mapping, model, policy, events)
         select $1, row.* from unnest(
             $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[]
         ) as row
         on conflict (tenant_id, day, taxonomy, frameworks, detector_mapping, model, policy) do update set
             events = version_rollup.events + excluded.events",
        tenant.as_uuid(),
        &rows().map(|((day, _), _)| *day).collect::<Vec<_>>(),
        &texts(|it| &it.taxonomy),
        &texts(|it| &it.frameworks),
        &texts(|it| &it.detector_mapping),
        &texts(|it| &it.model),
        &texts(|it| &it.policy),
        &rows().map(|(_, events)| signed(*events)).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn add_checks(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rollup: &RunRollup,
) -> sqlx::Result<()> {
    let rows = || rollup.checks.iter();
    sqlx::query!(
        "insert into check_rollup (tenant_id, width_s, bucket, detector, state, required, checks, evidence)
         select $1, width_s, bucket, detector, state, required, checks, evidence::uuid[]
         from unnest(
             $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::text[]
         ) as row (width_s, bucket, detector, state, required, checks, evidence)
         on conflict (tenant_id, width_s, bucket, detector, state, required) do update set
             checks = check_rollup.checks + excluded.checks,
             evidence = array(
                 select distinct id from unnest(check_rollup.evidence || excluded.evidence) as id
                 order by id desc limit 4
             )",
        tenant.as_uuid(),
        &rows().map(|(key, _)| width_s(key.width)).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.bucket).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.detector.clone()).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.state.to_string()).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.required).collect::<Vec<_>>(),
        &rows().map(|(_, sum)| signed(sum.checks)).collect::<Vec<_>>(),
        &rows().map(|(_, sum)| literal(&sum.evidence)).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn add_detections(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rollup: &RunRollup,
) -> sqlx::Result<()> {
    let rows = || rollup.detections.iter();
    sqlx::query!(
        "insert into detection_rollup (
             tenant_id, width_s, bucket, policy, action, mapping_deferred, fallback_used, partial, detections
         )
         select $1, row.* from unnest(
             $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::boolean[],
             $9::bigint[]
         ) as row
         on conflict (tenant_id, width_s, bucket, policy, action, mapping_deferred, fallback_used, partial)
         do update set detections = detection_rollup.detections + excluded.detections",
        tenant.as_uuid(),
        &rows().map(|(key, _)| width_s(key.width)).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.bucket).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.policy.clone()).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.action.clone()).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.mapping_deferred).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.fallback_used).collect::<Vec<_>>(),
        &rows().map(|(key, _)| key.partial).collect::<Vec<_>>(),
        &rows().map(|(_, detections)| signed(*detections)).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn add_reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    rollup: &RunRollup,
) -> sqlx::Result<()> {
    let rows = || rollup.reports.values();
    let numbers =
        |of: fn(&SpanReport) -> u64| -> Vec<i64> { rows().map(|it| signed(of(it))).collect() };
    sqlx::query!(
        "insert into span_report (
             tenant_id, report_id, detector, started_at, ended_at, looked_at, flagged, failed
         )
         select $1, row.* from unnest(
             $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[]
         ) as row
         on conflict (tenant_id, report_id) do nothing",
        tenant.as_uuid(),
        &rows().map(|it| it.id).collect::<Vec<_>>(),
        &rows().map(|it| it.detector.clone()).collect::<Vec<_>>(),
        &rows().map(|it| it.from).collect::<Vec<_>>(),
        &rows().map(|it| it.to).collect::<Vec<_>>(),
        &numbers(|it| it.looked_at),
        &numbers(|it| it.flagged),
        &numbers(|it| it.failed),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Remembers a policy without its requirements.
pub async fn add_activation(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    activation: &Activation,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into policy_activation (tenant_id, policy, version, activated_at, is_default, threshold, facts)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        tenant.as_uuid(),
        activation.policy,
        i64::from(activation.version),
        activation.activated_at,
        activation.is_default,
        activation.threshold,
        &activation.facts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Remembers what a policy requires.
pub async fn add_requirements(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    activation: &Activation,
) -> sqlx::Result<()> {
    let rows = || activation.requirements.iter();
    let reals = |of: fn(&Requirement) -> f64| -> Vec<f64> { rows().map(of).collect() };
    sqlx::query!(
        "insert into policy_requirement (
             tenant_id, policy, version, activated_at, detector, required, report_interval_s, weight, criticality
         )
         select $1, $2, $3, $4, row.* from unnest(
             $5::text[], $6::boolean[], $7::bigint[], $8::double precision[], $9::double precision[]
         ) as row
         on conflict do nothing",
        tenant.as_uuid(),
        activation.policy,
        i64::from(activation.version),
        activation.activated_at,
        &rows().map(|it| it.detector.clone()).collect::<Vec<_>>(),
        &rows().map(|it| it.required).collect::<Vec<_>>(),
        &rows().map(|it| it.report_interval_s.map(i64::from)).collect::<Vec<_>>() as _,
        &reals(|it| it.weight),
        &reals(|it| it.criticality),
    )
    .execute(db)
    .await?;
    Ok(())
}
