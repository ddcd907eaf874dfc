//! The layer that refuses a request whose message breaks the limits of the contract, before any handler sees it.
//!
//! For RPCs whose caller sends one message. What a client streams is the handler's to check, item by item, so that
//! one bad item does not end the stream: `Contract::violations`. `items.rs` sees to it that the items arrive at all.

mod items;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{Status, body::Body};

use super::{
    Contract, Violation,
    frame::{Broken, Frames},
    mend::{Mended, mend},
    violation,
};
use crate::middleware::{Around, Next, Reply, around};

/// What gRPC puts before a message.
const HEADER_BYTES: usize = 5;

/// Lets a request through, byte for byte, when its message keeps the rules.
pub fn validate(
    contract: Arc<Contract>,
    request_bytes_max: usize,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    around(move |request: Request<Body>, next| {
        let contract = contract.clone();
        Box::pin(async move {
            let Some(rpc) = contract.rpc(request.uri().path()) else {
                return next.run(request).await;
            };
            let (parts, body) = request.into_parts();
            if !rpc.streaming.has_one_request() {
                let body = items::items(body, rpc.method.input(), request_bytes_max);
                return next.run(Request::from_parts(parts, body)).await;
            }
            let checked = match collect(body, request_bytes_max).await {
                Ok(body) => {
                    check(&contract, rpc.method.input(), &body, request_bytes_max).map(|()| body)
                }
                Err(status) => Err(status),
            };
            match checked {
                Ok(body) => next.run(Request::from_parts(parts, Body::new(Full::new(body)))).await,
                Err(status) => Ok(status.into_http()),
            }
        })
    })
}

async fn collect(body: Body, request_bytes_max: usize) -> Result<Bytes, Status> {
    match Limited::new(body, request_bytes_max + HEADER_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(err) if err.is::<LengthLimitError>() => {
            Err(violation::refuse(Violation::too_long(request_bytes_max, None)))
        }
        // The caller is gone, or its connection is; nobody will read this.
        Err(err) => Err(Status::from_error(err)),
    }
}

fn check(
    contract: &Contract,
    input: MessageDescriptor,
    body: &[u8],
    request_bytes_max: usize,
) -> Result<(), Status> {
    let mut frames = Frames::new(request_bytes_max);
    frames.push(body);
    let message = match frames.next() {
        Ok(Some(message)) if frames.is_empty() => message,
        Ok(_) => return Err(violation::refuse(Violation::new("", "must be exactly one message"))),
        Err(err) => return Err(refusal(err, request_bytes_max)),
    };
    if !contract.rules.has_any(input.full_name()) {
        // Broken bytes are the caller's fault even where no rule stands; a handler could only say INTERNAL. To walk over
        // them is enough for that, and costs a fraction of decoding them.
        return match mend(&input, &message) {
            Ok(None) => Ok(()),
            broken => Err(undecodable(broken.ok().flatten())),
        };
    }
    let Ok(message) = DynamicMessage::decode(input.clone(), message.clone()) else {
        return Err(undecodable(mend(&input, &message).ok().flatten()));
    };
    match violation::refuse_all(&contract.rules.violations(&message)) {
        Some(status) => Err(status),
        None => Ok(()),
    }
}

/// The refusal of a message that cannot be read, because of a text in it or as a whole.
fn undecodable(mended: Option<Mended>) -> Status {
    let text = mended.map(|it| Violation::new(it.field, "must be text in UTF-8"));
    violation::refuse(text.unwrap_or_else(Violation::undecodable))
}

fn refusal(err: Broken, request_bytes_max: usize) -> Status {
    match err {
        Broken::TooLong { bytes } => {
            violation::refuse(Violation::too_long(request_bytes_max, Some(bytes)))
        }
        // To check it is to unpack it, and to unpack it is to be bombed. Nobody has needed it yet.
        Broken::Compressed => Status::unimplemented("a compressed message is not accepted here"),
    }
}
