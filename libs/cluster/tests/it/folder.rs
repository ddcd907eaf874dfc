//! Folders that stand in the way of a server.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use cluster::Error;
use expect_test::expect;

use crate::world::{is_ours, programs, run, start};

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_and_is_removed_whole() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a long name, with a comma and \"quotes\"".repeat(4));
    let cluster = start(&folder).await.unwrap();
    run(&cluster.urls().mapper.service, "select 1").await.unwrap();
    assert!(cluster.folder().starts_with(root.path().canonicalize().unwrap()));

    cluster.stop();
    cluster::remove(&folder, &programs()).unwrap();
    assert!(!folder.join("postgres").exists());
}

/// As in a checkout below `/root`. Who is no root runs the server under its own account, which can enter.
#[tokio::test]
async fn a_folder_closed_to_the_servers_account_keeps_its_data_elsewhere() {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), Permissions::from_mode(0o700)).unwrap();
    let folder = root.path().join("data");
    let cluster = start(&folder).await.unwrap();
    run(&cluster.urls().mapper.owner, "create table n as select 7 as n").await.unwrap();
    let server = cluster.folder().to_owned();
    let is_inside = server.starts_with(root.path().canonicalize().unwrap());
    assert_eq!(is_inside, is_ours(&server));
    cluster.stop();

    let cluster = start(&folder).await.unwrap();
    assert_eq!(cluster.folder(), server);
    run(&cluster.urls().mapper.service, "select n from n").await.unwrap();
    cluster.stop();

    cluster::remove(&folder, &programs()).unwrap();
    assert!(!server.exists());
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let cluster = start(root.path()).await.unwrap();
    let version = cluster.folder().join("data/PG_VERSION");
    cluster.stop();
    fs::write(version, "9\n").unwrap();

    let error = start(root.path()).await.unwrap_err();
    assert!(matches!(error, Error::OtherVersion { version: 9, .. }), "{error:?}");
}

#[tokio::test]
async fn a_broken_password_file_names_its_line() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("postgres")).unwrap();
    fs::write(root.path().join("postgres/passwords"), "mapper abc\nanalysis\n").unwrap();

    let error = start(root.path()).await.unwrap_err().to_string();
    let (_, error) = error.split_once("passwords").unwrap();
    expect![
        " line 2: expected `role password`: restore the file or start over with an empty folder"
    ]
    .assert_eq(error);
}

#[tokio::test]
async fn a_file_where_the_folder_should_be_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("file");
    fs::write(&folder, "").unwrap();
    let error = start(&folder).await.unwrap_err();
    assert!(matches!(error, Error::File { what: "create", .. }), "{error:?}");
}
