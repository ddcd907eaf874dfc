-- What a tenant wants: its policies, versioned and never changed, and the detectors it registered.

-- Orders everything that other services tail (policies, detections, run reports) within one transaction id.
create sequence feed_seq;

create table policy (
    tenant_id    uuid not null references tenant,
    name         text not null,
    version      integer not null constraint policy_version_positive check (0 < version),
    -- The policy as published, in the shape of `policy::Policy`.
    document     jsonb not null,
    published_at timestamptz not null,
    feed_xid     xid8 not null default pg_current_xact_id(),
    feed_seq     bigint not null default nextval('feed_seq'),
    constraint policy_version_taken primary key (tenant_id, name, version)
);

create index policy_feed on policy (feed_xid, feed_seq);

create table detector (
    tenant_id     uuid not null references tenant,
    name          text not null,
    -- Label groups it says it is able to report.
    label_groups  text[] not null,
    revision      integer not null,
    registered_at timestamptz not null,
    primary key (tenant_id, name)
);

alter table policy enable row level security;
alter table policy force row level security;
create policy policy_own on policy to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy policy_all on policy to orchestration_owner using (true);

-- A published version never changes.
revoke update, delete on policy from orchestration;

alter table detector enable row level security;
alter table detector force row level security;
create policy detector_own on detector to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy detector_all on detector to orchestration_owner using (true);
