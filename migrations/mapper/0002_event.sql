-- Canonical events: findings after mapping. Written once, never changed.
--
-- Partitioned by day of receipt, so that a day can be archived or dropped as a whole. The widest columns come first,
-- so that no row is padded.
create table event (
    tenant_id        uuid not null,
    event_id         uuid not null,
    received_at      timestamptz not null,
    occurred_at      timestamptz not null,
    -- The place in the feed: the transaction that stored the event, then the place in its batch.
    -- See docs/adr/0004-order-the-feed-by-transaction.md.
    feed_xid         xid8 not null,
    -- The detector's own; null where it was no score.
    score            double precision,
    confidence       double precision not null,
    feed_seq         integer not null,
    version_id       integer not null,
    span_start       integer,
    span_end         integer,
    -- The numbers of the enums in proto/llamamapper.
    severity         smallint not null,
    route            smallint not null,
    fallback_reason  smallint not null,
    disposition      smallint not null,
    label            text not null,
    detector         text not null,
    detector_version text not null,
    finding_id       text not null,
    raw_label        text not null,
    policy           text not null,
    resource         text,
    request_id       text,
    trace_parent     text,
    -- Scrubbed before it came here.
    metadata         jsonb,
    primary key (tenant_id, event_id, received_at),
    constraint event_score_in_range check (score >= 0 and score <= 1),
    constraint event_confidence_in_range check (confidence >= 0 and confidence <= 1),
    constraint event_span_not_empty check (span_start >= 0 and span_start < span_end)
) partition by range (received_at);

-- Pages of a tenant, latest first.
create index event_occurred on event (tenant_id, occurred_at, event_id);

-- The feed. The tenant comes last: the feed crosses tenants, and a tenant's own tail filters within the index.
create index event_feed on event (feed_xid, feed_seq, tenant_id);

alter table event enable row level security;
alter table event force row level security;
create policy event_of_tenant on event to mapper
    using (tenant_id = (select current_setting('app.tenant_id')::uuid));
create policy event_of_owner on event to mapper_owner using (true);

revoke update, delete on event from mapper;

-- Takes what no day's partition is there for, so that nothing is ever lost.
create table event_default partition of event default;
-- A partition does not inherit row-level security: nobody reads one past its parent.
revoke all on event_default from mapper;
alter table event_default enable row level security;
alter table event_default force row level security;

-- Makes the partitions for today (by UTC) and `days` more. Says how many are new.
--
-- A day that has events in the default partition keeps them there: they are found all the same.
create function make_partitions(days integer) returns integer
language plpgsql security definer
set search_path = mapper, pg_temp
-- Rather later than a queue of writers behind us.
set lock_timeout = '2s'
as $$
declare
    today date := (now() at time zone 'utc')::date;
    day   date;
    name  text;
    n_new integer := 0;
begin
    perform pg_advisory_xact_lock(hashtextextended('mapper.make_partitions', 0));
    for offset_days in 0..days loop
        day := today + offset_days;
        name := 'event_' || to_char(day, 'YYYYMMDD');
        continue when to_regclass('mapper.' || name) is not null;
        continue when exists (
            select from event
            where received_at >= day::timestamp at time zone 'utc'
                and received_at < (day + 1)::timestamp at time zone 'utc'
        );
        execute format(
            'create table %I partition of event for values from (%L) to (%L)',
            name, day::timestamp at time zone 'utc', (day + 1)::timestamp at time zone 'utc');
        execute format('revoke all on %I from mapper', name);
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        n_new := n_new + 1;
    end loop;
    return n_new;
end
$$;

-- The events of all tenants in the order of the feed, after a position. Only transactions older than every running
-- one are shown, so that nothing can appear before a position that was handed out.
create function feed(after_xid xid8, after_seq integer, at_most integer) returns setof event
language plpgsql stable security definer
set search_path = mapper, pg_temp
-- One plan, always along the index: a sort would read the whole backlog for each page of it.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
begin
    return query
        select event.* from event
        where (feed_xid, feed_seq) > (after_xid, after_seq)
            and feed_xid < pg_snapshot_xmin(pg_current_snapshot())
        order by feed_xid, feed_seq
        limit at_most;
end
$$;
