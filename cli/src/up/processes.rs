//! Postgres and the three services, each in a process of its own, all of them gone when this one is.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use cluster::{Cluster, Durability, Listen, Options, Passwords, Programs, Urls};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::{Instant, sleep},
};

use crate::{args::ServiceName, output::Output, progress::Progress, serve};

use super::State;

/// A service that is not ready by then will not be.
const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// What a service gets to finish after it was asked to stop; its own grace period is shorter.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Tried first, so that addresses stay the same from run to run.
const PORT_FIRST: u16 = 50051;
const ADMIN_PORT_FIRST: u16 = 9464;

/// Where a mesh is to run, and what it is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub folder: &'a Path,
    /// Instead of a private Postgres.
    pub database_url: Option<&'a str>,
    pub otlp_endpoint: Option<&'a str>,
}

/// Everything that runs.
pub(crate) struct Running {
    services: Vec<Service>,
    urls: Urls,
    /// Stops when dropped; `None` where a given database is used.
    cluster: Option<Cluster>,
}

struct Service {
    name: ServiceName,
    listen: SocketAddr,
    admin: SocketAddr,
    log: PathBuf,
    child: Mutex<Child>,
}

impl Running {
    /// Postgres, schemas, services; back when all of them are ready.
    pub(crate) async fn start(
        place: &Place<'_>,
        state: &State,
        output: Output,
    ) -> anyhow::Result<Running> {
        let (urls, cluster) = postgres(place, output).await?;
        let progress = Progress::waiting("bringing three schemas up to date", output);
        for name in ServiceName::ALL {
            let urls = urls.of(name.as_str()).context("no URL for a service of ours")?;
            serve::migrate_at(name, urls.owner.expose_secret()).await?;
        }
        progress.finish();

        let progress = Progress::waiting("starting the three services", output);
        // Until every service listens, so that two meshes that start at once do not choose the same ports.
        let choosing = tokio::task::spawn_blocking(one_at_a_time).await?;
        let mut free = Ports::default();
        let mut listen = Vec::new();
        for name in ServiceName::ALL {
            let order: u16 = match name {
                ServiceName::Orchestration => 0,
                ServiceName::Mapper => 1,
                ServiceName::Analysis => 2,
            };
            listen.push((
                name,
                free.near(PORT_FIRST + order)?,
                free.near(ADMIN_PORT_FIRST + order)?,
            ));
        }
        let mut services = Vec::new();
        for (name, address, admin) in &listen {
            let urls = urls.of(name.as_str()).context("no URL for a service of ours")?;
            let environment =
                environment((*name, urls.service.expose_secret()), &listen, place, state)?;
            services.push(Service::spawn(*name, (*address, *admin), &environment, place.folder)?);
        }
        let running = Running { services, urls, cluster };
        for service in &running.services {
            service.wait_until_ready().await?;
        }
        drop(choosing);
        progress.finish();
        Ok(running)
    }

    pub(crate) fn url(&self, name: ServiceName) -> String {
        let service = self.services.iter().find(|it| it.name == name);
        service.map_or(String::new(), |it| format!("http://{}", it.listen))
    }

    pub(crate) fn admin(&self, name: &str) -> String {
        let service = self.services.iter().find(|it| it.name.as_str() == name);
        service.map_or(String::new(), |it| format!("http://{}", it.admin))
    }

    /// Where the owner of the service's schema connects.
    pub(crate) fn owner_url(&self, name: ServiceName) -> Option<&str> {
        self.urls.of(name.as_str()).map(|it| it.owner.expose_secret())
    }

    /// Process ids of the services.
    pub(crate) async fn pids(&self) -> Vec<(ServiceName, u32)> {
        let mut pids = Vec::new();
        for service in &self.services {
            if let Some(pid) = service.child.lock().await.id() {
                pids.push((service.name, pid));
            }
        }
        pids
    }

    /// Resolves when a service ends that nobody asked to.
    pub(crate) async fn one_falls(&self) -> anyhow::Error {
        let waits = self.services.iter().map(|it| Box::pin(it.fallen()));
        futures::future::select_all(waits).await.0
    }

    /// Asks everything to stop, and waits for it.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for service in &self.services {
            // The services stop when their standard input ends.
            drop(service.child.lock().await.stdin.take());
        }
        for service in &self.services {
            let mut child = service.child.lock().await;
            if tokio::time::timeout(STOP_TIMEOUT, child.wait()).await.is_err() {
                child
                    .kill()
                    .await
                    .with_context(|| format!("cannot end {}", service.name.as_str()))?;
            }
        }
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(move || cluster.stop()).await?;
        }
        Ok(())
    }
}

