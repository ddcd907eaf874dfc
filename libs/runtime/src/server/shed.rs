//! Refuses what is more than we can do at once. Unary RPCs and streams have a limit each.

use std::{sync::Arc, time::Duration};

use http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;

use super::Config;
use crate::{
    body::{self, guard},
    metrics::{Gauge, Metrics, names},
    middleware::{Around, Next, Reply, around},
    rpc::Methods,
    status::{ErrorCode, refuse},
};

/// By then a short burst has passed.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// How many of a kind are answered at once.
#[derive(Clone)]
struct Places {
    kind: &'static str,
    free: Arc<Semaphore>,
    in_flight: Gauge<1>,
}

/// Held until the last frame of the answer is out.
struct Place {
    _permit: OwnedSemaphorePermit,
    kind: &'static str,
    in_flight: Gauge<1>,
}

pub(super) fn layer(
    config: &Config,
    methods: &Methods,
    metrics: &Metrics,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    let in_flight = metrics.gauge(&names::RPC_IN_FLIGHT);
    let places = |kind, max| Places {
        kind,
        free: Arc::new(Semaphore::new(max)),
        in_flight: in_flight.clone(),
    };
    let unary = places("unary", config.in_flight_max);
    let streams = places("stream", config.streams_max);
    let methods = methods.clone();
    around(move |request: Request<Body>, next| {
        let streaming = methods.of(request.uri().path()).streaming;
        let place = if streaming { streams.take() } else { unary.take() };
        Box::pin(async move {
            let Some(place) = place else {
                let answer = ErrorCode::RateLimited.retry_after(RETRY_AFTER);
                return Ok(refuse(answer, "too many requests at once").into_http());
            };
            let response = next.run(request).await?;
            let around = body::Around {
                on_end: Some(Box::new(move |_| drop(place))),
                ..body::Around::default()
            };
            Ok(response.map(|body| guard(body, around)))
        })
    })
}

impl Places {
    fn take(&self) -> Option<Place> {
        let permit = self.free.clone().try_acquire_owned().ok()?;
        self.in_flight.add([self.kind], 1.0);
        Some(Place { _permit: permit, kind: self.kind, in_flight: self.in_flight.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.in_flight.add([self.kind], -1.0);
    }
}
