-- Words nobody knew, waiting for a person.
create table proposal (
    tenant_id     uuid not null,
    proposal_id   uuid not null,
    detector      text not null,
    -- Scrubbed: a word that nobody knows may be anything.
    raw_label     text not null,
    -- How many events carry it; 0 where only `Map` was asked.
    events        bigint not null,
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null,
    primary key (tenant_id, proposal_id),
    constraint proposal_word unique (tenant_id, detector, raw_label)
);

alter table proposal enable row level security;
alter table proposal force row level security;
create policy proposal_of_tenant on proposal to mapper
    using (tenant_id = (select current_setting('app.tenant_id')::uuid));
create policy proposal_of_owner on proposal to mapper_owner using (true);

revoke delete on proposal from mapper;
