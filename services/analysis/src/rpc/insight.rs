//! `InsightService`.

use proto::analysis::v1::{self as wire, insight_service_server::InsightService};
use runtime::identity::tenant;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    Rpc, decode_limit, decode_span, decode_width, encode_period, encode_severity, encode_tallies,
    encode_time,
};
use crate::{
    Error,
    coverage::{Coverage, DetectorCoverage, Share},
    gap::{Gap, GapKind},
    posture::{ControlPosture, FrameworkPosture},
    progress::Progress,
    risk::{Risk, SubScore},
    summary::{Point, Summary},
};

const RISKS: usize = 20;
const GAPS: usize = 50;

#[tonic::async_trait]
impl InsightService for Rpc {
    async fn get_summary(
        &self,
        request: Request<wire::GetSummaryRequest>,
    ) -> Result<Response<wire::GetSummaryResponse>, Status> {
        let tenant = tenant(&request)?;
        let request = request.into_inner();
        let answer = async {
            let width = decode_width(request.granularity());
            let summary = self.app.get_summary(tenant, decode_span(request.period)?, width).await?;
            Ok(encode_summary(summary))
        };
        self.answer(tenant, "summary", answer.await)
    }

    async fn get_coverage(
        &self,
        request: Request<wire::GetCoverageRequest>,
    ) -> Result<Response<wire::GetCoverageResponse>, Status> {
        let tenant = tenant(&request)?;
        let request = request.into_inner();
        let answer = async {
            let width = decode_width(request.granularity());
            let coverage =
                self.app.get_coverage(tenant, decode_span(request.period)?, width).await?;
            Ok(encode_coverage(coverage))
        };
        self.answer(tenant, "coverage", answer.await)
    }

    async fn list_risks(
        &self,
        request: Request<wire::ListRisksRequest>,
    ) -> Result<Response<wire::ListRisksResponse>, Status> {
        let tenant = tenant(&request)?;
        let wire::ListRisksRequest { period, limit } = request.into_inner();
        let answer = async {
            let limit = decode_limit(limit, RISKS);
            let (overall, risks) = self.app.list_risks(tenant, decode_span(period)?, limit).await?;
            let risks = risks.into_iter().map(encode_risk).collect();
            Ok(wire::ListRisksResponse { overall, risks })
        };
        self.answer(tenant, "risks", answer.await)
    }

    async fn list_gaps(
        &self,
        request: Request<wire::ListGapsRequest>,
    ) -> Result<Response<wire::ListGapsResponse>, Status> {
        let tenant = tenant(&request)?;
        let wire::ListGapsRequest { period, limit } = request.into_inner();
        let answer = async {
            let limit = decode_limit(limit, GAPS);
            let gaps = self.app.list_gaps(tenant, decode_span(period)?, limit).await?;
            Ok(wire::ListGapsResponse { gaps: gaps.into_iter().map(encode_gap).collect() })
        };
        self.answer(tenant, "gaps", answer.await)
    }

    async fn get_posture(
        &self,
        request: Request<wire::GetPostureRequest>,
    ) -> Result<Response<wire::GetPostureResponse>, Status> {
        let tenant = tenant(&request)?;
        let wire::GetPostureRequest { period, frameworks } = request.into_inner();
        let answer = async {
            let posture = self.app.get_posture(tenant, decode_span(period)?, &frameworks).await?;
            let frameworks = posture.into_iter().map(encode_framework).collect();
            Ok(wire::GetPostureResponse { frameworks })
        };
        self.answer(tenant, "posture", answer.await)
    }

    async fn get_progress(
        &self,
        request: Request<wire::GetProgressRequest>,
    ) -> Result<Response<wire::GetProgressResponse>, Status> {
        let tenant = tenant(&request)?;
        let answer = async {
            let progress = self.app.get_progress(tenant).await?;
            let Progress { events, runs, lag_s, caught_up, as_of: _ } = progress;
            Ok::<_, Error>(wire::GetProgressResponse { events, runs, lag_s, caught_up })
        };
        self.answer(tenant, "progress", answer.await)
    }
}

