//! The port for operators and probes, apart from traffic, so that probes are never shed with it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Response, StatusCode, header},
    routing::get,
};
use futures::future::{BoxFuture, join_all};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{metrics::Metrics, task::Tasks};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    /// A readiness check that takes longer has failed.
    pub check_timeout_ms: u64,
}

/// Whether something this service needs is there. `Err` says what is wrong, without secrets.
pub struct Check {
    name: &'static str,
    run: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Check {
    pub fn new<F>(name: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Check
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Check { name, run: Box::new(move || Box::pin(run())) }
    }

    /// Whether the database answers.
    pub fn database(db: sqlx::PgPool) -> Check {
        Check::new("database", move || {
            let db = db.clone();
            async move {
                let mut connection = db.acquire().await.map_err(|err| crate::report(&err))?;
                let answer = sqlx::Connection::ping(&mut *connection).await;
                answer.map_err(|err| crate::report(&err))
            }
        })
    }
}

struct Admin {
    metrics: Metrics,
    checks: Vec<Check>,
    check_timeout: Duration,
    tasks: Tasks,
}

/// Answers `/live`, `/ready` and `/metrics` on `listener` until `tasks` stop.
///
/// The process is ready when every check is, and never while it stops.
pub async fn serve(
    config: &Config,
    listener: TcpListener,
    metrics: Metrics,
    checks: Vec<Check>,
    tasks: Tasks,
) -> anyhow::Result<()> {
    let stopping = tasks.stopping();
    let check_timeout = Duration::from_millis(config.check_timeout_ms);
    let admin = Arc::new(Admin { metrics, checks, check_timeout, tasks });
    let router = Router::new()
        .route("/live", get(async || "live\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(render))
        .with_state(admin);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move { stopping.cancelled().await })
        .await
        .context("the admin port failed")
}

async fn ready(State(admin): State<Arc<Admin>>) -> Response<Body> {
    let stopping = admin.tasks.stopping().is_cancelled();
    let checks = admin.checks.iter().map(async |check| {
        let answer = tokio::time::timeout(admin.check_timeout, (check.run)()).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        (check.name, answer)
    });
    let answers = join_all(checks).await;

    let ready = !stopping && answers.iter().all(|(_, answer)| answer.is_ok());
    let checks: Vec<_> = answers
        .iter()
        .map(|(name, answer)| json!({"name": name, "ok": answer.is_ok(), "detail": answer.as_ref().err()}))
        .collect();
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({"ready": ready, "stopping": stopping, "checks": checks});
    answer(code, "application/json", body.to_string())
}

async fn render(State(admin): State<Arc<Admin>>) -> Response<Body> {
    answer(StatusCode::OK, prometheus::TEXT_FORMAT, admin.metrics.render())
}

fn answer(code: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    Response::builder()
        .status(code)
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .expect("the parts are constants that are valid")
}
