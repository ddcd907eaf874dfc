//! Which detectors exist for a tenant.

use runtime::database;
use taxonomy::Taxonomy;
use types::TenantId;

use super::{App, now};
use crate::{
    Error,
    detector::{Detector, Kind},
    store,
};

impl App {
    /// Registers a pushing detector of the tenant, or changes it.
    pub async fn register_detector(
        &self,
        tenant: TenantId,
        mut detector: Detector,
    ) -> Result<Detector, Error> {
        if detector.kind != Kind::Push {
            return Err(invalid(
                "detector.kind",
                "must be PUSH: the built-in detectors are there already",
            ));
        }
        let built_in = |it: &Detector| it.kind == Kind::BuiltIn && it.name == detector.name;
        if self.0.shared.iter().any(built_in) {
            return Err(invalid("detector.name", "is that of a built-in detector"));
        }
        for (i, group) in detector.groups.iter().enumerate() {
            if !Taxonomy::builtin().knows_group(group) {
                return Err(invalid(
                    format!("detector.groups[{i}]"),
                    "is not a label group of the taxonomy",
                ));
            }
        }
        let groups: Vec<String> = detector.groups.iter().cloned().collect();

        let mut tx = database::begin(&self.0.db, tenant).await?;
        let n_others = store::detector::n_others(&mut *tx, tenant, &detector.name).await?;
        let max = i64::from(self.0.config.limits.detectors_max);
        if max <= n_others {
            return Err(invalid(
                "detector",
                format!("is one too many: a tenant may register {max}"),
            ));
        }
        let named = (detector.name.as_str(), groups.as_slice());
        detector.revision =
            store::detector::upsert_detector(&mut *tx, tenant, named, now()).await?;
        tx.commit().await?;

        self.0.tenants.forget_known(tenant).await;
        Ok(detector)
    }

    /// Shared detectors and the tenant's own by name, the ones after `name`, at most `n_max`.
    pub async fn list_detectors(
        &self,
        tenant: TenantId,
        name: &str,
        n_max: usize,
    ) -> Result<Vec<Detector>, Error> {
        let known = self.known(tenant).await?;
        Ok(known.registry.after(name).take(n_max).cloned().collect())
    }

    pub async fn detector(&self, tenant: TenantId, name: &str) -> Result<Detector, Error> {
        let known = self.known(tenant).await?;
        let detector = known.registry.find(name).cloned();
        detector.ok_or_else(|| Error::UnknownDetector(name.to_owned()))
    }
}

fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::InvalidField { field: field.into(), problem: problem.into() }
}
