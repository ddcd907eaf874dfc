//! From the messages of a server stream to lines of JSON, or to server-sent events, as they come.
//!
//! Nothing is read ahead: a client that does not read is one that the handler waits for.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body::Frame;
use prost_reflect::MessageDescriptor;
use serde_json::json;
use tonic::{Code, Status, body::Body};

use super::{
    failure::{self, Failure},
    response,
};
use crate::{
    contract::frame::Frames,
    status::{self, ErrorCode},
};

/// Messages that came together leave together, up to this.
const CHUNK_BYTES: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Lines,
    Events,
}

struct Lines {
    inner: Body,
    frames: Frames,
    output: MessageDescriptor,
    form: Form,
    /// A last error line has been sent, or the stream has ended well.
    ended: bool,
}

impl Form {
    /// What the caller accepts.
    pub(super) fn of(headers: &HeaderMap) -> Form {
        let accepts = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
        match accepts {
            Some(accepts) if accepts.contains("text/event-stream") => Form::Events,
            Some(_) | None => Form::Lines,
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Form::Lines => "application/x-ndjson",
            Form::Events => "text/event-stream",
        })
    }

    fn write(self, out: &mut Vec<u8>, json: &[u8], is_error: bool) {
        match self {
            Form::Lines => {
                out.extend_from_slice(json);
                out.push(b'\n');
            }
            Form::Events => {
                if is_error {
                    out.extend_from_slice(b"event: error\n");
                }
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(json);
                out.extend_from_slice(b"\n\n");
            }
        }
    }
}

/// The answer of a server-streaming RPC.
pub(super) fn response(
    output: MessageDescriptor,
    form: Form,
    reply: Response<Body>,
) -> Result<Response<Body>, Failure> {
    let (parts, inner) = reply.into_parts();
    response::refused(&parts.headers)?;
    let frames = Frames::new(response::RESPONSE_BYTES_MAX);
    let lines = Lines { inner, frames, output, form, ended: false };
    let mut response = Response::new(Body::new(lines));
    *response.headers_mut() = response::passed(&parts.headers);
    response.headers_mut().insert(header::CONTENT_TYPE, form.content_type());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

impl Lines {
    /// The lines of all messages that are here.
    fn lines(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while out.len() < CHUNK_BYTES {
            let message = match self.frames.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(err) => {
                    self.fail(&mut out, &response::broken(err).status);
                    break;
                }
            };
            let json = response::decode(self.output.clone(), message)
                .and_then(|message| response::encode(&message, None));
            match json {
                Ok(json) => self.form.write(&mut out, &json, false),
                Err(failure) => {
                    self.fail(&mut out, &failure.status);
                    break;
                }
            }
        }
        out
    }

    /// The last line says why there is no other.
    fn fail(&mut self, out: &mut Vec<u8>, status: &Status) {
        self.ended = true;
        let line = json!({ "error": failure::json(status) }).to_string();
        self.form.write(out, line.as_bytes(), true);
    }

    fn end(&mut self, trailers: &HeaderMap) -> Vec<u8> {
        let mut out = Vec::new();
        match Status::from_header_map(trailers) {
            Some(status) if status.code() == Code::Ok => self.ended = true,
            Some(status) => self.fail(&mut out, &status),
            None => self.fail(&mut out, &cut_off()),
        }
        out
    }
}

impl http_body::Body for Lines {
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
            let mut out = this.lines();
            if out.is_empty() && !this.ended {
                match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => this.frames.push(&data),
                        Err(frame) => {
                            let none = HeaderMap::new();
                            out = this.end(frame.trailers_ref().unwrap_or(&none));
                        }
                    },
                    Some(Err(status)) => this.fail(&mut out, &status),
                    None => this.fail(&mut out, &cut_off()),
                }
            }
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(out.into()))));
            }
        }
    }
}

fn cut_off() -> Status {
    status::refuse(ErrorCode::Internal, "the stream was cut off")
}
