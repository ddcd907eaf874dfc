//! Puts together what is known of each label from the sums of the period.

use std::collections::BTreeMap;

use time::Duration;

use super::{LabelFacts, Weights, criticality};
use crate::{
    policy::Activation,
    posture::{Resolved, violated},
    summary::{LabelHour, Total},
};

/// What is known of each label, under the policy in force and with the controls the mapper named.
pub fn facts(
    weights: &Weights,
    totals: &[Total],
    hours: &[LabelHour],
    in_force: Option<&Activation>,
    resolved: &Resolved,
) -> Vec<LabelFacts> {
    let mut labels: BTreeMap<&str, LabelFacts> = BTreeMap::new();
    for total in totals {
        let requirement = in_force.and_then(|it| it.requirement(&total.detector));
        let critical = requirement
            .map_or(weights.criticality_default, |it| criticality(it.criticality, it.weight));
        let facts = labels.entry(&total.label).or_insert_with(|| LabelFacts {
            label: total.label.clone(),
            severity: total.severity,
            events: 0,
            confidence_micros_max: 0,
            hours: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            evidence: BTreeMap::new(),
            criticality: 0.0,
            controls: violated(&total.label, resolved),
        });
        // A new version of the taxonomy may have changed it; the graver one counts.
        facts.severity = facts.severity.max(total.severity);
        facts.events += total.sum.events;
        facts.confidence_micros_max =
            facts.confidence_micros_max.max(total.sum.confidence_micros_max);
        facts.criticality = facts.criticality.max(critical);
        *facts.dispositions.entry(total.disposition).or_default() += total.sum.events;
        facts.evidence.entry(total.disposition).or_default().merge(&total.sum.evidence);
    }
    for hour in hours {
        if let Some(facts) = labels.get_mut(hour.label.as_str()) {
            let end = hour.hour.saturating_add(Duration::HOUR);
            *facts.hours.entry(end).or_default() += hour.sum.confidence_micros;
        }
    }
    labels.into_values().collect()
}
