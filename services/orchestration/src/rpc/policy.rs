//! `PolicyService`.

use proto::orchestration::v1::{self as wire, policy_service_server::PolicyService};
use runtime::identity;
use tonic::{Request, Response, Status};

use super::{Rpc, decode_page, invalid, paginate};
use crate::{
    policy::{
        Action, ActionRule, Budgets, CRITICALITY, ConflictResolution, ContentType, CoverageMethod,
        Direction, PARTIAL_COVERAGE_THRESHOLD, Policy, PolicyDetector, PublishedPolicy,
        REPORT_INTERVAL_S,
    },
    wire::{decode_severity, encode_severity, encode_time},
};

#[tonic::async_trait]
impl PolicyService for Rpc {
    async fn publish_policy(
        &self,
        request: Request<wire::PublishPolicyRequest>,
    ) -> Result<Response<wire::PublishPolicyResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let policy = request.into_inner().policy.ok_or_else(|| invalid("policy", "is missing"))?;
        let policy = decode_policy(policy);
        let published = self.0.publish_policy(tenant, policy).await?;
        let published = Some(encode_published(published));
        Ok(Response::new(wire::PublishPolicyResponse { published }))
    }

    async fn get_policy(
        &self,
        request: Request<wire::GetPolicyRequest>,
    ) -> Result<Response<wire::GetPolicyResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let wire::GetPolicyRequest { name, version } = request.into_inner();
        let version = (version != 0).then_some(version);
        let published = self.0.policy(tenant, &name, version).await?;
        let published = Some(encode_published(PublishedPolicy::clone(&published)));
        Ok(Response::new(wire::GetPolicyResponse { published }))
    }

    async fn list_policies(
        &self,
        request: Request<wire::ListPoliciesRequest>,
    ) -> Result<Response<wire::ListPoliciesResponse>, Status> {
        let tenant = identity::tenant(&request)?;
        let (size, cursor) = decode_page(request.into_inner().page);
        let policies = self.0.list_policies(tenant, &cursor, i64::from(size) + 1).await?;
        let (policies, next_cursor) = paginate(policies, size, |it| it.policy.name.clone());
        let policies = policies.into_iter().map(encode_published).collect();
        Ok(Response::new(wire::ListPoliciesResponse { policies, next_cursor }))
    }
}

fn decode_policy(policy: wire::Policy) -> Policy {
    let coverage_method = match policy.coverage_method() {
        wire::CoverageMethod::Unspecified | wire::CoverageMethod::RequiredSet => {
            CoverageMethod::RequiredSet
        }
        wire::CoverageMethod::Weighted => CoverageMethod::Weighted,
        wire::CoverageMethod::Taxonomy => CoverageMethod::Taxonomy,
    };
    let conflict_resolution = match policy.conflict_resolution() {
        wire::ConflictResolution::HighestConfidence => ConflictResolution::HighestConfidence,
        wire::ConflictResolution::WeightedAverage => ConflictResolution::WeightedAverage,
        wire::ConflictResolution::MajorityVote => ConflictResolution::MajorityVote,
        wire::ConflictResolution::Unspecified | wire::ConflictResolution::MostRestrictive => {
            ConflictResolution::MostRestrictive
        }
    };
    let on_failure = decode_action(policy.on_failure(), Action::Flag);
    let wire::Policy {
        name,
        detectors,
        coverage_method: _,
        partial_coverage_threshold,
        required_groups,
        conflict_resolution: _,
        actions,
        on_failure: _,
        budgets,
        facts,
    } = policy;
    Policy {
        name,
        detectors: detectors.into_iter().map(decode_detector).collect(),
        coverage_method,
        partial_coverage_threshold: partial_coverage_threshold
            .unwrap_or(PARTIAL_COVERAGE_THRESHOLD),
        required_groups,
        conflict_resolution,
        actions: actions.into_iter().map(decode_rule).collect(),
        on_failure,
        budgets: decode_budgets(budgets.unwrap_or_default()),
        facts,
    }
}

fn decode_detector(named: wire::PolicyDetector) -> PolicyDetector {
    let content_types = named.content_types().map(decode_content_type).collect();
    let wire::PolicyDetector {
        detector,
        required,
        weight,
        threshold,
        content_types: _,
        report_interval_s,
        criticality,
    } = named;
    PolicyDetector {
        detector,
        required,
        weight,
        threshold,
        content_types,
        report_interval_s: if report_interval_s == 0 {
            REPORT_INTERVAL_S
        } else {
            report_interval_s
        },
        criticality: criticality.unwrap_or(CRITICALITY),
    }
}

fn decode_rule(rule: wire::ActionRule) -> ActionRule {
    let direction = match rule.direction() {
        wire::Direction::Unspecified => None,
        wire::Direction::Input => Some(Direction::Input),
        wire::Direction::Output => Some(Direction::Output),
    };
    let action = decode_action(rule.action(), Action::Allow);
    let wire::ActionRule { label, severity_min, confidence_min, direction: _, action: _ } = rule;
    let severity_min = decode_severity(severity_min);
    ActionRule { label, severity_min, confidence_min, direction, action }
}

