//! How risky a label is: four sub-scores in 0..=1, combined with diminishing returns. Pure and monotone: one more
//! event, a graver label, a weightier control never lowers a risk.
//!
//! - *technical*: severity × (½ · highest confidence + ½ · m / (m + `volume_half`)), where m is the sum of confidences;
//! - *business*: severity × the highest 1 - (1 - criticality)(1 - weight) among the detectors that reported it;
//! - *regulatory*: 1 - Π(1 - `regulatory_step` · w) over the controls whose violation it indicates;
//! - *temporal*: severity × d / (d + `volume_half`), where d is m with every hour's part decayed by its age.
//!
//! A score is 100 · (1 - Π(1 - `weight` · sub-score)). No asset inventory exists in the contract, so the detector's
//! criticality stands for the asset it watches.

mod facts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use types::{Disposition, Severity};
use uuid::Uuid;

use crate::rollup::Evidence;

pub use facts::facts;

/// What risks are computed with.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Weight of each sub-score, 0..=1.
    pub technical: f64,
    pub business: f64,
    pub regulatory: f64,
    pub temporal: f64,
    /// After this long an event counts half.
    pub half_life_h: f64,
    /// So many events of confidence 1 make half of the full volume.
    pub volume_half: f64,
    /// How much one control of weight 1 adds.
    pub regulatory_step: f64,
    /// Criticality of a detector that no policy names.
    pub criticality_default: f64,
}

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("risk.{key} must be {rule}, got {value}")]
pub struct InvalidWeight {
    key: &'static str,
    rule: &'static str,
    value: f64,
}

impl Weights {
    /// Refuses what would take a score out of 0..=100.
    pub fn validate(&self) -> Result<(), InvalidWeight> {
        let shares = [
            ("technical", self.technical),
            ("business", self.business),
            ("regulatory", self.regulatory),
            ("temporal", self.temporal),
            ("regulatory_step", self.regulatory_step),
            ("criticality_default", self.criticality_default),
        ];
        for (key, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(InvalidWeight { key, rule: "in 0..=1", value });
            }
        }
        for (key, value) in [("half_life_h", self.half_life_h), ("volume_half", self.volume_half)] {
            if !(value.is_finite() && 0.0 < value) {
                return Err(InvalidWeight { key, rule: "above 0", value });
            }
        }
        Ok(())
    }
}

/// What is known of one label in the period.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelFacts {
    pub label: String,
    pub severity: Severity,
    pub events: u64,
    pub confidence_micros_max: u64,
    /// End of each hour with events, and the sum of their confidences in millionths.
    pub hours: BTreeMap<OffsetDateTime, u64>,
    pub dispositions: BTreeMap<Disposition, u64>,
    pub evidence: BTreeMap<Disposition, Evidence>,
    /// Highest criticality among the detectors that reported it, joined with their weight.
    pub criticality: f64,
    /// Weights of the controls whose violation it indicates.
    pub controls: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Risk {
    pub label: String,
    pub severity: Severity,
    /// 0..=100.
    #[serde(serialize_with = "crate::report::rounded")]
    pub score: f64,
    pub sub_scores: [SubScore; 4],
    pub events: u64,
    /// Gravest disposition first, then latest.
    pub event_ids: Vec<Uuid>,
    pub dispositions: BTreeMap<Disposition, u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubScore {
    pub name: &'static str,
    #[serde(serialize_with = "crate::report::rounded")]
    pub score: f64,
    pub weight: f64,
    /// The figures it was made from.
    pub detail: String,
}

/// How much a severity weighs.
pub fn gravity(severity: Severity) -> f64 {
    match severity {
        Severity::Info => 0.0,
        Severity::Low => 0.2,
        Severity::Medium => 0.45,
        Severity::High => 0.75,
        Severity::Critical => 1.0,
    }
}

/// Criticality and weight of a detector as one figure; neither lowers the other.
pub fn criticality(criticality: f64, weight: f64) -> f64 {
    1.0 - (1.0 - criticality.clamp(0.0, 1.0)) * (1.0 - weight.clamp(0.0, 1.0))
}

/// The risk of one label as seen at `now`.
pub fn of_label(weights: &Weights, facts: &LabelFacts, now: OffsetDateTime) -> Risk {
    let sub_scores = [
        technical(weights, facts),
        business(weights, facts),
        regulatory(weights, facts),
        temporal(weights, facts, now),
    ];
    let score = 100.0 * combined(sub_scores.iter().map(|it| it.weight * it.score));
    Risk {
        label: facts.label.clone(),
        severity: facts.severity,
        score,
        sub_scores,
        events: facts.events,
        event_ids: event_ids(&facts.evidence),
        dispositions: facts.dispositions.clone(),
    }
}

/// Risks of all labels, highest first, ties by name.
pub fn of_labels(weights: &Weights, facts: &[LabelFacts], now: OffsetDateTime) -> Vec<Risk> {
    let mut risks: Vec<Risk> = facts.iter().map(|it| of_label(weights, it, now)).collect();
    risks.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.label.cmp(&b.label)));
    risks
}

