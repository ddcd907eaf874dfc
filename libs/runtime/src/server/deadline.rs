//! Ends a request when its time is up: the sooner of the caller's `grpc-timeout` and our own limit.
//!
//! Our own limit is for unary RPCs. A stream lasts as long as its caller says, or until we stop.

use std::time::Duration;

use http::Request;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body};

use crate::{
    body::{self, guard},
    context::{self, Context},
    deadline,
    middleware::{Around, Next, Reply, around},
    rpc::Methods,
    status::{ErrorCode, refuse},
};

pub(super) fn layer(
    limit: Duration,
    methods: &Methods,
    stopping: CancellationToken,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    let methods = methods.clone();
    around(move |request: Request<Body>, next| {
        let asked = deadline::asked(request.headers());
        let streaming = methods.of(request.uri().path()).streaming;
        let wait = match (asked, streaming) {
            (Some(asked), true) => Some(asked),
            (Some(asked), false) => Some(asked.min(limit)),
            (None, true) => None,
            (None, false) => Some(limit),
        };
        // A stream outlives the wish to stop, for as long as it has something to say: it is told.
        let stopping = streaming.then(|| stopping.clone());
        let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
        Box::pin(end_at(deadline, stopping, request, next))
    })
}

async fn end_at(
    deadline: Option<Instant>,
    stopping: Option<CancellationToken>,
    request: Request<Body>,
    next: Next,
) -> Result<http::Response<Body>, tower::BoxError> {
    let context = context::current().unwrap_or_else(Context::background);
    let context = Context { deadline, ..context };
    let response = context.clone().scope(next.run(request));
    let response = match deadline {
        None => response.await?,
        Some(deadline) => match tokio::time::timeout_at(deadline, response).await {
            Ok(response) => response?,
            Err(_) => return Ok(out_of_time().into_http()),
        },
    };
    if deadline.is_none() && stopping.is_none() {
        return Ok(response);
    }
    let ends: futures::future::BoxFuture<'static, Status> = Box::pin(async move {
        let late = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let stop = async {
            match &stopping {
                Some(stopping) => stopping.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = late => out_of_time(),
            () = stop => refuse(ErrorCode::UpstreamUnavailable, "the service is stopping"),
        }
    });
    let span = tracing::Span::current();
    let around = body::Around { within: Some((context, span)), ends: Some(ends), on_end: None };
    Ok(response.map(|body| guard(body, around)))
}

fn out_of_time() -> Status {
    refuse(ErrorCode::RequestTimeout, "out of time")
}
