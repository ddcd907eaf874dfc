//! Log lines as JSON: one object a line, with the ids of the trace at the top.

use std::{
    fmt,
    panic::PanicHookInfo,
    sync::{Arc, OnceLock},
};

use opentelemetry::trace::TraceContextExt as _;
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::{
    Dispatch, Event, Subscriber,
    dispatcher::WeakDispatch,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    Layer,
    field::RecordFields,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

/// Formats events; the fields of the spans around an event are among its own.
pub(super) struct Json {
    service: &'static str,
    dispatch: Arc<OnceLock<WeakDispatch>>,
}

/// Remembers the dispatcher, without which a formatter cannot ask for the ids of a span.
pub(super) struct Ids(Arc<OnceLock<WeakDispatch>>);

/// Formats fields of spans as the inside of a JSON object.
pub(super) struct Fields;

impl Json {
    pub(super) fn new(service: &'static str) -> Json {
        Json { service, dispatch: Arc::default() }
    }

    pub(super) fn ids(&self) -> Ids {
        Ids(self.dispatch.clone())
    }
}

impl<S: Subscriber> Layer<S> for Ids {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        // A second dispatcher does not happen: `init` installs the only one.
        let _ = self.0.set(dispatch.downgrade());
    }
}

impl<S> FormatEvent<S, Fields> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, Fields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        let now = OffsetDateTime::now_utc().format(&Rfc3339).map_err(|_| fmt::Error)?;
        line.insert("time".to_owned(), now.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("service".to_owned(), self.service.into());
        line.insert("target".to_owned(), event.metadata().target().into());

        if let Some(span) = ctx.lookup_current() {
            let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
            let context = dispatch.and_then(|dispatch| {
                tracing_opentelemetry::get_otel_context(&span.id(), &dispatch)
            });
            if let Some(context) = context {
                let span = context.span().span_context().clone();
                line.insert("trace_id".to_owned(), span.trace_id().to_string().into());
                line.insert("span_id".to_owned(), span.span_id().to_string().into());
            }
            for span in span.scope().from_root() {
                let extensions = span.extensions();
                let fields = extensions.get::<FormattedFields<Fields>>();
                let fields = fields.map_or("", |fields| fields.as_str());
                if let Ok(fields) = serde_json::from_str::<Map<_, _>>(fields) {
                    line.extend(fields);
                }
            }
        }
        event.record(&mut Collect(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(
        &self,
        mut writer: Writer<'writer>,
        fields: R,
    ) -> fmt::Result {
        let mut object = Map::new();
        fields.record(&mut Collect(&mut object));
        write!(writer, "{}", Value::Object(object))
    }

    fn add_fields(
        &self,
        current: &'writer mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let mut object: Map<_, _> = serde_json::from_str(&current.fields).unwrap_or_default();
        fields.record(&mut Collect(&mut object));
        current.fields = Value::Object(object).to_string();
        Ok(())
    }
}

struct Collect<'m>(&'m mut Map<String, Value>);

impl Collect<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        // What steers the exporter is no news for a reader of logs.
        if !field.name().starts_with("otel.") {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Collect<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}

/// Says where the code panicked, and not why: the message of a panic may quote content.
pub(super) fn panicked(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(code.place = place, "Panicked at {place}");
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use opentelemetry::trace::TracerProvider as _;
    use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt as _};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Lines;

        fn make_writer(&'a self) -> Lines {
            self.clone()
        }
    }

    /// What is logged by `work`, without what changes from run to run.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let json = Json::new("tester");
        let ids = json.ids();
        let layer = tracing_subscriber::fmt::layer().with_writer(lines.clone()).fmt_fields(Fields);
        let spans = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(spans.tracer("tester")))
            .with(layer.event_format(json).and_then(ids));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| {
                let mut line: Value = serde_json::from_str(line).unwrap();
                line.as_object_mut().unwrap().remove("time").unwrap();
                line
            })
            .collect()
    }

    #[test]
    fn a_line_has_the_fields_of_its_spans_and_the_ids_of_its_trace() {
        let lines = logged(|| {
            let outer = tracing::info_span!("outer", request.id = "r1", otel.kind = "server");
            crate::telemetry::set_parent(
                &outer,
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            );
            let _outer = outer.entered();
            let inner = tracing::info_span!("inner", tenant.id = tracing::field::Empty).entered();
            inner.record("tenant.id", "t1");
            tracing::warn!(n = 3, share = 0.5, "Counted `{}`", "x");
        });
        let mut line = lines[0].clone();
        let span = line.as_object_mut().unwrap().remove("span_id").unwrap();
        assert_eq!(span.as_str().unwrap().len(), 16);
        let expected = serde_json::json!({
            "level": "WARN", "service": "tester", "target": "runtime::telemetry::log::tests",
            "request.id": "r1", "tenant.id": "t1", "n": 3, "share": 0.5,
            "message": "Counted `x`", "trace_id": "0af7651916cd43dd8448eb211c80319c",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn outside_of_a_span_there_is_no_trace() {
        let lines = logged(|| tracing::info!("Alone"));
        assert_eq!(lines[0].get("trace_id"), None);
        assert_eq!(lines[0]["message"], "Alone");
    }
}