async fn postgres(place: &Place<'_>, output: Output) -> anyhow::Result<(Urls, Option<Cluster>)> {
    if let Some(url) = place.database_url {
        let passwords = Passwords::load_or_create(&place.folder.join("passwords"))?;
        let urls = cluster::bootstrap(url, cluster::DATABASE, &passwords).await?;
        return Ok((urls, None));
    }
    // May ask the system's package manager, and says so before it does.
    let programs =
        tokio::task::spawn_blocking(move || Programs::find_or_install(&|said| output.note(said)))
            .await??;
    let progress = Progress::waiting("starting a private Postgres", output);
    let options = Options {
        folder: place.folder.to_owned(),
        programs,
        listen: Listen::Socket,
        durability: Durability::Full,
    };
    let cluster = Cluster::start(&options).await?;
    progress.finish();
    Ok((cluster.urls().clone(), Some(cluster)))
}

/// The configuration of one service; the rest is its defaults.
fn environment(
    (name, database_url): (ServiceName, &str),
    listen: &[(ServiceName, SocketAddr, SocketAddr)],
    place: &Place<'_>,
    state: &State,
) -> anyhow::Result<Vec<(String, String)>> {
    let prefix = name.as_str().to_uppercase();
    let mut variables = Vec::new();
    let mut set = |key: &str, value: String| variables.push((format!("{prefix}__{key}"), value));
    for (other, address, admin) in listen {
        if *other == name {
            set("SERVER__LISTEN", address.to_string());
            set("PROCESS__ADMIN__LISTEN", admin.to_string());
            continue;
        }
        let calls = match name {
            ServiceName::Orchestration => *other == ServiceName::Mapper,
            ServiceName::Mapper => *other == ServiceName::Orchestration,
            ServiceName::Analysis => true,
        };
        if calls {
            set(&format!("{}__URL", other.as_str().to_uppercase()), format!("http://{address}"));
        }
    }
    set("DATABASE__URL", database_url.to_owned());
    set("IDENTITY__MESH_KEY", state.mesh_key.clone());
    if let Some(endpoint) = place.otlp_endpoint {
        set("PROCESS__TELEMETRY__OTLP_ENDPOINT", endpoint.to_owned());
    }
    if name == ServiceName::Orchestration {
        let digest = Sha256::digest(&state.operator_key);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        set("OPERATOR__CREDENTIAL_SHA256", digest);
    }
    Ok(variables)
}

impl Service {
    fn spawn(
        name: ServiceName,
        (listen, admin): (SocketAddr, SocketAddr),
        environment: &[(String, String)],
        folder: &Path,
    ) -> anyhow::Result<Service> {
        let logs = folder.join("logs");
        crate::files::create_dir(&logs)?;
        let log = logs.join(format!("{}.log", name.as_str()));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let program = std::env::current_exe().context("cannot find this program")?;
        let child = Command::new(program)
            .args(["serve", name.as_str(), "--stop-with-parent"])
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            // Ctrl-C on the terminal is for this process, which then stops the services in order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", name.as_str()))?;
        Ok(Service { name, listen, admin, log, child: Mutex::new(child) })
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_TIMEOUT;
        loop {
            if let Some(status) = self.child.lock().await.try_wait()? {
                bail!(self.tell(status));
            }
            let answer = serve::ready(self.admin).await;
            match answer {
                Ok(()) => return Ok(()),
                Err(reason) if deadline < Instant::now() => {
                    bail!(
                        "{} is not ready after {} s: {reason:#}; see {}",
                        self.name.as_str(),
                        READY_TIMEOUT.as_secs(),
                        self.log.display()
                    );
                }
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn fallen(&self) -> anyhow::Error {
        loop {
            // Asked for, not awaited, because `stop` needs the lock as well.
            match self.child.lock().await.try_wait() {
                Ok(Some(status)) => return anyhow::anyhow!(self.tell(status)),
                Ok(None) => (),
                Err(err) => return err.into(),
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// How it ended, with the last lines it wrote.
    fn tell(&self, status: ExitStatus) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        format!("{} ended ({status}); {} says:\n{last}", self.name.as_str(), self.log.display())
    }
}

/// Waits for its turn among the programs of this machine that choose ports. Without a temporary folder nobody waits:
/// then two may choose the same port, and the later one says that it cannot listen.
fn one_at_a_time() -> Option<File> {
    let path = std::env::temp_dir().join("llama-mapper-ports.lock");
    // Somebody else's file can be locked all the same, though not be written.
    let file = File::open(&path).or_else(|_| File::create(&path)).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// Hands out ports of the loopback address, each once.
#[derive(Default)]
struct Ports(Vec<u16>);

impl Ports {
    /// The wanted port, or a free one where somebody has it.
    fn near(&mut self, wanted: u16) -> anyhow::Result<SocketAddr> {
        for port in [wanted, 0, 0, 0, 0] {
            let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else { continue };
            let address = listener.local_addr()?;
            if !self.0.contains(&address.port()) {
                self.0.push(address.port());
                return Ok(address);
            }
        }
        bail!("no free port on 127.0.0.1")
    }
}
