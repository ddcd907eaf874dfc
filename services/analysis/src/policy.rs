//! Which policy was in force when, so that each moment is judged by the policy of that moment. Pure.

use time::OffsetDateTime;

/// A policy came into force.
#[derive(Debug, Clone, PartialEq)]
pub struct Activation {
    pub policy: String,
    pub version: u32,
    pub is_default: bool,
    pub activated_at: OffsetDateTime,
    pub requirements: Vec<Requirement>,
    /// Coverage below this is partial.
    pub threshold: f64,
    /// What the tenant states about itself; decides conditional controls.
    pub facts: Vec<String>,
}

/// One detector that a policy names.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    pub detector: String,
    pub required: bool,
    /// The longest span, in seconds, a pushing detector may leave without a report; none for a called one.
    pub report_interval_s: Option<u32>,
    pub weight: f64,
    pub criticality: f64,
}

/// All activations of one tenant, earliest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History(Vec<Activation>);

impl Activation {
    /// Name and version, such as `default@3`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.policy, self.version)
    }

    pub fn requirement(&self, detector: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.detector == detector)
    }
}

impl History {
    pub fn new(mut activations: Vec<Activation>) -> History {
        activations.sort_by(|a, b| {
            let key = |it: &Activation| (it.activated_at, it.policy.clone(), it.version);
            key(a).cmp(&key(b))
        });
        History(activations)
    }

    /// The activations that judge pushing detectors: those of the default policy, or all when none is the default.
    pub fn judging(&self) -> Vec<&Activation> {
        let defaults: Vec<_> = self.0.iter().filter(|it| it.is_default).collect();
        if defaults.is_empty() { self.0.iter().collect() } else { defaults }
    }

    /// The policy in force just before `until`; the first one for times before any.
    pub fn in_force(&self, until: OffsetDateTime) -> Option<&Activation> {
        let judging = self.judging();
        let before = judging.iter().rev().find(|it| it.activated_at < until);
        before.or(judging.first()).copied()
    }
}