/// The risk of all labels together, 0..=100: the highest counts in full, each next one half of the one before.
pub fn overall(risks: &[Risk]) -> f64 {
    let mut scores: Vec<f64> = risks.iter().map(|it| it.score / 100.0).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let shares = std::iter::successors(Some(1.0), |share| Some(share / 2.0));
    100.0 * combined(scores.into_iter().zip(shares).map(|(score, share)| score * share))
}

/// `1 - Π(1 - part)`: each part adds to what the others left.
fn combined(parts: impl Iterator<Item = f64>) -> f64 {
    (1.0 - parts.map(|part| 1.0 - part).product::<f64>()).clamp(0.0, 1.0)
}

fn technical(weights: &Weights, facts: &LabelFacts) -> SubScore {
    let mass: f64 = facts.hours.values().copied().map(units).sum();
    let volume = mass / (mass + weights.volume_half);
    let confidence_max = units(facts.confidence_micros_max);
    SubScore {
        name: "technical",
        score: gravity(facts.severity) * (confidence_max + volume) / 2.0,
        weight: weights.technical,
        detail: format!(
            "severity {}, {} events, highest confidence {confidence_max:.2}, confidences sum to {mass:.1}",
            facts.severity, facts.events
        ),
    }
}

fn business(weights: &Weights, facts: &LabelFacts) -> SubScore {
    SubScore {
        name: "business",
        score: gravity(facts.severity) * facts.criticality,
        weight: weights.business,
        detail: format!(
            "severity {}, criticality {:.2} of the detectors that reported it",
            facts.severity, facts.criticality
        ),
    }
}

fn regulatory(weights: &Weights, facts: &LabelFacts) -> SubScore {
    let heaviest = facts.controls.iter().copied().fold(0.0, f64::max);
    SubScore {
        name: "regulatory",
        score: combined(facts.controls.iter().map(|weight| weights.regulatory_step * weight)),
        weight: weights.regulatory,
        detail: format!(
            "indicates a violation of {} controls, the weightiest {heaviest:.2}",
            facts.controls.len()
        ),
    }
}

fn temporal(weights: &Weights, facts: &LabelFacts, now: OffsetDateTime) -> SubScore {
    let left: f64 = facts
        .hours
        .iter()
        .map(|(end, micros)| {
            let age_h = (now - *end).as_seconds_f64().max(0.0) / 3600.0;
            units(*micros) * (-age_h / weights.half_life_h).exp2()
        })
        .sum();
    SubScore {
        name: "temporal",
        score: gravity(facts.severity) * left / (left + weights.volume_half),
        weight: weights.temporal,
        detail: format!(
            "{left:.1} of the sum of confidences left after decay with a half-life of {} h",
            weights.half_life_h
        ),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of confidences stay far below 2^52 millionths"
)]
fn units(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// Gravest first: what succeeded or got out before what was taken in, not known or held.
const GRAVEST_FIRST: [Disposition; 5] = [
    Disposition::Succeeded,
    Disposition::Exposed,
    Disposition::Ingested,
    Disposition::Unknown,
    Disposition::Contained,
];

const EVENT_IDS_MAX: usize = 10;

/// Some ids of `evidence`, gravest disposition first, then latest.
pub fn event_ids(evidence: &BTreeMap<Disposition, Evidence>) -> Vec<Uuid> {
    let gravest_first = GRAVEST_FIRST.iter().filter_map(|it| evidence.get(it));
    gravest_first.flat_map(Evidence::latest_first).take(EVENT_IDS_MAX).collect()
}

#[cfg(test)]
mod tests;
