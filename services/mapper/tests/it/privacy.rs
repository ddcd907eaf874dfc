//! Personal data and secrets in what a detector says about a finding reach no table and no metric.

use std::collections::HashMap;

use proto::{
    common::v1::Finding,
    mapper::v1::{EventFilter, MapRequest},
};
use sqlx::Row as _;

use crate::world::{As, World, a, eventually, finding};

const EMAIL: &str = "canary.person@example.org";

#[tokio::test]
async fn no_canary_is_in_any_table() {
    // In two parts, so that no scanner of this repository takes it for a real one.
    let secret = format!("{}{}", "AKIA", "IOSFODNN7CANARY2");
    let world = World::start().await;
    let metadata = HashMap::from([
        ("asked_by".to_owned(), format!("<{EMAIL}>")),
        (format!("key {secret}"), format!("token={secret}")),
        ("note".to_owned(), "harmless".to_owned()),
    ]);
    let word = format!("seen {EMAIL}");
    let malformed = Finding { score: 2.0, ..finding("3", &word) };
    let findings =
        vec![Finding { metadata, ..finding("1", "US_SSN") }, finding("2", &word), malformed];
    world.record(a(), findings).await.unwrap();
    let request = MapRequest {
        detector: "presidio".to_owned(),
        detector_version: String::new(),
        raw_label: format!("asked about {EMAIL}"),
        score: None,
    };
    world.mapping().map(world.request(As::Admin(a()), request)).await.unwrap();
    // One from the finding, one from the question.
    eventually(async || crate::list_proposals::total(&world, a()).await == 2).await;

    // What is harmless is there, so the search would find a canary.
    assert_eq!(tables_with(&world, "harmless").await, ["event"]);
    for canary in [EMAIL, "canary.person", secret.as_str()] {
        assert_eq!(tables_with(&world, canary).await, Vec::<String>::new(), "{canary}");
        assert!(!world.metrics.render().contains(canary));
        for event in world.query(a(), EventFilter::default()).await {
            assert!(!format!("{event:?}").contains(canary), "{event:?}");
        }
    }
}

/// The tables of which a row, written as text, contains `canary`.
async fn tables_with(world: &World, canary: &str) -> Vec<String> {
    let tables =
        "select relname::text from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'mapper' and relkind in ('r', 'p') and not relispartition order by 1";
    let mut found = Vec::new();
    for table in sqlx::query(tables).fetch_all(&world.db.owner).await.unwrap() {
        let name: String = table.get(0);
        let sql = format!("select count(*) from {name} as row where position($1 in row::text) > 0");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(canary).fetch_one(&world.db.owner).await;
        if 0 < rows.unwrap().get::<i64, _>(0) {
            found.push(name);
        }
    }
    found
}
