//! The life of a private cluster: make, start, wait, stop.

use std::fs::{self, File, TryLockError};
use std::io::{Seek, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::Instant;

use crate::account::Account;
use crate::bootstrap::bootstrap_on;
use crate::password::SUPERUSER;
use crate::place::Place;
use crate::programs::Installed;
use crate::{DATABASE, Error, Passwords, Programs, Urls};

/// After a crash the server first replays its log, which may take a while.
const START_TIMEOUT_S: u64 = 120;

/// How long the sessions of a fast shutdown may take to end before they are cut off.
const STOP_TIMEOUT_S: &str = "30";

/// The port in the socket's name when the cluster does not listen on TCP.
const SOCKET_PORT: u16 = 5432;

/// Stops the server when its standard input ends, that is when whoever started it is gone or lets go.
const SUPERVISOR: &str = r#"
    trap '' HUP INT TERM
    cat >/dev/null
    "$1" stop -D "$2" -m "$3" -w -t "$4" || "$1" stop -D "$2" -m immediate -w -t "$4"
    shift 4
    [ $# -eq 0 ] || rm -rf "$@"
"#;

/// Who may connect besides those who reach the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// Nobody.
    Socket,
    /// Programs on this machine, on this TCP port of 127.0.0.1.
    Loopback { port: u16 },
}

/// What survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives the loss of power.
    Full,
    /// A commit survives a clean stop. For tests of what a restart finds.
    Off,
    /// Nothing survives: at the end the whole folder is removed. For tests.
    Scratch,
}

#[derive(Clone, Debug)]
pub struct Options {
    /// Holds the folder `postgres` with everything of the cluster. Made if missing.
    pub folder: PathBuf,
    pub programs: Programs,
    pub listen: Listen,
    pub durability: Durability,
}

/// A running server. It stops when this is dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub struct Cluster {
    urls: Urls,
    admin: PgConnectOptions,
    place: Place,
    // Last, so that the lock is let go only after the server has stopped.
    server: Server,
}

impl Cluster {
    /// Starts the cluster in the folder and makes it first if need be. One process at a time: a second gets `AlreadyRunning`.
    pub async fn start(options: &Options) -> Result<Cluster, Error> {
        let cloned = options.clone();
        let launched = tokio::task::spawn_blocking(move || launch(&cloned)).await;
        let (mut server, place, passwords) =
            launched.expect("`launch` does not panic and is not cancelled")?;

        let admin = PgConnectOptions::new_without_pgpass()
            .socket(&place.socket)
            .port(port(options.listen))
            .username(SUPERUSER)
            .password(passwords.of(SUPERUSER))
            .database("postgres")
            .ssl_mode(PgSslMode::Disable);
        server.wait_until_ready(&admin, &place.log()).await?;
        let urls = bootstrap_on(&admin, DATABASE, &passwords).await?;
        tracing::info!(
            postgres.pid = server.postgres.id(),
            "Started Postgres in {}",
            place.server.display()
        );
        Ok(Cluster { urls, admin, place, server })
    }

    /// Where the services connect, by the socket.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Where the superuser connects, to any database of the cluster.
    pub fn admin_url(&self, database: &str) -> SecretString {
        SecretString::from(self.admin.clone().database(database).to_url_lossy().to_string())
    }

    /// The process of the server.
    pub fn pid(&self) -> u32 {
        self.server.postgres.id()
    }

    /// Where data and socket lie: in the folder given, unless the server's account cannot get there.
    pub fn folder(&self) -> &Path {
        &self.place.server
    }

    /// Stops the server after the statements that run now, and waits until it has stopped. Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }
}

/// Removes the cluster of the folder, with all its data. One that runs is refused, unless nobody owns it any more.
pub fn remove(folder: &Path, programs: &Programs) -> Result<(), Error> {
    let Some(place) = Place::known(folder) else { return Ok(()) };
    let lock = take_lock(&place)?;
    if place.data().exists() {
        stop_orphan(&place, programs.for_data(&place.data())?, &Account::of_server()?)?;
    }
    for path in [&place.socket, &place.server, &place.base] {
        if path.exists() {
            fs::remove_dir_all(path).map_err(Error::file("remove", path))?;
        }
    }
    drop(lock);
    Ok(())
}

