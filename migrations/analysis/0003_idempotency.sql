-- What was answered under which idempotency key. `runtime::idempotency` reads and writes it.
--
-- Copied into a migration of each service that serves KEYED RPCs. The schema, and so the role that
-- serves, has the name of the service.
create table idempotency (
    tenant_id      uuid        not null,
    -- The path of the RPC.
    method         text        not null,
    key            text        not null,
    -- HMAC-SHA-256 of the request, so that the same key under another request is noticed.
    request_digest bytea       not null,
    -- The message of the answer as it was framed; null while the first call is under way.
    response       bytea,
    created_at     timestamptz not null default now(),

    constraint idempotency_pkey primary key (tenant_id, method, key)
);

create index idempotency_age on idempotency (tenant_id, created_at);

alter table idempotency enable row level security;
alter table idempotency force row level security;

do $policies$
begin
    execute format(
        'create policy idempotency_of_tenant on idempotency to %I
             using (tenant_id = (select current_setting(''app.tenant_id'')::uuid))',
        current_schema());
    execute format(
        'create policy idempotency_of_owner on idempotency to %I using (true)',
        current_schema() || '_owner');
end
$policies$;
