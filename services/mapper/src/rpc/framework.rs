//! `FrameworkService`.

use proto::mapper::v1::{self as wire, framework_service_server::FrameworkService};
use taxonomy::{Considered, Control, Fact, Framework, Relation, Verification};
use tonic::{Request, Response, Status};

use super::{Rpc, decode_disposition};
use crate::{
    Error,
    finding::Problem,
    framework::{self, Circumstances, LabelControls, Rows},
};

#[tonic::async_trait]
impl FrameworkService for Rpc {
    async fn list_frameworks(
        &self,
        _request: Request<wire::ListFrameworksRequest>,
    ) -> Result<Response<wire::ListFrameworksResponse>, Status> {
        let controls = self.0.list_frameworks();
        Ok(Response::new(wire::ListFrameworksResponse {
            version: controls.version().to_owned(),
            frameworks: controls.frameworks().all().iter().map(encode_framework).collect(),
            facts: controls.facts().all().iter().map(encode_fact).collect(),
        }))
    }

    async fn resolve_controls(
        &self,
        request: Request<wire::ResolveControlsRequest>,
    ) -> Result<Response<wire::ResolveControlsResponse>, Status> {
        let wire::ResolveControlsRequest { labels, context, include_missing } =
            request.into_inner();
        let circumstances = decode_circumstances(context.unwrap_or_default())?;
        let rows = if include_missing { Rows::All } else { Rows::Holding };

        let labels = self.0.resolve_controls(&labels, &circumstances, rows)?;

        let labels = labels.into_iter().map(encode_label_controls).collect();
        Ok(Response::new(wire::ResolveControlsResponse { labels }))
    }
}

pub(super) fn decode_circumstances(context: wire::EvidenceContext) -> Result<Circumstances, Error> {
    let wire::EvidenceContext { disposition, recurring, incident, facts } = context;
    let disposition = decode_disposition(disposition).ok_or_else(|| {
        let message = "disposition is not one of the contract".to_owned();
        Error::InvalidField(Problem { field: "context.disposition", message })
    })?;
    let facts = framework::facts(&facts).map_err(Error::UnknownFact)?;
    Ok(Circumstances { disposition, recurring, incident, facts })
}

fn encode_label_controls(controls: LabelControls) -> wire::LabelControls {
    let LabelControls { label, rows } = controls;
    let controls = rows.iter().map(encode_evidence).collect();
    wire::LabelControls { label: label.name().to_owned(), controls }
}

pub(super) fn encode_evidence(row: &Considered<'_>) -> wire::ControlEvidence {
    let evidence = &row.evidence;
    let relation = match evidence.relation {
        Relation::ViolationIndicator => wire::Relation::ViolationIndicator,
        Relation::ControlOperating => wire::Relation::ControlOperating,
    };
    wire::ControlEvidence {
        framework: evidence.framework.id.clone(),
        control: evidence.control.id.clone(),
        title: evidence.control.title.clone(),
        relation: relation.into(),
        when: evidence.when.as_str().to_owned(),
        why: evidence.why.to_owned(),
        conditions: framework::conditions(row),
        verification: evidence.control.verification.as_str().to_owned(),
        holds: row.holds(),
        missing: framework::missing(row),
        weight: evidence.weight,
    }
}

fn encode_framework(framework: &Framework) -> wire::Framework {
    // A control that was never verified is not shown to anybody.
    let verified = |it: &&Control| it.verification != Verification::Unverified;
    wire::Framework {
        framework: framework.id.clone(),
        name: framework.name.clone(),
        edition: framework.version.clone(),
        controls: framework.controls.iter().filter(verified).map(encode_control).collect(),
    }
}

fn encode_control(control: &Control) -> wire::Control {
    wire::Control {
        control: control.id.clone(),
        title: control.title.clone(),
        verification: control.verification.as_str().to_owned(),
    }
}

fn encode_fact(fact: &Fact) -> wire::Fact {
    let Fact { id, scope: _, description } = fact;
    wire::Fact { fact: id.clone(), description: description.clone() }
}
