//! The layer that asks of every call whether its caller may make it. What an RPC needs is written in the contract.

use std::sync::Arc;

use http::Request;
use tonic::{Status, body::Body};

use super::{Principal, is_open, unauthenticated};
use crate::{
    contract::Contract,
    middleware::{Around, Next, Reply, around},
    status::{self, ErrorCode},
};

/// Lets a call through when a role of its caller holds the permission of the RPC.
pub fn authorise(
    contract: Arc<Contract>,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    around(move |request: Request<Body>, next| {
        let verdict = decide(&contract, request.uri().path(), request.extensions().get());
        Box::pin(async move {
            match verdict {
                Ok(()) => next.run(request).await,
                Err(status) => Ok(status.into_http()),
            }
        })
    })
}

fn decide(contract: &Contract, path: &str, principal: Option<&Principal>) -> Result<(), Status> {
    if is_open(path) {
        return Ok(());
    }
    let principal = principal.ok_or_else(unauthenticated)?;
    // Whatever the contract does not know is refused, even if someone added it to the server.
    let Some(rpc) = contract.rpc(path) else {
        return Err(Status::unimplemented("no such method"));
    };
    if principal.may(&rpc.permission) {
        return Ok(());
    }
    let message = format!("`{}` needs the permission `{}`", rpc.name(), rpc.permission);
    Err(status::refuse(ErrorCode::PermissionDenied, message))
}