/// The processes and the lock. Its drop is the only way to stop.
#[derive(Debug)]
struct Server {
    postgres: Child,
    supervisor: Child,
    _lock: File,
}

impl Server {
    async fn wait_until_ready(
        &mut self,
        admin: &PgConnectOptions,
        log: &Path,
    ) -> Result<(), Error> {
        let deadline = Instant::now() + Duration::from_secs(START_TIMEOUT_S);
        loop {
            let source = match PgConnection::connect_with(admin).await {
                Ok(db) => {
                    return db.close().await.map_err(Error::database("take leave of the server"));
                }
                Err(error) => error,
            };
            if let Ok(Some(status)) = self.postgres.try_wait() {
                let log = fs::read(log).map(|text| last_lines(&text)).unwrap_or_default();
                return Err(Error::Stopped { status: status.to_string(), log });
            }
            if deadline < Instant::now() {
                return Err(Error::Late { timeout_s: START_TIMEOUT_S, source });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        for child in [&mut self.supervisor, &mut self.postgres] {
            if let Err(error) = child.wait() {
                tracing::warn!(%error, "Lost track of a process of Postgres");
            }
        }
    }
}

fn launch(options: &Options) -> Result<(Server, Place, Passwords), Error> {
    let account = Account::of_server()?;
    let place = Place::settle(&options.folder, &account)?;
    let lock = take_lock(&place)?;
    let installed = options.programs.for_data(&place.data())?;
    stop_orphan(&place, installed, &account)?;

    let passwords = Passwords::load_or_create(&place.passwords())?;
    if !place.data().exists() {
        initialise(options.durability, &place, installed, &account, &passwords)?;
    }
    if options.durability == Durability::Scratch {
        // The supervisor removes them, and it runs under the server's account.
        account.own(&options.folder)?;
        account.own(&place.base)?;
    }
    let log = File::create(place.log()).map_err(Error::file("create", &place.log()))?;
    let log_too = log.try_clone().map_err(Error::file("open", &place.log()))?;
    let postgres = installed.path("postgres");
    let mut command = account.command(&postgres);
    command.arg("-D").arg(place.data()).args(settings(options, &place));
    command.stdout(log).stderr(log_too);

    let mut supervisor = supervise(options, &place, installed, &account)?;
    match command.spawn() {
        Ok(postgres) => Ok((Server { postgres, supervisor, _lock: lock }, place, passwords)),
        Err(error) => {
            drop(supervisor.stdin.take());
            supervisor.wait().map_err(Error::file("wait for the supervisor of", &postgres))?;
            Err(Error::file("start", &postgres)(error))
        }
    }
}

/// At most one process may own the cluster; the lock ends with the process.
fn take_lock(place: &Place) -> Result<File, Error> {
    let path = place.lock();
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = opened.map_err(Error::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = fs::read_to_string(&path).unwrap_or_default();
            return Err(Error::AlreadyRunning {
                folder: place.base.clone(),
                pid: pid.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(Error::file("lock", &path)(error)),
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(Error::file("write", &path))?;
    Ok(file)
}

/// Stops a server that outlived its owner and its supervisor, and clears a pid file that names another process by now.
fn stop_orphan(place: &Place, installed: &Installed, account: &Account) -> Result<(), Error> {
    let data = place.data();
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    let lines: Vec<&str> = text.lines().collect();
    let port = lines.get(3).copied().unwrap_or_default();
    if UnixStream::connect(place.socket.join(format!(".s.PGSQL.{port}"))).is_ok() {
        tracing::info!("Stopping a Postgres that outlived its owner");
        let mut stop = account.command(installed.path("pg_ctl"));
        stop.arg("stop").arg("-D").arg(&data).args(["-m", "fast", "-w", "-t", STOP_TIMEOUT_S]);
        let outcome = finish(stop, "pg_ctl stop");
        return if pid_file.exists() { outcome } else { Ok(()) };
    }
    // Postgres itself overrides the file of a dead process. But where few processes run, as in a container, the number soon
    // belongs to another one, and Postgres would take that for a running server.
    let cwd = fs::read_link(format!("/proc/{}/cwd", lines.first().copied().unwrap_or_default()));
    if cwd.is_ok_and(|cwd| data.canonicalize().is_ok_and(|data| cwd != data)) {
        fs::remove_file(&pid_file).map_err(Error::file("remove", &pid_file))?;
    }
    Ok(())
}

/// Makes the data folder under another name first: what bears the right name is whole.
fn initialise(
    durability: Durability,
    place: &Place,
    installed: &Installed,
    account: &Account,
    passwords: &Passwords,
) -> Result<(), Error> {
    let partial = place.server.join("data.new");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Error::file("remove", &partial))?;
    }
    // `initdb` takes the password from a file it can read. The folder around it is closed to everybody else.
    let password_file = place.server.join("superuser");
    fs::write(&password_file, passwords.of(SUPERUSER))
        .map_err(Error::file("write", &password_file))?;
    account.own(&password_file)?;
    let mut initdb = account.command(installed.path("initdb"));
    initdb.arg("-D").arg(&partial).arg("--pwfile").arg(&password_file);
    initdb.args(["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]);
    if durability != Durability::Full {
        // Quick to make and small to copy.
        initdb.args(["--no-sync", "--wal-segsize=1"]);
    }
    let outcome = finish(initdb, "initdb");
    fs::remove_file(&password_file).map_err(Error::file("remove", &password_file))?;
    outcome?;
    fs::rename(&partial, place.data()).map_err(Error::file("create", &place.data()))
}

fn supervise(
    options: &Options,
    place: &Place,
    installed: &Installed,
    account: &Account,
) -> Result<Child, Error> {
    let is_scratch = options.durability == Durability::Scratch;
    let mode = if is_scratch { "immediate" } else { "fast" };
    let mut command = account.command("sh");
    command.args(["-c", SUPERVISOR, "sh"]).arg(installed.path("pg_ctl")).arg(place.data());
    command.args([mode, STOP_TIMEOUT_S]);
    if is_scratch {
        command.args([&place.server, &place.socket, &options.folder]);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(Error::file("start", Path::new("sh")))
}

/// Settings come with the command, so that the data folder holds no copy that a newer version would have to change.
fn settings(options: &Options, place: &Place) -> Vec<String> {
    let mut settings = vec![
        format!("port={}", port(options.listen)),
        // A list: quoted, a comma in the path separates nothing.
        format!(
            "unix_socket_directories=\"{}\"",
            place.socket.display().to_string().replace('"', "\"\"")
        ),
        // Tuned for a laptop that ingests: room for rows, few checkpoints, no compiler for short queries.
        "max_connections=100".to_owned(),
        "wal_compression=on".to_owned(),
        "max_wal_size=4GB".to_owned(),
        "checkpoint_timeout=15min".to_owned(),
        "jit=off".to_owned(),
        // Content never reaches a log: no statements, and no details that quote the row.
        "log_error_verbosity=terse".to_owned(),
        "log_min_error_statement=panic".to_owned(),
    ];
    let address = match options.listen {
        Listen::Socket => "",
        Listen::Loopback { .. } => "127.0.0.1",
    };
    settings.push(format!("listen_addresses={address}"));
    let safety: &[&str] = match options.durability {
        Durability::Full => &["shared_buffers=256MB", "wal_buffers=16MB", "synchronous_commit=on"],
        Durability::Off | Durability::Scratch => &[
            "shared_buffers=64MB",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "wal_level=minimal",
            "max_wal_senders=0",
        ],
    };
    settings.extend(safety.iter().map(|setting| (*setting).to_owned()));
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

fn port(listen: Listen) -> u16 {
    match listen {
        Listen::Socket => SOCKET_PORT,
        Listen::Loopback { port } => port,
    }
}

fn finish(mut command: Command, program: &str) -> Result<(), Error> {
    let output = command.output().map_err(Error::file("start", Path::new(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let output_text = last_lines(&[output.stdout, output.stderr].concat());
    Err(Error::Program {
        program: program.to_owned(),
        status: output.status.to_string(),
        output: output_text,
    })
}

/// Enough of a program's words to tell what is wrong, in one line.
fn last_lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" | ")
}
