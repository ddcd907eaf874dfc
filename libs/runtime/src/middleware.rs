//! One way to write a layer: a function from a request and what comes next to a response.

use std::{
    fmt, mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tower::{BoxError, Layer, Service};

/// What a layer, and whatever it wraps, answers.
pub type Reply = BoxFuture<'static, Result<Response<Body>, BoxError>>;

/// What comes after a layer.
pub struct Next(Box<dyn FnOnce(Request<Body>) -> Reply + Send>);

/// A layer made of a function.
#[derive(Clone)]
pub struct Around<F>(F);

/// Makes a layer of `handle`.
pub fn around<F>(handle: F) -> Around<F>
where
    F: Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static,
{
    Around(handle)
}

impl Next {
    pub fn run(self, request: Request<Body>) -> Reply {
        (self.0)(request)
    }
}

impl<F: Clone, S> Layer<S> for Around<F> {
    type Service = Surrounded<F, S>;

    fn layer(&self, inner: S) -> Surrounded<F, S> {
        Surrounded { handle: self.0.clone(), inner }
    }
}

/// A service with a function around it.
#[derive(Clone)]
pub struct Surrounded<F, S> {
    handle: F,
    inner: S,
}

impl<F, S, B> Service<Request<Body>> for Surrounded<F, S>
where
    F: Fn(Request<Body>, Next) -> Reply,
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Reply {
        // The one that is ready is used up; its clone waits for its own turn.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let next = Next(Box::new(move |request| {
            let response = inner.call(request);
            Box::pin(async move {
                let response = response.await.map_err(Into::into)?;
                Ok(response.map(Body::new))
            })
        }));
        (self.handle)(request, next)
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next(..)")
    }
}

impl<F> fmt::Debug for Around<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Around(..)")
    }
}

impl<F, S> fmt::Debug for Surrounded<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surrounded(..)")
    }
}
