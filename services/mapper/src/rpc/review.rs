//! `ReviewService`.

use proto::mapper::v1::{self as wire, review_service_server::ReviewService};
use runtime::identity;
use tonic::{Request, Response, Status};

use super::{Rpc, decode_page, encode_time};
use crate::{
    event::Page,
    proposal::{Proposal, Word},
};

#[tonic::async_trait]
impl ReviewService for Rpc {
    async fn list_proposals(
        &self,
        request: Request<wire::ListProposalsRequest>,
    ) -> Result<Response<wire::ListProposalsResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let (size, cursor) = decode_page(request.into_inner().page);

        let (Page { items, next }, total) = self.0.list_proposals(tenant, &cursor, size).await?;

        Ok(Response::new(wire::ListProposalsResponse {
            proposals: items.into_iter().map(encode_proposal).collect(),
            next_cursor: next.map(|it| it.encode()).unwrap_or_default(),
            total,
        }))
    }
}

fn encode_proposal(proposal: Proposal) -> wire::Proposal {
    let Proposal { proposal_id: _, word, events, first_seen_at, last_seen_at } = proposal;
    let Word { detector, raw_label } = word;
    wire::Proposal {
        detector,
        raw_label,
        events: events.unsigned_abs(),
        first_seen_at: Some(encode_time(first_seen_at)),
        last_seen_at: Some(encode_time(last_seen_at)),
    }
}
