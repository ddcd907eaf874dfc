//! One trace and one request id through two servers.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use proto::mapper::v1::MapRequest;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::world::{self, Act, Fake, example, start};

#[tokio::test]
async fn a_call_through_two_servers_is_one_trace_and_one_request() {
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _on_this_thread =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let back = Fake::new(vec![Act::Answer]);
    let behind = start(world::config(), &back).await;
    let front = Fake::new(vec![Act::Forward(behind.mapping())]);
    let before = start(world::config(), &front).await;

    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let mut client = proto::mapper::v1::mapping_service_client::MappingServiceClient::connect(
        before.url.clone(),
    )
    .await
    .unwrap();
    let mut request = world::as_admin(example::<MapRequest>());
    let traceparent = format!("00-{trace_id}-b7ad6b7169203331-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    request.metadata_mut().insert("x-request-id", "asked-by-a-test".parse().unwrap());
    let response = client.map(request).await.unwrap();

    assert_eq!(response.metadata().get("x-request-id").unwrap(), "asked-by-a-test");
    let seen = [&front, &back].map(|fake| fake.seen.lock().unwrap()[0].clone());
    let ids = seen.each_ref().map(|seen| seen.request_id.as_str());
    assert_eq!(ids, ["asked-by-a-test"; 2]);
    let parents = seen.map(|seen| seen.traceparent.unwrap());
    for parent in &parents {
        assert!(parent.starts_with(&format!("00-{trace_id}-")), "{parent}");
    }
    assert_ne!(parents[0], parents[1], "each server has a span of its own");
}

#[tokio::test]
async fn a_stored_trace_can_be_continued() {
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _on_this_thread =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let stored = tracing::info_span!("stores").in_scope(runtime::telemetry::current_traceparent);
    let later = runtime::telemetry::span_with_remote_parent(
        tracing::info_span!(parent: None, "reads"),
        stored.as_deref(),
    );
    let now = later.in_scope(runtime::telemetry::current_traceparent).unwrap();
    let trace = |parent: &str| parent.split('-').nth(1).unwrap().to_owned();
    assert_eq!(trace(&now), trace(stored.as_deref().unwrap()));
}

#[test]
fn what_is_no_traceparent_starts_a_trace_of_its_own() {
    let span = tracing::info_span!("reads");
    runtime::telemetry::set_parent(&span, "00-zz-zz-00");
    assert_eq!(span.in_scope(runtime::telemetry::current_traceparent), None);
}
