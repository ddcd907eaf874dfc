//! The server of this test process, on a thread of its own: a test's runtime ends with the test, and the server's must not.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use cluster::{Cluster, Durability, Listen, Options, Programs, Urls};
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::{OnceCell, mpsc, oneshot};

/// Copies made ahead of the tests that will ask for them.
const SPARES_MAX: usize = 2;

/// More tests than run at once.
const REQUESTS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Server {
    urls: Urls,
    admin_url: String,
    requests: mpsc::Sender<Request>,
}

/// A database to be made as a copy of another.
struct Request {
    template: String,
    service: String,
    /// Whether more of the same will be asked for.
    again: bool,
    reply: oneshot::Sender<String>,
}

impl Server {
    /// The server of this process, started by the first who asks.
    pub(super) async fn running() -> &'static Server {
        static SERVER: OnceCell<Server> = OnceCell::const_new();
        SERVER.get_or_init(start).await
    }

    /// A new copy of a migrated template.
    pub(super) async fn copy_of(&self, template: &str, service: &str) -> String {
        self.ask(template, service, true).await
    }

    /// A new database with roles and schemas, and no tables yet.
    pub(super) async fn empty(&self, service: &str) -> String {
        self.ask(cluster::DATABASE, service, false).await
    }

    pub(super) fn url(&self, service: &str, database: &str) -> String {
        let urls =
            self.urls.of(service).unwrap_or_else(|| panic!("no service is named `{service}`"));
        on(urls.service.expose_secret(), database)
    }

    pub(super) fn owner_url(&self, service: &str, database: &str) -> String {
        let urls =
            self.urls.of(service).unwrap_or_else(|| panic!("no service is named `{service}`"));
        on(urls.owner.expose_secret(), database)
    }

    pub(super) fn admin_url(&self, database: &str) -> String {
        on(&self.admin_url, database)
    }

    async fn ask(&self, template: &str, service: &str, again: bool) -> String {
        let (reply, answer) = oneshot::channel();
        let request =
            Request { template: template.to_owned(), service: service.to_owned(), again, reply };
        let sent = self.requests.send(request).await.is_ok();
        let answer = if sent { answer.await.ok() } else { None };
        answer.expect(
            "the thread of the test server ends only with a panic, whose message stands above",
        )
    }
}

fn on(url: &str, database: &str) -> String {
    let options = PgConnectOptions::from_str(url).expect("the cluster makes URLs that parse");
    options.database(database).to_url_lossy().to_string()
}

async fn start() -> Server {
    let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
    let (started, ready) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a test process may open what a runtime needs");
        runtime.block_on(async {
            let cluster =
                start_cluster().await.unwrap_or_else(|error| panic!("no test database: {error:?}"));
            let admin_url = cluster.admin_url("postgres").expose_secret().to_owned();
            if started.send((cluster.urls().clone(), admin_url.clone())).is_ok() {
                serve(&admin_url, inbox).await;
            }
        });
    });
    let (urls, admin_url) =
        ready.await.expect("the test server starts; if not, its message stands above");
    Server { urls, admin_url, requests }
}

/// Makes databases until the process ends.
async fn serve(admin_url: &str, mut inbox: mpsc::Receiver<Request>) {
    let mut db = PgConnection::connect(admin_url).await.expect("the superuser can log in");
    let mut spares: HashMap<(String, String), Vec<String>> = HashMap::new();
    let mut n = 0;
    loop {
        let wanting =
            spares.iter().find(|(_, names)| names.len() < SPARES_MAX).map(|(key, _)| key.clone());
        let request = match (inbox.try_recv(), wanting) {
            (Ok(request), _) => request,
            (Err(mpsc::error::TryRecvError::Disconnected), _) => return,
            (Err(mpsc::error::TryRecvError::Empty), Some((template, service))) => {
                let spare = create(&mut db, &mut n, &template, &service).await;
                spares.entry((template, service)).or_default().push(spare);
                continue;
            }
            (Err(mpsc::error::TryRecvError::Empty), None) => match inbox.recv().await {
                Some(request) => request,
                None => return,
            },
        };
        let Request { template, service, again, reply } = request;
        let name = match spares.get_mut(&(template.clone(), service.clone())).and_then(Vec::pop) {
            Some(spare) => spare,
            None => create(&mut db, &mut n, &template, &service).await,
        };
        if again {
            spares.entry((template, service)).or_default();
        }
        // A test that was cancelled meanwhile has no use for it.
        drop(reply.send(name));
    }
}

async fn create(db: &mut PgConnection, n: &mut u32, template: &str, service: &str) -> String {
    *n += 1;
    let name = format!("test_{service}_{n}");
    // Copying files costs half of what copying through the log does. Postgres 14 knows no other way.
    let strategy = if db.server_version_num().is_some_and(|version| 150_000 <= version) {
        "strategy file_copy"
    } else {
        ""
    };
    let rights = format!(
        "revoke all on database {name} from public; grant connect on database {name} to {service}, {service}_owner"
    );
    for statement in [format!("create database {name} template {template} {strategy}"), rights] {
        let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *db).await;
        done.unwrap_or_else(|error| panic!("cannot copy `{template}`: {error}"));
    }
    name
}

async fn start_cluster() -> Result<Cluster, cluster::Error> {
    let programs = Programs::find_or_install(&tell)?;
    let folder = std::env::temp_dir().join(format!("llama-mapper-test-{}", std::process::id()));
    cluster::remove(&folder, &programs)?;
    fs::create_dir_all(&folder).expect("the temporary folder takes a folder");
    let user = fs::metadata(&folder).expect("a folder just made can be looked at").uid();
    if let Some(made) = made(&programs, user).await? {
        copy(&made.join("postgres"), &folder.join("postgres"));
    }
    Cluster::start(&options(folder, programs, Durability::Scratch)).await
}

#[expect(clippy::print_stderr, reason = "installing takes minutes, and a test has no other voice")]
fn tell(line: &str) {
    eprintln!("{line}");
}

fn options(folder: PathBuf, programs: Programs, durability: Durability) -> Options {
    Options { folder, programs, listen: Listen::Socket, durability }
}

/// A stopped cluster to copy, which is faster than making one. It is made once per machine, user and version of Postgres and
/// of the bootstrap; none when the server's account cannot reach the temporary folder.
async fn made(programs: &Programs, user: u32) -> Result<Option<PathBuf>, cluster::Error> {
    let mut hasher = DefaultHasher::new();
    (user, format!("{programs:?}"), cluster::BOOTSTRAP_SQL, cluster::DATABASE).hash(&mut hasher);
    let folder =
        std::env::temp_dir().join(format!("llama-mapper-testkit-{:016x}", hasher.finish()));
    if !folder.exists() {
        let lock =
            File::create(folder.with_extension("lock")).expect("the temporary folder takes a file");
        lock.lock().expect("the temporary folder takes locks");
        if !folder.exists() {
            let partial = folder.with_extension("new");
            cluster::remove(&partial, programs)?;
            let cluster =
                Cluster::start(&options(partial.clone(), programs.clone(), Durability::Off))
                    .await?;
            let is_inside =
                partial.canonicalize().is_ok_and(|partial| cluster.folder().starts_with(partial));
            cluster.stop();
            if !is_inside {
                cluster::remove(&partial, programs)?;
                return Ok(None);
            }
            fs::rename(&partial, &folder).expect("a folder moves within its parent");
        }
    }
    Ok(Some(folder))
}

/// Copies with owners and permissions.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-pR").arg(from).arg(to).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "cannot copy {} to {}",
        from.display(),
        to.display()
    );
}
