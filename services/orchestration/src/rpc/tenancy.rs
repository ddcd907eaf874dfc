//! `TenancyService`.

use proto::orchestration::v1::{self as wire, tenancy_service_server::TenancyService};
use secrecy::ExposeSecret as _;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Rpc, decode_page, invalid, paginate, parse_tenant, reach};
use crate::{
    Error,
    tenant::{Key, KeyCursor, Tenant},
    wire::encode_time,
};

#[tonic::async_trait]
impl TenancyService for Rpc {
    async fn create_tenant(
        &self,
        request: Request<wire::CreateTenantRequest>,
    ) -> Result<Response<wire::CreateTenantResponse>, Status> {
        let wire::CreateTenantRequest { name } = request.into_inner();
        let tenant = self.0.create_tenant(name).await?;
        Ok(Response::new(wire::CreateTenantResponse { tenant: Some(encode_tenant(tenant)) }))
    }

    async fn list_tenants(
        &self,
        request: Request<wire::ListTenantsRequest>,
    ) -> Result<Response<wire::ListTenantsResponse>, Status> {
        let reach = reach(&request)?;
        let (size, cursor) = decode_page(request.into_inner().page);
        let tenants = self.0.list_tenants(reach, &cursor, i64::from(size) + 1).await?;
        let (tenants, next_cursor) = paginate(tenants, size, |tenant| tenant.name.clone());
        let tenants = tenants.into_iter().map(encode_tenant).collect();
        Ok(Response::new(wire::ListTenantsResponse { tenants, next_cursor }))
    }

    async fn issue_key(
        &self,
        request: Request<wire::IssueKeyRequest>,
    ) -> Result<Response<wire::IssueKeyResponse>, Status> {
        let reach = reach(&request)?;
        let wire::IssueKeyRequest { tenant_id, name, roles } = request.into_inner();
        let tenant = parse_tenant(&tenant_id)?;
        let (key, credential) = self.0.issue_key(reach, tenant, (name, roles)).await?;
        let credential = credential.expose_secret().to_owned();
        Ok(Response::new(wire::IssueKeyResponse { key: Some(encode_key(key)), credential }))
    }

    async fn list_keys(
        &self,
        request: Request<wire::ListKeysRequest>,
    ) -> Result<Response<wire::ListKeysResponse>, Status> {
        let reach = reach(&request)?;
        let wire::ListKeysRequest { tenant_id, page } = request.into_inner();
        let tenant = parse_tenant(&tenant_id)?;
        let (size, cursor) = decode_page(page);
        let cursor = decode_key_cursor(&cursor)?;
        let page = (cursor.as_ref(), i64::from(size) + 1);
        let keys = self.0.list_keys(reach, tenant, page).await?;
        let (keys, next_cursor) = paginate(keys, size, encode_key_cursor);
        let keys = keys.into_iter().map(encode_key).collect();
        Ok(Response::new(wire::ListKeysResponse { keys, next_cursor }))
    }

    async fn revoke_key(
        &self,
        request: Request<wire::RevokeKeyRequest>,
    ) -> Result<Response<wire::RevokeKeyResponse>, Status> {
        let reach = reach(&request)?;
        let wire::RevokeKeyRequest { tenant_id, key_id } = request.into_inner();
        let tenant = parse_tenant(&tenant_id)?;
        // Whatever is no id is the id of no key.
        let id = Uuid::parse_str(&key_id).map_err(|_| Error::UnknownKey)?;
        let key = self.0.revoke_key(reach, tenant, id).await?;
        Ok(Response::new(wire::RevokeKeyResponse { key: Some(encode_key(key)) }))
    }
}

fn encode_tenant(tenant: Tenant) -> wire::Tenant {
    let Tenant { id, name, created_at } = tenant;
    wire::Tenant { tenant_id: id.to_string(), name, created_at: encode_time(created_at) }
}

fn encode_key(key: Key) -> wire::Key {
    let Key { id, name, roles, created_at, revoked_at } = key;
    wire::Key {
        key_id: id.simple().to_string(),
        name,
        roles,
        created_at: encode_time(created_at),
        revoked_at: revoked_at.and_then(encode_time),
    }
}

fn encode_key_cursor(key: &Key) -> String {
    format!("{}/{}/{}", key.name, key.created_at.unix_timestamp_nanos(), key.id.simple())
}

fn decode_key_cursor(text: &str) -> Result<Option<KeyCursor>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let parse = || {
        let mut fields = text.split('/');
        let name = fields.next()?.to_owned();
        let nanos = fields.next()?.parse().ok()?;
        let created_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        let id = Uuid::parse_str(fields.next()?).ok()?;
        fields.next().is_none().then_some(KeyCursor { name, created_at, id })
    };
    parse().map(Some).ok_or_else(|| invalid("page.cursor", "must be a `next_cursor` of this list"))
}