fn encode_summary((summary, points): (Summary, Vec<Point>)) -> wire::GetSummaryResponse {
    let Summary { events, domains, labels, severities, routes, detectors, dispositions } = summary;
    let point = |Point { start, domain, events }| wire::SeriesPoint {
        start: Some(encode_time(start)),
        domain,
        events,
    };
    wire::GetSummaryResponse {
        events,
        domains: encode_tallies(domains),
        labels: encode_tallies(labels),
        severities: encode_tallies(severities),
        routes: encode_tallies(routes),
        detectors: encode_tallies(detectors),
        dispositions: encode_tallies(dispositions),
        series: points.into_iter().map(point).collect(),
    }
}

fn encode_coverage(coverage: Coverage) -> wire::GetCoverageResponse {
    let Coverage { achieved, threshold, policy, detectors } = coverage;
    let detectors = detectors.into_iter().map(encode_detector).collect();
    wire::GetCoverageResponse { achieved, threshold, policy, detectors }
}

fn encode_detector(coverage: DetectorCoverage) -> wire::DetectorCoverage {
    let achieved = coverage.achieved();
    let DetectorCoverage { detector, required, kind, expected, executed, .. } = coverage;
    let DetectorCoverage { states, series, silences: _, missed: _, .. } = coverage;
    let point = |(start, Share { expected, executed })| wire::CoveragePoint {
        start: Some(encode_time(start)),
        expected,
        executed,
    };
    wire::DetectorCoverage {
        detector,
        required,
        kind: kind.as_str().to_owned(),
        expected,
        executed,
        achieved,
        states: states.into_iter().map(|(key, events)| wire::Tally { key, events }).collect(),
        series: series.into_iter().map(point).collect(),
    }
}

fn encode_risk(risk: Risk) -> wire::Risk {
    let Risk { label, severity, score, sub_scores, events, event_ids, dispositions } = risk;
    let sub_score = |SubScore { name, score, weight, detail }| wire::SubScore {
        name: str::to_owned(name),
        score,
        weight,
        detail,
    };
    let tally = |(disposition, events): (types::Disposition, u64)| wire::Tally {
        key: disposition.to_string(),
        events,
    };
    wire::Risk {
        label,
        score,
        sub_scores: sub_scores.into_iter().map(sub_score).collect(),
        events,
        event_ids: encode_ids(&event_ids),
        severity: encode_severity(severity).into(),
        dispositions: dispositions.into_iter().map(tally).collect(),
    }
}

fn encode_gap(gap: Gap) -> wire::Gap {
    let Gap { id, kind, severity, subject, period, reason, remediation, evidence_refs, confidence } =
        gap;
    wire::Gap {
        gap_id: id,
        kind: encode_gap_kind(kind).into(),
        severity: encode_severity(severity).into(),
        subject,
        period: Some(encode_period(period)),
        reason,
        remediation,
        evidence_refs,
        confidence,
    }
}

fn encode_gap_kind(kind: GapKind) -> wire::GapKind {
    match kind {
        GapKind::Outage => wire::GapKind::Outage,
        GapKind::Coverage => wire::GapKind::Coverage,
        GapKind::Spike => wire::GapKind::Spike,
        GapKind::UnknownLabels => wire::GapKind::UnknownLabels,
        GapKind::NoisyLabel => wire::GapKind::NoisyLabel,
    }
}

fn encode_framework(posture: FrameworkPosture) -> wire::FrameworkPosture {
    let FrameworkPosture { framework, controls } = posture;
    wire::FrameworkPosture {
        framework: framework.id,
        name: framework.name,
        controls_known: framework.controls_known,
        controls: controls.into_iter().map(encode_control).collect(),
    }
}

fn encode_control(posture: ControlPosture) -> wire::ControlPosture {
    let ControlPosture { control, title, verification, violation_indicators, .. } = posture;
    let ControlPosture { control_operating, labels, event_ids, .. } = posture;
    wire::ControlPosture {
        control,
        title,
        verification,
        violation_indicators,
        control_operating,
        labels,
        event_ids: encode_ids(&event_ids),
    }
}

fn encode_ids(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}
