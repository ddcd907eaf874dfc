//! Whether a policy contradicts itself, and where.

use std::{collections::HashSet, fmt};

use taxonomy::{Facts, Scope, Taxonomy};

use super::{CoverageMethod, Policy};

/// Weights are typed by people: 0.33 + 0.33 + 0.34 must be 1.
const WEIGHTS_TOLERANCE: f64 = 1e-6;

/// The first entry that contradicts the rest, the taxonomy or the list of facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Such as `detectors[2].weight`.
    pub path: String,
    pub problem: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path, self.problem)
    }
}

/// Says what is wrong with `policy`. Detectors nobody configured are fine: their checks show as NOT_CONFIGURED.
pub fn validate(policy: &Policy, taxonomy: &Taxonomy, facts: &Facts) -> Result<(), Contradiction> {
    detectors(policy)?;
    weights(policy)?;
    groups(policy, taxonomy)?;
    actions(policy, taxonomy)?;
    stated(policy, facts)
}

fn detectors(policy: &Policy) -> Result<(), Contradiction> {
    if policy.detectors.is_empty() {
        return contradiction("detectors", "must name at least one detector");
    }
    let mut seen = HashSet::new();
    for (i, entry) in policy.detectors.iter().enumerate() {
        if !seen.insert(entry.detector.as_str()) {
            return contradiction(
                format!("detectors[{i}].detector"),
                "names a detector that stands here already",
            );
        }
        for (field, share) in [
            ("weight", entry.weight),
            ("threshold", entry.threshold),
            ("criticality", entry.criticality),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return contradiction(format!("detectors[{i}].{field}"), "must be in 0..=1");
            }
        }
        for (j, content_type) in entry.content_types.iter().enumerate() {
            if entry.content_types[..j].contains(content_type) {
                return contradiction(
                    format!("detectors[{i}].content_types[{j}]"),
                    "names a content type that stands here already",
                );
            }
        }
    }
    if !(0.0..=1.0).contains(&policy.partial_coverage_threshold) {
        return contradiction("partial_coverage_threshold", "must be in 0..=1");
    }
    Ok(())
}

/// Weights are all or none: a sum that is not 1 makes coverage mean nothing.
fn weights(policy: &Policy) -> Result<(), Contradiction> {
    let weighted = policy.coverage_method == CoverageMethod::Weighted;
    let last_weight = policy.detectors.iter().rposition(|entry| entry.weight != 0.0);
    if !weighted && last_weight.is_none() {
        return Ok(());
    }
    let sum: f64 = policy.detectors.iter().map(|entry| entry.weight).sum();
    if (sum - 1.0).abs() <= WEIGHTS_TOLERANCE {
        return Ok(());
    }
    let path = format!("detectors[{}].weight", last_weight.unwrap_or_default());
    contradiction(path, format!("makes the weights sum to {sum}, and they must sum to 1"))
}

fn groups(policy: &Policy, taxonomy: &Taxonomy) -> Result<(), Contradiction> {
    if policy.coverage_method == CoverageMethod::Taxonomy && policy.required_groups.is_empty() {
        return contradiction(
            "required_groups",
            "must name at least one group for the coverage method TAXONOMY",
        );
    }
    for (i, group) in policy.required_groups.iter().enumerate() {
        let path = format!("required_groups[{i}]");
        if !taxonomy.knows_group(group) {
            return contradiction(path, "is not a label group of the taxonomy");
        }
        if policy.required_groups[..i].contains(group) {
            return contradiction(path, "stands here already");
        }
    }
    Ok(())
}

fn actions(policy: &Policy, taxonomy: &Taxonomy) -> Result<(), Contradiction> {
    for (i, rule) in policy.actions.iter().enumerate() {
        let known = taxonomy.label(&rule.label).is_some() || taxonomy.knows_group(&rule.label);
        if !known {
            return contradiction(
                format!("actions[{i}].label"),
                "is neither a label nor a label group of the taxonomy",
            );
        }
        if !(0.0..=1.0).contains(&rule.confidence_min) {
            return contradiction(format!("actions[{i}].confidence_min"), "must be in 0..=1");
        }
    }
    Ok(())
}

