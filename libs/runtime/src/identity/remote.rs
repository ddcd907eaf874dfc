//! How mapper and analysis look up API keys: they ask orchestration, and remember.

use futures::future::BoxFuture;
use proto::orchestration::v1::{
    AuthenticateRequest, AuthenticateResponse, identity_service_client::IdentityServiceClient,
};
use secrecy::ExposeSecret as _;
use tonic::Code;

use super::{ApiKey, Cache, Principal, Unavailable, cached};
use crate::client::Client;

/// Looks up keys at orchestration, behind a cache; for `Authenticator::new`.
pub fn remote(
    orchestration: Client,
    cache: Cache,
) -> impl Fn(ApiKey) -> BoxFuture<'static, Result<Option<Principal>, Unavailable>> + Send + Sync + 'static
{
    let client = IdentityServiceClient::new(orchestration);
    cached(cache, move |key| {
        let mut client = client.clone();
        async move {
            let credential = key.expose().expose_secret().to_owned();
            match client.authenticate(AuthenticateRequest { credential }).await {
                Ok(response) => decode(response.into_inner()).map(Some),
                Err(status) if status.code() == Code::Unauthenticated => Ok(None),
                Err(status) => Err(Unavailable::new(status)),
            }
        }
    })
}

fn decode(response: AuthenticateResponse) -> Result<Principal, Unavailable> {
    let AuthenticateResponse { tenant_id, subject, roles } = response;
    let tenant = if tenant_id.is_empty() {
        None
    } else {
        Some(tenant_id.parse().map_err(Unavailable::new)?)
    };
    // A role that is newer than this service permits nothing here.
    let roles = roles.iter().filter_map(|role| role.parse().ok()).collect();
    Ok(Principal { tenant, subject, roles })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Role;

    #[test]
    fn an_unknown_role_permits_nothing() {
        let roles = vec!["admin".to_owned(), "emperor".to_owned()];
        let principal = decode(response("", roles)).unwrap();
        assert_eq!((principal.tenant, principal.roles), (None, vec![Role::Admin]));
    }

    #[test]
    fn half_a_tenant_is_no_tenant() {
        assert!(decode(response("not-a-uuid", Vec::new())).is_err());
    }

    fn response(tenant_id: &str, roles: Vec<String>) -> AuthenticateResponse {
        let subject = "key:1".to_owned();
        AuthenticateResponse { tenant_id: tenant_id.to_owned(), subject, roles }
    }
}
