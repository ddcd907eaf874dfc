//! The layers of the contract and of identity in one value, as the server stack wants them.

use std::sync::Arc;

use http::Request;
use tonic::body::Body;

use super::Contract;
use crate::{
    identity::{self, Authenticator},
    middleware::{Around, Next, Reply},
};

/// What stands before every RPC. The server stack puts the layers in order: [`Gate::transcode`] outside of all,
/// then (span, panic, deadline, shedding), [`Gate::authenticate`], [`Gate::authorise`], (rate limit),
/// [`Gate::validate`].
#[derive(Debug, Clone)]
pub struct Gate {
    pub contract: Arc<Contract>,
    pub authenticator: Authenticator,
    /// One message of a request may have this many bytes, on the wire or as JSON.
    pub request_bytes_max: usize,
}

impl Gate {
    /// Answers HTTP/JSON on the same port. The server must accept HTTP/1 for it: `Server::accept_http1(true)`.
    pub fn transcode(
        &self,
    ) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
        super::transcode(self.contract.clone(), self.request_bytes_max)
    }

    pub fn authenticate(
        &self,
    ) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
        identity::authenticate(self.authenticator.clone())
    }

    pub fn authorise(
        &self,
    ) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
        identity::authorise(self.contract.clone())
    }

    pub fn validate(
        &self,
    ) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
        super::validate(self.contract.clone(), self.request_bytes_max)
    }
}
