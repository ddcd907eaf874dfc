//! `ReportService`.

use proto::analysis::v1::{self as wire, report_service_server::ReportService};
use runtime::identity::tenant;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Rpc, decode_limit, decode_span, encode_period, encode_time, encode_versions};
use crate::{
    Error,
    app::{Asked, ReportPage},
    report::Stored,
};

const PAGE_SIZE: usize = 100;

#[tonic::async_trait]
impl ReportService for Rpc {
    async fn create_report(
        &self,
        request: Request<wire::CreateReportRequest>,
    ) -> Result<Response<wire::CreateReportResponse>, Status> {
        let tenant = tenant(&request)?;
        let wire::CreateReportRequest { period, frameworks, title } = request.into_inner();
        let answer = async {
            let asked = Asked { span: decode_span(period)?, frameworks, title };
            let report = self.app.create_report(tenant, asked).await?;
            Ok(wire::CreateReportResponse { report: Some(encode_report(report)) })
        };
        self.answer(tenant, "create_report", answer.await)
    }

    async fn get_report(
        &self,
        request: Request<wire::GetReportRequest>,
    ) -> Result<Response<wire::GetReportResponse>, Status> {
        let tenant = tenant(&request)?;
        let wire::GetReportRequest { report_id } = request.into_inner();
        let answer = async {
            let id = decode_id("report_id", &report_id)?;
            let report = self.app.get_report(tenant, id).await?;
            Ok(wire::GetReportResponse { report: Some(encode_report(report)) })
        };
        self.answer(tenant, "report", answer.await)
    }

    async fn list_reports(
        &self,
        request: Request<wire::ListReportsRequest>,
    ) -> Result<Response<wire::ListReportsResponse>, Status> {
        let tenant = tenant(&request)?;
        let page = request.into_inner().page.unwrap_or_default();
        let answer = async {
            let before = match page.cursor.as_str() {
                "" => Uuid::max(),
                cursor => decode_id("page.cursor", cursor)?,
            };
            let size = u32::try_from(decode_limit(page.size, PAGE_SIZE)).unwrap_or(u32::MAX - 1);
            let ReportPage { reports, next } = self.app.list_reports(tenant, before, size).await?;
            Ok(wire::ListReportsResponse {
                reports: reports.into_iter().map(encode_report).collect(),
                next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
            })
        };
        self.answer(tenant, "reports", answer.await)
    }
}

fn decode_id(field: &'static str, text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::InvalidField { field, rule: "is malformed" })
}

fn encode_report(report: Stored) -> wire::Report {
    let Stored { id, title, period, as_of, json, html, json_sha256, versions } = report;
    wire::Report {
        report_id: id.to_string(),
        title,
        period: Some(encode_period(period)),
        as_of: Some(encode_time(as_of)),
        json,
        html,
        json_sha256,
        versions: Some(encode_versions(versions)),
    }
}
