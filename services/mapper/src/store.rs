//! All SQL of the mapper. A function takes an executor first, the tenant second, and is one statement; what it returns
//! are domain types, row types never leave these files. Reading order: [`event`], [`feed`], [`proposal`].

pub mod event;
pub mod feed;
pub mod proposal;

mod number;
mod row;

use sqlx::{PgExecutor, migrate::Migrator};

use crate::mapping::Versions;

pub static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/mapper");

/// The number by which events refer to the versions they were made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionId(i32);

/// The number of `versions`, if they were ever used.
pub async fn version(
    db: impl PgExecutor<'_>,
    versions: &Versions,
) -> sqlx::Result<Option<VersionId>> {
    let Versions { taxonomy, frameworks, detector_mapping, model } = versions;
    let id = sqlx::query_scalar!(
        "select version_id from version
         where taxonomy = $1 and frameworks = $2 and detector_mapping = $3 and model = $4",
        taxonomy,
        frameworks,
        detector_mapping,
        model,
    )
    .fetch_optional(db)
    .await?;
    Ok(id.map(VersionId))
}

/// Gives `versions` a number, unless somebody else just did.
pub async fn insert_version(db: impl PgExecutor<'_>, versions: &Versions) -> sqlx::Result<()> {
    let Versions { taxonomy, frameworks, detector_mapping, model } = versions;
    sqlx::query!(
        "insert into version (taxonomy, frameworks, detector_mapping, model)
         values ($1, $2, $3, $4) on conflict do nothing",
        taxonomy,
        frameworks,
        detector_mapping,
        model,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes the partitions for today and `days` more; says how many are new.
pub async fn make_partitions(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(r#"select make_partitions($1) as "new!""#, days).fetch_one(db).await
}
