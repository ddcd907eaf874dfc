//! The second barrier: a service that forgot to name the tenant would see no row of another one.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use types::TenantId;

use super::plant;
use crate::world::{Name, Place, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_a_tenant_finds_only_its_own_rows() {
    let world = World::start().await;
    plant(&world, &world.a, "canary").await;
    plant(&world, &world.b, "other").await;

    // A role that may not touch a table at all is refused (42501); one that may finds nothing.
    for place in world.places() {
        let mut n_shown = 0;
        for table in tables(place).await {
            let (a, b) = (world.a.id, world.b.id);
            let count = |whose: TenantId| {
                format!("select count(*) from {table} where tenant_id = '{whose}'")
            };
            // A partition is closed to the service, which goes through its table.
            n_shown += run(place, Some(a), &count(a)).await.unwrap_or_default();
            let found = run(place, Some(b), &count(a)).await;
            assert!(is_one_of(&found, &["42501"]), "{table}: {found:?} for B");
            let touch = |what: &str| {
                let what = format!("{what} where tenant_id = '{a}' returning 1");
                format!("with touched as ({what}) select count(*) from touched")
            };
            let update = touch(&format!("update {table} set tenant_id = tenant_id"));
            let delete = touch(&format!("delete from {table}"));
            for sql in [update, delete] {
                let found = run(place, Some(b), &sql).await;
                assert!(is_one_of(&found, &["42501"]), "{table}: {found:?} for B's {sql}");
            }
            // Whoever says nothing is nobody, or is told so.
            let found = run(place, None, &count(a)).await;
            assert!(
                is_one_of(&found, &["42501", "42704", "22P02"]),
                "{table}: {found:?} for nobody"
            );
        }
        assert!(0 < n_shown, "{}: A has rows", place.name.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_tenants_forces_row_level_security() {
    let world = World::start().await;
    for place in world.places() {
        let mut admin = PgConnection::connect(&place.db.admin_url).await.unwrap();
        let sql = format!(
            "select relname::text, relrowsecurity and relforcerowsecurity from pg_class
             where oid = any (array[{}]::regclass[])",
            tables(place).await.iter().map(|it| format!("'{it}'")).collect::<Vec<_>>().join(", ")
        );
        for row in sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut admin).await.unwrap() {
            let (table, forced): (String, bool) = (row.get(0), row.get(1));
            assert!(forced, "{table}");
        }
    }
}

/// Says whether nothing was found, or the refusal was one of these.
fn is_one_of(found: &Result<i64, String>, states: &[&str]) -> bool {
    match found {
        Ok(n) => *n == 0,
        Err(state) => states.contains(&state.as_str()),
    }
}

/// Every table of a service that has rows of tenants, partitions among them: their names are no secret.
async fn tables(place: &Place) -> Vec<String> {
    let mut admin = PgConnection::connect(&place.db.admin_url).await.unwrap();
    let sql = "select format('%I.%I', nspname, relname)
         from pg_class join pg_namespace on pg_namespace.oid = relnamespace
             join pg_attribute on attrelid = pg_class.oid and attname = 'tenant_id'
         where relkind in ('r', 'p') order by 1";
    let rows = sqlx::raw_sql(sql).fetch_all(&mut admin).await.unwrap();
    let tables: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let n_min = if place.name == Name::Mapper { 3 } else { 4 };
    assert!(n_min <= tables.len(), "{}: {tables:?}", place.name.as_str());
    tables
}

/// What `sql` counts for the role of the service with the rows of `tenant`, or the state of its error. Nothing stays.
async fn run(place: &Place, tenant: Option<TenantId>, sql: &str) -> Result<i64, String> {
    let mut db = PgConnection::connect(&place.db.url).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    if let Some(tenant) = tenant {
        let set = format!("set local app.tenant_id = '{tenant}'");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *tx).await.unwrap();
    }
    let row = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_one(&mut *tx).await;
    let state = |err: sqlx::Error| {
        let state = err.as_database_error().and_then(|it| it.code()).map(|it| it.into_owned());
        state.unwrap_or_else(|| panic!("{sql}: {err}"))
    };
    row.map(|row| row.get(0)).map_err(state)
}
