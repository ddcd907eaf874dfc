//! Events: stored once, found by filter, counted by group.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use sqlx::PgExecutor;
use time::{OffsetDateTime, macros::datetime};
use types::TenantId;
use uuid::Uuid;

use super::{
    VersionId, number,
    row::{Row, object},
};
use crate::event::{Behind, Event, Filter, GroupBy, NewEvent, Page, fitting};

/// Before and after everything that can be stored.
const EVER: (OffsetDateTime, OffsetDateTime) =
    (datetime!(0001-01-01 0:00 UTC), datetime!(9999-12-31 0:00 UTC));

/// What makes a finding of a tenant the same finding: its detector and its id.
pub fn key(detector: &str, finding_id: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update([u8::try_from(detector.len()).unwrap_or(u8::MAX)]);
    hash.update(detector);
    hash.update(finding_id);
    let digest = hash.finalize();
    Uuid::from_slice(&digest[..16]).expect("16 bytes are a UUID")
}

/// Stores those of `events` whose finding is not stored yet, and says which. Their keys must differ.
///
/// The keys go in within the same statement and in order: of two batches with the same finding one waits for the other,
/// never both.
pub async fn insert(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    version: VersionId,
    received_at: OffsetDateTime,
    events: &[&NewEvent],
) -> sqlx::Result<HashSet<Uuid>> {
    let Columns {
        keys,
        ids,
        times,
        scores,
        confidences,
        span_starts,
        span_ends,
        numbers,
        texts,
        metadata,
    } = Columns::of(events);
    let Numbers { severities, routes, fallbacks, dispositions } = numbers;
    let Texts {
        labels,
        detectors,
        detector_versions,
        finding_ids,
        raw_labels,
        policies,
        resources,
        request_ids,
        trace_parents,
    } = texts;
    let stored = sqlx::query_scalar!(
        r#"with input as (
            select * from unnest(
                $4::uuid[], $5::uuid[], $6::timestamptz[], $7::float8[], $8::float8[], $9::int4[], $10::int4[],
                $11::int2[], $12::int2[], $13::int2[], $14::int2[],
                $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
                $21::text[], $22::text[], $23::text[], $24::text[]
            ) with ordinality as input (
                digest, event_id, occurred_at, score, confidence, span_start, span_end,
                severity, route, fallback_reason, disposition,
                label, detector, detector_version, finding_id, raw_label, policy,
                resource, request_id, trace_parent, metadata, seq
            )
        ), fresh as (
            insert into finding_key (tenant_id, digest, received_at)
            select $1, digest, $3 from input order by digest
            on conflict do nothing
            returning digest
        )
        insert into event (
            tenant_id, event_id, received_at, occurred_at, feed_xid, score, confidence, feed_seq, version_id,
            span_start, span_end, severity, route, fallback_reason, disposition,
            label, detector, detector_version, finding_id, raw_label, policy,
            resource, request_id, trace_parent, metadata
        )
        select
            $1, event_id, $3, occurred_at, pg_current_xact_id(), score, confidence, seq::int4, $2,
            span_start, span_end, severity, route, fallback_reason, disposition,
            label, detector, detector_version, finding_id, raw_label, policy,
            resource, request_id, trace_parent, metadata::jsonb
        from input join fresh using (digest)
        order by seq
        returning event_id"#,
        tenant.as_uuid(),
        version.0,
        received_at,
        &keys,
        &ids,
        &times,
        &scores as &[Option<f64>],
        &confidences,
        &span_starts as &[Option<i32>],
        &span_ends as &[Option<i32>],
        &severities,
        &routes,
        &fallbacks,
        &dispositions,
        &labels as &[&str],
        &detectors as &[&str],
        &detector_versions as &[&str],
        &finding_ids as &[&str],
        &raw_labels as &[&str],
        &policies as &[&str],
        &resources as &[Option<&str>],
        &request_ids as &[Option<&str>],
        &trace_parents as &[Option<&str>],
        &metadata as &[Option<String>],
    )
    .fetch_all(db)
    .await?;
    Ok(stored.into_iter().collect())
}

