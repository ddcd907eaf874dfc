//! `policy` and `detectors`: what a tenant wants to run.

use std::path::Path;

use anyhow::Context as _;
use proto::orchestration::v1::{
    Detector, DetectorKind, GetPolicyRequest, ListDetectorsRequest, ListPoliciesRequest, Policy,
    PublishPolicyRequest, RegisterDetectorRequest,
};

use crate::{
    Done,
    args::{DetectorsVerb, Globals, PolicyVerb},
    mesh::Mesh,
    output::{Output, Shown, percent},
    period, time, wire_json,
};

pub(crate) async fn policy(
    verb: PolicyVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    match verb {
        PolicyVerb::List(page) => {
            let request = ListPoliciesRequest { page: Some(period::page(&page)) };
            let response = mesh.policies().list_policies(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            let rows = response.policies.iter().map(|it| {
                let policy = it.policy.clone().unwrap_or_default();
                vec![
                    Shown::from(policy.name),
                    u64::from(it.version).into(),
                    time::show(it.published_at.as_ref()).into(),
                    (policy.detectors.len() as u64).into(),
                    Shown::Number(percent(policy.partial_coverage_threshold.unwrap_or(0.8))),
                ]
            });
            output.table(
                &["policy", "version", "since", "detectors", "coverage threshold"],
                rows.collect(),
                "No policy is in force.",
            );
        }
        PolicyVerb::Show { name, version } => {
            let request = GetPolicyRequest { name, version };
            let response = mesh.policies().get_policy(request).await?.into_inner();
            let published = response.published.unwrap_or_default();
            let json = wire_json::to_json(&published)?;
            if output.json {
                output.json(&json);
            }
            output.text(&serde_json::to_string_pretty(&json)?);
        }
        PolicyVerb::Publish { file } => {
            let policy: Policy = wire_json::from_json(&read(&file)?)
                .with_context(|| format!("{} is no policy", file.display()))?;
            let request = PublishPolicyRequest { policy: Some(policy) };
            let response = mesh.policies().publish_policy(request).await?.into_inner();
            let published = response.published.unwrap_or_default();
            if output.json {
                output.json(&wire_json::to_json(&published)?);
            }
            let name = published.policy.map(|it| it.name).unwrap_or_default();
            output.text(&format!("{name}@{} is in force", published.version));
        }
    }
    Ok(Done::Well)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).context("cannot read standard input");
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

pub(crate) async fn detectors(
    verb: DetectorsVerb,
    globals: &Globals,
    output: Output,
) -> anyhow::Result<Done> {
    let mesh = Mesh::of_tenant(globals)?;
    match verb {
        DetectorsVerb::List(page) => {
            let request = ListDetectorsRequest { page: Some(period::page(&page)) };
            let response = mesh.detectors().list_detectors(request).await?.into_inner();
            if output.json {
                output.json(&wire_json::to_json(&response)?);
                return Ok(Done::Well);
            }
            let rows = response.detectors.iter().map(row).collect();
            output.table(&["detector", "kind", "whose", "reports"], rows, "No detectors.");
            if !response.next_cursor.is_empty() {
                output.text(&format!("more: --cursor {}", response.next_cursor));
            }
        }
        DetectorsVerb::Register { name, groups } => {
            let detector = Detector {
                name,
                kind: DetectorKind::Push.into(),
                groups,
                shared: false,
                revision: 0,
            };
            let request = RegisterDetectorRequest { detector: Some(detector) };
            let response = mesh.detectors().register_detector(request).await?.into_inner();
            let detector = response.detector.unwrap_or_default();
            if output.json {
                output.json(&wire_json::to_json(&detector)?);
            }
            output
                .text(&format!("{} is registered, revision {}", detector.name, detector.revision));
        }
    }
    Ok(Done::Well)
}

fn row(detector: &Detector) -> Vec<Shown> {
    let kind = detector.kind().as_str_name().trim_start_matches("DETECTOR_KIND_").to_lowercase();
    vec![
        detector.name.as_str().into(),
        kind.into(),
        if detector.shared { "shared" } else { "own" }.into(),
        detector.groups.join(", ").into(),
    ]
}
