-- Which findings are events already. Not partitioned, because what must be unique must be unique over all days.
-- See docs/adr/0005-dedupe-in-the-insert.md.
create table finding_key (
    tenant_id   uuid not null,
    -- The first 128 bits of SHA-256 over detector and finding id: narrow, and of one width.
    digest      uuid not null,
    -- Of the event, so that the key can go when the event does.
    received_at timestamptz not null,
    primary key (tenant_id, digest)
);

alter table finding_key enable row level security;
alter table finding_key force row level security;
create policy finding_key_of_tenant on finding_key to mapper
    using (tenant_id = (select current_setting('app.tenant_id')::uuid));
create policy finding_key_of_owner on finding_key to mapper_owner using (true);

revoke update, delete on finding_key from mapper;
