//! What ran: detections with their ledger, and run reports. Written once, never changed.

use std::collections::{HashMap, HashSet};

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use super::corrupt;
use crate::{
    ledger::{Check, State},
    policy::{Action, CoverageMethod},
    report::SoundReport,
    run::{Detection, Reported},
    verdict::{Coverage, MappingState, Verdict},
};

pub async fn insert_detection(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    detection: &Detection,
) -> sqlx::Result<()> {
    let Detection { verdict, coverage, .. } = detection;
    sqlx::query!(
        "insert into detection (
             tenant_id, run_id, started_at, ended_at, policy_name, policy_version, action, reason, policy_line,
             coverage_method, coverage_achieved, coverage_threshold, coverage_missing,
             content_digest, resource, mapping, fallback_used)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        tenant.as_uuid(),
        detection.run_id,
        detection.started_at,
        detection.ended_at,
        detection.policy_name,
        i32::try_from(detection.policy_version).map_err(|_| corrupt("policy_version"))?,
        verdict.action.as_str(),
        verdict.reason,
        verdict.policy_line,
        coverage.method.as_str(),
        coverage.achieved,
        coverage.threshold,
        &coverage.missing,
        &detection.content_digest,
        detection.resource,
        detection.mapping.as_str(),
        detection.fallback_used,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes the check ledger of a detection, in its order.
pub async fn insert_checks(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    run_id: Uuid,
    checks: &[Check],
) -> sqlx::Result<()> {
    let texts = |of: fn(&Check) -> &str| -> Vec<String> {
        checks.iter().map(|check| of(check).to_owned()).collect()
    };
    let numbers = |of: fn(&Check) -> u32| -> Vec<i32> {
        checks.iter().map(|check| i32::try_from(of(check)).unwrap_or(i32::MAX)).collect()
    };
    let required: Vec<bool> = checks.iter().map(|check| check.required).collect();
    let duration_ms: Vec<f64> = checks.iter().map(|check| check.duration_ms).collect();
    sqlx::query!(
        "insert into detection_check (
             tenant_id, run_id, position, detector, detector_version, part, chunk, state, required, reason,
             policy_line, duration_ms)
         select $1, $2, position, detector, detector_version, part, chunk, state, required, reason,
                policy_line, duration_ms
         from unnest($3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::boolean[], $9::text[],
                     $10::text[], $11::double precision[])
              with ordinality as it (detector, detector_version, part, chunk, state, required, reason,
                                     policy_line, duration_ms, position)",
        tenant.as_uuid(),
        run_id,
        &texts(|check| &check.detector),
        &texts(|check| &check.detector_version),
        &numbers(|check| check.part),
        &numbers(|check| check.chunk),
        &texts(|check| check.state.as_str()),
        &required,
        &texts(|check| &check.reason),
        &texts(|check| &check.policy_line),
        &duration_ms,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes run reports, and says which of them are new. The others are known under (detector, their own id).
pub async fn insert_reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    reports: &[Reported],
    now: OffsetDateTime,
) -> sqlx::Result<HashSet<Uuid>> {
    let texts = |of: fn(&SoundReport) -> &str| -> Vec<String> {
        reports.iter().map(|it| of(&it.report).to_owned()).collect()
    };
    let times = |of: fn(&SoundReport) -> OffsetDateTime| -> Vec<OffsetDateTime> {
        reports.iter().map(|it| of(&it.report)).collect()
    };
    let counts = |of: fn(&SoundReport) -> i64| -> Vec<i64> {
        reports.iter().map(|it| of(&it.report)).collect()
    };
    let run_ids: Vec<Uuid> = reports.iter().map(|it| it.run_id).collect();
    let new = sqlx::query_scalar!(
        "insert into run_report (
             tenant_id, run_id, detector, reported_id, detector_version, started_at, ended_at,
             looked_at, flagged, failed, received_at)
         select $1, it.*, $2
         from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[],
                     $9::bigint[], $10::bigint[], $11::bigint[]) as it
         on conflict on constraint run_report_known do nothing
         returning run_id",
        tenant.as_uuid(),
        now,
        &run_ids,
        &texts(|report| &report.detector),
        &texts(|report| &report.id),
        &texts(|report| &report.detector_version),
        &times(|report| report.started_at),
        &times(|report| report.ended_at),
        &counts(|report| report.looked_at),
        &counts(|report| report.flagged),
        &counts(|report| report.failed),
    )
    .fetch_all(db)
    .await?;
    Ok(new.into_iter().collect())
}

