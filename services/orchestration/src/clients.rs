//! The mapper, as orchestration sees it: it records findings and maps words. The only file that calls a neighbour.

use prost::Message as _;
use proto::mapper::v1::{
    self as wire, event_service_client::EventServiceClient,
    mapping_service_client::MappingServiceClient,
};
use runtime::{
    client::{Client, Upstream, request, upstream},
    status::ErrorCode,
};
use types::TenantId;

use crate::{
    acknowledgement::ItemError,
    delivery::Payload,
    finding::{Fault, Finding},
    verdict::{Mapping, Versions},
    wire::{decode_item_error, decode_route, decode_severity, encode_finding},
};

const MAPPER: &str = "mapper";

/// What the mapper takes at once.
pub(crate) const FINDINGS_MAX: usize = 5_000;
const WORDS_MAX: usize = 100;

/// One request stays well below what the mapper reads of one message.
pub(crate) const REQUEST_BYTES_MAX: usize = 3 << 20;

/// A finding may have this much of its own besides its texts: numbers, tags, the policy's name.
const FINDING_BYTES_BESIDES: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Mapper {
    events: EventServiceClient<Client>,
    mapping: MappingServiceClient<Client>,
}

/// Findings on their way to the mapper.
#[derive(Debug, Clone)]
pub(crate) struct Batch(wire::RecordRequest);

/// What became of one finding there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recorded {
    Stored,
    Duplicate,
    Malformed(Option<ItemError>),
    Refused(Option<ItemError>),
}

/// One word of a detector, to be mapped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub(crate) detector: String,
    pub(crate) detector_version: String,
    pub(crate) raw_label: String,
    pub(crate) score: f64,
}

/// What words mean, in their order, and what that was found out with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mapped {
    /// None for a word that the mapper did not map.
    pub(crate) mappings: Vec<Option<Mapping>>,
    pub(crate) versions: Option<Versions>,
}

impl Batch {
    /// `findings` with why they are malformed, where they are, under the policy in force.
    pub(crate) fn new(findings: Vec<(Finding, Option<Fault>)>, policy: &str) -> Batch {
        let findings = findings.into_iter().map(|(finding, fault)| wire::FindingToRecord {
            finding: Some(encode_finding(finding)),
            malformed: fault.map(|fault| fault.message).unwrap_or_default(),
            policy: policy.to_owned(),
        });
        Batch(wire::RecordRequest { findings: findings.collect() })
    }

    pub(crate) fn payload(&self) -> Payload {
        let findings = i32::try_from(self.0.findings.len()).unwrap_or(i32::MAX);
        Payload { bytes: self.0.encode_to_vec(), findings }
    }

    /// Puts payloads together again. None when one of them is not what [`Batch::payload`] makes.
    pub(crate) fn of_payloads<'p>(
        payloads: impl IntoIterator<Item = &'p Payload>,
    ) -> Option<Batch> {
        let mut request = wire::RecordRequest::default();
        for payload in payloads {
            // Merging a message appends to its lists.
            request.merge(payload.bytes.as_slice()).ok()?;
        }
        Some(Batch(request))
    }
}

/// About how many bytes `finding` takes on the wire; never too few.
pub(crate) fn size(finding: &Finding) -> usize {
    let Finding { id, detector, detector_version, raw_label, resource, .. } = finding;
    let texts = [
        id,
        detector,
        detector_version,
        raw_label,
        resource,
        &finding.request_id,
        &finding.trace_parent,
    ];
    let texts: usize = texts.into_iter().map(String::len).sum();
    let metadata: usize =
        finding.metadata.iter().map(|(key, value)| key.len() + value.len() + 16).sum();
    texts + metadata + FINDING_BYTES_BESIDES
}

impl Mapper {
    pub(crate) fn new(client: &Client) -> Mapper {
        Mapper {
            events: EventServiceClient::new(client.clone()),
            mapping: MappingServiceClient::new(client.clone()),
        }
    }

    /// Has the mapper commit `batch`; says what became of each finding, in order.
    pub(crate) async fn record(
        &self,
        tenant: TenantId,
        batch: Batch,
    ) -> Result<Vec<Recorded>, Upstream> {
        let n_findings = batch.0.findings.len();
        let answer = self.events.clone().record(request(tenant, batch.0)).await;
        let results = answer.map_err(upstream(MAPPER))?.into_inner().results;
        if results.len() != n_findings {
            return Err(nonsense("another number of results than findings"));
        }
        results.into_iter().map(decode_recorded).collect()
    }

