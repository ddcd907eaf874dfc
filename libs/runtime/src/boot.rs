//! What the `main.rs` of a service needs: the command line, the process around the service, the end of it.
//!
//! ```text
//! fn main() -> std::process::ExitCode {
//!     runtime::boot::main(&mapper::SERVICE)
//! }
//! ```
//! `llama-mapper serve mapper` calls [`run`] with the same `SERVICE`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use futures::future::BoxFuture;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::net::TcpListener;

use crate::{
    admin::{self, Check},
    config,
    metrics::Metrics,
    task::Tasks,
    telemetry,
};

/// What every service's configuration has under `process`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Threads that run tasks. 0 is one per core.
    pub worker_threads: usize,
    /// How many tenants are told apart in metrics.
    pub tenants_max: usize,
    /// Background work has this long to finish when the service stops.
    pub grace_ms: u64,
    pub admin: admin::Config,
    pub telemetry: telemetry::Config,
}

/// A service as a process sees it.
#[derive(Debug)]
pub struct Service<C: 'static> {
    /// `mapper`, also the name of its configuration file and the prefix of its environment.
    pub name: &'static str,
    /// The embedded `config.default.toml`.
    pub defaults: &'static str,
    pub process: fn(&C) -> &Config,
    /// Runs the service until `Process::tasks` stop.
    pub serve: fn(C, Process) -> BoxFuture<'static, anyhow::Result<()>>,
    /// Brings the schema up to date.
    pub migrate: fn(C) -> BoxFuture<'static, anyhow::Result<()>>,
}

/// What a service finds around it when it starts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Process {
    pub metrics: Metrics,
    pub tasks: Tasks,
    admin: admin::Config,
}

/// What the process is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    pub verb: Verb,
    /// The configuration file, when the operator names one.
    pub config: Option<PathBuf>,
    /// Stop when standard input ends: a child must not outlive the process that started it.
    pub stop_with_parent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Serve,
    Migrate,
}

impl Process {
    /// A process without an admin port and signals, for tests.
    pub fn detached(metrics: Metrics, tasks: Tasks) -> Process {
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let admin = admin::Config { listen, check_timeout_ms: 1000 };
        Process { metrics, tasks, admin }
    }

    /// Opens the admin port with the checks by which the service is ready.
    pub async fn open_admin(&self, checks: Vec<Check>) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.admin.listen)
            .await
            .with_context(|| format!("cannot listen on {} (admin)", self.admin.listen))?;
        let Process { metrics, tasks, admin } = self.clone();
        let serving = tasks.clone();
        tasks.spawn("admin", async move {
            if let Err(err) = admin::serve(&admin, listener, metrics, checks, serving).await {
                tracing::error!(error.chain = format!("{err:#}"), "The admin port failed");
            }
        });
        Ok(())
    }
}

impl Args {
    /// Reads `serve|migrate [--config FILE]`.
    pub fn parse(args: impl IntoIterator<Item = String>) -> anyhow::Result<Args> {
        let mut verb = None;
        let mut config = None;
        let mut stop_with_parent = false;
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "serve" if verb.is_none() => verb = Some(Verb::Serve),
                "migrate" if verb.is_none() => verb = Some(Verb::Migrate),
                "--config" if config.is_none() => {
                    let file = args.next().context("`--config` needs a file")?;
                    config = Some(PathBuf::from(file));
                }
                "--stop-with-parent" => stop_with_parent = true,
                other => bail!("`{other}` is not understood. {USAGE}"),
            }
        }
        Ok(Args { verb: verb.context(USAGE)?, config, stop_with_parent })
    }
}

const USAGE: &str = "Usage: (serve | migrate) [--config FILE] [--stop-with-parent]";

/// The whole `main` of a service.
pub fn main<C: DeserializeOwned + Send>(service: &Service<C>) -> ExitCode {
    let ran = Args::parse(std::env::args().skip(1)).and_then(|args| run(service, &args));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            complain(service.name, &err);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "there may be no telemetry yet, and an operator is looking"
)]
fn complain(service: &str, err: &anyhow::Error) {
    eprintln!("{service}: {err:#}");
}

