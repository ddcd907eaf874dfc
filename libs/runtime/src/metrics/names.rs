//! The names that dashboards and alerts depend on. Locked: a change here is a break.

use super::Metric;

/// Bounds for durations in seconds, from a rule look-up to a long report.
pub const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0,
    30.0,
];

/// The same in milliseconds.
pub const MILLISECONDS: &[f64] = &[
    0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0,
    10000.0, 30000.0,
];

/// Bounds for shares from 0 to 1.
pub const SHARES: &[f64] = &[0.0, 0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0];

/// Bounds for sizes of batches.
pub const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

pub const ORCHESTRATE_REQUESTS_TOTAL: Metric<3> = Metric {
    name: "orchestrate_requests_total",
    labels: ["tenant", "policy", "status"],
    help: "Detections asked for.",
};

pub const ORCHESTRATE_REQUEST_DURATION_MS: Metric<0> = Metric {
    name: "orchestrate_request_duration_ms",
    labels: [],
    help: "Time from a detection's arrival to its answer, in milliseconds.",
};

pub const DETECTOR_LATENCY_MS: Metric<2> = Metric {
    name: "detector_latency_ms",
    labels: ["detector", "status"],
    help: "Time a detector took for one call, in milliseconds.",
};

pub const DETECTOR_HEALTH_STATUS: Metric<1> = Metric {
    name: "detector_health_status",
    labels: ["detector"],
    help: "1 when the detector is in rotation, 0 when it is not.",
};

pub const DETECTOR_HEALTH_CHECK_DURATION_MS: Metric<1> = Metric {
    name: "detector_health_check_duration_ms",
    labels: ["detector"],
    help: "Time a health check of the detector took, in milliseconds.",
};

pub const CIRCUIT_BREAKER_STATE: Metric<2> = Metric {
    name: "circuit_breaker_state",
    labels: ["detector", "state"],
    help: "1 for the state the breaker is in, 0 for the others.",
};

pub const COVERAGE_ACHIEVED: Metric<2> = Metric {
    name: "coverage_achieved",
    labels: ["tenant", "policy"],
    help: "Share of what the policy requires that was really looked at, 0 to 1.",
};

pub const POLICY_ENFORCEMENT_TOTAL: Metric<4> = Metric {
    name: "policy_enforcement_total",
    labels: ["tenant", "policy", "status", "violation_type"],
    help: "Verdicts given by a policy.",
};

pub const MAPPER_REQUESTS_TOTAL: Metric<3> = Metric {
    name: "mapper_requests_total",
    labels: ["tenant", "route", "status"],
    help: "Findings mapped, by the route that decided.",
};

pub const MAPPER_REQUEST_DURATION_SECONDS: Metric<0> = Metric {
    name: "mapper_request_duration_seconds",
    labels: [],
    help: "Time from a mapping's arrival to its answer, in seconds.",
};

pub const MAPPER_FALLBACK_TOTAL: Metric<1> = Metric {
    name: "mapper_fallback_total",
    labels: ["reason"],
    help: "Findings that no rule or model decided.",
};

pub const MAPPER_SCHEMA_VALIDATION_TOTAL: Metric<1> = Metric {
    name: "mapper_schema_validation_total",
    labels: ["valid"],
    help: "Mapping outputs checked against their schema.",
};

pub const INGEST_EVENTS_TOTAL: Metric<3> = Metric {
    name: "ingest_events_total",
    labels: ["tenant", "detector", "status"],
    help: "Pushed findings, by what became of them.",
};

pub const INGEST_BATCH_SIZE: Metric<0> =
    Metric { name: "ingest_batch_size", labels: [], help: "Findings forwarded at once." };

pub const ANALYSIS_REQUESTS_TOTAL: Metric<3> = Metric {
    name: "analysis_requests_total",
    labels: ["tenant", "kind", "status"],
    help: "Questions put to analysis.",
};

pub const ANALYSIS_LAG_SECONDS: Metric<0> = Metric {
    name: "analysis_lag_seconds",
    labels: [],
    help: "Age of the newest event that analysis has taken in, in seconds.",
};

pub const LEDGER_MERGE_DELAY_SECONDS: Metric<0> = Metric {
    name: "ledger_merge_delay_seconds",
    labels: [],
    help: "Time from an event's commit to its place in the ledger, in seconds.",
};

pub(crate) const RPC_REQUESTS_TOTAL: Metric<2> =
    Metric { name: "rpc_requests_total", labels: ["method", "code"], help: "RPCs answered." };

pub(crate) const RPC_DURATION_SECONDS: Metric<1> = Metric {
    name: "rpc_duration_seconds",
    labels: ["method"],
    help: "Time from an RPC's arrival to the start of its answer, in seconds.",
};

pub(crate) const RPC_IN_FLIGHT: Metric<1> =
    Metric { name: "rpc_in_flight", labels: ["kind"], help: "RPCs being answered." };

pub(crate) const UPSTREAM_REQUESTS_TOTAL: Metric<3> = Metric {
    name: "upstream_requests_total",
    labels: ["upstream", "method", "code"],
    help: "Calls to a neighbour, with retries counted as one.",
};

pub(crate) const UPSTREAM_DURATION_SECONDS: Metric<2> = Metric {
    name: "upstream_duration_seconds",
    labels: ["upstream", "method"],
    help: "Time a call to a neighbour took with its retries, in seconds.",
};

pub(crate) const UPSTREAM_RETRIES_TOTAL: Metric<2> = Metric {
    name: "upstream_retries_total",
    labels: ["upstream", "outcome"],
    help: "Retries made, and retries that the budget forbade.",
};

pub(crate) const UPSTREAM_BREAKER_STATE: Metric<2> = Metric {
    name: "upstream_breaker_state",
    labels: ["upstream", "state"],
    help: "1 for the state the breaker of a neighbour is in, 0 for the others.",
};
