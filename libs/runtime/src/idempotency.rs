//! Makes KEYED RPCs happen once per `idempotency-key`: what was answered is answered again.
//!
//! A key is kept for 24 hours, per tenant and method. The same key under another request is
//! CONFLICT; so is the same request while the first one is under way. A failure is not kept, so it
//! may be tried again under its key.
//!
//! The call goes on when its caller gives up, for it is the caller that gave up who comes back.

mod store;

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use sha2::Sha256;
use sqlx::PgPool;
use tonic::{Code, Status, body::Body};
use tower::BoxError;
use types::TenantId;

use crate::{
    config::{ExposeSecret as _, SecretString},
    identity::Principal,
    middleware::{Around, Next, Reply, around},
    rpc::Methods,
    status::{ErrorCode, refuse, status},
    task::Tasks,
};

use store::Claim;

/// The table this needs, for a migration of the service.
pub const TABLE: &str = include_str!("idempotency/table.sql");

pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says `true` on an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const KEY_BYTES_MAX: usize = 128;

/// Where the answers are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Idempotency {
    db: PgPool,
    digest: Hmac<Sha256>,
    tasks: Tasks,
}

/// One call under a key.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    tenant: TenantId,
    method: String,
    key: String,
    request_digest: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot look up the idempotency key")]
struct Database(#[from] sqlx::Error);

impl Idempotency {
    /// `db` has the table [`TABLE`]; `digest_key` keeps requests from being guessed by their digests.
    pub fn new(db: PgPool, digest_key: &SecretString, tasks: Tasks) -> Idempotency {
        let digest = Hmac::new_from_slice(digest_key.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        Idempotency { db, digest, tasks }
    }
}

/// The layer for `methods`. Without a place to keep answers it does nothing.
pub(crate) fn layer(
    idempotency: Option<Idempotency>,
    methods: &Methods,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    let (idempotency, methods) = (idempotency.map(Arc::new), methods.clone());
    around(move |request: Request<Body>, next: Next| {
        let keyed = methods.of(request.uri().path()).keyed;
        let tenant = request.extensions().get::<Principal>().and_then(|caller| caller.tenant);
        let key = request.headers().get(KEY).cloned();
        match (idempotency.clone(), tenant, key) {
            (Some(idempotency), Some(tenant), Some(key)) if keyed => {
                Box::pin(idempotency.once(tenant, key, request, next))
            }
            _ => next.run(request),
        }
    })
}

impl Idempotency {
    async fn once(
        self: Arc<Self>,
        tenant: TenantId,
        key: HeaderValue,
        request: Request<Body>,
        next: Next,
    ) -> Result<Response<Body>, BoxError> {
        let Some(key) = parse(&key) else {
            let answer = ErrorCode::InvalidRequest.with("field", KEY).with("limit", KEY_BYTES_MAX);
            return Ok(refuse(
                answer,
                "an idempotency key is 1 to 128 letters, digits and signs of ASCII",
            )
            .into_http());
        };
        let (mut head, body) = request.into_parts();
        // What is kept must be readable by any later caller.
        head.headers.remove("grpc-accept-encoding");
        let body: Bytes = body.collect().await?.to_bytes();
        let method = head.uri.path().to_owned();
        let digest = self.digest.clone().chain_update(&body).finalize();
        let request_digest = digest.into_bytes().to_vec();
        let keyed = Keyed { tenant, method, key, request_digest };

        match store::claim(&self.db, &keyed).await {
            Err(err) => Ok(status(ErrorCode::Internal, &Database(err)).into_http()),
            Ok(Claim::Answered(response)) => Ok(replay(response)),
            Ok(Claim::OtherRequest) => {
                let answer = ErrorCode::Conflict.with("field", KEY);
                Ok(refuse(answer, "the idempotency key was used for another request").into_http())
            }
            Ok(Claim::UnderWay) => {
                let answer = ErrorCode::ConcurrentChange.with("field", KEY);
                Ok(refuse(answer, "the first request with this key is under way").into_http())
            }
            Ok(Claim::Ours) => {
                let request = Request::from_parts(head, Body::new(Full::new(body)));
                let (running, tasks) = (self.clone(), self.tasks.clone());
                let work = async move { running.run(keyed, request, next).await };
                match tasks.spawn_carrying(work).await {
                    Ok(answer) => answer,
                    Err(ended) => std::panic::resume_unwind(ended.into_panic()),
                }
            }
        }
    }

    /// Makes the call and keeps its answer, or gives the key free when it failed.
    async fn run(
        &self,
        keyed: Keyed,
        request: Request<Body>,
        next: Next,
    ) -> Result<Response<Body>, BoxError> {
        let mut claimed = Claimed { idempotency: self, keyed: Some(keyed) };
        let (head, body) = next.run(request).await?.into_parts();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        let message = body.to_bytes();
        let code = Status::from_header_map(&head.headers)
            .or_else(|| Status::from_header_map(&trailers))
            .map_or(Code::Unknown, |status| status.code());
        if code == Code::Ok
            && let Some(keyed) = claimed.keyed.take()
            && let Err(err) = store::answer(&self.db, &keyed, &message).await
        {
            // It happened, and the caller should know; the key stays taken, so it cannot happen twice.
            tracing::error!(error.chain = crate::report(&err), "Cannot keep an answer");
        }
        Ok(Response::from_parts(head, framed(message, trailers)))
    }
}

/// A key that is ours until there is an answer; dropped without one, it is given free.
struct Claimed<'i> {
    idempotency: &'i Idempotency,
    keyed: Option<Keyed>,
}

impl Drop for Claimed<'_> {
    fn drop(&mut self) {
        let Some(keyed) = self.keyed.take() else { return };
        let db = self.idempotency.db.clone();
        self.idempotency.tasks.spawn_following(async move {
            if let Err(err) = store::release(&db, &keyed).await {
                tracing::error!(error.chain = crate::report(&err), "Cannot give a key free");
            }
        });
    }
}

fn parse(key: &HeaderValue) -> Option<String> {
    let key = key.to_str().ok()?;
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = (1..=KEY_BYTES_MAX).contains(&key.len());
    (visible && fits).then(|| key.to_owned())
}

fn replay(message: Vec<u8>) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
    let mut response = Response::new(framed(message.into(), trailers));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, tonic::metadata::GRPC_CONTENT_TYPE);
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn framed(message: Bytes, trailers: HeaderMap) -> Body {
    if message.is_empty() && trailers.is_empty() {
        return Body::empty();
    }
    Body::new(Full::new(message).with_trailers(std::future::ready(Some(Ok(trailers)))))
}
