//! What the database itself refuses, whatever the service asks of it.

use expect_test::{Expect, expect};
use sqlx::Row as _;

use crate::world::{World, a, b, finding};

const TENANT_TABLES: [&str; 3] = ["event", "finding_key", "proposal"];

async fn world() -> World {
    let world = World::start().await;
    world.record(a(), vec![finding("1", "US_SSN"), finding("2", "flurbl")]).await.unwrap();
    world.record(b(), vec![finding("1", "US_SSN")]).await.unwrap();
    world
}

#[tokio::test]
async fn without_a_tenant_the_service_sees_nothing() {
    let world = world().await;
    for table in TENANT_TABLES {
        let sql = format!("select count(*) from {table}");
        let answer = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&world.db.pool).await;
        let message = answer.unwrap_err().as_database_error().unwrap().message().to_owned();
        assert_eq!(message, "unrecognized configuration parameter \"app.tenant_id\"", "{table}");
    }
}

#[tokio::test]
async fn with_a_tenant_the_service_sees_its_rows_only() {
    let world = world().await;
    for (tenant, expected) in [(a(), [2, 2, 1]), (b(), [1, 1, 0])] {
        let mut tx = runtime::database::begin(&world.db.pool, tenant).await.unwrap();
        for (table, expected) in TENANT_TABLES.into_iter().zip(expected) {
            let sql = format!("select count(*) from {table}");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), expected, "{table} of {tenant}");
        }
    }
}

async fn check(sql: &'static str, expected: Expect) {
    let world = world().await;
    let mut tx = runtime::database::begin(&world.db.pool, a()).await.unwrap();
    let err = sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap_err();
    expected.assert_eq(err.as_database_error().unwrap().message());
}

#[tokio::test]
async fn no_row_of_another_tenant_can_be_written() {
    check(
        "insert into finding_key values ('00000000-0000-0000-0000-00000000000b', gen_random_uuid(), now())",
        expect![[r#"new row violates row-level security policy for table "finding_key""#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_stored_cannot_be_changed() {
    check("update event set label = 'OTHER.Safe'", expect!["permission denied for table event"])
        .await;
    check("delete from event", expect!["permission denied for table event"]).await;
    check("delete from finding_key", expect!["permission denied for table finding_key"]).await;
    check("delete from proposal", expect!["permission denied for table proposal"]).await;
    check("update version set model = 'x'", expect!["permission denied for table version"]).await;
}

#[tokio::test]
async fn no_partition_can_be_read_past_its_parent() {
    check("select from event_default", expect!["permission denied for table event_default"]).await;
    let world = world().await;
    let partitions = "select relid::text from pg_partition_tree('mapper.event') where isleaf";
    let partitions = sqlx::query(partitions).fetch_all(&world.db.owner).await.unwrap();
    assert_eq!(partitions.len(), 5, "the default, today and three days more");
    for partition in partitions {
        let name: String = partition.get(0);
        let sql = format!("select from {name}");
        let answer = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&world.db.pool).await;
        let message = answer.unwrap_err().as_database_error().unwrap().message().to_owned();
        assert!(message.starts_with("permission denied"), "{name}: {message}");
    }
}

#[tokio::test]
async fn events_go_to_the_partition_of_their_day() {
    let world = world().await;
    let stray = "select count(*) from event where tableoid = 'event_default'::regclass";
    let stray: i64 = sqlx::query(stray).fetch_one(&world.db.owner).await.unwrap().get(0);
    assert_eq!(stray, 0);
}

#[tokio::test]
async fn without_a_partition_events_are_kept_all_the_same() {
    // It answers, so it has made its partitions.
    let world = world().await;
    world
        .break_by(
            "do $$ declare name text; begin
                for name in select relid::text from pg_partition_tree('mapper.event')
                    where isleaf and relid <> 'mapper.event_default'::regclass
                loop execute 'drop table ' || name; end loop;
            end $$",
        )
        .await;
    let results = world.record(a(), vec![finding("3", "US_SSN")]).await.unwrap();
    assert_eq!(crate::world::statuses(&results), "stored");
    // Today's cannot be made any more without moving rows; the others can.
    let made: i32 =
        sqlx::query("select make_partitions(3)").fetch_one(&world.db.pool).await.unwrap().get(0);
    assert_eq!(made, 3);
    let events = world.query(a(), proto::mapper::v1::EventFilter::default()).await;
    assert_eq!(events.len(), 1);
}
