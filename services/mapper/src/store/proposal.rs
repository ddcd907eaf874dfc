//! Proposals: words nobody knew, per tenant.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::{
    event::Page,
    proposal::{Behind, Proposal, Word},
};

/// Adds `proposals` to the tenant's, in their order: their events count, their time is when a word was last seen.
pub async fn propose(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    proposals: &[Proposal],
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = proposals.iter().map(|it| it.proposal_id).collect();
    let detectors: Vec<&str> = proposals.iter().map(|it| it.word.detector.as_str()).collect();
    let raw_labels: Vec<&str> = proposals.iter().map(|it| it.word.raw_label.as_str()).collect();
    let events: Vec<i64> = proposals.iter().map(|it| it.events).collect();
    let first_seen: Vec<OffsetDateTime> = proposals.iter().map(|it| it.first_seen_at).collect();
    let last_seen: Vec<OffsetDateTime> = proposals.iter().map(|it| it.last_seen_at).collect();
    sqlx::query!(
        "insert into proposal (tenant_id, proposal_id, detector, raw_label, events, first_seen_at, last_seen_at)
        select $1, proposal_id, detector, raw_label, events, first_seen_at, last_seen_at
        from unnest($2::uuid[], $3::text[], $4::text[], $5::int8[], $6::timestamptz[], $7::timestamptz[])
            with ordinality as word (proposal_id, detector, raw_label, events, first_seen_at, last_seen_at, seq)
        order by seq
        on conflict on constraint proposal_word do update set
            events = proposal.events + excluded.events,
            last_seen_at = greatest(proposal.last_seen_at, excluded.last_seen_at)",
        tenant.as_uuid(),
        &ids,
        &detectors as &[&str],
        &raw_labels as &[&str],
        &events,
        &first_seen,
        &last_seen,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One page of the tenant's proposals, most frequent first, and how many there are in all.
pub async fn list(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    behind: Option<Behind>,
    size: usize,
) -> sqlx::Result<(Page<Proposal, Behind>, u64)> {
    let behind = behind.unwrap_or(Behind { events: i64::MAX, proposal_id: Uuid::nil() });
    let rows = sqlx::query!(
        r#"with all_of_tenant as (
            select count(*) as total from proposal where tenant_id = $1
        )
        select proposal_id as "proposal_id?", detector as "detector?", raw_label as "raw_label?", events as "events?",
            first_seen_at as "first_seen_at?", last_seen_at as "last_seen_at?", total as "total!"
        from all_of_tenant left join lateral (
            select * from proposal
            where tenant_id = $1 and (-events, proposal_id) > (-$2::int8, $3)
            order by events desc, proposal_id
            limit $4
        ) as page on true
        order by events desc, proposal_id"#,
        tenant.as_uuid(),
        behind.events,
        behind.proposal_id,
        i64::try_from(size + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;

    let total = rows.first().map_or(0, |row| row.total.unsigned_abs());
    let mut items: Vec<Proposal> = rows
        .into_iter()
        .filter_map(|row| {
            Some(Proposal {
                proposal_id: row.proposal_id?,
                word: Word { detector: row.detector?, raw_label: row.raw_label? },
                events: row.events?,
                first_seen_at: row.first_seen_at?,
                last_seen_at: row.last_seen_at?,
            })
        })
        .collect();
    let more = size < items.len();
    items.truncate(size);
    let last = items.last().filter(|_| more);
    let next = last.map(|it| Behind { events: it.events, proposal_id: it.proposal_id });
    Ok((Page { items, next }, total))
}
