-- Stores those of a batch whose keys are new, and says which: see `insert.rs`.
with input as (
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
returning event_id
