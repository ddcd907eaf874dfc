//! Which policies were in force when.

use std::collections::BTreeMap;

use sqlx::PgExecutor;
use types::TenantId;

use crate::policy::{Activation, History, Requirement};

/// Every activation of the tenant with its requirements.
pub async fn history(db: impl PgExecutor<'_>, tenant: TenantId) -> sqlx::Result<History> {
    let rows = sqlx::query!(
        r#"select policy, version, activated_at, is_default, threshold, facts, detector as "detector?",
               required as "required?", report_interval_s as "report_interval_s?", weight as "weight?",
               criticality as "criticality?"
           from policy_activation left join policy_requirement using (tenant_id, policy, version, activated_at)
           where tenant_id = $1 order by activated_at, policy, version, detector"#,
        tenant.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    let mut activations = BTreeMap::new();
    for row in rows {
        let key = (row.activated_at, row.policy.clone(), row.version);
        let activation = activations.entry(key).or_insert_with(|| Activation {
            policy: row.policy,
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            is_default: row.is_default,
            activated_at: row.activated_at,
            requirements: Vec::new(),
            threshold: row.threshold,
            facts: row.facts,
        });
        let Some(detector) = row.detector else { continue };
        activation.requirements.push(Requirement {
            detector,
            required: row.required.unwrap_or(false),
            report_interval_s: row.report_interval_s.and_then(|it| u32::try_from(it).ok()),
            weight: row.weight.unwrap_or(0.0),
            criticality: row.criticality.unwrap_or(0.0),
        });
    }
    Ok(History::new(activations.into_values().collect()))
}