fn stated(policy: &Policy, facts: &Facts) -> Result<(), Contradiction> {
    for (i, id) in policy.facts.iter().enumerate() {
        let path = format!("facts[{i}]");
        match facts.find(id).map(|fact| fact.scope) {
            None => return contradiction(path, "is not in the list of facts"),
            Some(Scope::Finding) => {
                return contradiction(
                    path,
                    "is a fact about one finding, which a tenant cannot state of itself",
                );
            }
            Some(Scope::Tenant) => (),
        }
        if policy.facts[..i].contains(id) {
            return contradiction(path, "stands here already");
        }
    }
    Ok(())
}

fn contradiction(path: impl Into<String>, problem: impl Into<String>) -> Result<(), Contradiction> {
    Err(Contradiction { path: path.into(), problem: problem.into() })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::policy::{ContentType, default_policy};

    /// The default policy over two detectors, changed by `change`.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Policy), expected: Expect) {
        let mut policy = default_policy(["builtin-pii", "builtin-secrets"]);
        change(&mut policy);
        let actual = match validate(&policy, Taxonomy::builtin(), Facts::builtin()) {
            Ok(()) => "valid".to_owned(),
            Err(contradiction) => contradiction.to_string(),
        };
        expected.assert_eq(&actual);
    }

    #[test]
    fn weights_sum_to_one_or_are_not_there() {
        check(|_| (), expect!["valid"]);
        check(
            |it| it.coverage_method = CoverageMethod::Weighted,
            expect!["`detectors[0].weight` makes the weights sum to 0, and they must sum to 1"],
        );
        check(
            |it| it.detectors[1].weight = 0.5,
            expect!["`detectors[1].weight` makes the weights sum to 0.5, and they must sum to 1"],
        );
        check(|it| (it.detectors[0].weight, it.detectors[1].weight) = (0.7, 0.3), expect!["valid"]);
    }

    #[test]
    fn an_entry_stands_once() {
        check(
            |it| it.detectors[1].detector = "builtin-pii".to_owned(),
            expect!["`detectors[1].detector` names a detector that stands here already"],
        );
        check(
            |it| it.detectors[0].content_types = vec![ContentType::Code, ContentType::Code],
            expect![
                "`detectors[0].content_types[1]` names a content type that stands here already"
            ],
        );
        check(
            |it| it.required_groups = vec!["PII".to_owned(), "PII".to_owned()],
            expect!["`required_groups[1]` stands here already"],
        );
    }

    #[test]
    fn words_are_those_of_the_taxonomy() {
        check(
            |it| it.actions[1].label = "PII.Nonsense".to_owned(),
            expect!["`actions[1].label` is neither a label nor a label group of the taxonomy"],
        );
        check(
            |it| it.required_groups = vec!["NONSENSE".to_owned()],
            expect!["`required_groups[0]` is not a label group of the taxonomy"],
        );
        check(
            |it| it.coverage_method = CoverageMethod::Taxonomy,
            expect![
                "`required_groups` must name at least one group for the coverage method TAXONOMY"
            ],
        );
    }

    #[test]
    fn facts_are_those_a_tenant_can_state() {
        check(|it| it.facts = vec!["data-is-phi".to_owned()], expect!["valid"]);
        check(
            |it| it.facts = vec!["nonsense".to_owned()],
            expect!["`facts[0]` is not in the list of facts"],
        );
        check(
            |it| it.facts = vec!["access-check-bypassed".to_owned()],
            expect![
                "`facts[0]` is a fact about one finding, which a tenant cannot state of itself"
            ],
        );
    }

    #[test]
    fn shares_are_shares() {
        check(
            |it| it.detectors[0].threshold = f64::NAN,
            expect!["`detectors[0].threshold` must be in 0..=1"],
        );
        check(
            |it| it.actions[0].confidence_min = -0.1,
            expect!["`actions[0].confidence_min` must be in 0..=1"],
        );
    }
}