/// A batch turned on its side: one array per column.
#[derive(Default)]
struct Columns<'a> {
    keys: Vec<Uuid>,
    ids: Vec<Uuid>,
    times: Vec<OffsetDateTime>,
    scores: Vec<Option<f64>>,
    confidences: Vec<f64>,
    span_starts: Vec<Option<i32>>,
    span_ends: Vec<Option<i32>>,
    numbers: Numbers,
    texts: Texts<'a>,
    metadata: Vec<Option<String>>,
}

#[derive(Default)]
struct Numbers {
    severities: Vec<i16>,
    routes: Vec<i16>,
    fallbacks: Vec<i16>,
    dispositions: Vec<i16>,
}

#[derive(Default)]
struct Texts<'a> {
    labels: Vec<&'a str>,
    detectors: Vec<&'a str>,
    detector_versions: Vec<&'a str>,
    finding_ids: Vec<&'a str>,
    raw_labels: Vec<&'a str>,
    policies: Vec<&'a str>,
    resources: Vec<Option<&'a str>>,
    request_ids: Vec<Option<&'a str>>,
    trace_parents: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(events: &[&'a NewEvent]) -> Columns<'a> {
        let mut columns = Columns::default();
        for NewEvent { event_id, finding, mapping, policy } in events.iter().copied() {
            let some = |text: &'a str| Some(text).filter(|it| !it.is_empty());
            columns.keys.push(key(&finding.detector, &finding.finding_id));
            columns.ids.push(*event_id);
            columns.times.push(finding.occurred_at);
            columns.scores.push(finding.score.map(types::Confidence::get));
            columns.confidences.push(mapping.confidence.get());
            columns.span_starts.push(finding.span.map(|it| it.start));
            columns.span_ends.push(finding.span.map(|it| it.end));
            columns.metadata.push(object(&finding.metadata));

            let numbers = &mut columns.numbers;
            numbers.severities.push(number::of_severity(mapping.label.severity()));
            numbers.routes.push(number::of_route(mapping.route));
            numbers.fallbacks.push(number::of_fallback(mapping.fallback));
            numbers.dispositions.push(number::of_disposition(finding.disposition));

            let texts = &mut columns.texts;
            texts.labels.push(mapping.label.name());
            texts.detectors.push(&finding.detector);
            texts.detector_versions.push(&finding.detector_version);
            texts.finding_ids.push(&finding.finding_id);
            texts.raw_labels.push(&finding.raw_label);
            texts.policies.push(policy);
            texts.resources.push(some(&finding.resource));
            texts.request_ids.push(some(&finding.request_id));
            texts.trace_parents.push(some(&finding.trace_parent));
        }
        columns
    }
}

/// One page of the tenant's events that pass `filter`, latest first.
pub async fn query(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    filter: &Filter,
    behind: Option<Behind>,
    size: usize,
) -> sqlx::Result<Page<Event, Behind>> {
    let Bound { period, groups, severity_min, routes, dispositions } = Bound::of(filter);
    let latest = Behind { occurred_at: EVER.1, event_id: Uuid::max() };
    let behind = behind.unwrap_or(latest);
    let rows = sqlx::query_as!(
        Row,
        r#"select tenant_id, event_id, received_at, occurred_at, score, confidence, span_start, span_end,
            severity, route, fallback_reason, disposition, label, detector, detector_version, finding_id,
            raw_label, policy, resource, request_id, trace_parent, metadata,
            taxonomy, frameworks, detector_mapping, model, feed_xid::text::int8 as "feed_xid!", feed_seq
        from event join version using (version_id)
        where tenant_id = $1 and occurred_at >= $2 and occurred_at < $3
            and (occurred_at, event_id) < ($4, $5)
            and (cardinality($6::text[]) = 0 or label = any ($6) or label like any ($7))
            and (cardinality($8::text[]) = 0 or detector = any ($8))
            and severity >= $9
            and (cardinality($10::int2[]) = 0 or route = any ($10))
            and (cardinality($11::int2[]) = 0 or disposition = any ($11))
            and ($12 = '' or request_id = $12)
            and (cardinality($13::uuid[]) = 0 or event_id = any ($13))
        order by occurred_at desc, event_id desc
        limit $14"#,
        tenant.as_uuid(),
        period.0,
        period.1,
        behind.occurred_at,
        behind.event_id,
        &filter.labels,
        &groups,
        &filter.detectors,
        severity_min,
        &routes,
        &dispositions,
        filter.request_id,
        &filter.event_ids,
        i64::try_from(size + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;

    let mut items = rows.into_iter().map(Row::into_event).collect::<Result<Vec<_>, _>>()?;
    // The one that was read too much only says that there is more.
    let n_here = fitting(&items).min(size);
    let more = n_here < items.len();
    items.truncate(n_here);
    let last = items.last().filter(|_| more);
    let next = last
        .map(|event| Behind { occurred_at: event.finding.occurred_at, event_id: event.event_id });
    Ok(Page { items, next })
}

/// How many of the tenant's events pass `filter`, by group, most frequent first; at most `groups_max` groups. With it
/// the sum of all groups, also of those not listed.
pub async fn count(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    filter: &Filter,
    by: GroupBy,
    groups_max: i64,
) -> sqlx::Result<(Vec<(String, u64)>, u64)> {
    let Bound { period, groups, severity_min, routes, dispositions } = Bound::of(filter);
    let rows = sqlx::query!(
        r#"select
            case $12::int2
                when 0 then 'all'
                when 1 then split_part(label, '.', 1)
                when 2 then label
                when 3 then severity::text
                when 4 then route::text
                when 5 then detector
                else disposition::text
            end as "key!",
            count(*) as "events!",
            (sum(count(*)) over ())::int8 as "total!"
        from event
        where tenant_id = $1 and occurred_at >= $2 and occurred_at < $3
            and (cardinality($4::text[]) = 0 or label = any ($4) or label like any ($5))
            and (cardinality($6::text[]) = 0 or detector = any ($6))
            and severity >= $7
            and (cardinality($8::int2[]) = 0 or route = any ($8))
            and (cardinality($9::int2[]) = 0 or disposition = any ($9))
            and ($10 = '' or request_id = $10)
            and (cardinality($11::uuid[]) = 0 or event_id = any ($11))
        group by 1
        order by 2 desc, 1
        limit $13"#,
        tenant.as_uuid(),
        period.0,
        period.1,
        &filter.labels,
        &groups,
        &filter.detectors,
        severity_min,
        &routes,
        &dispositions,
        filter.request_id,
        &filter.event_ids,
        group_number(by),
        groups_max,
    )
    .fetch_all(db)
    .await?;

    let total = rows.first().map_or(0, |row| row.total);
    let mut counts = Vec::with_capacity(rows.len());
    for row in rows {
        counts.push((group_name(by, row.key)?, row.events.unsigned_abs()));
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok((counts, total.unsigned_abs()))
}

/// A filter as the parameters of a statement. What has no bound gets one that lets all through, so that the statement is
/// always the same.
struct Bound {
    period: (OffsetDateTime, OffsetDateTime),
    /// Patterns of the labels below each of the filter's.
    groups: Vec<String>,
    severity_min: i16,
    routes: Vec<i16>,
    dispositions: Vec<i16>,
}

impl Bound {
    fn of(filter: &Filter) -> Bound {
        let escape =
            |label: &String| label.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        Bound {
            period: (filter.from.unwrap_or(EVER.0), filter.to.unwrap_or(EVER.1)),
            groups: filter.labels.iter().map(|label| escape(label) + ".%").collect(),
            severity_min: filter.severity_min.map_or(0, number::of_severity),
            routes: filter.routes.iter().copied().map(number::of_route).collect(),
            dispositions: filter.dispositions.iter().copied().map(number::of_disposition).collect(),
        }
    }
}

fn group_number(by: GroupBy) -> i16 {
    match by {
        GroupBy::All => 0,
        GroupBy::Domain => 1,
        GroupBy::Label => 2,
        GroupBy::Severity => 3,
        GroupBy::Route => 4,
        GroupBy::Detector => 5,
        GroupBy::Disposition => 6,
    }
}

/// Numbers become names.
fn group_name(by: GroupBy, key: String) -> sqlx::Result<String> {
    let number = || key.parse::<i16>().map_err(|err| sqlx::Error::Decode(Box::new(err)));
    let name = match by {
        GroupBy::All | GroupBy::Domain | GroupBy::Label | GroupBy::Detector => return Ok(key),
        GroupBy::Severity => number::severity(number()?)?.as_str(),
        GroupBy::Route => number::route(number()?)?.as_str(),
        GroupBy::Disposition => number::disposition(number()?)?.as_str(),
    };
    Ok(name.to_owned())
}
