//! Accepts connections, and lets them finish when the service stops.
//!
//! Not tonic's own loop: that one answers CANCELLED by itself when the caller's time is up.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::body;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::{BoxError, ServiceExt as _, util::BoxCloneSyncService};

use super::{Config, Http};

const HEADERS_BYTES_MAX: u32 = 16 * 1024;
const STREAMS_PER_CONNECTION_MAX: u32 = 1024;

/// After a failure to accept (too many open files, as a rule) the next one would fail the same way.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The stack as hyper wants it. Its error has a type of its own, for a boxed one cannot be proven to fit.
type Incoming = BoxCloneSyncService<http::Request<body::Incoming>, http::Response<Body>, io::Error>;

pub(super) async fn serve(
    config: &Config,
    listener: TcpListener,
    http: Http,
    stopping: CancellationToken,
) -> anyhow::Result<()> {
    let builder = builder(config);
    let http = Incoming::new(
        http.map_request(|request: http::Request<body::Incoming>| request.map(Body::new))
            .map_err(|err: BoxError| io::Error::other(err)),
    );
    let places = Arc::new(Semaphore::new(config.connections_max));
    // Dropped, it ends what is left of its connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = accept(&listener, &places) => {
                let Some((stream, _peer, place)) = accepted else { continue };
                let answering =
                    answer(stream, builder.clone(), http.clone(), stopping.clone());
                connections.spawn(async move {
                    answering.await;
                    drop(place);
                });
            }
        }
    }
    // The port is free for a successor while we finish.
    drop(listener);
    let all_finished = async { while connections.join_next().await.is_some() {} };
    let grace = Duration::from_millis(config.grace_ms);
    if tokio::time::timeout(grace, all_finished).await.is_err() {
        let left = connections.len();
        tracing::warn!(connection.count = left, "Cut {left} connections that did not finish");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(err) => {
            tracing::warn!(error.chain = crate::report(&err), "Cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn answer(
    stream: TcpStream,
    builder: Builder<TokioExecutor>,
    http: Incoming,
    stopping: CancellationToken,
) {
    // Without it a small answer waits for the acknowledgement of the one before; with it absent, it is only slower.
    let _ = stream.set_nodelay(true);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(http));
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(err) = served {
        tracing::debug!(error.chain = crate::report(&*err), "A connection ended early");
    }
}

fn builder(config: &Config) -> Builder<TokioExecutor> {
    let keep_alive = Duration::from_millis(config.keep_alive_ms);
    let mut builder = Builder::new(TokioExecutor::new());
    // The timer makes hyper give up on half a head of a request after 30 s.
    builder.http1().timer(TokioTimer::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(keep_alive)
        .keep_alive_timeout(keep_alive)
        .max_header_list_size(HEADERS_BYTES_MAX)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX);
    builder
}