    /// Maps `words`, several requests side by side where they are many.
    pub(crate) async fn map(&self, tenant: TenantId, words: &[Word]) -> Result<Mapped, Upstream> {
        let batches = words.chunks(WORDS_MAX).map(|words| self.map_batch(tenant, words));
        let mut mapped = Mapped { mappings: Vec::with_capacity(words.len()), versions: None };
        for (mapping, versions) in
            futures::future::try_join_all(batches).await?.into_iter().flatten()
        {
            mapped.mappings.push(mapping);
            mapped.versions = mapped.versions.or(versions);
        }
        Ok(mapped)
    }

    async fn map_batch(
        &self,
        tenant: TenantId,
        words: &[Word],
    ) -> Result<Vec<(Option<Mapping>, Option<Versions>)>, Upstream> {
        let message = wire::MapBatchRequest { requests: words.iter().map(encode_word).collect() };
        let answer = self.mapping.clone().map_batch(request(tenant, message)).await;
        let results = answer.map_err(upstream(MAPPER))?.into_inner().results;
        if results.len() != words.len() {
            return Err(nonsense("another number of results than words"));
        }
        Ok(results.into_iter().map(decode_mapped).collect())
    }
}

fn encode_word(word: &Word) -> wire::MapRequest {
    let Word { detector, detector_version, raw_label, score } = word;
    wire::MapRequest {
        detector: detector.clone(),
        detector_version: detector_version.clone(),
        raw_label: raw_label.clone(),
        score: Some(*score),
    }
}

fn decode_recorded(result: wire::RecordResult) -> Result<Recorded, Upstream> {
    let wire::RecordResult { status, event_id: _, error } = result;
    let error = error.map(decode_item_error);
    match wire::RecordStatus::try_from(status) {
        Ok(wire::RecordStatus::Stored) => Ok(Recorded::Stored),
        Ok(wire::RecordStatus::Duplicate) => Ok(Recorded::Duplicate),
        Ok(wire::RecordStatus::Malformed) => Ok(Recorded::Malformed(error)),
        Ok(wire::RecordStatus::Refused) => Ok(Recorded::Refused(error)),
        Ok(wire::RecordStatus::Unspecified) | Err(_) => Err(nonsense("a status of no meaning")),
    }
}

fn decode_mapped(result: wire::MapBatchResult) -> (Option<Mapping>, Option<Versions>) {
    let Some(wire::map_batch_result::Result::Mapping(mapping)) = result.result else {
        return (None, None);
    };
    let wire::Mapping { label, severity, confidence, route, fallback_reason: _, versions } =
        mapping;
    let versions = versions.map(|it| Versions {
        taxonomy: it.taxonomy,
        frameworks: it.frameworks,
        detector_mapping: it.detector_mapping,
        model: it.model,
    });
    let mapping = || {
        let (severity, route) = (decode_severity(severity)?, decode_route(route)?);
        let sound = (0.0..=1.0).contains(&confidence);
        sound.then_some(Mapping { label, severity, confidence, route })
    };
    (mapping(), versions)
}

/// An answer against the contract: as good as none.
fn nonsense(what: &str) -> Upstream {
    Upstream {
        service: MAPPER,
        code: tonic::Code::Internal,
        reason: ErrorCode::Internal,
        retry_after: None,
        message: format!("it answered with {what}"),
    }
}

/// The mapper did not answer within its share of the time.
pub(crate) fn out_of_time() -> Upstream {
    Upstream {
        service: MAPPER,
        code: tonic::Code::DeadlineExceeded,
        reason: ErrorCode::RequestTimeout,
        retry_after: None,
        message: "no answer in time".to_owned(),
    }
}

/// Whether the same call may work later, so that nothing is lost by waiting. Otherwise it never will.
pub(crate) fn may_work_later(err: &Upstream) -> bool {
    match err.reason {
        ErrorCode::InvalidRequest | ErrorCode::PermissionDenied => false,
        ErrorCode::PolicyNotFound
        | ErrorCode::DetectorNotFound
        | ErrorCode::NotFound
        | ErrorCode::Unauthenticated
        | ErrorCode::RateLimited
        | ErrorCode::QuotaExceeded
        | ErrorCode::Conflict
        | ErrorCode::ConcurrentChange
        | ErrorCode::RequestTimeout
        | ErrorCode::DetectorOverloaded
        | ErrorCode::AllDetectorsUnavailable
        | ErrorCode::UpstreamUnavailable
        | ErrorCode::AggregationFailed
        | ErrorCode::Internal => true,
    }
}
