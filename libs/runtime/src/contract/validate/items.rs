//! The messages of a client stream, each in order by itself: a string that is not UTF-8 does not end the stream.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::Frame;
use prost_reflect::MessageDescriptor;
use tonic::{Status, body::Body};

use super::refusal;
use crate::contract::{
    Violation,
    frame::{self, Frames},
    mend::mend,
    violation,
};

struct Items {
    inner: Body,
    input: MessageDescriptor,
    frames: Frames,
    request_bytes_max: usize,
    ended: bool,
}

/// Passes the messages on one by one, mended. What is no message ends the stream with INVALID_REQUEST.
pub(super) fn items(inner: Body, input: MessageDescriptor, request_bytes_max: usize) -> Body {
    let frames = Frames::new(request_bytes_max);
    Body::new(Items { inner, input, frames, request_bytes_max, ended: false })
}

impl Items {
    fn next(&mut self) -> Result<Option<Bytes>, Status> {
        let message = self.frames.next().map_err(|err| refusal(err, self.request_bytes_max))?;
        let Some(message) = message else { return Ok(None) };
        match mend(&self.input, &message) {
            Ok(None) => Ok(Some(frame::encode(&message))),
            Ok(Some(mended)) => Ok(Some(frame::encode(&mended.bytes))),
            Err(_) => Err(violation::refuse(Violation::undecodable())),
        }
    }
}

impl http_body::Body for Items {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            match this.next() {
                Ok(Some(message)) => return Poll::Ready(Some(Ok(Frame::data(message)))),
                Ok(None) => (),
                Err(status) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(status)));
                }
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.frames.push(&data),
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                Some(Err(status)) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(status)));
                }
                None => {
                    this.ended = true;
                    if !this.frames.is_empty() {
                        let half = Violation::new("", "ended in the middle of a message");
                        return Poll::Ready(Some(Err(violation::refuse(half))));
                    }
                }
            }
        }
    }
}
