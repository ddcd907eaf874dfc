//! Who is calling: credentials in, a [`Principal`] out, and what its roles permit.
//!
//! Two credentials exist. Clients send an API key (`authorization: Bearer lmk_<key id>_<secret>`), services send
//! each other a short-lived mesh token (`authorization: Mesh <payload>.<mac>`). Reading order: [`Principal`], the
//! table in `role.rs`, `key.rs` and `mesh.rs` for the two credentials, [`Authenticator`] for the decision, the two
//! layers that put it in front of every RPC. No secret is ever logged, printed or put into an error.

mod authenticate;
mod authenticator;
mod authorise;
mod cache;
mod key;
mod mesh;
mod remote;
mod role;

use tonic::{Request, Status};
use types::TenantId;

use crate::status::{self, ErrorCode};

pub use authenticate::authenticate;
pub use authenticator::{Authenticator, Unavailable};
pub use authorise::authorise;
pub use cache::{Cache, cached};
pub use key::{ApiKey, SecretDigest};
pub use mesh::{MeshKey, WeakMeshKey};
pub use remote::remote;
pub use role::{Role, UnknownRole, grants, permissions};

/// Who makes this call, as decided by the credential and by nothing in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Whose data the call may touch; none for an operator and for mesh calls that cross tenants.
    pub tenant: Option<TenantId>,
    /// Who, for the audit trail: `key:<key id>` or `service:<name>`. Never a secret.
    pub subject: String,
    pub roles: Vec<Role>,
}

impl Principal {
    /// Says whether any of the roles holds `permission`.
    pub fn may(&self, permission: &str) -> bool {
        self.roles.iter().any(|role| grants(*role, permission))
    }
}

/// The caller of `request`, or UNAUTHENTICATED when no layer has identified one.
pub fn principal<T>(request: &Request<T>) -> Result<&Principal, Status> {
    request.extensions().get().ok_or_else(unauthenticated)
}

/// The tenant of the caller, or PERMISSION_DENIED when the caller belongs to none.
pub fn tenant<T>(request: &Request<T>) -> Result<TenantId, Status> {
    principal(request)?.tenant.ok_or_else(|| {
        status::refuse(ErrorCode::PermissionDenied, "this call needs a credential of a tenant")
    })
}

/// One answer for every bad credential, so that nobody learns which part of a guess was right.
fn unauthenticated() -> Status {
    status::refuse(ErrorCode::Unauthenticated, "a valid credential is required")
}

/// Health and reflection answer everybody: they hold no data of anybody.
fn is_open(path: &str) -> bool {
    path.starts_with("/grpc.health.") || path.starts_with("/grpc.reflection.")
}
