//! One call to a neighbour, through all of the stack.

use std::{sync::Arc, time::Duration, time::SystemTime};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION, uri::PathAndQuery};
use http_body_util::{BodyExt as _, Full};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tonic::{Code, Status, body::Body};
use tower::{Service as _, ServiceExt as _};
use tracing::{Instrument as _, field::Empty};
use types::TenantId;

use super::{Neighbour, retry};
use crate::{
    body::{self, guard},
    breaker::Outcome,
    context::{self, Context},
    deadline::{self, GRPC_TIMEOUT},
    rpc::Method,
    server::REQUEST_ID,
    status::{ErrorCode, refuse},
    telemetry,
};

type Answer = Result<Response<Body>, Status>;

/// The bulkhead empties quickly, or the breaker opens.
const RETRY_AFTER: Duration = Duration::from_millis(100);

pub(super) struct Call {
    neighbour: Arc<Neighbour>,
    path: PathAndQuery,
    method: Method,
    /// After this nobody waits for the answer. None for a stream without an end.
    deadline: Option<Instant>,
    request: Request<Body>,
}

impl Call {
    pub(super) fn new(neighbour: Arc<Neighbour>, request: Request<Body>) -> Call {
        let path = request.uri().path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let method = neighbour.methods.of(path.path());
        let now = Instant::now();
        let own = (!method.streaming).then(|| Duration::from_millis(neighbour.config.timeout_ms));
        // tonic puts a timeout that was set on the request into this header.
        let asked = deadline::asked(request.headers());
        let callers = context::current().and_then(|context| context.deadline);
        let limits = [own, asked].map(|wait| wait.and_then(|wait| now.checked_add(wait)));
        let deadline = limits.into_iter().chain([callers]).flatten().min();
        Call { neighbour, path, method, deadline, request }
    }

    pub(super) async fn run(self) -> Answer {
        let started = Instant::now();
        let neighbour = self.neighbour.clone();
        let path = self.path.clone();
        let span = tracing::info_span!(
            "call",
            otel.name = path.path().trim_start_matches('/'),
            otel.kind = "client",
            rpc.method = path.path(),
            rpc.code = Empty,
            peer.service = neighbour.upstream,
        );
        let answer = self.guarded().instrument(span.clone()).await;
        let code = format!("{:?}", code(&answer));
        span.record("rpc.code", &code);
        let upstream = neighbour.upstream;
        neighbour.counts.answered.inc([upstream, path.path(), &code]);
        let took = started.elapsed().as_secs_f64();
        neighbour.counts.took.observe([upstream, path.path()], took);
        answer
    }

    async fn guarded(self) -> Answer {
        let neighbour = self.neighbour.clone();
        let upstream = neighbour.upstream;
        let place = neighbour.bulkhead.clone().try_acquire_owned().map_err(|_| {
            let answer = ErrorCode::UpstreamUnavailable.retry_after(RETRY_AFTER);
            refuse(answer, format!("too many calls of {upstream} at once"))
        })?;
        let permit = neighbour.breaker.try_acquire().map_err(|open| {
            let answer = ErrorCode::UpstreamUnavailable.retry_after(open.retry_after);
            refuse(answer, format!("{upstream} is not called for now"))
        })?;

        let (deadline, started) = (self.deadline, Instant::now());
        let answer = self.retried().await;
        let had_its_time = Duration::from_millis(neighbour.config.timeout_ms) <= started.elapsed();
        permit.record(outcome(code(&answer), had_its_time));

        let ends = deadline.map(|deadline| -> BoxFuture<'static, Status> {
            Box::pin(async move {
                sleep_until(deadline).await;
                out_of_time(upstream)
            })
        });
        let on_end: body::OnEnd = Box::new(move |_| drop(place));
        let around = body::Around { within: None, ends, on_end: Some(on_end) };
        Ok(answer?.map(|body| guard(body, around)))
    }

    /// Sends the call, and again while it may help and is allowed.
    async fn retried(self) -> Answer {
        let Call { neighbour, path, method, deadline, request } = self;
        let once = Once { neighbour: &neighbour, path: &path, deadline };
        if !method.repeatable {
            return once.send(request).await;
        }
        // One message, which the caller has encoded already.
        let (head, body) = request.into_parts();
        let body: Bytes = body.collect().await?.to_bytes();
        let config = &neighbour.config;
        let retries = |outcome| neighbour.counts.retries.inc([neighbour.upstream, outcome]);
        neighbour.budget.deposit();
        for n in 0.. {
            let body = Body::new(Full::new(body.clone()));
            let answer = once.send(Request::from_parts(head.clone(), body)).await;
            if code(&answer) != Code::Unavailable || config.retries_max <= n {
                return answer;
            }
            let base = Duration::from_millis(config.retry_pause_ms);
            let pause = retry::pause(base, n, rand::random());
            let too_late = deadline.is_some_and(|deadline| deadline <= Instant::now() + pause);
            if too_late {
                return answer;
            }
            if !neighbour.budget.withdraw() {
                retries("forbidden");
                return answer;
            }
            retries("made");
            sleep(pause).await;
        }
        Err(out_of_time(neighbour.upstream))
    }
}

/// What every attempt of a call has in common.
struct Once<'c> {
    neighbour: &'c Neighbour,
    path: &'c PathAndQuery,
    deadline: Option<Instant>,
}

impl Once<'_> {
    async fn send(&self, mut request: Request<Body>) -> Answer {
        self.dress(&mut request);
        let mut channel = self.neighbour.channel.clone();
        let answer = async { channel.ready().await?.call(request).await };
        let answer = match self.deadline {
            None => Ok(answer.await),
            Some(deadline) => timeout_at(deadline, answer).await,
        };
        let upstream = self.neighbour.upstream;
        let Ok(answer) = answer else { return Err(out_of_time(upstream)) };
        answer.map_err(|err| {
            // The channel reads the header that we set, and may notice first that the time is up.
            if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return out_of_time(upstream);
            }
            let path = self.path.path();
            tracing::debug!(
                error.chain = crate::report(&err),
                "Cannot reach {upstream} for `{path}`"
            );
            refuse(ErrorCode::UpstreamUnavailable, format!("{upstream} cannot be reached"))
        })
    }

    /// Adds what travels with a call.
    fn dress(&self, request: &mut Request<Body>) {
        let tenant = request.extensions().get::<TenantId>().copied();
        let headers = request.headers_mut();
        if !headers.contains_key(AUTHORIZATION) {
            let Neighbour { mesh_key, service, .. } = self.neighbour;
            headers
                .insert(AUTHORIZATION, mesh_key.authorization(service, tenant, SystemTime::now()));
        }
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            headers.insert(GRPC_TIMEOUT, deadline::header(left));
        }
        let request_id = context::current().unwrap_or_else(Context::background).request_id;
        if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
            headers.insert(REQUEST_ID, request_id);
        }
        telemetry::inject(headers);
    }
}

fn code(answer: &Answer) -> Code {
    match answer {
        Ok(response) => {
            Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
        }
        Err(status) => status.code(),
    }
}

/// What an answer says about the one who gave it. A refusal is as good as an answer: it works.
fn outcome(code: Code, had_its_time: bool) -> Outcome {
    match code {
        Code::Unavailable | Code::Internal | Code::Unknown | Code::DataLoss => Outcome::Failure,
        Code::DeadlineExceeded if had_its_time => Outcome::Failure,
        Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => Outcome::Neither,
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Unauthenticated => Outcome::Success,
    }
}

fn out_of_time(upstream: &str) -> Status {
    refuse(ErrorCode::RequestTimeout, format!("{upstream} did not answer in time"))
}
