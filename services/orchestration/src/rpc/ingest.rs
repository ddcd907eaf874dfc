//! `IngestService`.

use std::pin::Pin;

use futures::Stream;
use prost::Message as _;
use proto::orchestration::v1::{self as wire, ingest_service_server::IngestService};
use runtime::identity;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Code, Request, Response, Status, Streaming};

use super::Rpc;
use crate::{
    Error,
    acknowledgement::{self, Acknowledgement, Acknowledgements},
    app::{Delivered, Intake},
    report::RunReport,
    wire::{decode_finding, decode_moment, encode_item_error},
};

/// Findings, and reports, of one message of a stream.
const MESSAGE_MAX: usize = 1_000;

#[tonic::async_trait]
impl IngestService for Rpc {
    type IngestStream = Pin<Box<dyn Stream<Item = Result<wire::IngestResponse, Status>> + Send>>;

    async fn ingest(
        &self,
        request: Request<Streaming<wire::IngestRequest>>,
    ) -> Result<Response<Self::IngestStream>, Status> {
        let tenant = identity::tenant(&request)?;
        let (intake, answers) = self.0.ingest(tenant);
        self.0.follow(read(request.into_inner(), intake));
        let answers = ReceiverStream::new(answers).map(|answer| match answer {
            Ok(acknowledgements) => Ok(encode_answer(acknowledgements)),
            Err(err) => Err(err.into()),
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn ingest_batch(
        &self,
        request: Request<wire::IngestBatchRequest>,
    ) -> Result<Response<wire::IngestBatchResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::IngestBatchRequest { findings, runs } = request.into_inner();
        let delivered = Delivered {
            findings: (0..).zip(findings.into_iter().map(decode_finding)).collect(),
            reports: (0..).zip(runs.into_iter().map(decode_report)).collect(),
        };
        let acknowledgements = self.0.ingest_batch(tenant, delivered).await;
        let wire::IngestResponse { findings, runs } = encode_answer(acknowledgements);
        Ok(Response::new(wire::IngestBatchResponse { findings, runs }))
    }
}

/// Reads messages for as long as there are any and somebody takes them.
async fn read(mut stream: Streaming<wire::IngestRequest>, intake: Intake) {
    loop {
        let message = tokio::select! {
            message = stream.message() => message,
            why = intake.useless() => {
                if let Some(err) = why {
                    intake.fail(err).await;
                }
                return;
            }
        };
        let message = match message {
            Ok(Some(message)) => message,
            Ok(None) => return,
            // The client is gone: there is nobody to tell.
            Err(status) if status.code() == Code::Cancelled => return,
            Err(_) => return intake.fail(Error::BrokenStream).await,
        };
        for (field, size) in [("findings", message.findings.len()), ("runs", message.runs.len())] {
            if MESSAGE_MAX < size {
                return intake.fail(Error::TooMany { field, limit: MESSAGE_MAX, size }).await;
            }
        }
        let bytes = message.encoded_len();
        let wire::IngestRequest { findings, runs } = message;
        let findings = findings.into_iter().map(decode_finding).collect();
        let reports = runs.into_iter().map(decode_report).collect();
        if intake.deliver((findings, reports), bytes).await.is_err() {
            return;
        }
    }
}

fn decode_report(report: wire::RunReport) -> RunReport {
    let wire::RunReport {
        run_id,
        detector,
        detector_version,
        started_at,
        ended_at,
        looked_at,
        flagged,
        failed,
    } = report;
    RunReport {
        id: run_id,
        detector,
        detector_version,
        started_at: started_at.map(decode_moment),
        ended_at: ended_at.map(decode_moment),
        looked_at,
        flagged,
        failed,
    }
}

fn encode_answer(acknowledgements: Acknowledgements) -> wire::IngestResponse {
    let Acknowledgements { findings, reports } = acknowledgements;
    wire::IngestResponse {
        findings: findings.into_iter().map(encode_acknowledgement).collect(),
        runs: reports.into_iter().map(encode_acknowledgement).collect(),
    }
}

fn encode_acknowledgement(acknowledgement: Acknowledgement) -> wire::Acknowledgement {
    let Acknowledgement { index, id, status, error } = acknowledgement;
    let status = match status {
        acknowledgement::Status::Accepted => wire::AcknowledgementStatus::Accepted,
        acknowledgement::Status::Queued => wire::AcknowledgementStatus::Queued,
        acknowledgement::Status::Duplicate => wire::AcknowledgementStatus::Duplicate,
        acknowledgement::Status::Malformed => wire::AcknowledgementStatus::Malformed,
        acknowledgement::Status::Refused => wire::AcknowledgementStatus::Refused,
    };
    wire::Acknowledgement { index, id, status: status.into(), error: error.map(encode_item_error) }
}
