-- Evidence reports with their bytes.

create table report (
    tenant_id        uuid        not null,
    report_id        uuid        not null,
    title            text        not null,
    period_from      timestamptz not null,
    period_to        timestamptz not null,
    as_of            timestamptz not null,
    taxonomy         text        not null,
    frameworks       text        not null,
    detector_mapping text        not null,
    model            text        not null,
    policy           text        not null,
    json             text        not null,
    html             text        not null,
    json_sha256      text        not null constraint report_digest check (json_sha256 ~ '^[0-9a-f]{64}$'),
    created_at       timestamptz not null,
    primary key (tenant_id, report_id)
);

alter table report enable row level security;
alter table report force row level security;
create policy report_of_tenant on report to analysis
    using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
create policy report_of_owner on report to analysis_owner using (true);
