//! What is counted, under the names that dashboards depend on.

use runtime::metrics::{Counter, Gauge, Histogram, Metric, Metrics, names};
use types::TenantId;

/// How much waits for the mapper. Beside the locked names.
const DELIVERY_BACKLOG: Metric<1> = Metric {
    name: "delivery_backlog",
    labels: ["state"],
    help: "Deliveries to the mapper that wait, and those that were parked because it will never take them.",
};

#[derive(Debug)]
pub(super) struct Meters {
    metrics: Metrics,
    pub(super) requests: Counter<3>,
    pub(super) request_ms: Histogram<0>,
    pub(super) detector_ms: Histogram<2>,
    pub(super) detector_health: Gauge<1>,
    pub(super) breaker: Gauge<2>,
    pub(super) coverage: Gauge<2>,
    pub(super) enforcement: Counter<4>,
    pub(super) ingested: Counter<3>,
    pub(super) batch_size: Histogram<0>,
    pub(super) backlog: Gauge<1>,
}

impl Meters {
    pub(super) fn new(metrics: &Metrics) -> Meters {
        Meters {
            metrics: metrics.clone(),
            requests: metrics.counter(&names::ORCHESTRATE_REQUESTS_TOTAL),
            request_ms: metrics
                .histogram(&names::ORCHESTRATE_REQUEST_DURATION_MS, names::MILLISECONDS),
            detector_ms: metrics.histogram(&names::DETECTOR_LATENCY_MS, names::MILLISECONDS),
            detector_health: metrics.gauge(&names::DETECTOR_HEALTH_STATUS),
            breaker: metrics.gauge(&names::CIRCUIT_BREAKER_STATE),
            coverage: metrics.gauge(&names::COVERAGE_ACHIEVED),
            enforcement: metrics.counter(&names::POLICY_ENFORCEMENT_TOTAL),
            ingested: metrics.counter(&names::INGEST_EVENTS_TOTAL),
            batch_size: metrics.histogram(&names::INGEST_BATCH_SIZE, names::SIZES),
            backlog: metrics.gauge(&DELIVERY_BACKLOG),
        }
    }

    /// The label of `tenant`; bounded.
    pub(super) fn tenant(&self, tenant: TenantId) -> std::sync::Arc<str> {
        self.metrics.tenants().label(tenant)
    }
}
