//! Background work that is traced, named, told to stop, and waited for.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::FutureExt as _;
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use crate::context::{self, Context};

/// The tasks of one service. Cheap to clone; clones are the same set.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    running: TaskTracker,
    stopping: CancellationToken,
    /// The first task that panicked.
    panicked: Arc<OnceLock<&'static str>>,
}

impl Tasks {
    /// Starts `work` in a span of its own named by `task`.
    ///
    /// It is not cut off at shutdown: it watches [`Tasks::stopping`] and returns by itself. If it
    /// panics the service stops, for half of a service looks well and does nothing.
    pub fn spawn<F>(&self, task: &'static str, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let span = tracing::info_span!(parent: None, "task", task.name = task);
        let work = Context::background().scope(work).instrument(span);
        let tasks = self.clone();
        self.running.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(task.name = task, "Task `{task}` panicked");
                tasks.panicked.get_or_init(|| task);
                tasks.stop();
            }
        });
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

    /// The task whose panic stopped the service, if one did.
    pub fn panicked(&self) -> Option<&'static str> {
        self.panicked.get().copied()
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

    #[tokio::test]
    async fn a_task_that_panics_stops_the_others() {
        let tasks = Tasks::default();
        let stopping = tasks.stopping();
        tasks.spawn("listens", async move { stopping.cancelled().await });
        tasks.spawn("panics", async { panic!("as told") });
        tasks.stopping().cancelled().await;
        assert!(tasks.drained(Duration::from_secs(2)).await);
        assert_eq!(tasks.panicked(), Some("panics"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_left_behind() {
        let tasks = Tasks::default();
        tasks.spawn("deaf", std::future::pending());
        assert!(!tasks.drained(Duration::from_secs(2)).await);
    }
}
