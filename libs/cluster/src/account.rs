//! The account Postgres runs under: ours, or an unprivileged one when we are root, which Postgres refuses.

use std::ffi::OsStr;
use std::fs::{DirBuilder, symlink_metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;

/// Settings of the caller's own clients, which would reach the server's programs as defaults.
const CLIENT_SETTINGS: [&str; 9] = [
    "PGDATA",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSFILE",
    "PGPASSWORD",
    "PGPORT",
    "PGUSER",
];

#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
    lowered: bool,
}

impl Account {
    pub(crate) fn of_server() -> Result<Account, Error> {
        let (Some(uid), Some(gid)) = (id(&["-u"]), id(&["-g"])) else {
            return Err(Error::NoAccount);
        };
        if uid != 0 {
            return Ok(Account { uid, gid, lowered: false });
        }
        for name in ["postgres", "nobody"] {
            if let (Some(uid @ 1..), Some(gid)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Account { uid, gid, lowered: true });
            }
        }
        Err(Error::NoAccount)
    }

    /// A command under this account, in its own process group: ctrl-C at the terminal is ours to handle, not Postgres's.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C").process_group(0).stdin(Stdio::null());
        for setting in CLIENT_SETTINGS {
            command.env_remove(setting);
        }
        if self.lowered {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this account can pass all parents of the folder and write into it.
    pub(crate) fn reaches(&self, folder: &Path) -> bool {
        let mut probe = self.command("sh");
        probe.args(["-c", r#"test -w "$1" && test -x "$1""#, "sh"]).arg(folder);
        probe.stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    }

    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        if !self.lowered {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))
            .map_err(Error::file("change the owner of", path))
    }

    /// Makes a folder only this account can enter, or takes the one that is there if it is the account's own. In a shared
    /// place such as `/tmp` somebody else may have made it before us, to read what we put there.
    pub(crate) fn private_folder(&self, path: &Path) -> Result<(), Error> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => self.own(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = symlink_metadata(path).map_err(Error::file("look at", path))?;
                if found.is_dir() && found.uid() == self.uid {
                    Ok(())
                } else {
                    Err(Error::NotOurs { path: path.to_owned() })
                }
            }
            Err(error) => Err(Error::file("create", path)(error)),
        }
    }
}

pub(crate) fn we_are_root() -> bool {
    id(&["-u"]) == Some(0)
}

/// What `id` says: the standard library cannot look up accounts, and `unsafe` calls are not for this.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
