//! The neighbours: the mapper's events and controls, orchestration's runs. Decodes what they say into domain types.

mod controls;
mod decode;

use futures::{Stream, StreamExt as _};
use proto::{
    mapper::v1::{self as mapper, event_service_client::EventServiceClient},
    orchestration::v1::{self as orchestration, run_service_client::RunServiceClient},
};
use runtime::client::{Client, Upstream, upstream};

use crate::{
    config,
    rollup::{Event, RunItem},
};

pub use controls::Controls;
pub use decode::Unreadable;

const MAPPER: &str = "mapper";
const ORCHESTRATION: &str = "orchestration";

/// A full batch of events with all their metadata is below it.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Whom analysis asks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    events: EventServiceClient<Client>,
    runs: RunServiceClient<Client>,
    pub controls: Controls,
}

/// Some items of a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<T> {
    pub items: Vec<T>,
    /// Where to go on after them.
    pub cursor: String,
}

/// Why a feed broke.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("the stream ended with an error")]
    Upstream(#[from] Upstream),
    #[error("an item makes no sense")]
    Unreadable(#[from] Unreadable),
}

impl Clients {
    pub fn new(mapper: Client, orchestration: Client, controls: &config::Controls) -> Clients {
        Clients {
            events: EventServiceClient::new(mapper.clone())
                .max_decoding_message_size(BATCH_BYTES_MAX),
            runs: RunServiceClient::new(orchestration).max_decoding_message_size(BATCH_BYTES_MAX),
            controls: Controls::new(mapper, controls),
        }
    }

    /// Everybody's events from `cursor` on.
    pub async fn tail_events(
        &self,
        cursor: &str,
        batch_max: u32,
        follow: bool,
    ) -> Result<impl Stream<Item = Result<Batch<Event>, Broken>> + Send + use<>, Upstream> {
        let request = mapper::TailRequest { cursor: cursor.to_owned(), batch_max, follow };
        let stream = self.events.clone().tail(request).await.map_err(upstream(MAPPER))?;
        Ok(stream.into_inner().map(|response| {
            let mapper::TailResponse { events, cursor } = response.map_err(upstream(MAPPER))?;
            let items = events.into_iter().map(decode::event).collect::<Result<_, _>>()?;
            Ok(Batch { items, cursor })
        }))
    }

    /// Everybody's runs and policies from `cursor` on.
    pub async fn tail_runs(
        &self,
        cursor: &str,
        batch_max: u32,
        follow: bool,
    ) -> Result<impl Stream<Item = Result<Batch<RunItem>, Broken>> + Send + use<>, Upstream> {
        let request =
            orchestration::TailRunsRequest { cursor: cursor.to_owned(), batch_max, follow };
        let stream = self.runs.clone().tail_runs(request).await.map_err(upstream(ORCHESTRATION))?;
        Ok(stream.into_inner().map(|response| {
            let orchestration::TailRunsResponse { items, cursor } =
                response.map_err(upstream(ORCHESTRATION))?;
            let items = items.into_iter().map(decode::run_item).collect::<Result<_, _>>()?;
            Ok(Batch { items, cursor })
        }))
    }
}
