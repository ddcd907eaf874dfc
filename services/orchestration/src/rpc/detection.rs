//! `DetectionService`.

use proto::{
    common::v1 as common,
    orchestration::v1::{self as wire, detection_service_server::DetectionService},
};
use runtime::{identity, status::ErrorCode};
use tonic::{Request, Response, Status, metadata::MetadataValue};

use super::{
    Rpc,
    policy::{decode_content_type, encode_action, encode_resolution},
    run::{encode_check, encode_coverage, encode_mapping_state, encode_verdict},
};
use crate::{
    app::{DetectRequest, Detected, DetectedFinding},
    policy::{Direction, Priority},
    verdict::{Mapping, ResolvedLabel, Versions},
    wire::{encode_finding, encode_route, encode_severity},
};

/// By this metadata the HTTP door learns which kind of success it is.
const HTTP_CODE: &str = "x-http-code";
const PARTIAL_CONTENT: &str = "206";

#[tonic::async_trait]
impl DetectionService for Rpc {
    async fn detect(
        &self,
        request: Request<wire::DetectRequest>,
    ) -> Result<Response<wire::DetectResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let detected = self.0.detect(tenant, decode_request(request.into_inner())).await?;
        let is_partial = detected.detection.coverage.is_partial();
        let mut response = Response::new(encode_detected(detected));
        if is_partial {
            let code = MetadataValue::from_static(PARTIAL_CONTENT);
            response.metadata_mut().insert(HTTP_CODE, code);
        }
        Ok(response)
    }

    async fn detect_batch(
        &self,
        request: Request<wire::DetectBatchRequest>,
    ) -> Result<Response<wire::DetectBatchResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let requests = request.into_inner().requests.into_iter().map(decode_request).collect();
        let results = self.0.detect_batch(tenant, requests).await;
        let results = results.into_iter().map(|result| {
            let result = match result {
                Ok(detected) => {
                    wire::detect_batch_result::Result::Response(encode_detected(detected))
                }
                Err(err) => wire::detect_batch_result::Result::Error(encode_error(&err.into())),
            };
            wire::DetectBatchResult { result: Some(result) }
        });
        Ok(Response::new(wire::DetectBatchResponse { results: results.collect() }))
    }
}

fn decode_request(request: wire::DetectRequest) -> DetectRequest {
    let content_type = decode_content_type(request.content_type());
    let direction = match request.direction() {
        wire::Direction::Unspecified | wire::Direction::Input => Direction::Input,
        wire::Direction::Output => Direction::Output,
    };
    let priority = match request.priority() {
        wire::Priority::Low => Priority::Low,
        wire::Priority::Unspecified | wire::Priority::Normal => Priority::Normal,
        wire::Priority::Critical => Priority::Critical,
    };
    let wire::DetectRequest { content, policy, resource, .. } = request;
    DetectRequest { content, content_type, direction, priority, policy, resource }
}

fn encode_detected(detected: Detected) -> wire::DetectResponse {
    let Detected { detection, findings, labels, versions, policy, duration_ms } = detected;
    let status = match detection.coverage.is_partial() {
        true => wire::DetectionStatus::PartialCoverage,
        false => wire::DetectionStatus::Complete,
    };
    wire::DetectResponse {
        request_id: detection.run_id.to_string(),
        status: status.into(),
        verdict: Some(encode_verdict(detection.verdict)),
        coverage: Some(encode_coverage(detection.coverage)),
        checks: detection.checks.into_iter().map(encode_check).collect(),
        findings: findings.into_iter().map(encode_detected_finding).collect(),
        labels: labels.into_iter().map(encode_label).collect(),
        mapping: encode_mapping_state(detection.mapping).into(),
        fallback_used: detection.fallback_used,
        versions: Some(encode_versions(versions, policy)),
        duration_ms,
    }
}

fn encode_detected_finding(detected: DetectedFinding) -> wire::DetectedFinding {
    let DetectedFinding { finding, mapping } = detected;
    let finding = Some(encode_finding(finding));
    let Some(Mapping { label, severity, confidence, route }) = mapping else {
        return wire::DetectedFinding { finding, ..Default::default() };
    };
    wire::DetectedFinding {
        finding,
        label,
        severity: encode_severity(severity).into(),
        confidence,
        route: encode_route(route).into(),
    }
}

fn encode_label(label: ResolvedLabel) -> wire::ResolvedLabel {
    let ResolvedLabel {
        label,
        severity,
        confidence,
        resolution,
        contributors,
        dissenters,
        action,
        policy_line,
    } = label;
    wire::ResolvedLabel {
        label,
        severity: encode_severity(severity).into(),
        confidence,
        resolution: encode_resolution(resolution).into(),
        contributors,
        dissenters,
        action: encode_action(action).into(),
        policy_line,
    }
}

fn encode_versions(versions: Versions, policy: String) -> common::VersionInfo {
    let Versions { taxonomy, frameworks, detector_mapping, model } = versions;
    common::VersionInfo { taxonomy, frameworks, detector_mapping, model, policy }
}

/// One item's error says what the whole request's would.
fn encode_error(status: &Status) -> common::ItemError {
    let name = format!("ERROR_CODE_{}", ErrorCode::of(status).reason());
    let code = common::ErrorCode::from_str_name(&name).unwrap_or(common::ErrorCode::Internal);
    common::ItemError {
        code: code.into(),
        message: status.message().to_owned(),
        field: String::new(),
    }
}
