//! How each RPC is tried with the ids of another tenant.

use runtime::contract::Rpc;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Planted;
use crate::{raw::serves, world::Name};

/// How an RPC is tried.
pub(super) struct Case {
    /// With A's ids wherever a request takes ids.
    pub(super) requests: Vec<Value>,
    /// Whether A's own answers show something planted: only then does it mean anything that B's do not.
    pub(super) shows: bool,
    /// Whether B is told that there is no such thing.
    pub(super) hidden: bool,
}

/// How `rpc` is tried; none for what no key of a tenant may call.
pub(super) fn case(rpc: &Rpc, a: &Planted) -> Option<Case> {
    match serves(rpc) {
        Name::Mapper => case_of_mapper(rpc, a),
        Name::Orchestration => case_of_orchestration(rpc, a),
        Name::Analysis => Some(case_of_analysis(rpc, a)),
    }
}

fn case_of_mapper(rpc: &Rpc, a: &Planted) -> Option<Case> {
    let word = json!({"detector": "canary-detector", "rawLabel": "CANARY_WORD"});
    Some(match rpc.name().as_str() {
        "EventService.Record" => return None,
        "EventService.Query" => Case::shows(vec![
            json!({}),
            json!({"filter": {"eventIds": a.event_ids}}),
            json!({"filter": {"requestId": a.run_id}}),
            json!({"filter": {"detectors": ["canary-detector"]}}),
        ]),
        "EventService.Count" => Case::shows(vec![
            json!({"by": "COUNT_BY_DETECTOR"}),
            json!({"by": "COUNT_BY_DETECTOR", "filter": {"eventIds": a.event_ids}}),
        ]),
        "EventService.Tail" => Case::shows(vec![json!({}), json!({"batchMax": 1})]),
        "MappingService.Map" => Case::same(vec![word]),
        "MappingService.MapBatch" => Case::same(vec![json!({"requests": [word]})]),
        "MappingService.Explain" => Case::same(vec![json!({"request": word})]),
        "FrameworkService.ListFrameworks"
        | "TaxonomyService.GetTaxonomy"
        | "TaxonomyService.DiffTaxonomy" => Case::same(vec![json!({})]),
        "FrameworkService.ResolveControls" => {
            Case::same(vec![json!({"labels": ["PII.Contact.Email"]})])
        }
        "TaxonomyService.ListVocabularies" => {
            Case::same(vec![json!({}), json!({"detector": "canary-detector"})])
        }
        "ReviewService.ListProposals" => Case::shows(vec![json!({})]),
        _ => untried(rpc),
    })
}

fn case_of_orchestration(rpc: &Rpc, a: &Planted) -> Option<Case> {
    let finding = json!({"findingId": "canary-finding-0", "detector": "presidio",
        "rawLabel": "US_SSN", "score": 0.5, "occurredAt": "2026-01-02T03:04:05Z",
        "requestId": a.run_id});
    let mine = json!({"content": "hello", "resource": "canary-resource"});
    Some(match rpc.name().as_str() {
        "IdentityService.Authenticate" | "RunService.TailRuns" | "TenancyService.CreateTenant" => {
            return None;
        }
        "IngestService.Ingest" | "IngestService.IngestBatch" => {
            Case::same(vec![json!({"findings": [finding]})])
        }
        "DetectionService.Detect" => {
            Case::same(vec![mine, json!({"content": "hello", "policy": "canary-policy"})])
        }
        "DetectionService.DetectBatch" => Case::same(vec![json!({"requests": [mine]})]),
        "DetectorService.Describe" => Case::same(vec![json!({})]),
        "DetectorService.Scan" => Case::same(vec![json!({"texts": ["hello"]})]),
        "DetectorService.RegisterDetector" => {
            let detector = json!({"name": "fresh-detector", "kind": "DETECTOR_KIND_PUSH"});
            Case::same(vec![json!({"detector": detector})])
        }
        "DetectorService.ListDetectors" => Case::shows(vec![json!({"page": {"size": 1000}})]),
        "DetectorService.GetDetector" => Case::refused(json!({"name": "canary-detector"})),
        "PolicyService.PublishPolicy" => {
            let policy = json!({"name": "fresh", "detectors": [{"detector": "builtin-pii"}]});
            Case::same(vec![json!({"policy": policy})])
        }
        "PolicyService.GetPolicy" => Case::hidden(json!({"name": "canary-policy"})),
        "PolicyService.ListPolicies" => Case::shows(vec![json!({})]),
        "RunService.GetRun" => Case::hidden(json!({"runId": a.run_id})),
        "TenancyService.ListTenants" => Case::shows(vec![json!({})]),
        "TenancyService.IssueKey" => {
            Case::refused(json!({"tenantId": a.tenant_id, "name": "stolen", "roles": ["admin"]}))
        }
        "TenancyService.ListKeys" => Case::hidden(json!({"tenantId": a.tenant_id})),
        "TenancyService.RevokeKey" => {
            Case::refused(json!({"tenantId": a.tenant_id, "keyId": a.key_id}))
        }
        _ => untried(rpc),
    })
}

fn case_of_analysis(rpc: &Rpc, a: &Planted) -> Case {
    let now = OffsetDateTime::now_utc().format(&Rfc3339).expect("the year has four digits");
    let period = json!({"from": "2026-01-01T00:00:00Z", "to": now});
    match rpc.name().as_str() {
        "InsightService.GetSummary"
        | "InsightService.GetCoverage"
        | "InsightService.ListRisks"
        | "InsightService.ListGaps"
        | "InsightService.GetPosture" => Case::shows(vec![json!({}), json!({"period": period})]),
        // Numbers only; `World::analysed` compares them.
        "InsightService.GetProgress" => Case::same(vec![json!({})]),
        "ReportService.CreateReport" => Case::shows(vec![json!({"period": period})]),
        "ReportService.GetReport" => Case::hidden(json!({"reportId": a.report_id})),
        "ReportService.ListReports" => Case::shows(vec![json!({})]),
        _ => untried(rpc),
    }
}

fn untried(rpc: &Rpc) -> Case {
    panic!("say how the isolation of {} is tried", rpc.path)
}

impl Case {
    /// A's answers show what A has, and B's do not.
    fn shows(requests: Vec<Value>) -> Case {
        Case { requests, shows: true, hidden: false }
    }

    /// There is nothing of a tenant in it, or nothing that the request does not say.
    fn same(requests: Vec<Value>) -> Case {
        Case { requests, shows: false, hidden: false }
    }

    /// A gets it, and for B it is not there.
    fn hidden(request: Value) -> Case {
        Case { requests: vec![request], shows: true, hidden: true }
    }

    /// For B it is not there; for A there is nothing in the answer that the request does not say.
    fn refused(request: Value) -> Case {
        Case { requests: vec![request], shows: false, hidden: true }
    }
}
