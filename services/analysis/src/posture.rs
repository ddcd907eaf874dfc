//! What findings say about controls. Which control a label is evidence for is the mapper's word; here it is only
//! counted. Pure. A finding *indicates* or *supports*; it never proves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use types::Disposition;
use uuid::Uuid;

use crate::{rollup::Evidence, summary::Total};

/// What decides the controls of a label besides itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    pub label: String,
    pub disposition: Disposition,
    pub recurring: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    ViolationIndicator,
    ControlOperating,
}

/// One control that a label is evidence for, in its context.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlEvidence {
    pub framework: String,
    pub control: String,
    pub title: String,
    pub relation: Relation,
    pub verification: String,
    pub weight: f64,
}

/// The controls of each context, as the mapper resolved them.
pub type Resolved = BTreeMap<Context, Vec<ControlEvidence>>;

/// A framework, as the mapper knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Framework {
    pub id: String,
    pub name: String,
    pub edition: String,
    pub controls_known: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkPosture {
    #[serde(flatten)]
    pub framework: Framework,
    /// Most indicated first, then most supported, then by id.
    pub controls: Vec<ControlPosture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ControlPosture {
    pub control: String,
    pub title: String,
    pub verification: String,
    pub violation_indicators: u64,
    pub control_operating: u64,
    /// Most events first.
    pub labels: Vec<String>,
    pub event_ids: Vec<Uuid>,
}

/// The contexts that `totals` are in, each to be resolved once.
pub fn contexts(totals: &[Total], recurring: &BTreeSet<String>) -> BTreeSet<Context> {
    totals.iter().map(|total| context(total, recurring)).collect()
}

fn context(total: &Total, recurring: &BTreeSet<String>) -> Context {
    Context {
        label: total.label.clone(),
        disposition: total.disposition,
        recurring: recurring.contains(&total.label),
    }
}

#[derive(Debug, Default)]
struct Touched {
    posture: ControlPosture,
    labels: BTreeMap<String, u64>,
    evidence: Evidence,
}

/// What `totals` indicate and support, framework by framework in the mapper's order; untouched ones are left out.
///
/// An event counts once per control and relation, however many rows of evidence say the same.
pub fn of(
    totals: &[Total],
    recurring: &BTreeSet<String>,
    resolved: &Resolved,
    frameworks: &[Framework],
) -> Vec<FrameworkPosture> {
    let mut touched: BTreeMap<&str, BTreeMap<&str, Touched>> = BTreeMap::new();
    for total in totals {
        let rows = resolved.get(&context(total, recurring)).map_or(&[][..], Vec::as_slice);
        let mut counted = BTreeSet::new();
        for row in rows {
            let indicates = row.relation == Relation::ViolationIndicator;
            if !counted.insert((&row.framework, &row.control, indicates)) {
                continue;
            }
            let control =
                touched.entry(&row.framework).or_default().entry(&row.control).or_default();
            control.posture.title.clone_from(&row.title);
            control.posture.verification.clone_from(&row.verification);
            match row.relation {
                Relation::ViolationIndicator => {
                    control.posture.violation_indicators += total.sum.events;
                }
                Relation::ControlOperating => control.posture.control_operating += total.sum.events,
            }
            *control.labels.entry(total.label.clone()).or_default() += total.sum.events;
            control.evidence.merge(&total.sum.evidence);
        }
    }
    let postures = frameworks.iter().filter_map(|framework| {
        let controls = touched.remove(framework.id.as_str())?;
        Some(FrameworkPosture { framework: framework.clone(), controls: ordered(controls) })
    });
    postures.collect()
}

fn ordered(controls: BTreeMap<&str, Touched>) -> Vec<ControlPosture> {
    let mut controls: Vec<ControlPosture> = controls
        .into_iter()
        .map(|(control, Touched { posture, labels, evidence })| {
            let mut labels: Vec<(String, u64)> = labels.into_iter().collect();
            labels.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
            ControlPosture {
                control: control.to_owned(),
                labels: labels.into_iter().map(|(label, _)| label).collect(),
                event_ids: evidence.latest_first().collect(),
                ..posture
            }
        })
        .collect();
    controls.sort_by(|a, b| {
        let key = |it: &ControlPosture| (it.violation_indicators, it.control_operating);
        key(b).cmp(&key(a)).then_with(|| a.control.cmp(&b.control))
    });
    controls
}

/// Weights of the controls whose violation `label` indicates in any of its contexts, each control once.
pub fn violated(label: &str, resolved: &Resolved) -> Vec<f64> {
    let mut weights: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (_, rows) in resolved.iter().filter(|(context, _)| context.label == label) {
        for row in rows.iter().filter(|row| row.relation == Relation::ViolationIndicator) {
            let weight = weights.entry((&row.framework, &row.control)).or_default();
            *weight = weight.max(row.weight);
        }
    }
    weights.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::expect;
    use types::{Route, Severity};

    use super::*;
    use crate::rollup::EventSum;

    fn total(label: &str, disposition: Disposition, events: u64) -> Total {
        Total {
            detector: "presidio".to_owned(),
            label: label.to_owned(),
            severity: Severity::Medium,
            route: Route::Rule,
            disposition,
            sum: EventSum {
                events,
                evidence: [Uuid::from_u128(u128::from(events))].into_iter().collect(),
                ..EventSum::default()
            },
        }
    }

    fn row(framework: &str, control: &str, relation: Relation, weight: f64) -> ControlEvidence {
        ControlEvidence {
            framework: framework.to_owned(),
            control: control.to_owned(),
            title: format!("Title of {control}"),
            relation,
            verification: "publisher".to_owned(),
            weight,
        }
    }

    #[test]
    fn the_disposition_decides_which_controls_are_touched_and_an_event_counts_once() {
        use Disposition::{Contained, Exposed};
        use Relation::{ControlOperating, ViolationIndicator};

        let totals = [
            total("PII.Email", Contained, 5),
            total("PII.Email", Exposed, 2),
            total("PII.Phone", Exposed, 3),
        ];
        let recurring = BTreeSet::new();
        let exposed = vec![
            row("soc2", "CC6.7", ViolationIndicator, 0.5),
            row("soc2", "CC6.7", ViolationIndicator, 0.9),
            row("soc2", "CC7.2", ControlOperating, 0.0),
        ];
        let contained = vec![row("soc2", "CC7.2", ControlOperating, 0.0)];
        let resolved: Resolved = contexts(&totals, &recurring)
            .into_iter()
            .map(|it| {
                let rows =
                    if it.disposition == Exposed { exposed.clone() } else { contained.clone() };
                (it, rows)
            })
            .collect();
        let framework = |id: &str| Framework {
            id: id.to_owned(),
            name: id.to_uppercase(),
            edition: String::new(),
            controls_known: 61,
        };
        let frameworks = [framework("gdpr"), framework("soc2")];

        let mut actual = String::new();
        for it in of(&totals, &recurring, &resolved, &frameworks) {
            for control in it.controls {
                let ControlPosture {
                    control, violation_indicators, control_operating, labels, ..
                } = control;
                let labels = labels.join(" ");
                let id = &it.framework.id;
                writeln!(
                    actual,
                    "{id} {control} -{violation_indicators} +{control_operating} {labels}"
                )
                .unwrap();
            }
        }
        expect![[r#"
            soc2 CC6.7 -5 +0 PII.Phone PII.Email
            soc2 CC7.2 -0 +10 PII.Email PII.Phone
        "#]]
        .assert_eq(&actual);
        assert_eq!(violated("PII.Email", &resolved), [0.9]);
    }
}
