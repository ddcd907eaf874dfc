//! One service of a mesh, which can be stopped and started again.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use runtime::{
    boot::{Process, Service},
    metrics::Metrics,
    task::Tasks,
};
use serde::de::DeserializeOwned;
use testkit::TestDb;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

/// What any wait in these tests may take; it is this long only when something is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(20);

/// The services, by the name of their package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Orchestration,
    Mapper,
    Analysis,
}

/// Where a service runs, and what it left behind when it does not.
pub(crate) struct Place {
    pub(crate) name: Name,
    pub(crate) db: TestDb,
    pub(crate) address: SocketAddr,
    /// Its configuration.
    pub(super) file: PathBuf,
    channel: Channel,
    running: Option<Running>,
}

struct Running {
    metrics: Metrics,
    tasks: Tasks,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Place {
    pub(super) async fn new(name: Name, db: TestDb) -> Place {
        let port = free_port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{}-{port}.toml", name.as_str()));
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        Place { name, db, address, file, channel, running: None }
    }

    /// Starts the service as its own `main` would, short of logs and signals.
    async fn start<C: DeserializeOwned>(&mut self, service: &'static Service<C>) {
        let config: C =
            runtime::config::load(service.name, service.defaults, Some(&self.file)).unwrap();
        let (metrics, tasks) = (Metrics::new(100), Tasks::default());
        let process = Process::detached(metrics.clone(), tasks.clone());
        let mut served = tokio::spawn((service.serve)(config, process));
        let address = self.address;
        let listens = eventually("the service listens", || async move {
            tokio::net::TcpStream::connect(address).await.is_ok()
        });
        tokio::select! {
            () = listens => {}
            ended = &mut served => panic!("{} did not start: {:?}", self.name.as_str(), ended),
        }
        self.running = Some(Running { metrics, tasks, served });
    }

    /// Stops the service as SIGTERM would.
    pub(crate) async fn stop(&mut self) {
        let Running { tasks, served, .. } = self.running.take().expect("it runs");
        tasks.stop();
        tasks.drained(GRACE).await;
        tokio::time::timeout(GRACE, served).await.expect("it stops").unwrap().unwrap();
    }

    pub(crate) async fn again(&mut self) {
        match self.name {
            Name::Orchestration => self.start(&orchestration::SERVICE).await,
            Name::Mapper => self.start(&mapper::SERVICE).await,
            Name::Analysis => self.start(&analysis::SERVICE).await,
        }
    }

    pub(crate) fn metrics(&self) -> String {
        self.running.as_ref().expect("it runs").metrics.render()
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }
}

impl Name {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Name::Orchestration => "orchestration",
            Name::Mapper => "mapper",
            Name::Analysis => "analysis",
        }
    }
}

/// Waits until `condition` holds, which it must while anybody has patience.
pub(crate) async fn eventually<F: Future<Output = bool>>(
    what: &str,
    mut condition: impl FnMut() -> F,
) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("it never came true that {what}"));
}

/// A port that nobody listens on, out of the range from which the system gives ports to connections.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two test processes start at different places.
    let first = 21_000 + u16::try_from(std::process::id() % 1_000).unwrap() * 10;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
