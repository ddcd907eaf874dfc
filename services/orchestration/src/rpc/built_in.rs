//! `detector.v1.DetectorService`: the built-in detectors behind the contract of every called one.

use proto::{
    common::v1::Span,
    detector::v1::{self as wire, detector_service_server::DetectorService},
};
use runtime::identity;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::app::{Description, Scanned};

#[tonic::async_trait]
impl DetectorService for Rpc {
    async fn describe(
        &self,
        _request: Request<wire::DescribeRequest>,
    ) -> Result<Response<wire::DescribeResponse>, Status> {
        let detectors = self.0.describe().into_iter().map(encode_description).collect();
        Ok(Response::new(wire::DescribeResponse { detectors }))
    }

    async fn scan(
        &self,
        request: Request<wire::ScanRequest>,
    ) -> Result<Response<wire::ScanResponse>, Status> {
        identity::tenant(&request)?;
        let wire::ScanRequest { detectors, texts } = request.into_inner();
        let results = self.0.scan(&detectors, texts).await?;
        let results = results.into_iter().map(encode_scanned).collect();
        Ok(Response::new(wire::ScanResponse { results }))
    }
}

fn encode_description(description: Description) -> wire::Description {
    let Description { name, version, raw_labels, text_bytes_max } = description;
    let text_bytes_max = u32::try_from(text_bytes_max).unwrap_or(u32::MAX);
    wire::Description { name, version, raw_labels, text_bytes_max }
}

fn encode_scanned(scanned: Scanned) -> wire::ScanResult {
    let Scanned { text, detector, version, found } = scanned;
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let matches = found.into_iter().map(|(raw, (start, end))| wire::Match {
        raw_label: raw.label,
        score: raw.score,
        span: Some(Span { start: number(start), end: number(end) }),
    });
    wire::ScanResult {
        text: number(text),
        detector,
        detector_version: version,
        matches: matches.collect(),
    }
}
