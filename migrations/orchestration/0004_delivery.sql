-- What the mapper has yet to get: pushed findings that came while it was away, and findings of detections.

create sequence delivery_seq;

create table delivery (
    tenant_id       uuid not null references tenant,
    -- Order within the tenant.
    seq             bigint not null default nextval('delivery_seq'),
    -- A `mapper.v1.RecordRequest` as it goes over the wire.
    payload         bytea not null,
    findings        integer not null,
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null,
    -- Somebody is delivering the tenant's deliveries until then. Counts on the tenant's oldest row only.
    leased_until    timestamptz not null default '-infinity',
    -- The mapper will never take it. Stays for a person to look at, and out of the way of the others.
    parked_at       timestamptz,
    created_at      timestamptz not null,
    primary key (tenant_id, seq)
);

alter table delivery enable row level security;
alter table delivery force row level security;
create policy delivery_own on delivery to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy delivery_all on delivery to orchestration_owner using (true);

-- Crosses tenants: takes the turn of tenants that have something to deliver. Tells their ids only.
--
-- The oldest delivery of a tenant stands for all of them: whoever leases it has the tenant to itself, so a tenant's
-- findings go out in order however many replicas there are.
create function lease_deliveries(at timestamptz, until timestamptz, tenants_max bigint)
    returns table (tenant_id uuid)
    language sql volatile security definer set search_path = orchestration, pg_temp
    as $$
        with due as (
            select it.tenant_id, it.seq
            from delivery it
            where it.parked_at is null and it.leased_until <= at and it.next_attempt_at <= at
              and not exists (
                  select from delivery older
                  where older.tenant_id = it.tenant_id and older.seq < it.seq and older.parked_at is null
              )
            order by it.next_attempt_at
            limit tenants_max
            for update skip locked
        )
        update delivery set leased_until = until
        from due
        where delivery.tenant_id = due.tenant_id and delivery.seq = due.seq
        returning delivery.tenant_id
    $$;

-- Crosses tenants: how much waits, for the metrics.
create function delivery_backlog()
    returns table (deliveries bigint, findings bigint, parked bigint)
    language sql stable security definer set search_path = orchestration, pg_temp
    as $$
        select count(*) filter (where parked_at is null),
               coalesce(sum(delivery.findings) filter (where parked_at is null), 0)::bigint,
               count(*) filter (where parked_at is not null)
        from delivery
    $$;
