//! The layer that finds out who is calling, before anything else looks at the request.

use http::Request;
use tonic::body::Body;

use super::{Authenticator, is_open};
use crate::middleware::{Around, Next, Reply, around};

/// Puts a [`super::Principal`] into the extensions of every request that is not open to all.
pub fn authenticate(
    authenticator: Authenticator,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    around(move |mut request: Request<Body>, next| {
        let authenticator = authenticator.clone();
        Box::pin(async move {
            if is_open(request.uri().path()) {
                return next.run(request).await;
            }
            match authenticator.authenticate(request.headers()).await {
                Ok(principal) => {
                    let span = tracing::Span::current();
                    span.record("principal.subject", &principal.subject);
                    if let Some(tenant) = principal.tenant {
                        span.record("tenant.id", tracing::field::display(tenant));
                    }
                    request.extensions_mut().insert(principal);
                    next.run(request).await
                }
                Err(status) => Ok(status.into_http()),
            }
        })
    })
}
