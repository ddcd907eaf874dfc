//! Events: stored once, found by filter, counted by group.

mod insert;

use sqlx::PgExecutor;
use time::{OffsetDateTime, macros::datetime};
use types::TenantId;
use uuid::Uuid;

pub use insert::{insert, key};

use super::{number, row::Row};
use crate::event::{Behind, Event, Filter, GroupBy, Page, fitting};

/// Before and after everything that can be stored.
const EVER: (OffsetDateTime, OffsetDateTime) =
    (datetime!(0001-01-01 0:00 UTC), datetime!(9999-12-31 0:00 UTC));

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