/// The check ledgers of the detections `ids`.
pub async fn checks(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    ids: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, Vec<Check>>> {
    let rows = sqlx::query!(
        "select run_id, detector, detector_version, part, chunk, state, required, reason, policy_line, duration_ms
         from detection_check where tenant_id = $1 and run_id = any($2)
         order by run_id, position",
        tenant.as_uuid(),
        ids,
    )
    .fetch_all(db)
    .await?;
    let mut checks: HashMap<Uuid, Vec<Check>> = HashMap::new();
    for row in rows {
        checks.entry(row.run_id).or_default().push(Check {
            detector: row.detector,
            detector_version: row.detector_version,
            part: row.part.try_into().map_err(|_| corrupt("part"))?,
            chunk: row.chunk.try_into().map_err(|_| corrupt("chunk"))?,
            state: State::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            required: row.required,
            reason: row.reason,
            policy_line: row.policy_line,
            duration_ms: row.duration_ms,
        });
    }
    Ok(checks)
}

/// The detections `ids` that the tenant has, each with its ledger out of `checks`.
pub async fn detections(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    ids: &[Uuid],
    mut checks: HashMap<Uuid, Vec<Check>>,
) -> sqlx::Result<Vec<Detection>> {
    let rows = sqlx::query!(
        "select run_id, started_at, ended_at, policy_name, policy_version, action, reason, policy_line,
                coverage_method, coverage_achieved, coverage_threshold, coverage_missing,
                content_digest, resource, mapping, fallback_used
         from detection where tenant_id = $1 and run_id = any($2)",
        tenant.as_uuid(),
        ids,
    )
    .fetch_all(db)
    .await?;
    let detections = rows.into_iter().map(|row| {
        let coverage = Coverage {
            method: CoverageMethod::parse(&row.coverage_method)
                .ok_or_else(|| corrupt("coverage_method"))?,
            achieved: row.coverage_achieved,
            threshold: row.coverage_threshold,
            missing: row.coverage_missing,
        };
        let action = Action::parse(&row.action).ok_or_else(|| corrupt("action"))?;
        Ok(Detection {
            run_id: row.run_id,
            started_at: row.started_at,
            ended_at: row.ended_at,
            policy_name: row.policy_name,
            policy_version: row.policy_version.try_into().map_err(|_| corrupt("policy_version"))?,
            verdict: Verdict { action, reason: row.reason, policy_line: row.policy_line },
            coverage,
            checks: checks.remove(&row.run_id).unwrap_or_default(),
            content_digest: row.content_digest.try_into().map_err(|_| corrupt("content_digest"))?,
            resource: row.resource,
            mapping: MappingState::parse(&row.mapping).ok_or_else(|| corrupt("mapping"))?,
            fallback_used: row.fallback_used,
        })
    });
    detections.collect()
}

/// The run reports that the tenant has under our `ids`.
pub async fn reports(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    ids: &[Uuid],
) -> sqlx::Result<Vec<Reported>> {
    let rows = sqlx::query!(
        "select run_id, detector, reported_id, detector_version, started_at, ended_at, looked_at, flagged, failed
         from run_report where tenant_id = $1 and run_id = any($2)",
        tenant.as_uuid(),
        ids,
    )
    .fetch_all(db)
    .await?;
    let reports = rows.into_iter().map(|row| Reported {
        run_id: row.run_id,
        report: SoundReport {
            id: row.reported_id,
            detector: row.detector,
            detector_version: row.detector_version,
            started_at: row.started_at,
            ended_at: row.ended_at,
            looked_at: row.looked_at,
            flagged: row.flagged,
            failed: row.failed,
        },
    });
    Ok(reports.collect())
}
