//! What can go wrong with a cluster, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "no Postgres 14 or later found ({tried}): install one (Debian: `apt-get install postgresql`) or give the URL of a server"
    )]
    NoPrograms { tried: String },
    #[error(
        "the data in {} was made by Postgres {version}, which is not installed: install it or start over with an empty folder", .folder.display()
    )]
    OtherVersion { folder: PathBuf, version: u32 },
    #[error("already running, pid {pid}, in {}", .folder.display())]
    AlreadyRunning { folder: PathBuf, pid: String },
    #[error(
        "Postgres refuses to run as root, and neither the user `postgres` nor `nobody` exists here"
    )]
    NoAccount,
    #[error("no folder found that the unprivileged user who runs Postgres can reach, after {} and {tried}", .folder.display())]
    Unreachable { folder: PathBuf, tried: String },
    #[error("{} belongs to somebody else: remove it, or ask its owner to", .path.display())]
    NotOurs { path: PathBuf },
    #[error("{} line {line}: expected `role password`: restore the file or start over with an empty folder", .path.display())]
    BrokenPasswords { path: PathBuf, line: usize },
    #[error("no randomness for passwords: {0}")]
    NoRandomness(getrandom::Error),
    #[error("`{program}` failed ({status}): {output}")]
    Program { program: String, status: String, output: String },
    #[error("Postgres stopped while starting ({status}): {log}")]
    Stopped { status: String, log: String },
    #[error("Postgres accepted no connection within {timeout_s} s")]
    Late { timeout_s: u64, source: sqlx::Error },
    #[error("`{0}` is no name for a database: use at most 63 of a-z, 0-9 and _, a letter first")]
    DatabaseName(String),
    #[error("the server runs Postgres {version}, and 14 or later is needed")]
    OldServer { version: i32 },
    #[error("cannot {what}")]
    Database { what: &'static str, source: sqlx::Error },
    #[error("cannot {what} {}", .path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
}

impl Error {
    /// A file operation that failed, as a closure for `map_err`.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File { what, path, source }
    }

    /// A statement or connection that failed, as a closure for `map_err`.
    pub(crate) fn database(what: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
        move |source| Error::Database { what, source }
    }
}
