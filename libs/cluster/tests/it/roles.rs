//! What the roles of a service may not do, whatever SQL they send.

use expect_test::{Expect, expect};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;

use crate::world::{run, shared};

/// What the server answers to the mapper's service role.
async fn check(sql: &str, expected: Expect) {
    check_as(&shared().await.urls().mapper.service, sql, expected).await;
}

async fn check_as(url: &SecretString, sql: &str, expected: Expect) {
    let answer = match run(url, sql).await {
        Ok(row) => format!("{:?}", row.map(|row| row.get::<i64, _>(0))),
        Err(sqlx::Error::Database(error)) => error.message().to_owned(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&answer);
}

#[tokio::test]
async fn a_service_reads_the_rows_of_the_tenant_it_names() {
    let tenant = |n| {
        format!(
            "set app.tenant_id = '00000000-0000-0000-0000-00000000000{n}'; select count(*) from note"
        )
    };
    check(&tenant(1), expect!["Some(1)"]).await;
    check(&tenant(2), expect!["Some(0)"]).await;
}

#[tokio::test]
async fn a_service_that_names_no_tenant_reads_nothing() {
    check(
        "select count(*) from note",
        expect![[r#"unrecognized configuration parameter "app.tenant_id""#]],
    )
    .await;
}

#[tokio::test]
async fn a_service_writes_no_row_of_another_tenant() {
    check(
        "set app.tenant_id = '00000000-0000-0000-0000-000000000002';
         insert into note values ('00000000-0000-0000-0000-000000000001', 'theirs')",
        expect![[r#"new row violates row-level security policy for table "note""#]],
    )
    .await;
}

#[tokio::test]
async fn a_service_calls_functions_of_its_schema() {
    let sql = "set app.tenant_id = '00000000-0000-0000-0000-000000000001'; select n_notes()";
    check(sql, expect!["Some(1)"]).await;
}

#[tokio::test]
async fn a_service_creates_no_tables() {
    check("create table mine (n int)", expect!["permission denied for schema mapper"]).await;
    check("create table public.mine (n int)", expect!["permission denied for schema public"]).await;
    let temporary =
        expect![[r#"permission denied to create temporary tables in database "llamamapper""#]];
    check("create temporary table mine (n int)", temporary).await;
}

#[tokio::test]
async fn a_service_does_not_become_another_role() {
    check("set role mapper_owner", expect![[r#"permission denied to set role "mapper_owner""#]])
        .await;
    check("set role postgres", expect![[r#"permission denied to set role "postgres""#]]).await;
    let session = expect![[r#"permission denied to set session authorization"#]];
    let owner = "set session authorization mapper_owner";
    let answer = run(&shared().await.urls().mapper.service, owner).await.unwrap_err().to_string();
    assert!(answer.contains(session.data()), "{answer}");
}

#[tokio::test]
async fn a_service_does_not_switch_row_security_off() {
    check(
        "set row_security = off; select count(*) from note",
        expect![[r#"query would be affected by row-level security policy for table "note""#]],
    )
    .await;
    check("alter table note disable row level security", expect!["must be owner of table note"])
        .await;
    check("create policy mine on note using (true)", expect!["must be owner of table note"]).await;
    assert!(
        run(&shared().await.urls().mapper.service, "alter role mapper bypassrls").await.is_err()
    );
}

#[tokio::test]
async fn neither_role_of_a_service_sees_the_schema_of_another() {
    let urls = &shared().await.urls().analysis;
    for url in [&urls.service, &urls.owner] {
        let sql = "select count(*) from mapper.note";
        check_as(url, sql, expect!["permission denied for schema mapper"]).await;
        check_as(url, "select mapper.n_notes()", expect!["permission denied for schema mapper"])
            .await;
    }
}

#[tokio::test]
async fn an_owner_creates_no_schema_and_no_role() {
    let owner = &shared().await.urls().mapper.owner;
    check_as(owner, "create schema mine", expect!["permission denied for database llamamapper"])
        .await;
    assert!(run(owner, "create role mine").await.is_err());
}

#[tokio::test]
async fn a_wrong_password_is_refused_at_the_socket_too() {
    let right = shared().await.urls().mapper.service.expose_secret();
    let (login, rest) = right.split_once('@').unwrap();
    let (name, _) = login.rsplit_once(':').unwrap();
    let wrong = SecretString::from(format!("{name}:wrong@{rest}"));
    check_as(
        &wrong,
        "select 1::int8",
        expect![[r#"password authentication failed for user "mapper""#]],
    )
    .await;
}

#[tokio::test]
async fn urls_do_not_show_their_passwords() {
    let shown = format!("{:?}", shared().await.urls().mapper);
    expect![
        "ServiceUrls { owner: SecretBox<str>([REDACTED]), service: SecretBox<str>([REDACTED]) }"
    ]
    .assert_eq(&shown);
}

#[tokio::test]
async fn a_given_server_gets_a_second_database_with_the_same_rights() {
    let cluster = shared().await;
    let folder = tempfile::tempdir().unwrap();
    // The roles of a server have one password each: those of this cluster, so that the other tests can go on.
    let shared_folder = std::env::temp_dir()
        .join(format!("llama-mapper-cluster-{}/postgres/passwords", std::process::id()));
    let file = folder.path().join("passwords");
    std::fs::copy(shared_folder, &file).unwrap();
    let passwords = cluster::Passwords::load_or_create(&file).unwrap();

    for _ in 0..2 {
        let admin = cluster.admin_url("postgres");
        let urls = cluster::bootstrap(admin.expose_secret(), "second", &passwords).await.unwrap();
        check_as(&urls.mapper.owner, "create table if not exists n (n bigint)", expect!["None"])
            .await;
        check_as(&urls.mapper.service, "select count(*) from n", expect!["Some(0)"]).await;
        check_as(
            &urls.analysis.service,
            "select count(*) from mapper.n",
            expect!["permission denied for schema mapper"],
        )
        .await;
    }
}

#[tokio::test]
async fn a_name_that_carries_sql_is_no_name_for_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let passwords = cluster::Passwords::load_or_create(&folder.path().join("passwords")).unwrap();
    let admin = shared().await.admin_url("postgres");
    let error =
        cluster::bootstrap(admin.expose_secret(), "x; drop table y", &passwords).await.unwrap_err();
    expect!["`x; drop table y` is no name for a database: use at most 63 of a-z, 0-9 and _, a letter first"]
        .assert_eq(&error.to_string());
}
