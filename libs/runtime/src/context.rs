//! What travels with a request besides its message: who asked for it under which id, and until when.
//!
//! The server stack opens a context, the client stack reads it, so handlers need not pass it on.
//! It is bound to the task: work that moves to another task takes it along with [`carry`].

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

tokio::task_local! {
    static CONTEXT: Context;
}

#[derive(Debug, Clone)]
pub struct Context {
    pub request_id: RequestId,
    /// After this nobody waits for the answer.
    pub deadline: Option<Instant>,
}

/// Names one request in logs and errors of every service it passes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub fn random() -> RequestId {
        RequestId(Uuid::now_v7().to_string().into())
    }

    /// A caller's own id, if it can be printed anywhere: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    pub fn parse(text: &str) -> Option<RequestId> {
        let printable = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let valid = (1..=64).contains(&text.len()) && text.bytes().all(printable);
        valid.then(|| RequestId(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Context {
    /// For work that no request asked for.
    pub fn background() -> Context {
        Context { request_id: RequestId::random(), deadline: None }
    }

    /// Runs `work` in this context.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CONTEXT.scope(self, work).await
    }

    /// Runs `work` in this context, without waiting.
    pub fn sync_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        CONTEXT.sync_scope(self.clone(), work)
    }
}

/// The context of the request that this task works for.
pub fn current() -> Option<Context> {
    CONTEXT.try_with(Context::clone).ok()
}

/// How long the caller still waits; `None` when it waits for ever.
pub fn remaining() -> Option<Duration> {
    let deadline = current()?.deadline?;
    Some(deadline.saturating_duration_since(Instant::now()))
}

/// `work` under a budget of its own: everything it calls inherits what is left of it.
///
/// Returns `None` when the time is up; the work is then dropped.
pub async fn within<F: Future>(budget: Duration, work: F) -> Option<F::Output> {
    let mut context = current().unwrap_or_else(Context::background);
    let own = Instant::now() + budget;
    let deadline = context.deadline.map_or(own, |outer| outer.min(own));
    context.deadline = Some(deadline);
    tokio::time::timeout_at(deadline, context.scope(work)).await.ok()
}

/// `work` that keeps the present context and span on whatever task it runs, as for a `JoinSet`.
pub fn carry<F>(work: F) -> impl Future<Output = F::Output> + Send + use<F>
where
    F: Future + Send,
{
    let context = current().unwrap_or_else(Context::background);
    context.scope(work).instrument(tracing::Span::current())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_short_and_printable() {
        assert!(RequestId::parse("7f_A.9-x").is_some());
        for bad in ["", "a b", "é", "a\nb", &"x".repeat(65)] {
            assert_eq!(RequestId::parse(bad), None, "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_within_a_budget_is_the_smaller() {
        let ms = Duration::from_millis;
        let inner = within(ms(100), within(ms(500), async { remaining() })).await;
        assert_eq!(inner.flatten().flatten(), Some(ms(100)));
        let inner = within(ms(500), within(ms(100), async { remaining() })).await;
        assert_eq!(inner.flatten().flatten(), Some(ms(100)));
        assert_eq!(within(ms(100), std::future::pending::<()>()).await, None);
    }

    #[tokio::test]
    async fn work_on_another_task_takes_the_context_along() {
        let context = Context::background();
        let work = async {
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(carry(async { current().map(|context| context.request_id) }));
            tasks.join_next().await.unwrap().unwrap()
        };
        assert_eq!(context.clone().scope(work).await, Some(context.request_id));
    }
}
