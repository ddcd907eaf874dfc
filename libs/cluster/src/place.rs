//! Where a cluster's files lie: in the caller's folder, unless the server's account cannot get there or the path is too long
//! for a socket.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::account::Account;

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, with a zero at the end.
const SOCKET_PATH_BYTES_MAX: usize = 103;

#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Ours: passwords, lock, and where the rest is.
    pub(crate) base: PathBuf,
    /// The server's: data, log, socket.
    pub(crate) server: PathBuf,
    pub(crate) socket: PathBuf,
}

impl Place {
    /// Finds or makes the folders. The same folder gives the same place at every start.
    pub(crate) fn settle(folder: &Path, account: &Account) -> Result<Place, Error> {
        let base = folder.join("postgres");
        fs::create_dir_all(&base).map_err(Error::file("create", &base))?;
        let base = base.canonicalize().map_err(Error::file("find", &base))?;
        let server = server_folder(&base, account)?;
        let inside = server.join("socket");
        let socket = if socket_fits(&inside) { inside } else { short_folder(&base) };
        account.private_folder(&socket)?;
        Ok(Place { base, server, socket })
    }

    /// The place of a cluster that was settled before, if there is one.
    pub(crate) fn known(folder: &Path) -> Option<Place> {
        let base = folder.join("postgres").canonicalize().ok()?;
        let server = recorded(&base).unwrap_or_else(|| base.join("server"));
        let inside = server.join("socket");
        let socket = if socket_fits(&inside) { inside } else { short_folder(&base) };
        Some(Place { base, server, socket })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.server.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.base.join("log")
    }

    pub(crate) fn passwords(&self) -> PathBuf {
        self.base.join("passwords")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.base.join("lock")
    }
}

fn server_folder(base: &Path, account: &Account) -> Result<PathBuf, Error> {
    if let Some(server) = recorded(base) {
        account.private_folder(&server)?;
        return Ok(server);
    }
    let inside = base.join("server");
    account.private_folder(&inside)?;
    if account.reaches(&inside) {
        return Ok(inside);
    }
    fs::remove_dir(&inside).map_err(Error::file("remove", &inside))?;

    // A checkout below /root, say, which is closed to the unprivileged account. Lasting places first.
    let elsewhere = [PathBuf::from("/var/lib"), PathBuf::from("/var/tmp"), std::env::temp_dir()];
    for root in &elsewhere {
        let server = root.join(format!("llama-mapper-{}", key(base)));
        if account.private_folder(&server).is_ok() && account.reaches(&server) {
            let record = base.join("place");
            fs::write(&record, server.as_os_str().as_bytes())
                .map_err(Error::file("write", &record))?;
            return Ok(server);
        }
    }
    let tried = elsewhere.map(|root| root.display().to_string()).join(", ");
    Err(Error::Unreachable { folder: inside, tried })
}

fn recorded(base: &Path) -> Option<PathBuf> {
    let text = fs::read(base.join("place")).ok()?;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(&text)))
}

fn socket_fits(folder: &Path) -> bool {
    folder.join(".s.PGSQL.65535").as_os_str().len() <= SOCKET_PATH_BYTES_MAX
}

fn short_folder(base: &Path) -> PathBuf {
    let name = format!("llama-mapper-socket-{}", key(base));
    let temporary = std::env::temp_dir().join(&name);
    if socket_fits(&temporary) { temporary } else { Path::new("/tmp").join(name) }
}

/// A short name that is the same for the same folder.
fn key(base: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    base.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_lies_in_the_folder_when_its_path_fits() {
        assert!(socket_fits(Path::new("/home/user/project/.llama-mapper/postgres/server/socket")));
    }

    #[test]
    fn a_socket_path_over_the_limit_of_the_system_does_not_fit() {
        assert!(!socket_fits(&Path::new("/home").join("x".repeat(90))));
        assert!(socket_fits(&short_folder(&Path::new("/home").join("x".repeat(90)))));
    }
}
