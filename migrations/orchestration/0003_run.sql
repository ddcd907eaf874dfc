-- What ran: detections with their check ledger, and what pushing detectors say they looked at. Never content.

create table detection (
    tenant_id          uuid not null references tenant,
    run_id             uuid not null,
    started_at         timestamptz not null,
    ended_at           timestamptz not null,
    policy_name        text not null,
    policy_version     integer not null,
    action             text not null,
    reason             text not null,
    policy_line        text not null,
    coverage_method    text not null,
    coverage_achieved  double precision not null,
    coverage_threshold double precision not null,
    coverage_missing   text[] not null,
    -- HMAC-SHA-256 of the content under the tenant's key.
    content_digest     bytea not null constraint detection_digest_length check (octet_length(content_digest) = 32),
    resource           text not null,
    mapping            text not null,
    fallback_used      boolean not null,
    feed_xid           xid8 not null default pg_current_xact_id(),
    feed_seq           bigint not null default nextval('feed_seq'),
    primary key (tenant_id, run_id)
);

create index detection_feed on detection (feed_xid, feed_seq);

-- The check ledger: one row per detector x part x chunk, each in exactly one state.
create table detection_check (
    tenant_id        uuid not null,
    run_id           uuid not null,
    position         integer not null,
    detector         text not null,
    detector_version text not null,
    part             integer not null,
    chunk            integer not null,
    state            text not null constraint detection_check_state_known check (state in (
        'clean', 'flagged', 'below_threshold', 'cached', 'timed_out',
        'error', 'shed', 'skipped_by_policy', 'not_configured', 'unjudged')),
    required         boolean not null,
    reason           text not null,
    policy_line      text not null,
    duration_ms      double precision not null,
    primary key (tenant_id, run_id, position),
    constraint detection_check_once unique (tenant_id, run_id, detector, part, chunk),
    foreign key (tenant_id, run_id) references detection on delete cascade
);

create table run_report (
    tenant_id        uuid not null references tenant,
    detector         text not null,
    -- The detector's own id of the report.
    reported_id      text not null,
    -- Ours.
    run_id           uuid not null,
    detector_version text not null,
    started_at       timestamptz not null,
    ended_at         timestamptz not null,
    looked_at        bigint not null,
    flagged          bigint not null,
    failed           bigint not null,
    received_at      timestamptz not null,
    feed_xid         xid8 not null default pg_current_xact_id(),
    feed_seq         bigint not null default nextval('feed_seq'),
    constraint run_report_known primary key (tenant_id, detector, reported_id),
    constraint run_report_run_taken unique (tenant_id, run_id)
);

create index run_report_feed on run_report (feed_xid, feed_seq);

alter table detection enable row level security;
alter table detection force row level security;
create policy detection_own on detection to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy detection_all on detection to orchestration_owner using (true);

alter table detection_check enable row level security;
alter table detection_check force row level security;
create policy detection_check_own on detection_check to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy detection_check_all on detection_check to orchestration_owner using (true);

alter table run_report enable row level security;
alter table run_report force row level security;
create policy run_report_own on run_report to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy run_report_all on run_report to orchestration_owner using (true);

-- What ran is never rewritten.
revoke update on detection, detection_check, run_report from orchestration;

-- Crosses tenants: the order in which policies and runs were committed. Tells whose and which, never what is in them:
-- the rows themselves are read in their tenant's own transaction.
--
-- A row is shown only when every transaction that could still come before it has ended, so a consumer that goes on
-- from the last (xid, seq) misses nothing, however long a neighbour's transaction lasted.
create function feed_after(after_xid xid8, after_seq bigint, rows_max bigint)
    returns table (feed_xid xid8, feed_seq bigint, kind text, tenant_id uuid, run_id uuid, policy_name text, policy_version integer)
    language sql stable security definer set search_path = orchestration, pg_temp
    as $$
        select feed.feed_xid, feed.feed_seq, feed.kind, feed.tenant_id, feed.run_id, feed.policy_name, feed.policy_version
        from (
            (select it.feed_xid, it.feed_seq, 'policy' as kind, it.tenant_id, null::uuid as run_id,
                    it.name as policy_name, it.version as policy_version
             from policy it
             where (after_xid, after_seq) < (it.feed_xid, it.feed_seq)
               and it.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
             order by it.feed_xid, it.feed_seq limit rows_max)
            union all
            (select it.feed_xid, it.feed_seq, 'detection', it.tenant_id, it.run_id, null, null
             from detection it
             where (after_xid, after_seq) < (it.feed_xid, it.feed_seq)
               and it.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
             order by it.feed_xid, it.feed_seq limit rows_max)
            union all
            (select it.feed_xid, it.feed_seq, 'report', it.tenant_id, it.run_id, null, null
             from run_report it
             where (after_xid, after_seq) < (it.feed_xid, it.feed_seq)
               and it.feed_xid < pg_snapshot_xmin(pg_current_snapshot())
             order by it.feed_xid, it.feed_seq limit rows_max)
        ) feed
        order by feed.feed_xid, feed.feed_seq
        limit rows_max
    $$;
