//! The pool, the tenant's transaction, the version of the schema.

#![expect(clippy::disallowed_methods, reason = "the table is of the tests, not of a service")]

use expect_test::expect;
use runtime::{config::SecretString, database};
use sqlx::migrate::Migrator;
use types::TenantId;

use crate::idempotency::TABLE;

const ONE: &str = "00000000-0000-0000-0000-000000000001";
const TWO: &str = "00000000-0000-0000-0000-000000000002";

fn tenant(id: &str) -> TenantId {
    id.parse().unwrap()
}

fn config(url: &str, owner_url: Option<&str>) -> database::Config {
    database::Config {
        url: SecretString::from(url),
        owner_url: owner_url.map(SecretString::from),
        connections_max: 2,
        acquire_timeout_ms: 5000,
        statement_timeout_ms: 5000,
    }
}

const INSERT: &str = "INSERT INTO idempotency (tenant_id, method, key, request_digest)
                      VALUES ($1, 'm', 'k', '')";

#[tokio::test]
async fn a_transaction_sees_its_tenant_and_no_other() {
    let db = testkit::database("orchestration", &TABLE).await;
    let mut tx = database::begin(&db.pool, tenant(ONE)).await.unwrap();
    sqlx::query(INSERT).bind(tenant(ONE).as_uuid()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();

    let mut seen = Vec::new();
    for id in [ONE, TWO] {
        let mut tx = database::begin(&db.pool, tenant(id)).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM idempotency");
        let count: i64 = count.fetch_one(&mut *tx).await.unwrap();
        seen.push(count);
        tx.rollback().await.unwrap();
    }
    assert_eq!(seen, [1, 0]);
}

#[tokio::test]
async fn a_row_for_another_tenant_cannot_be_written() {
    let db = testkit::database("orchestration", &TABLE).await;
    let mut tx = database::begin(&db.pool, tenant(ONE)).await.unwrap();
    let written = sqlx::query(INSERT).bind(tenant(TWO).as_uuid()).execute(&mut *tx).await;
    assert_eq!(database::sqlstate(&written.unwrap_err()).as_deref(), Some("42501"));
}

#[tokio::test]
async fn outside_of_a_tenants_transaction_nothing_is_seen() {
    let db = testkit::database("orchestration", &TABLE).await;
    let config = database::Config { connections_max: 1, ..config(&db.url, None) };
    let pool = database::connect("orchestration", &config, &TABLE).await.unwrap();
    let mut tx = database::begin(&pool, tenant(ONE)).await.unwrap();
    sqlx::query(INSERT).bind(tenant(ONE).as_uuid()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();

    // The connection is the same, the tenant is gone: the policy cannot even be evaluated.
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM idempotency");
    let err = count.fetch_one(&pool).await.unwrap_err();
    assert_eq!(database::sqlstate(&err).as_deref(), Some("22P02"));
}

#[tokio::test]
async fn a_violated_constraint_is_named() {
    let db = testkit::database("orchestration", &TABLE).await;
    let mut tx = database::begin(&db.pool, tenant(ONE)).await.unwrap();
    sqlx::query(INSERT).bind(tenant(ONE).as_uuid()).execute(&mut *tx).await.unwrap();
    let again = sqlx::query(INSERT).bind(tenant(ONE).as_uuid()).execute(&mut *tx).await;
    let err = again.unwrap_err();
    assert_eq!(database::unique_violation(&err), Some("idempotency_pkey"));
    assert_eq!(database::foreign_key_violation(&err), None);
    assert!(!database::is_retryable(&err));
}

#[tokio::test]
async fn a_schema_that_is_too_old_is_refused_until_it_is_migrated() {
    static NONE: Migrator = Migrator::DEFAULT;
    let db = testkit::database("analysis", &NONE).await;
    let config = config(&db.url, Some(&db.owner_url));

    let refused = database::connect("analysis", &config, &TABLE).await.unwrap_err();
    expect!["the schema is at version 0 and this binary needs 1: run `analysis migrate` first"]
        .assert_eq(&format!("{refused:#}"));

    database::migrate(&config, &TABLE).await.unwrap();
    let serving = database::connect("analysis", &config, &TABLE).await.unwrap();
    // Who serves cannot claim a migration that never was.
    let claimed = sqlx::query("DELETE FROM _sqlx_migrations").execute(&serving).await;
    assert_eq!(database::sqlstate(&claimed.unwrap_err()).as_deref(), Some("42501"));
    // A newer schema serves an older binary.
    database::connect("analysis", &config, &NONE).await.unwrap();
}

#[tokio::test]
async fn a_broken_url_is_refused_without_being_shown() {
    let config = config("postgres://somebody:hunter22@:nowhere", None);
    let refused = database::connect("analysis", &config, &TABLE).await.unwrap_err();
    expect!["database.url is not a URL of Postgres"].assert_eq(&format!("{refused:#}"));
    let refused = database::migrate(&config, &TABLE).await.unwrap_err();
    expect!["database.owner_url is not set"].assert_eq(&format!("{refused:#}"));
}
