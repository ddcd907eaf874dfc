//! `orchestration.v1.DetectorService`: which detectors exist for a tenant.

use proto::orchestration::v1::{self as wire, detector_service_server::DetectorService};
use runtime::identity;
use tonic::{Request, Response, Status};

use super::{Rpc, decode_page, invalid, paginate};
use crate::detector::{Detector, Kind};

#[tonic::async_trait]
impl DetectorService for Rpc {
    async fn register_detector(
        &self,
        request: Request<wire::RegisterDetectorRequest>,
    ) -> Result<Response<wire::RegisterDetectorResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let detector = request.into_inner().detector;
        let detector = decode_detector(detector.ok_or_else(|| invalid("detector", "is missing"))?)?;
        let detector = self.0.register_detector(tenant, detector).await?;
        let detector = Some(encode_detector(detector));
        Ok(Response::new(wire::RegisterDetectorResponse { detector }))
    }

    async fn list_detectors(
        &self,
        request: Request<wire::ListDetectorsRequest>,
    ) -> Result<Response<wire::ListDetectorsResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let (size, cursor) = decode_page(request.into_inner().page);
        let n_max = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1);
        let detectors = self.0.list_detectors(tenant, &cursor, n_max).await?;
        let (detectors, next_cursor) = paginate(detectors, size, |it| it.name.clone());
        let detectors = detectors.into_iter().map(encode_detector).collect();
        Ok(Response::new(wire::ListDetectorsResponse { detectors, next_cursor }))
    }

    async fn get_detector(
        &self,
        request: Request<wire::GetDetectorRequest>,
    ) -> Result<Response<wire::GetDetectorResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::GetDetectorRequest { name } = request.into_inner();
        let detector = Some(encode_detector(self.0.detector(tenant, &name).await?));
        Ok(Response::new(wire::GetDetectorResponse { detector }))
    }
}

fn decode_detector(detector: wire::Detector) -> Result<Detector, Status> {
    let kind = match detector.kind() {
        wire::DetectorKind::BuiltIn => Kind::BuiltIn,
        wire::DetectorKind::Push => Kind::Push,
        wire::DetectorKind::Unspecified => {
            return Err(invalid("detector.kind", "must be BUILT_IN or PUSH"));
        }
    };
    let wire::Detector { name, kind: _, groups, shared: _, revision: _ } = detector;
    Ok(Detector {
        name,
        kind,
        version: String::new(),
        labels: Default::default(),
        groups: groups.into_iter().collect(),
        shared: false,
        revision: 0,
        text_bytes_max: 0,
    })
}

fn encode_detector(detector: Detector) -> wire::Detector {
    let Detector { name, kind, groups, shared, revision, version: _, labels: _, text_bytes_max: _ } =
        detector;
    let kind = match kind {
        Kind::BuiltIn => wire::DetectorKind::BuiltIn,
        Kind::Push => wire::DetectorKind::Push,
    };
    let groups = groups.into_iter().collect();
    wire::Detector { name, kind: kind.into(), groups, shared, revision }
}
