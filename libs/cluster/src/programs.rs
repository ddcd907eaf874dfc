//! Which Postgres: looks for server programs where systems put and hide them, and asks the package manager as a last resort.
//!
//! Docker is no way to get one: this needs `initdb` and `postgres` as programs of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;
use crate::account::we_are_root;

/// The oldest version whose features the migrations may use.
const VERSION_MIN: u32 = 14;

/// Folders of versions, none of them on the PATH: Debian, PGDG for Fedora and Red Hat, Alpine, Homebrew on both kinds of Mac.
const FOLDERS_OF_VERSIONS: [(&str, &str); 7] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr", "bin"),
    ("/usr/libexec", ""),
    ("/usr/lib64", "bin"),
    ("/usr/local/opt", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "bin"),
];

/// Tells `postgresql-common` not to make a cluster of its own, which nobody asked for and which would be started at once.
const DEBIAN_NO_CLUSTER: (&str, &str) =
    ("/etc/postgresql-common/createcluster.d/llama-mapper.conf", "create_main_cluster = false\n");

/// The server programs installed here, newest first.
#[derive(Clone, Debug)]
pub struct Programs {
    installed: Vec<Installed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    pub(crate) version: u32,
    folder: PathBuf,
}

impl Installed {
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

impl Programs {
    /// Looks on the PATH, where `pg_config` points, and in the folders of known distributions.
    pub fn find() -> Result<Programs, Error> {
        Programs::among(&candidates())
    }

    /// As `find`, but installs Postgres by the system's package manager when there is none, after telling `progress` so. May
    /// take minutes.
    pub fn find_or_install(progress: &dyn Fn(&str)) -> Result<Programs, Error> {
        let folders = candidates();
        if let Ok(programs) = Programs::among(&folders) {
            return Ok(programs);
        }
        match install(progress) {
            Ok(()) => Programs::find(),
            Err(reason) => {
                Err(Error::NoPrograms { tried: format!("{}; {reason}", looked(&folders)) })
            }
        }
    }

    /// Those of the folders that hold a whole server of a version that is new enough.
    pub fn among(folders: &[PathBuf]) -> Result<Programs, Error> {
        let mut installed: Vec<Installed> = Vec::new();
        for folder in folders {
            let Some(version) = version(folder) else { continue };
            let is_new = installed.iter().all(|known| known.folder != *folder);
            if VERSION_MIN <= version && is_new {
                installed.push(Installed { version, folder: folder.clone() });
            }
        }
        installed.sort_by_key(|found| std::cmp::Reverse(found.version));
        if installed.is_empty() {
            return Err(Error::NoPrograms { tried: looked(folders) });
        }
        Ok(Programs { installed })
    }

    /// The version that can open the data, or the newest for a folder without data.
    pub(crate) fn for_data(&self, data: &Path) -> Result<&Installed, Error> {
        let Some(version) = fs::read_to_string(data.join("PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
        else {
            return Ok(self.installed.first().expect("`among` refuses an empty list"));
        };
        let matching = self.installed.iter().find(|found| found.version == version);
        matching.ok_or_else(|| Error::OtherVersion { folder: data.to_owned(), version })
    }
}

fn looked(folders: &[PathBuf]) -> String {
    let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    format!("looked into {}", folders.join(", "))
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Some(postgres) = said("sh", &["-c", "command -v postgres"]) {
        folders.extend(Path::new(&postgres).parent().map(Path::to_owned));
    }
    folders.extend(said("pg_config", &["--bindir"]).map(PathBuf::from));
    for (root, bin) in FOLDERS_OF_VERSIONS {
        let Ok(entries) = fs::read_dir(root) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_version = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if is_version || name.starts_with("postgresql") || name.starts_with("pgsql") {
                folders.push(entry.path().join(bin));
            }
        }
    }
    folders.extend(["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    folders
}

/// The major version of a folder with all three programs. A client package brings only some of them.
fn version(folder: &Path) -> Option<u32> {
    if !["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file()) {
        return None;
    }
    major(&said(folder.join("postgres").to_str()?, &["--version"])?)
}

/// `15` of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL) ")?.1;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The commands of one package manager, in order.
struct Manager {
    program: &'static str,
    commands: &'static [&'static [&'static str]],
}

const MANAGERS: [Manager; 4] = [
    Manager {
        program: "apt-get",
        commands: &[
            &["apt-get", "update"],
            &["apt-get", "install", "-y", "--no-install-recommends", "postgresql"],
        ],
    },
    Manager { program: "dnf", commands: &[&["dnf", "install", "-y", "postgresql-server"]] },
    Manager { program: "apk", commands: &[&["apk", "add", "--no-cache", "postgresql"]] },
    Manager { program: "pacman", commands: &[&["pacman", "-Sy", "--noconfirm", "postgresql"]] },
];

/// Installs Postgres, or says why not.
fn install(progress: &dyn Fn(&str)) -> Result<(), String> {
    let is_root = we_are_root();
    if !is_root && said("sh", &["-c", "command -v brew"]).is_some() {
        progress("No Postgres found: installing it by `brew install postgresql@17`");
        return run(&["brew", "install", "postgresql@17"], false);
    }
    let Some(manager) = MANAGERS.iter().find(|manager| exists(manager.program)) else {
        return Err("no package manager known here".to_owned());
    };
    let sudo = !is_root;
    if sudo && run(&["true"], true).is_err() {
        return Err(format!("not allowed to run {} here", manager.program));
    }
    for command in manager.commands {
        progress(&format!("No Postgres found: installing it by `{}`", command.join(" ")));
    }
    let is_debian = manager.program == "apt-get";
    let (path, text) = DEBIAN_NO_CLUSTER;
    if is_debian {
        let script = format!("mkdir -p \"$(dirname {path})\" && printf '%s' '{text}' > {path}");
        run(&["sh", "-c", &script], sudo)?;
    }
    let outcome = manager.commands.iter().try_for_each(|command| run(command, sudo));
    if is_debian {
        run(&["rm", "-f", path], sudo)?;
    }
    outcome
}

fn exists(program: &str) -> bool {
    said("sh", &["-c", &format!("command -v {program}")]).is_some()
}

fn run(command: &[&str], sudo: bool) -> Result<(), String> {
    let prefix: &[&str] = if sudo { &["sudo", "-n", "env"] } else { &["env"] };
    let words: Vec<&str> =
        prefix.iter().chain(&["DEBIAN_FRONTEND=noninteractive"]).chain(command).copied().collect();
    let output = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output();
    let output =
        output.map_err(|error| format!("`{}` did not start: {error}", command.join(" ")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    Err(format!("`{}` failed: {last}", command.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_version_is_read_from_what_the_server_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres 15"), None);
    }

    #[test]
    fn a_machine_without_postgres_gets_one_line_that_says_what_to_do() {
        let error = Programs::among(&[PathBuf::from("/nowhere/bin")]).unwrap_err();
        expect![[r#"no Postgres 14 or later found (looked into /nowhere/bin): install one (Debian: `apt-get install postgresql`) or give the URL of a server"#]]
            .assert_eq(&error.to_string());
    }
}
