//! Turns a panic into one failed request. What it said stays unsaid: it may quote content.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use http::Request;
use tonic::body::Body;

use crate::{
    middleware::{Around, Next, Reply, around},
    status::{ErrorCode, refuse},
};

pub(super) fn layer()
-> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    around(|request, next: Next| {
        Box::pin(async move {
            let response = AssertUnwindSafe(async { next.run(request).await });
            response.catch_unwind().await.unwrap_or_else(|_| {
                Ok(refuse(ErrorCode::Internal, "a handler panicked").into_http())
            })
        })
    })
}