/// Runs `service` in this process: configuration, threads, telemetry, signals, and back down again.
pub fn run<C: DeserializeOwned + Send>(service: &Service<C>, args: &Args) -> anyhow::Result<()> {
    let config: C = config::load(service.name, service.defaults, args.config.as_deref())?;
    let process = (service.process)(&config).clone();

    let mut threads = tokio::runtime::Builder::new_multi_thread();
    if 0 < process.worker_threads {
        threads.worker_threads(process.worker_threads);
    }
    let threads = threads.enable_all().build().context("cannot start threads")?;
    let ran = {
        let _inside = threads.enter();
        // Dropped before the threads are, on which the last spans leave.
        let _telemetry = telemetry::init(service.name, &process.telemetry)?;
        match args.verb {
            Verb::Migrate => threads.block_on((service.migrate)(config)),
            Verb::Serve => {
                threads.block_on(serve(service, config, &process, args.stop_with_parent))
            }
        }
    };
    // Not by dropping them: a thread that reads standard input would be waited for.
    threads.shutdown_background();
    ran
}

async fn serve<C>(
    service: &Service<C>,
    config: C,
    process: &Config,
    stop_with_parent: bool,
) -> anyhow::Result<()> {
    let tasks = Tasks::default();
    let around = Process {
        metrics: Metrics::new(process.tenants_max),
        tasks: tasks.clone(),
        admin: process.admin.clone(),
    };
    let mut serving = (service.serve)(config, around);
    let served = tokio::select! {
        served = &mut serving => served,
        signal = stop_signal() => {
            signal?;
            tracing::info!("Stopping");
            tasks.stop();
            serving.await
        }
        () = parent_gone(), if stop_with_parent => {
            tracing::info!("Stopping, because the parent process is gone");
            tasks.stop();
            serving.await
        }
    };
    tasks.drained(Duration::from_millis(process.grace_ms)).await;
    match tasks.panicked() {
        Some(task) => served.and_then(|()| bail!("the task `{task}` panicked")),
        None => served,
    }
}

/// Resolves when the process is asked to stop: SIGTERM from Kubernetes, ctrl-C from a person.
pub async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix;

    let mut terminate =
        unix::signal(unix::SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupt = tokio::signal::ctrl_c() => interrupt.context("cannot listen for ctrl-C"),
    }
}

/// Resolves when standard input ends, as a pipe does with the process that held its other end.
async fn parent_gone() {
    let mut stdin = tokio::io::stdin();
    // An input that cannot be read is as gone as one that has ended.
    let _end = tokio::io::copy(&mut stdin, &mut tokio::io::sink()).await;
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(line: &str, expected: Expect) {
        let shown = match Args::parse(line.split_whitespace().map(str::to_owned)) {
            Ok(Args { verb, config, stop_with_parent }) => {
                format!("{verb:?} {config:?} {stop_with_parent}")
            }
            Err(err) => err.to_string(),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_verb_and_perhaps_a_file() {
        check("serve", expect!["Serve None false"]);
        check("--config a.toml migrate", expect![[r#"Migrate Some("a.toml") false"#]]);
        check("serve --stop-with-parent", expect!["Serve None true"]);
    }

    #[test]
    fn anything_else_is_refused() {
        check("", expect!["Usage: (serve | migrate) [--config FILE] [--stop-with-parent]"]);
        check(
            "serve migrate",
            expect![
                "`migrate` is not understood. Usage: (serve | migrate) [--config FILE] [--stop-with-parent]"
            ],
        );
        check("serve --config", expect!["`--config` needs a file"]);
        check(
            "serve --port 1",
            expect![
                "`--port` is not understood. Usage: (serve | migrate) [--config FILE] [--stop-with-parent]"
            ],
        );
    }
}
