//! `IdentityService`.

use proto::orchestration::v1::{self as wire, identity_service_server::IdentityService};
use runtime::identity::{ApiKey, Principal, Role};
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::Error;

#[tonic::async_trait]
impl IdentityService for Rpc {
    async fn authenticate(
        &self,
        request: Request<wire::AuthenticateRequest>,
    ) -> Result<Response<wire::AuthenticateResponse>, Status> {
        let wire::AuthenticateRequest { credential } = request.into_inner();
        let credential = ApiKey::parse(&credential).ok_or(Error::BadCredential)?;
        let principal = self.0.authenticate(&credential).await?.ok_or(Error::BadCredential)?;
        Ok(Response::new(encode_principal(principal)))
    }
}

fn encode_principal(principal: Principal) -> wire::AuthenticateResponse {
    let Principal { tenant, subject, roles } = principal;
    wire::AuthenticateResponse {
        tenant_id: tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
        subject,
        roles: roles.into_iter().map(Role::as_str).map(str::to_owned).collect(),
    }
}
