//! `tenants` and `keys`: for operators.

use proto::orchestration::v1::{
    CreateTenantRequest, IssueKeyRequest, ListKeysRequest, ListTenantsRequest, RevokeKeyRequest,
};

use crate::{
    Done,
    args::{Globals, KeysVerb, TenantsVerb},
    mesh::Mesh,
    output::{Output, Shown},
    period, time, wire_json,
};

pub(crate) async fn tenants(
    verb: TenantsVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_operator(globals)?;
    match verb {
        TenantsVerb::Create { name } => {
            let request = CreateTenantRequest { name };
            let response = mesh.tenancy().create_tenant(request).await?.into_inner();
            let tenant = response.tenant.unwrap_or_default();
            if output.json {
                output.json(&wire_json::to_json(&tenant)?);
            }
            output.text(&format!("{} {}", tenant.tenant_id, tenant.name));
        }
        TenantsVerb::List(page) => {
            let request = ListTenantsRequest { page: Some(period::page(&page)) };
            let response = mesh.tenancy().list_tenants(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            let rows = response.tenants.iter().map(|it| {
                vec![
                    Shown::from(it.tenant_id.as_str()),
                    it.name.as_str().into(),
                    time::show(it.created_at.as_ref()).into(),
                ]
            });
            output.table(&["tenant", "name", "since"], rows.collect(), "No tenants yet.");
            if !response.next_cursor.is_empty() {
                output.text(&format!("more: --cursor {}", response.next_cursor));
            }
        }
    }
    Ok(Done::Well)
}

pub(crate) async fn keys(
    verb: KeysVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_operator(globals)?;
    match verb {
        KeysVerb::Issue { tenant, name, roles } => {
            let request = IssueKeyRequest { tenant_id: tenant, name, roles };
            let response = mesh.tenancy().issue_key(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            output.text(&response.credential);
            output.note("This is the only time the key is shown.");
        }
        KeysVerb::List { tenant, page } => {
            let request = ListKeysRequest { tenant_id: tenant, page: Some(period::page(&page)) };
            let response = mesh.tenancy().list_keys(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            let rows = response.keys.iter().map(|it| {
                vec![
                    Shown::from(it.key_id.as_str()),
                    it.name.as_str().into(),
                    it.roles.join(", ").into(),
                    time::show(it.created_at.as_ref()).into(),
                    time::show(it.revoked_at.as_ref()).into(),
                ]
            });
            let headers = ["key", "name", "roles", "since", "revoked"];
            output.table(&headers, rows.collect(), "The tenant has no keys.");
        }
        KeysVerb::Revoke { tenant, key_id } => {
            let request = RevokeKeyRequest { tenant_id: tenant, key_id };
            let response = mesh.tenancy().revoke_key(request).await?.into_inner();
            let key = response.key.unwrap_or_default();
            if output.json {
                output.json(&wire_json::to_json(&key)?);
            }
            output.text(&format!("{} is revoked; services forget it within 30 s", key.key_id));
        }
    }
    Ok(Done::Well)
}
