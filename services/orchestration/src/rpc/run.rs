//! `RunService`.

use std::pin::Pin;

use futures::Stream;
use proto::orchestration::v1::{self as wire, run_service_server::RunService};
use runtime::identity;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};
use types::TenantId;
use uuid::Uuid;

use super::{
    Rpc,
    policy::{encode_action, encode_method},
};
use crate::{
    Error,
    app::{FeedPage, Tail},
    ledger::{Check, State},
    policy::{DEFAULT_NAME, PolicyDetector, PublishedPolicy},
    report::SoundReport,
    run::{Detection, FeedItem, Reported, Run},
    verdict::{Coverage, MappingState, Verdict},
    wire::encode_time,
};

const BATCH_DEFAULT: u32 = 500;

#[tonic::async_trait]
impl RunService for Rpc {
    type TailRunsStream =
        Pin<Box<dyn Stream<Item = Result<wire::TailRunsResponse, Status>> + Send>>;

    async fn get_run(
        &self,
        request: Request<wire::GetRunRequest>,
    ) -> Result<Response<wire::GetRunResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::GetRunRequest { run_id } = request.into_inner();
        let id = Uuid::parse_str(&run_id).map_err(|_| Error::UnknownRun)?;
        let run = self.0.run(tenant, id).await?;
        Ok(Response::new(wire::GetRunResponse { run: Some(encode_run(tenant, run)) }))
    }

    async fn tail_runs(
        &self,
        request: Request<wire::TailRunsRequest>,
    ) -> Result<Response<Self::TailRunsStream>, Status> {
        let wire::TailRunsRequest { cursor, batch_max, follow } = request.into_inner();
        let cursor = cursor.parse().map_err(Error::InvalidCursor)?;
        let batch_max = if batch_max == 0 { BATCH_DEFAULT } else { batch_max };
        let pages = self.0.tail_runs(Tail { cursor, batch_max, follow });
        let pages = ReceiverStream::new(pages).map(|page| match page {
            Ok(page) => Ok(encode_page(page)),
            Err(err) => Err(err.into()),
        });
        Ok(Response::new(Box::pin(pages)))
    }
}

fn encode_page(page: FeedPage) -> wire::TailRunsResponse {
    let FeedPage { items, cursor } = page;
    let items = items.into_iter().map(encode_item).collect();
    wire::TailRunsResponse { items, cursor: cursor.to_string() }
}

fn encode_item(item: FeedItem) -> wire::RunFeedItem {
    let item = match item {
        FeedItem::Run { tenant, run } => wire::run_feed_item::Item::Run(encode_run(tenant, run)),
        FeedItem::Policy { tenant, published } => {
            wire::run_feed_item::Item::Policy(encode_activation(tenant, published))
        }
    };
    wire::RunFeedItem { item: Some(item) }
}

fn encode_activation(tenant: TenantId, published: PublishedPolicy) -> wire::PolicyActivation {
    let PublishedPolicy { policy, version, published_at } = published;
    wire::PolicyActivation {
        tenant_id: tenant.to_string(),
        is_default: policy.name == DEFAULT_NAME,
        policy: policy.name,
        version,
        activated_at: encode_time(published_at),
        requirements: policy.detectors.into_iter().map(encode_requirement).collect(),
        partial_coverage_threshold: policy.partial_coverage_threshold,
        facts: policy.facts,
    }
}

fn encode_requirement(named: PolicyDetector) -> wire::Requirement {
    let PolicyDetector { detector, required, weight, report_interval_s, criticality, .. } = named;
    // A called detector makes no reports, so there is no interval it could miss.
    let is_called = crate::detectors::is_built_in(&detector);
    let report_interval_s = if is_called { 0 } else { report_interval_s };
    wire::Requirement { detector, required, report_interval_s, weight, criticality }
}

fn encode_run(tenant: TenantId, run: Run) -> wire::Run {
    let tenant_id = tenant.to_string();
    match run {
        Run::Detection(detection) => wire::Run {
            run_id: detection.run_id.to_string(),
            tenant_id,
            started_at: encode_time(detection.started_at),
            ended_at: encode_time(detection.ended_at),
            kind: Some(wire::run::Kind::Detection(encode_detection(*detection))),
        },
        Run::Report(Reported { run_id, report }) => wire::Run {
            run_id: run_id.to_string(),
            tenant_id,
            started_at: encode_time(report.started_at),
            ended_at: encode_time(report.ended_at),
            kind: Some(wire::run::Kind::Report(encode_report(report))),
        },
    }
}

fn encode_detection(detection: Detection) -> wire::DetectionRun {
    let policy = format!("{}@{}", detection.policy_name, detection.policy_version);
    let digest = detection.content_digest.iter().map(|byte| format!("{byte:02x}")).collect();
    wire::DetectionRun {
        policy,
        verdict: Some(encode_verdict(detection.verdict)),
        coverage: Some(encode_coverage(detection.coverage)),
        checks: detection.checks.into_iter().map(encode_check).collect(),
        content_digest: digest,
        resource: detection.resource,
        mapping: encode_mapping_state(detection.mapping).into(),
        fallback_used: detection.fallback_used,
    }
}

fn encode_report(report: SoundReport) -> wire::RunReport {
    let SoundReport {
        id,
        detector,
        detector_version,
        started_at,
        ended_at,
        looked_at,
        flagged,
        failed,
    } = report;
    wire::RunReport {
        run_id: id,
        detector,
        detector_version,
        started_at: encode_time(started_at),
        ended_at: encode_time(ended_at),
        looked_at: looked_at.unsigned_abs(),
        flagged: flagged.unsigned_abs(),
        failed: failed.unsigned_abs(),
    }
}

pub(super) fn encode_verdict(verdict: Verdict) -> wire::Verdict {
    let Verdict { action, reason, policy_line } = verdict;
    wire::Verdict { action: encode_action(action).into(), reason, policy_line }
}

pub(super) fn encode_coverage(coverage: Coverage) -> wire::Coverage {
    let Coverage { method, achieved, threshold, missing } = coverage;
    wire::Coverage { method: encode_method(method).into(), achieved, threshold, missing }
}

pub(super) fn encode_mapping_state(mapping: MappingState) -> wire::MappingState {
    match mapping {
        MappingState::Mapped => wire::MappingState::Mapped,
        MappingState::Deferred => wire::MappingState::Deferred,
    }
}

pub(super) fn encode_check(check: Check) -> wire::Check {
    let Check {
        detector,
        detector_version,
        part,
        chunk,
        state,
        required,
        reason,
        policy_line,
        duration_ms,
    } = check;
    let state = match state {
        State::Clean => wire::CheckState::Clean,
        State::Flagged => wire::CheckState::Flagged,
        State::BelowThreshold => wire::CheckState::BelowThreshold,
        State::Cached => wire::CheckState::Cached,
        State::TimedOut => wire::CheckState::TimedOut,
        State::Error => wire::CheckState::Error,
        State::Shed => wire::CheckState::Shed,
        State::SkippedByPolicy => wire::CheckState::SkippedByPolicy,
        State::NotConfigured => wire::CheckState::NotConfigured,
        State::Unjudged => wire::CheckState::Unjudged,
    };
    wire::Check {
        detector,
        detector_version,
        part,
        chunk,
        state: state.into(),
        required,
        reason,
        policy_line,
        duration_ms,
    }
}
