-- What analysis keeps of the two feeds: counts per bucket of time, never events and never content.
-- Rollups are merged by `insert … on conflict do update`, so a row is one bucket of one combination.

-- Where each feed was read to. Not tenant data: one row per feed, moved in the transaction that applies a batch.
create table feed (
    feed        text        not null primary key constraint feed_known check (feed in ('events', 'runs')),
    cursor      text        not null default '',
    -- Whether the last read reached the end of the feed.
    caught_up   boolean     not null default false,
    -- How old the last processed item was when it was processed.
    lag_s       double precision not null default 0,
    updated_at  timestamptz not null default now()
);
insert into feed (feed) values ('events'), ('runs');

-- How much of each feed is in the rollups of a tenant.
create table progress (
    tenant_id   uuid        not null,
    feed        text        not null references feed (feed),
    items       bigint      not null,
    -- When the latest of them was received. Reports are as of this time.
    received_at timestamptz not null,
    primary key (tenant_id, feed)
);

create table event_rollup (
    tenant_id             uuid        not null,
    width_s               integer     not null constraint event_rollup_width check (width_s in (60, 3600, 86400)),
    bucket                timestamptz not null,
    detector              text        not null,
    label                 text        not null,
    severity              text        not null,
    route                 text        not null,
    disposition           text        not null,
    events                bigint      not null,
    -- Sums of millionths: whole numbers, so that the order of adding does not matter.
    confidence_micros     bigint      not null,
    confidence_micros_max bigint      not null,
    -- The latest few event ids, latest first.
    evidence              uuid[]      not null,
    primary key (tenant_id, width_s, bucket, detector, label, severity, route, disposition)
);

create table version_rollup (
    tenant_id        uuid        not null,
    day              timestamptz not null,
    taxonomy         text        not null,
    frameworks       text        not null,
    detector_mapping text        not null,
    model            text        not null,
    policy           text        not null,
    events           bigint      not null,
    primary key (tenant_id, day, taxonomy, frameworks, detector_mapping, model, policy)
);

create table check_rollup (
    tenant_id uuid        not null,
    width_s   integer     not null constraint check_rollup_width check (width_s in (60, 3600, 86400)),
    bucket    timestamptz not null,
    detector  text        not null,
    state     text        not null,
    required  boolean     not null,
    checks    bigint      not null,
    -- The latest few run ids, latest first.
    evidence  uuid[]      not null,
    primary key (tenant_id, width_s, bucket, detector, state, required)
);

create table detection_rollup (
    tenant_id        uuid        not null,
    width_s          integer     not null constraint detection_rollup_width check (width_s in (60, 3600, 86400)),
    bucket           timestamptz not null,
    policy           text        not null,
    action           text        not null,
    mapping_deferred boolean     not null,
    fallback_used    boolean     not null,
    partial          boolean     not null,
    detections       bigint      not null,
    primary key (tenant_id, width_s, bucket, policy, action, mapping_deferred, fallback_used, partial)
);

-- What pushing detectors said of a span of time. Kept one by one, because spans may overlap.
create table span_report (
    tenant_id  uuid        not null,
    report_id  uuid        not null,
    detector   text        not null,
    started_at timestamptz not null,
    ended_at   timestamptz not null,
    looked_at  bigint      not null,
    flagged    bigint      not null,
    failed     bigint      not null,
    primary key (tenant_id, report_id)
);
create index span_report_time on span_report (tenant_id, ended_at, started_at);
create index span_report_first on span_report (tenant_id, detector, started_at);

create table policy_activation (
    tenant_id    uuid             not null,
    policy       text             not null,
    version      bigint           not null,
    activated_at timestamptz      not null,
    is_default   boolean          not null,
    threshold    double precision not null,
    facts        text[]           not null,
    primary key (tenant_id, policy, version, activated_at)
);

create table policy_requirement (
    tenant_id         uuid             not null,
    policy            text             not null,
    version           bigint           not null,
    activated_at      timestamptz      not null,
    detector          text             not null,
    required          boolean          not null,
    -- Null for a detector that the mesh calls.
    report_interval_s bigint,
    weight            double precision not null,
    criticality       double precision not null,
    primary key (tenant_id, policy, version, activated_at, detector),
    foreign key (tenant_id, policy, version, activated_at)
        references policy_activation (tenant_id, policy, version, activated_at)
);

do $rls$
declare
    name text;
begin
    foreach name in array array[
        'progress', 'event_rollup', 'version_rollup', 'check_rollup', 'detection_rollup', 'span_report',
        'policy_activation', 'policy_requirement'
    ] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy %I on %I to analysis using (tenant_id = (select current_setting(''app.tenant_id''))::uuid)',
            name || '_of_tenant', name);
        execute format('create policy %I on %I to analysis_owner using (true)', name || '_of_owner', name);
    end loop;
end
$rls$;
