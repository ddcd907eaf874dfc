//! A collector that speaks OTLP over gRPC and keeps what it is sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    resource::v1::Resource,
};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// A span as the test cares about it.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) service: String,
    pub(crate) name: String,
}

/// Spans by trace id, in hexadecimal.
pub(crate) type Traces = BTreeMap<String, Vec<Span>>;

#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Traces>>);

impl Collector {
    /// Listens on a free port; gives back its address.
    pub(crate) async fn start() -> (Collector, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let collector = Collector::default();
        let server = TraceServiceServer::new(collector.clone());
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(server)
                .serve_with_incoming(TcpIncoming::from(listener)),
        );
        (collector, address)
    }

    pub(crate) fn traces(&self) -> Traces {
        self.0.lock().unwrap().clone()
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut traces = self.0.lock().unwrap();
        for spans in request.into_inner().resource_spans {
            let service = service_name(&spans.resource.unwrap_or_default());
            for span in spans.scope_spans.into_iter().flat_map(|it| it.spans) {
                let trace: String = span.trace_id.iter().map(|it| format!("{it:02x}")).collect();
                let span = Span { service: service.clone(), name: span.name };
                traces.entry(trace).or_default().push(span);
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn service_name(resource: &Resource) -> String {
    let name = resource.attributes.iter().find(|it| it.key == "service.name");
    match name.and_then(|it| it.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(name)) => name.clone(),
        _ => String::new(),
    }
}
