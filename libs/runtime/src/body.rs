//! A response body with something around it that must last until the last frame.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context as Poller, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};
use tracing::Span;

use crate::{
    context::Context,
    status::{ErrorCode, refuse},
};

/// Runs once, when the last frame is out or nobody wants it any more.
pub(crate) type OnEnd = Box<dyn FnOnce(Code) + Send>;

/// What lasts as long as the body.
#[derive(Default)]
pub(crate) struct Around {
    /// Each frame is made inside of these, as the response was.
    pub(crate) within: Option<(Context, Span)>,
    /// Ends the body before its time.
    pub(crate) ends: Option<BoxFuture<'static, Status>>,
    pub(crate) on_end: Option<OnEnd>,
}

struct Guarded {
    inner: Body,
    around: Around,
    ended: bool,
}

/// Puts `around` around `body`.
pub(crate) fn guard(body: Body, around: Around) -> Body {
    let mut guarded = Guarded { inner: body, around, ended: false };
    if http_body::Body::is_end_stream(&guarded.inner) {
        guarded.end(Code::Ok);
        return std::mem::take(&mut guarded.inner);
    }
    Body::new(guarded)
}

impl Guarded {
    fn end(&mut self, code: Code) {
        self.ended = true;
        if let Some(on_end) = self.around.on_end.take() {
            on_end(code);
        }
    }

    fn refuse(&mut self, status: &Status) -> Frame<Bytes> {
        self.end(status.code());
        let mut trailers = HeaderMap::new();
        // It fails for metadata that no header can hold, and ours is base64.
        let _ = status.add_header(&mut trailers);
        Frame::trailers(trailers)
    }

    fn poll_inner(
        &mut self,
        poller: &mut Poller<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Around { within, .. } = &self.around;
        let inner = &mut self.inner;
        let mut poll = || http_body::Body::poll_frame(Pin::new(inner), poller);
        // The connection polls the body: a panic in here would take the other requests with it.
        let frame = catch_unwind(AssertUnwindSafe(|| match within {
            Some((context, span)) => span.in_scope(|| context.sync_scope(poll)),
            None => poll(),
        }));
        frame.unwrap_or_else(|_| {
            Poll::Ready(Some(Err(refuse(ErrorCode::Internal, "a stream panicked"))))
        })
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Code::Cancelled);
        }
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        poller: &mut Poller<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // First, for a body that always has a frame would never let it have its turn.
        if let Some(ends) = &mut self.around.ends
            && let Poll::Ready(status) = ends.as_mut().poll(poller)
        {
            return Poll::Ready(Some(Ok(self.refuse(&status))));
        }
        let frame = std::task::ready!(self.poll_inner(poller));
        Poll::Ready(match frame {
            None => {
                self.end(Code::Ok);
                None
            }
            Some(Err(status)) => Some(Ok(self.refuse(&status))),
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let status = Status::from_header_map(trailers);
                    self.end(status.map_or(Code::Ok, |status| status.code()));
                }
                Some(Ok(frame))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended || http_body::Body::is_end_stream(&self.inner)
    }

    fn size_hint(&self) -> SizeHint {
        if self.around.ends.is_some() { SizeHint::new() } else { self.inner.size_hint() }
    }
}
