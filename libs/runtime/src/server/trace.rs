//! Opens the span and the context that everything else of a request happens in, and counts it.

use http::{HeaderName, HeaderValue, Request};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body};
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    body::{self, guard},
    context::{Context, RequestId},
    metrics::{Counter, Histogram, Metrics, names},
    middleware::{Around, Next, Reply, around},
    rpc::Methods,
    telemetry,
};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The label of what is no RPC of ours: a path from outside must not become a label.
const NO_RPC: &str = "other";

#[derive(Clone)]
struct Counts {
    answered: Counter<2>,
    took: Histogram<1>,
}

pub(super) fn layer(
    methods: &Methods,
    metrics: &Metrics,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    let methods = methods.clone();
    let counts = Counts {
        answered: metrics.counter(&names::RPC_REQUESTS_TOTAL),
        took: metrics.histogram(&names::RPC_DURATION_SECONDS, names::SECONDS),
    };
    around(move |request: Request<Body>, next| {
        let path = request.uri().path();
        let method = if methods.contains(path) { path.to_owned() } else { NO_RPC.to_owned() };
        Box::pin(traced(method, counts.clone(), request, next))
    })
}

async fn traced(
    method: String,
    counts: Counts,
    request: Request<Body>,
    next: Next,
) -> Result<http::Response<Body>, tower::BoxError> {
    let started = Instant::now();
    let headers = request.headers();
    let request_id = headers
        .get(REQUEST_ID)
        .and_then(|value| RequestId::parse(value.to_str().ok()?))
        .unwrap_or_else(RequestId::random);
    let span = tracing::info_span!(
        "rpc",
        otel.name = method.trim_start_matches('/'),
        otel.kind = "server",
        rpc.method = method,
        rpc.code = Empty,
        request.id = request_id.as_str(),
        principal.subject = Empty,
        tenant.id = Empty,
    );
    telemetry::extract(&span, headers);
    let context = Context { request_id: request_id.clone(), deadline: None };

    let response = context.clone().scope(next.run(request)).instrument(span.clone()).await;
    counts.took.observe([&method], started.elapsed().as_secs_f64());

    let mut response = response?;
    if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    // An error that came before any message is in the headers; else the trailers will say.
    let early = Status::from_header_map(response.headers()).map(|status| status.code());
    let within = Some((context, span.clone()));
    let on_end: body::OnEnd = Box::new(move |late| {
        end(&span, &counts, &method, early.unwrap_or(late));
    });
    let around = body::Around { within, ends: None, on_end: Some(on_end) };
    Ok(response.map(|body| guard(body, around)))
}

fn end(span: &Span, counts: &Counts, method: &str, code: Code) {
    let code = format!("{code:?}");
    span.record("rpc.code", &code);
    counts.answered.inc([method, &code]);
    span.in_scope(|| tracing::debug!(rpc.code = code, "Answered `{method}`"));
}
