//! W3C trace context: into headers on the way out, out of headers on the way in.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const TRACEPARENT: &str = "traceparent";

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'h>(&'h mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = HeaderName::from_bytes(key.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

/// Makes `span` a child of the span that `headers` name, if they do.
pub(crate) fn extract(span: &Span, headers: &HeaderMap) {
    adopt(span, TraceContextPropagator::new().extract(&Headers(headers)));
}

/// Names the present span in `headers`.
pub(crate) fn inject(headers: &mut HeaderMap) {
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut HeadersMut(headers));
}

/// The present span as a `traceparent`, to be stored with what it made; `None` outside of any.
pub fn current_traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Makes `span`, which nobody has entered yet, a child of the span in `traceparent`.
///
/// Something else than a `traceparent` leaves the span where it is.
pub fn set_parent(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    adopt(span, TraceContextPropagator::new().extract(&carrier));
}

/// `span` as a child of the span in `traceparent`, when there is one.
pub fn span_with_remote_parent(span: Span, traceparent: Option<&str>) -> Span {
    if let Some(traceparent) = traceparent {
        set_parent(&span, traceparent);
    }
    span
}

fn adopt(span: &Span, parent: Context) {
    if parent.span().span_context().is_valid() {
        // It fails when the span is filtered out or telemetry is off: there is no trace to join then.
        let _ = span.set_parent(parent);
    }
}
