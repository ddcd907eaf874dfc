//! What the mapper counts, under the names that dashboards depend on.

use std::{collections::BTreeMap, time::Duration};

use runtime::metrics::{Counter, Histogram, Metrics, names};
use types::TenantId;

use crate::{event::Recorded, mapping::Mapping};

#[derive(Debug, Clone)]
pub(super) struct Counts {
    metrics: Metrics,
    requests: Counter<3>,
    took: Histogram<0>,
    fallbacks: Counter<1>,
    valid: Counter<1>,
}

impl Counts {
    pub(super) fn new(metrics: &Metrics) -> Counts {
        Counts {
            metrics: metrics.clone(),
            requests: metrics.counter(&names::MAPPER_REQUESTS_TOTAL),
            took: metrics.histogram(&names::MAPPER_REQUEST_DURATION_SECONDS, names::SECONDS),
            fallbacks: metrics.counter(&names::MAPPER_FALLBACK_TOTAL),
            valid: metrics.counter(&names::MAPPER_SCHEMA_VALIDATION_TOTAL),
        }
    }

    /// One word, mapped or refused.
    pub(super) fn mapped(&self, tenant: TenantId, mapping: Option<&Mapping>, took: Duration) {
        let tenant = self.metrics.tenants().label(tenant);
        let route = mapping.map_or("none", |it| it.route.as_str());
        let status = if mapping.is_some() { "ok" } else { "refused" };
        self.requests.inc([&tenant, route, status]);
        if let Some(mapping) = mapping {
            self.output(mapping);
        }
        self.took.observe([], took.as_secs_f64());
    }

    /// A batch of findings and what became of each; a refused one has no mapping.
    pub(super) fn recorded<'a>(
        &self,
        tenant: TenantId,
        results: impl Iterator<Item = (&'a Recorded, Option<&'a Mapping>)>,
        took: Duration,
    ) {
        let tenant = self.metrics.tenants().label(tenant);
        let mut tally: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (recorded, mapping) in results {
            let route = mapping.map_or("none", |it| it.route.as_str());
            *tally.entry((route, status(recorded))).or_default() += 1;
            // A duplicate was counted when it came first.
            if let (Some(mapping), Recorded::Stored(_) | Recorded::Malformed(..)) =
                (mapping, recorded)
            {
                self.output(mapping);
            }
        }
        for ((route, status), n) in tally {
            self.requests.add([&tenant, route, status], n);
        }
        self.took.observe([], took.as_secs_f64());
    }

    /// Only a malformed finding has no mapping that fits the schema; `OTHER.ModelError` says so in its place.
    fn output(&self, mapping: &Mapping) {
        use crate::mapping::Fallback;

        if let Some(reason) = mapping.fallback {
            self.fallbacks.inc([reason.as_str()]);
        }
        let valid = mapping.fallback != Some(Fallback::Malformed);
        self.valid.inc([if valid { "true" } else { "false" }]);
    }
}

fn status(recorded: &Recorded) -> &'static str {
    match recorded {
        Recorded::Stored(_) => "stored",
        Recorded::Duplicate => "duplicate",
        Recorded::Malformed(..) => "malformed",
        Recorded::Refused(_) => "refused",
    }
}
