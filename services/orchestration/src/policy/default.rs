//! What a tenant starts with.

use super::{
    Action, ActionRule, Budgets, CRITICALITY, ConflictResolution, CoverageMethod, Direction,
    PARTIAL_COVERAGE_THRESHOLD, Policy, PolicyDetector, REPORT_INTERVAL_S,
};

/// The policy of requests that name none.
pub const DEFAULT_NAME: &str = "default";

/// Requires `detectors`, stops secrets and sure attacks, masks personal data on its way out, and marks the rest.
pub fn default_policy<'d>(detectors: impl IntoIterator<Item = &'d str>) -> Policy {
    let detectors = detectors.into_iter().map(|name| PolicyDetector {
        detector: name.to_owned(),
        required: true,
        weight: 0.0,
        threshold: 0.0,
        content_types: Vec::new(),
        report_interval_s: REPORT_INTERVAL_S,
        criticality: CRITICALITY,
    });
    let rule = |label: &str, confidence_min, direction, action| ActionRule {
        label: label.to_owned(),
        severity_min: None,
        confidence_min,
        direction,
        action,
    };
    Policy {
        name: DEFAULT_NAME.to_owned(),
        detectors: detectors.collect(),
        coverage_method: CoverageMethod::RequiredSet,
        partial_coverage_threshold: PARTIAL_COVERAGE_THRESHOLD,
        required_groups: Vec::new(),
        conflict_resolution: ConflictResolution::MostRestrictive,
        actions: vec![
            rule("SECRET", 0.7, None, Action::Block),
            rule("SECRET", 0.0, None, Action::Flag),
            rule("JAILBREAK", 0.7, None, Action::Block),
            rule("JAILBREAK", 0.0, None, Action::Flag),
            rule("PROMPT_INJECTION", 0.7, None, Action::Block),
            rule("PROMPT_INJECTION", 0.0, None, Action::Flag),
            rule("PII", 0.6, Some(Direction::Output), Action::Redact),
            rule("PII", 0.6, Some(Direction::Input), Action::Flag),
        ],
        on_failure: Action::Flag,
        budgets: Budgets::STANDARD,
        facts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use taxonomy::{Facts, Taxonomy};

    use super::*;
    use crate::policy::validate;

    #[test]
    fn the_default_policy_is_valid() {
        let policy = default_policy(["builtin-pii", "builtin-secrets", "builtin-injection"]);
        assert_eq!(validate(&policy, Taxonomy::builtin(), Facts::builtin()), Ok(()));
    }
}
