//! `MappingService`.

use proto::mapper::v1::{self as wire, mapping_service_server::MappingService};
use runtime::identity;
use tonic::{Request, Response, Status};

use super::{Rpc, encode_mapping, encode_problem, framework};
use crate::{
    Error,
    app::{Asked, Explained},
    mapping::Step,
};

#[tonic::async_trait]
impl MappingService for Rpc {
    async fn map(
        &self,
        request: Request<wire::MapRequest>,
    ) -> Result<Response<wire::MapResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let asked = decode_asked(request.into_inner());

        let mapping = self.0.map(tenant, &asked).map_err(Error::InvalidField)?;

        let mapping = Some(encode_mapping(&mapping, self.0.versions(), ""));
        Ok(Response::new(wire::MapResponse { mapping }))
    }

    async fn map_batch(
        &self,
        request: Request<wire::MapBatchRequest>,
    ) -> Result<Response<wire::MapBatchResponse>, Status> {
        use wire::map_batch_result::Result as Outcome;

        let tenant = identity::tenant(&request)?;
        let wire::MapBatchRequest { requests } = request.into_inner();
        let results = requests.into_iter().map(|request| {
            let outcome = match self.0.map(tenant, &decode_asked(request)) {
                Ok(mapping) => Outcome::Mapping(encode_mapping(&mapping, self.0.versions(), "")),
                Err(problem) => Outcome::Error(encode_problem(problem)),
            };
            wire::MapBatchResult { result: Some(outcome) }
        });
        Ok(Response::new(wire::MapBatchResponse { results: results.collect() }))
    }

    async fn explain(
        &self,
        request: Request<wire::ExplainRequest>,
    ) -> Result<Response<wire::ExplainResponse>, Status> {
        let wire::ExplainRequest { request, context } = request.into_inner();
        let asked = decode_asked(request.unwrap_or_default());
        let circumstances = framework::decode_circumstances(context.unwrap_or_default())?;

        let Explained { mapping, steps, controls } = self.0.explain(&asked, &circumstances)?;

        Ok(Response::new(wire::ExplainResponse {
            mapping: Some(encode_mapping(&mapping, self.0.versions(), "")),
            steps: steps.into_iter().map(encode_step).collect(),
            controls: controls.rows.iter().map(framework::encode_evidence).collect(),
        }))
    }
}

fn decode_asked(request: wire::MapRequest) -> Asked {
    let wire::MapRequest { detector, detector_version, raw_label, score } = request;
    Asked { detector, detector_version, raw_label, score }
}

fn encode_step(step: Step) -> wire::ExplainStep {
    let Step { name, decided, detail } = step;
    wire::ExplainStep { step: name.to_owned(), decided, detail }
}
