//! Tails the feed: a section as soon as there is one, and the next when the reader asks.

use std::time::Duration;

use futures::{Stream, stream};
use runtime::database;
use tokio::{sync::watch, time::Instant};
use types::TenantId;

use super::App;
use crate::{
    Error,
    event::{Position, Section},
    store::feed,
};

/// Whose events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Tenant(TenantId),
    Everybody,
}

/// What to tail.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    pub scope: Scope,
    pub after: Position,
    /// Events per section.
    pub size: i32,
    /// Whether to stay at the end.
    pub follow: bool,
}

/// A reader that does not follow waits this long for writers that were there before it.
const WRITERS_WAIT: Duration = Duration::from_secs(5);

/// Where a reader stands.
struct Reader {
    app: App,
    tail: Tail,
    committed: watch::Receiver<()>,
    end: End,
}

/// When a reader is done.
enum End {
    Never,
    /// Once every transaction below `begun` has ended and was read, or at `latest`.
    AtOnce {
        begun: u64,
        latest: Instant,
    },
    Reached,
}

impl App {
    /// The feed after a position. Nothing is read before the reader asks, so a slow one costs no memory.
    ///
    /// Without `follow` it ends behind everything that was committed when it began.
    pub fn tail(&self, tail: Tail) -> impl Stream<Item = Result<Section, Error>> + Send + use<> {
        let app = self.clone();
        let committed = self.committed.subscribe();
        let start = async move {
            let end = if tail.follow {
                End::Never
            } else {
                let begun = feed::horizon(&app.db).await?.begun;
                End::AtOnce { begun, latest: Instant::now() + WRITERS_WAIT }
            };
            Ok::<_, Error>(Reader { app, tail, committed, end })
        };
        let sections = |reader: Reader| stream::try_unfold(reader, Reader::next);
        futures::TryStreamExt::try_flatten(stream::once(async move { start.await.map(sections) }))
    }

    async fn section(&self, tail: &Tail) -> Result<Option<Section>, Error> {
        let Tail { scope, after, size, follow: _ } = *tail;
        match scope {
            Scope::Everybody => Ok(feed::of_everybody(&self.db, after, size).await?),
            Scope::Tenant(tenant) => {
                let mut tx = database::begin(&self.db, tenant).await?;
                let section = feed::of_tenant(&mut *tx, tenant, after, size).await?;
                tx.commit().await?;
                Ok(section)
            }
        }
    }
}

impl Reader {
    async fn next(mut self) -> Result<Option<(Section, Reader)>, Error> {
        if matches!(self.end, End::Reached) {
            return Ok(None);
        }
        loop {
            self.committed.mark_unchanged();
            // Asked before reading: what is shown by now, the read below finds.
            let done = self.is_done().await?;
            if let Some(section) = self.app.section(&self.tail).await? {
                self.tail.after = section.last;
                let is_newer =
                    matches!(self.end, End::AtOnce { begun, .. } if begun <= section.last.xid);
                if is_newer || (done && !section.cut) {
                    self.end = End::Reached;
                }
                return Ok(Some((section, self)));
            }
            if done {
                return Ok(None);
            }
            // Another replica commits without a word to us, and a commit may still be hidden behind an older writer.
            let _ = tokio::time::timeout(self.pause(), self.committed.changed()).await;
        }
    }

    async fn is_done(&self) -> Result<bool, Error> {
        match self.end {
            End::Never => Ok(false),
            End::Reached => Ok(true),
            End::AtOnce { begun, latest } => {
                let shown = feed::horizon(&self.app.db).await?.shown;
                Ok(begun <= shown || latest <= Instant::now())
            }
        }
    }

    fn pause(&self) -> Duration {
        match self.end {
            End::Never => self.app.poll,
            End::AtOnce { .. } | End::Reached => self.app.poll.min(Duration::from_millis(10)),
        }
    }
}
