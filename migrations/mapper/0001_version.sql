-- What mappings were made with. Events refer to a row by a small number, so that provenance costs them four bytes.
-- It describes the product, not a tenant, so it has no tenant and no row-level security.
create table version (
    version_id       integer generated always as identity primary key,
    taxonomy         text not null,
    frameworks       text not null,
    detector_mapping text not null,
    model            text not null,
    created_at       timestamptz not null default now(),
    constraint version_once unique (taxonomy, frameworks, detector_mapping, model)
);

-- Published versions are immutable.
revoke update, delete on version from mapper;
