//! The policy of the demo tenant.

use proto::{
    common::v1::Severity,
    orchestration::v1::{
        Action, ActionRule, ConflictResolution, CoverageMethod, Direction, Policy, PolicyDetector,
    },
};

use crate::generate::DETECTORS;

const BUILT_IN: [&str; 3] = ["builtin-pii", "builtin-secrets", "builtin-injection"];

/// Requires the built-in detectors and every pushing one; a pushing one must report every hour.
pub(super) fn demo() -> Policy {
    let called = BUILT_IN.iter().map(|name| detector(name, 0, 0.9));
    let pushing = DETECTORS.iter().map(|name| detector(name, 3_600, 0.5));
    Policy {
        name: "default".to_owned(),
        detectors: called.chain(pushing).collect(),
        coverage_method: CoverageMethod::RequiredSet.into(),
        // One detector down for a day and a half in two weeks is worth a gap.
        partial_coverage_threshold: Some(0.95),
        required_groups: Vec::new(),
        conflict_resolution: ConflictResolution::MostRestrictive.into(),
        actions: vec![
            rule("SECRET", Severity::Unspecified, 0.6, Action::Block),
            rule("PROMPT_INJECTION", Severity::Unspecified, 0.8, Action::Block),
            rule("JAILBREAK", Severity::Unspecified, 0.8, Action::Block),
            rule("PROMPT_INJECTION", Severity::Unspecified, 0.5, Action::Flag),
            rule("JAILBREAK", Severity::Unspecified, 0.5, Action::Flag),
            rule("PII", Severity::High, 0.6, Action::Redact),
            rule("PII", Severity::Low, 0.5, Action::Flag),
        ],
        on_failure: Action::Flag.into(),
        budgets: None,
        facts: Vec::new(),
    }
}

fn detector(name: &str, report_interval_s: u32, criticality: f64) -> PolicyDetector {
    PolicyDetector {
        detector: name.to_owned(),
        required: true,
        weight: 0.0,
        threshold: 0.5,
        content_types: Vec::new(),
        report_interval_s,
        criticality: Some(criticality),
    }
}

fn rule(label: &str, severity_min: Severity, confidence_min: f64, action: Action) -> ActionRule {
    ActionRule {
        label: label.to_owned(),
        severity_min: severity_min.into(),
        confidence_min,
        direction: Direction::Unspecified.into(),
        action: action.into(),
    }
}
