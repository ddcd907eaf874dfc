-- Tenants, and the keys by which their callers are known.

create table tenant (
    tenant_id  uuid primary key,
    name       text not null constraint tenant_name_taken unique,
    -- Keys the HMAC-SHA-256 that identifies content; never leaves the tenant's own rows.
    digest_key bytea not null constraint tenant_digest_key_length check (octet_length(digest_key) = 32),
    created_at timestamptz not null
);

create table api_key (
    tenant_id     uuid not null references tenant,
    key_id        uuid not null constraint api_key_id_taken unique,
    name          text not null,
    -- SHA-256 of the secret. The secret itself is stored nowhere.
    secret_sha256 bytea not null constraint api_key_digest_length check (octet_length(secret_sha256) = 32),
    roles         text[] not null constraint api_key_roles_known check (roles <@ array['admin', 'analyst', 'detector', 'application']),
    created_at    timestamptz not null,
    revoked_at    timestamptz,
    primary key (tenant_id, key_id)
);

create unique index api_key_name_taken on api_key (tenant_id, name) where revoked_at is null;
create index api_key_by_name on api_key (tenant_id, name, created_at, key_id);

alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_own on tenant to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy tenant_all on tenant to orchestration_owner using (true);

alter table api_key enable row level security;
alter table api_key force row level security;
create policy api_key_own on api_key to orchestration
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy api_key_all on api_key to orchestration_owner using (true);

-- Crosses tenants: a credential says its key id, and the row says whose it is. One live key, never a list.
create function live_key(wanted uuid)
    returns table (tenant_id uuid, secret_sha256 bytea, roles text[])
    language sql stable security definer set search_path = orchestration, pg_temp
    as $$
        select key.tenant_id, key.secret_sha256, key.roles
        from api_key key
        where key.key_id = wanted and key.revoked_at is null
    $$;

-- Crosses tenants: operators list tenants by name. Tells names only, nothing that is inside a tenant.
create function tenants_after(after_name text, rows_max bigint)
    returns table (tenant_id uuid, name text, created_at timestamptz)
    language sql stable security definer set search_path = orchestration, pg_temp
    as $$
        select tenant.tenant_id, tenant.name, tenant.created_at
        from tenant
        where after_name < tenant.name
        order by tenant.name
        limit rows_max
    $$;
