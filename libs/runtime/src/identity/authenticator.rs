//! From the headers of a request to a [`Principal`].

use std::{error::Error, fmt, sync::Arc, time::SystemTime};

use futures::future::BoxFuture;
use http::{HeaderMap, header::AUTHORIZATION};
use tonic::Status;

use super::{ApiKey, MeshKey, Principal, Role, unauthenticated};
use crate::status::{self, ErrorCode};

const CREDENTIAL_BYTES_MAX: usize = 2048;

/// How an API key is looked up: the principal, or none for a key that is unknown, revoked or has another secret.
pub(super) type Resolve =
    Arc<dyn Fn(ApiKey) -> BoxFuture<'static, Result<Option<Principal>, Unavailable>> + Send + Sync>;

/// Whoever knows the keys cannot be asked just now.
#[derive(Debug, Clone, thiserror::Error)]
#[error("API keys cannot be looked up")]
pub struct Unavailable(#[source] Arc<dyn Error + Send + Sync>);

/// Decides who is calling. Mesh tokens are verified here, API keys are looked up.
#[derive(Clone)]
pub struct Authenticator {
    mesh_key: MeshKey,
    resolve: Resolve,
    clock: fn() -> SystemTime,
}

impl Unavailable {
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Unavailable {
        Unavailable(source.into().into())
    }
}

impl Authenticator {
    /// `resolve` must compare [`ApiKey::digest`] with what it has stored by `SecretDigest::matches`.
    pub fn new<F>(
        mesh_key: MeshKey,
        resolve: impl Fn(ApiKey) -> F + Send + Sync + 'static,
    ) -> Authenticator
    where
        F: Future<Output = Result<Option<Principal>, Unavailable>> + Send + 'static,
    {
        let resolve: Resolve = Arc::new(move |key| Box::pin(resolve(key)));
        Authenticator { mesh_key, resolve, clock: SystemTime::now }
    }

    /// The same with another clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> SystemTime) -> Authenticator {
        Authenticator { clock, ..self }
    }

    /// Who sent these headers: UNAUTHENTICATED whatever is wrong with the credential, UPSTREAM_UNAVAILABLE when
    /// nobody can tell.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Status> {
        match credential(headers).ok_or_else(unauthenticated)? {
            Credential::Mesh(token) => {
                self.mesh_key.verify(token, (self.clock)()).ok_or_else(|| {
                    // Either someone tries, or two services have different keys or clocks.
                    tracing::warn!("Refused a mesh token");
                    unauthenticated()
                })
            }
            Credential::Key(key) => self.look_up(key).await,
        }
    }

    async fn look_up(&self, key: ApiKey) -> Result<Principal, Status> {
        let id = key.id();
        let principal = match (self.resolve)(key).await {
            Ok(principal) => principal.ok_or_else(unauthenticated)?,
            Err(unavailable) => {
                let error = status::report(&unavailable);
                tracing::warn!(key.id = %id, error, "Cannot look up an API key");
                return Err(status::refuse(
                    ErrorCode::UpstreamUnavailable,
                    "the credential cannot be checked just now",
                ));
            }
        };
        // Only the mesh key makes a service: a row in a table must not be able to.
        if principal.roles.contains(&Role::Service) {
            tracing::error!(key.id = %id, "Refused an API key with the role of a service");
            return Err(unauthenticated());
        }
        Ok(principal)
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator(..)")
    }
}

enum Credential<'a> {
    Mesh(&'a str),
    Key(ApiKey),
}

/// The one credential in `headers`; two are as bad as none, since layers could disagree which one counts.
fn credential(headers: &HeaderMap) -> Option<Credential<'_>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() || CREDENTIAL_BYTES_MAX < value.len() {
        return None;
    }
    let (scheme, credential) = value.split_once(' ')?;
    let credential = credential.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        ApiKey::parse(credential).map(Credential::Key)
    } else if scheme.eq_ignore_ascii_case("mesh") {
        Some(Credential::Mesh(credential))
    } else {
        None
    }
}
