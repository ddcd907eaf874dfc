//! What a test may rely on when it asks for a database.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{PgPool, Row};

fn migrator() -> Migrator {
    let sql = "
        create table note (tenant_id uuid not null, text text not null);
        alter table note enable row level security;
        alter table note force row level security;
        create policy tenant on note to mapper
            using (tenant_id = (select current_setting('app.tenant_id'))::uuid);
        create policy owner on note to mapper_owner using (true);";
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let migration = Migration::new(
        1,
        Cow::Borrowed("note"),
        MigrationType::Simple,
        sqlx::SqlSafeStr::into_sql_str(sql),
        false,
    );
    Migrator { migrations: Cow::Owned(vec![migration]), ..Migrator::DEFAULT }
}

async fn n_notes(db: &PgPool) -> i64 {
    let row = sqlx::raw_sql("select count(*) from note").fetch_one(db).await.unwrap();
    row.get(0)
}

const ONE_NOTE: &str = "insert into note values ('00000000-0000-0000-0000-000000000001', 'x')";

#[tokio::test]
async fn a_database_is_migrated_and_nobody_elses() {
    let first = testkit::database("mapper", &migrator()).await;
    let second = testkit::database("mapper", &migrator()).await;
    sqlx::raw_sql(ONE_NOTE).execute(&first.owner).await.unwrap();
    assert_eq!(n_notes(&first.owner).await, 1);
    assert_eq!(n_notes(&second.owner).await, 0);
}

#[tokio::test]
async fn the_service_role_sees_only_the_rows_of_its_tenant() {
    let db = testkit::database("mapper", &migrator()).await;
    sqlx::raw_sql(ONE_NOTE).execute(&db.owner).await.unwrap();
    for (tenant, n) in
        [("00000000-0000-0000-0000-000000000001", 1), ("00000000-0000-0000-0000-000000000002", 0)]
    {
        let mut tx = db.pool.begin().await.unwrap();
        let set = format!("select set_config('app.tenant_id', '{tenant}', true)");
        sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut *tx).await.unwrap();
        let row = sqlx::raw_sql("select count(*) from note").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), n);
    }
}

#[tokio::test]
async fn a_service_without_migrations_gets_its_empty_schema() {
    let db = testkit::database("analysis", &Migrator::DEFAULT).await;
    let row = sqlx::raw_sql("select current_schema()").fetch_one(&db.owner).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "analysis");
}
