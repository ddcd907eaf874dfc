//! What a tenant wants: which detectors look, how coverage is computed, what labels lead to. Pure.
//!
//! A policy is stored in the shape of these types, and a published version never changes; so a field is never renamed,
//! and a new one has a default. A policy is valid or it is not stored: [`validate`] names the first entry that
//! contradicts itself.

mod default;
mod validate;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use types::Severity;

pub use default::{DEFAULT_NAME, default_policy};
pub use validate::{Contradiction, validate};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    /// In the order the ledger shows them.
    pub detectors: Vec<PolicyDetector>,
    pub coverage_method: CoverageMethod,
    /// Coverage below this is partial.
    pub partial_coverage_threshold: f64,
    pub required_groups: Vec<String>,
    pub conflict_resolution: ConflictResolution,
    pub actions: Vec<ActionRule>,
    /// When coverage is partial or the mapping is not there in time.
    pub on_failure: Action,
    pub budgets: Budgets,
    /// What the tenant states about itself.
    pub facts: Vec<String>,
}

/// One detector a policy names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyDetector {
    pub detector: String,
    pub required: bool,
    pub weight: f64,
    /// Findings below this score are below threshold.
    pub threshold: f64,
    /// Empty means all.
    pub content_types: Vec<ContentType>,
    pub report_interval_s: u32,
    pub criticality: f64,
}

/// What a label leads to. All that match count; the strongest action wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRule {
    /// A label or a group.
    pub label: String,
    pub severity_min: Option<Severity>,
    pub confidence_min: f64,
    pub direction: Option<Direction>,
    pub action: Action,
}

/// In milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    pub sync_ms: u32,
    pub critical_ms: u32,
    pub low_ms: u32,
    pub mapper_ms: u32,
}

/// How coverage is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageMethod {
    RequiredSet,
    Weighted,
    Taxonomy,
}

/// How disagreement between detectors is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictResolution {
    HighestConfidence,
    WeightedAverage,
    MajorityVote,
    MostRestrictive,
}

/// What to do with content. Ordered, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Allow,
    Flag,
    Redact,
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    Text,
    Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Input,
    Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    Low,
    Normal,
    Critical,
}

/// A policy as published. Never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedPolicy {
    pub policy: Policy,
    pub version: u32,
    pub published_at: OffsetDateTime,
}

/// For a detector that says nothing else: an hour.
pub const REPORT_INTERVAL_S: u32 = 3_600;
pub const CRITICALITY: f64 = 0.5;
pub const PARTIAL_COVERAGE_THRESHOLD: f64 = 0.8;

impl Budgets {
    pub const STANDARD: Budgets =
        Budgets { sync_ms: 2_000, critical_ms: 1_000, low_ms: 5_000, mapper_ms: 500 };

    pub fn of(self, priority: Priority) -> u32 {
        match priority {
            Priority::Low => self.low_ms,
            Priority::Normal => self.sync_ms,
            Priority::Critical => self.critical_ms,
        }
    }
}

impl PublishedPolicy {
    /// Name and version, such as `default@3`: how everything that was made with it calls it.
    pub fn label(&self) -> String {
        format!("{}@{}", self.policy.name, self.version)
    }
}

impl ActionRule {
    /// Whether it speaks of a label this grave and this sure that flows this way.
    pub fn matches(
        &self,
        label: &str,
        severity: Severity,
        confidence: f64,
        direction: Direction,
    ) -> bool {
        let below = label
            .strip_prefix(self.label.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        below
            && self.severity_min.is_none_or(|min| min <= severity)
            && self.confidence_min <= confidence
            && self.direction.is_none_or(|only| only == direction)
    }
}

impl Action {
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Allow => "allow",
            Action::Flag => "flag",
            Action::Redact => "redact",
            Action::Block => "block",
        }
    }

    pub fn parse(text: &str) -> Option<Action> {
        [Action::Allow, Action::Flag, Action::Redact, Action::Block]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

impl CoverageMethod {
    pub const fn as_str(self) -> &'static str {
        match self {
            CoverageMethod::RequiredSet => "required_set",
            CoverageMethod::Weighted => "weighted",
            CoverageMethod::Taxonomy => "taxonomy",
        }
    }

    pub fn parse(text: &str) -> Option<CoverageMethod> {
        [CoverageMethod::RequiredSet, CoverageMethod::Weighted, CoverageMethod::Taxonomy]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}
