//! The binary, a folder of its own, and what it printed.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};

pub(crate) struct World {
    pub(crate) folder: TempDir,
}

/// A mesh that stays up until it is interrupted or dropped.
pub(crate) struct Mesh {
    pub(crate) child: tokio::process::Child,
    pub(crate) lines: Lines<BufReader<tokio::process::ChildStdout>>,
}

pub(crate) struct Answer {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> World {
        World { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_llama-mapper"));
        command.arg("--data-dir").arg(self.folder.path().join("mesh")).args(args);
        // The environment of the machine must not decide what a test sees.
        for name in ["LLAMA_MAPPER_KEY", "LLAMA_MAPPER_DATA_DIR", "LLAMA_MAPPER_DATABASE_URL"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program to its end, with `input` as its standard input.
    pub(crate) async fn run(&self, args: &[&str], input: &str) -> Answer {
        use tokio::io::AsyncWriteExt as _;
        let mut command = tokio::process::Command::from(self.command(args));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let feeding = async move {
            // The program may be done before it has read everything.
            let _closed = stdin.write_all(input.as_bytes()).await;
        };
        let ((), output) = tokio::join!(feeding, child.wait_with_output());
        let Output { status, stdout, stderr } = output.unwrap();
        Answer {
            status: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Starts `up` and waits until it says that it stays up.
    pub(crate) async fn stay_up(&self, args: &[&str]) -> Mesh {
        let all: Vec<_> = ["up", "--findings", "2000"].iter().chain(args).copied().collect();
        let mut command = tokio::process::Command::from(self.command(&all));
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        loop {
            let line = lines.next_line().await.unwrap();
            let line = line.expect("`up` ended before it stayed up");
            if line.contains("stays up until ctrl-C") {
                return Mesh { child, lines };
            }
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|err| panic!("{err}: {self:?}"))
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "exit {:?}\n{}\n{}", self.status, self.stdout, self.stderr)
    }
}