fn decode_budgets(budgets: wire::Budgets) -> Budgets {
    let wire::Budgets { sync_ms, critical_ms, low_ms, mapper_ms } = budgets;
    let or = |own: u32, standard: u32| if own == 0 { standard } else { own };
    let standard = Budgets::STANDARD;
    Budgets {
        sync_ms: or(sync_ms, standard.sync_ms),
        critical_ms: or(critical_ms, standard.critical_ms),
        low_ms: or(low_ms, standard.low_ms),
        mapper_ms: or(mapper_ms, standard.mapper_ms),
    }
}

fn decode_action(action: wire::Action, unspecified: Action) -> Action {
    match action {
        wire::Action::Unspecified => unspecified,
        wire::Action::Allow => Action::Allow,
        wire::Action::Flag => Action::Flag,
        wire::Action::Redact => Action::Redact,
        wire::Action::Block => Action::Block,
    }
}

pub(super) fn decode_content_type(content_type: wire::ContentType) -> ContentType {
    match content_type {
        wire::ContentType::Unspecified | wire::ContentType::Text => ContentType::Text,
        wire::ContentType::Code => ContentType::Code,
    }
}

fn encode_published(published: PublishedPolicy) -> wire::PublishedPolicy {
    let PublishedPolicy { policy, version, published_at } = published;
    let policy = Some(encode_policy(policy));
    wire::PublishedPolicy { policy, version, published_at: encode_time(published_at) }
}

fn encode_policy(policy: Policy) -> wire::Policy {
    let Policy {
        name,
        detectors,
        coverage_method,
        partial_coverage_threshold,
        required_groups,
        conflict_resolution,
        actions,
        on_failure,
        budgets,
        facts,
    } = policy;
    let Budgets { sync_ms, critical_ms, low_ms, mapper_ms } = budgets;
    wire::Policy {
        name,
        detectors: detectors.into_iter().map(encode_detector).collect(),
        coverage_method: encode_method(coverage_method).into(),
        partial_coverage_threshold: Some(partial_coverage_threshold),
        required_groups,
        conflict_resolution: encode_resolution(conflict_resolution).into(),
        actions: actions.into_iter().map(encode_rule).collect(),
        on_failure: encode_action(on_failure).into(),
        budgets: Some(wire::Budgets { sync_ms, critical_ms, low_ms, mapper_ms }),
        facts,
    }
}

fn encode_detector(named: PolicyDetector) -> wire::PolicyDetector {
    let PolicyDetector {
        detector,
        required,
        weight,
        threshold,
        content_types,
        report_interval_s,
        criticality,
    } = named;
    let content_types = content_types.into_iter().map(|it| match it {
        ContentType::Text => wire::ContentType::Text.into(),
        ContentType::Code => wire::ContentType::Code.into(),
    });
    wire::PolicyDetector {
        detector,
        required,
        weight,
        threshold,
        content_types: content_types.collect(),
        report_interval_s,
        criticality: Some(criticality),
    }
}

fn encode_rule(rule: ActionRule) -> wire::ActionRule {
    let ActionRule { label, severity_min, confidence_min, direction, action } = rule;
    let direction = match direction {
        None => wire::Direction::Unspecified,
        Some(Direction::Input) => wire::Direction::Input,
        Some(Direction::Output) => wire::Direction::Output,
    };
    wire::ActionRule {
        label,
        severity_min: severity_min.map(|it| encode_severity(it).into()).unwrap_or_default(),
        confidence_min,
        direction: direction.into(),
        action: encode_action(action).into(),
    }
}

pub(super) fn encode_action(action: Action) -> wire::Action {
    match action {
        Action::Allow => wire::Action::Allow,
        Action::Flag => wire::Action::Flag,
        Action::Redact => wire::Action::Redact,
        Action::Block => wire::Action::Block,
    }
}

pub(super) fn encode_method(method: CoverageMethod) -> wire::CoverageMethod {
    match method {
        CoverageMethod::RequiredSet => wire::CoverageMethod::RequiredSet,
        CoverageMethod::Weighted => wire::CoverageMethod::Weighted,
        CoverageMethod::Taxonomy => wire::CoverageMethod::Taxonomy,
    }
}

pub(super) fn encode_resolution(resolution: ConflictResolution) -> wire::ConflictResolution {
    match resolution {
        ConflictResolution::HighestConfidence => wire::ConflictResolution::HighestConfidence,
        ConflictResolution::WeightedAverage => wire::ConflictResolution::WeightedAverage,
        ConflictResolution::MajorityVote => wire::ConflictResolution::MajorityVote,
        ConflictResolution::MostRestrictive => wire::ConflictResolution::MostRestrictive,
    }
}
