//! Background work that is traced, named, told to stop, and waited for.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use crate::context::{self, Context};

/// The tasks of one service. Cheap to clone; clones are the same set.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    running: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Starts `work` in a span of its own named by `task`.
    ///
    /// It is not cut off at shutdown: it watches [`Tasks::stopping`] and returns by itself.
    pub fn spawn<F>(&self, task: &'static str, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let span = tracing::info_span!(parent: None, "task", task.name = task);
        let work = Context::background().scope(work).instrument(span);
        self.running.spawn(work);
    }

    /// Starts `work` that goes on with the present request's span and context but outlives its answer.
    pub fn spawn_following<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut context = context::current().unwrap_or_else(Context::background);
        context.deadline = None;
        self.running.spawn(context.scope(work).in_current_span());
    }

    /// Starts `work` that belongs to the present request but goes on when its caller gives up.
    pub(crate) fn spawn_carrying<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.running.spawn(context::carry(work))
    }

    /// Cancelled when the service is asked to stop.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Waits until every task has returned, or for `grace` at most. Says whether all did.
    pub async fn drained(&self, grace: Duration) -> bool {
        self.stopping.cancel();
        self.running.close();
        let drained = tokio::time::timeout(grace, self.running.wait()).await.is_ok();
        if !drained {
            let left = self.running.len();
            tracing::warn!(task.count = left, "Left {left} tasks behind at shutdown");
        }
        drained
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_listens_is_waited_for() {
        let tasks = Tasks::default();
        let stopping = tasks.stopping();
        let (done, finished) = tokio::sync::oneshot::channel();
        tasks.spawn("listens", async move {
            stopping.cancelled().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            done.send(()).expect("the test waits");
        });
        assert!(tasks.drained(Duration::from_secs(2)).await);
        finished.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_left_behind() {
        let tasks = Tasks::default();
        tasks.spawn("deaf", std::future::pending());
        assert!(!tasks.drained(Duration::from_secs(2)).await);
    }
}
