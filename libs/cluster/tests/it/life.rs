//! Start, stop, start again, and what earlier lives left behind.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use cluster::{Cluster, Durability, Error, Listen};
use expect_test::expect;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;

use crate::world::{is_ours, options, run, shared, start};

#[tokio::test]
async fn a_restart_finds_what_was_committed_under_the_same_urls() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await.unwrap();
    run(&first.urls().mapper.owner, "create table n as select 7 as n").await.unwrap();
    let url = first.urls().mapper.service.clone();
    first.stop();
    assert!(run(&url, "select 1").await.is_err());

    let _second = start(folder.path()).await.unwrap();
    let row = run(&url, "select n from n").await.unwrap().unwrap();
    assert_eq!(row.get::<i32, _>(0), 7);
}

#[tokio::test]
async fn a_second_start_is_told_who_runs_the_first() {
    let cluster = shared().await;
    let folder = cluster.folder().ancestors().nth(2).unwrap();
    let error = start(folder).await.unwrap_err();
    let Error::AlreadyRunning { folder: told, pid } = error else { panic!("{error:?}") };
    assert_eq!(told, folder.join("postgres"));
    assert_eq!(pid, std::process::id().to_string());
}

#[tokio::test]
async fn a_pid_file_whose_number_is_another_process_by_now_is_overridden() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await.unwrap();
    let pid_file = first.folder().join("data/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    first.stop();
    // The worst case: alive, of the server's account, and a Postgres.
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", shared().await.pid())).unwrap();

    start(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_outlived_its_owner_is_stopped_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await.unwrap();
    let server = first.folder().to_owned();
    let url = first.urls().mapper.service.clone();
    first.stop();
    let mut orphan = orphan(&server);
    wait_for(&url).await;

    start(folder.path()).await.unwrap();
    assert!(orphan.wait().unwrap().success());
}

/// A Postgres of the folder that no supervisor watches.
fn orphan(server: &std::path::Path) -> Child {
    let owner = fs::metadata(server).unwrap();
    let found = Command::new("sh")
        .args(["-c", "ls -d /usr/lib/postgresql/*/bin/postgres | tail -1"])
        .output()
        .unwrap();
    let listed = String::from_utf8(found.stdout).unwrap();
    let postgres = if listed.trim().is_empty() { "postgres" } else { listed.trim() };
    let mut command = Command::new(postgres);
    command.arg("-D").arg(server.join("data")).arg("-k").arg(server.join("socket"));
    command
        .args(["-c", "listen_addresses="])
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    if !is_ours(server) {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.spawn().unwrap()
}

async fn wait_for(url: &SecretString) {
    while run(url, "select 1").await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_role_that_steps_over_tenant_isolation_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await.unwrap();
    run(&first.admin_url("postgres"), "alter role mapper bypassrls").await.unwrap();
    first.stop();

    let error = start(folder.path()).await.unwrap_err();
    let Error::Database { what, source } = error else { panic!("{error:?}") };
    expect!["create roles and schemas"].assert_eq(what);
    expect!["role mapper is a superuser or bypasses row-level security"]
        .assert_eq(source.as_database_error().unwrap().message());
}

#[tokio::test]
async fn a_loopback_port_serves_tools_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut options = options(folder.path(), Durability::Off);
    options.listen = Listen::Loopback { port };
    let cluster = Cluster::start(&options).await.unwrap();

    let by_socket = cluster.urls().mapper.service.expose_secret();
    let (login, _) = by_socket.split_once('@').unwrap();
    let by_port = SecretString::from(format!("{login}@127.0.0.1:{port}/llamamapper"));
    run(&by_port, "select 1").await.unwrap();
}

#[tokio::test]
async fn the_log_quotes_no_row() {
    let cluster = shared().await;
    let sql = "
        set app.tenant_id = '00000000-0000-0000-0000-000000000003';
        insert into note values ('00000000-0000-0000-0000-000000000003', 'canary');
        insert into note values ('00000000-0000-0000-0000-000000000003', 'canary');";
    assert!(run(&cluster.urls().mapper.service, sql).await.is_err());
    let log = fs::read_to_string(cluster.folder().parent().unwrap().join("log")).unwrap();
    assert!(log.contains("note_text_key"), "{log}");
    assert!(!log.contains("canary"), "{log}");
}
