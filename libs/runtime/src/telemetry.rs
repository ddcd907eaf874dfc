//! Logs and traces of one process, and the trace context that ties the processes together.

mod log;
mod propagation;

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use serde::Deserialize;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets, filter_fn},
    fmt::{self, format::FmtSpan},
    layer::SubscriberExt as _,
};

pub use propagation::{current_traceparent, set_parent, span_with_remote_parent};
pub(crate) use propagation::{extract, inject};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A level, or levels by target: `info`, `warn,mapper=debug`.
    pub log_level: String,
    pub log_format: LogFormat,
    /// Where spans go over OTLP/gRPC, as `http://collector:4317`. Nowhere when it is empty.
    #[serde(default)]
    pub otlp_endpoint: Option<String>,
    pub otlp_timeout_ms: u64,
    /// Share of traces begun here that are exported, 0 to 1. A caller's decision is kept.
    pub traces_sampled: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Text,
}

/// Keeps telemetry going. Dropping it writes out what is buffered.
#[derive(Debug)]
pub struct Guard {
    spans: SdkTracerProvider,
    flush_timeout: Duration,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // There is nobody left to tell when the collector does not answer.
        let _ = self.spans.shutdown_with_timeout(self.flush_timeout);
    }
}

/// Starts logs and traces of this process, which is the service `service`.
///
/// Needs a runtime of tokio around it, which outlives the guard. Only once per process.
pub fn init(service: &'static str, config: &Config) -> anyhow::Result<Guard> {
    let levels: Targets = config.log_level.parse().context("telemetry.log_level is invalid")?;
    let spans = provider(service, config)?;

    // A level hides events only: with the spans it would hide the trace they are part of.
    let shown = filter_fn(move |metadata| {
        metadata.is_span() || levels.would_enable(metadata.target(), metadata.level())
    });
    let (json, text) = match config.log_format {
        LogFormat::Json => (Some(log::Json::new(service)), None),
        LogFormat::Text => {
            (None, Some(fmt::layer().with_writer(std::io::stderr).with_span_events(FmtSpan::NONE)))
        }
    };
    let json = json.map(|json| {
        let ids = json.ids();
        let layer = fmt::layer().with_writer(std::io::stderr).fmt_fields(log::Fields);
        layer.event_format(json).and_then(ids)
    });
    // Spans of libraries would double each of ours, and those of the exporter would never end.
    let ours = Targets::new().with_default(LevelFilter::INFO).with_targets(
        ["h2", "hyper", "hyper_util", "tonic", "tower", "sqlx"].map(|t| (t, LevelFilter::OFF)),
    );
    let traced = tracing_opentelemetry::layer()
        .with_tracer(spans.tracer(service))
        .with_location(false)
        .with_threads(false)
        .with_filter(ours);

    let subscriber = tracing_subscriber::registry()
        .with(traced)
        .with(json.with_filter(shown.clone()))
        .with(text.with_filter(shown));
    tracing::subscriber::set_global_default(subscriber).context("telemetry runs already")?;
    std::panic::set_hook(Box::new(log::panicked));
    Ok(Guard { spans, flush_timeout: Duration::from_millis(config.otlp_timeout_ms) })
}

fn provider(service: &'static str, config: &Config) -> anyhow::Result<SdkTracerProvider> {
    let resource = Resource::builder()
        .with_service_name(format!("llama-mapper-{service}"))
        .with_attribute(KeyValue::new("service.namespace", "llama-mapper"))
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.traces_sampled)));
    let provider = SdkTracerProvider::builder().with_resource(resource).with_sampler(sampler);
    let endpoint = config.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
    let Some(endpoint) = endpoint else {
        // Spans still get ids, so that logs and callers of other services can be tied together.
        return Ok(provider.build());
    };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(Duration::from_millis(config.otlp_timeout_ms))
        .build()
        .context("telemetry.otlp_endpoint is invalid")?;
    Ok(provider.with_batch_exporter(exporter).build())
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span as _, Tracer as _};
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    };
    use tokio::sync::mpsc;
    use tonic::{Request, Response, Status, transport::server::TcpIncoming};

    use super::*;

    struct Collector(mpsc::Sender<ExportTraceServiceRequest>);

    #[tonic::async_trait]
    impl TraceService for Collector {
        async fn export(
            &self,
            request: Request<ExportTraceServiceRequest>,
        ) -> Result<Response<ExportTraceServiceResponse>, Status> {
            self.0.send(request.into_inner()).await.unwrap();
            Ok(Response::new(ExportTraceServiceResponse::default()))
        }
    }

    fn config(otlp_endpoint: Option<String>) -> Config {
        Config {
            log_level: "info".to_owned(),
            log_format: LogFormat::Json,
            otlp_endpoint,
            otlp_timeout_ms: 5000,
            traces_sampled: 1.0,
        }
    }

    // The exporter has a thread of its own, which waits for those of tokio.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_buffered_reaches_the_collector_before_the_process_ends() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (sender, mut exported) = mpsc::channel(1);
        let collector = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(Collector(sender)))
            .serve_with_incoming(TcpIncoming::from(listener));
        #[expect(clippy::disallowed_methods, reason = "dies with the test's runtime")]
        tokio::spawn(collector);

        let spans = provider("tester", &config(Some(endpoint))).unwrap();
        spans.tracer("tester").start("told").end();
        let guard = Guard { spans, flush_timeout: Duration::from_secs(5) };
        tokio::task::spawn_blocking(move || drop(guard)).await.unwrap();

        let export = exported.recv().await.unwrap().resource_spans.remove(0);
        let span = &export.scope_spans[0].spans[0];
        assert_eq!(span.name, "told");
        let resource = format!("{:?}", export.resource.unwrap().attributes);
        assert!(resource.contains("llama-mapper-tester"), "{resource}");
    }

    #[tokio::test]
    async fn an_endpoint_that_is_no_url_is_refused() {
        assert!(provider("tester", &config(Some("not a url".to_owned()))).is_err());
        assert!(provider("tester", &config(Some(String::new()))).is_ok());
        assert!(provider("tester", &config(None)).is_ok());
    }
}
