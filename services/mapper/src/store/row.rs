//! A stored event as its row.

use serde_json::Value;
use time::OffsetDateTime;
use types::{Confidence, TenantId};
use uuid::Uuid;

use super::number;
use crate::{
    event::{Event, Position},
    finding::{Finding, Span},
    mapping::Versions,
};

/// The columns of an event and of its versions.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) tenant_id: Uuid,
    pub(super) event_id: Uuid,
    pub(super) received_at: OffsetDateTime,
    pub(super) occurred_at: OffsetDateTime,
    pub(super) score: Option<f64>,
    pub(super) confidence: f64,
    pub(super) span_start: Option<i32>,
    pub(super) span_end: Option<i32>,
    pub(super) severity: i16,
    pub(super) route: i16,
    pub(super) fallback_reason: i16,
    pub(super) disposition: i16,
    pub(super) label: String,
    pub(super) detector: String,
    pub(super) detector_version: String,
    pub(super) finding_id: String,
    pub(super) raw_label: String,
    pub(super) policy: String,
    pub(super) resource: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) trace_parent: Option<String>,
    pub(super) metadata: Option<Value>,
    pub(super) taxonomy: String,
    pub(super) frameworks: String,
    pub(super) detector_mapping: String,
    pub(super) model: String,
    pub(super) feed_xid: i64,
    pub(super) feed_seq: i32,
}

impl Row {
    pub(super) fn position(&self) -> Position {
        Position { xid: self.feed_xid.unsigned_abs(), seq: self.feed_seq }
    }

    pub(super) fn into_event(self) -> sqlx::Result<Event> {
        let confidence = |value: f64| Confidence::try_from(value).map_err(decode_error);
        let span = self.span_start.zip(self.span_end).map(|(start, end)| Span { start, end });
        let finding = Finding {
            finding_id: self.finding_id,
            detector: self.detector,
            detector_version: self.detector_version,
            raw_label: self.raw_label,
            score: self.score.map(confidence).transpose()?,
            span,
            occurred_at: self.occurred_at,
            resource: self.resource.unwrap_or_default(),
            disposition: number::disposition(self.disposition)?,
            metadata: pairs(self.metadata),
            request_id: self.request_id.unwrap_or_default(),
            trace_parent: self.trace_parent.unwrap_or_default(),
        };
        Ok(Event {
            event_id: self.event_id,
            tenant: TenantId::from(self.tenant_id),
            finding,
            label: self.label,
            severity: number::severity(self.severity)?,
            confidence: confidence(self.confidence)?,
            route: number::route(self.route)?,
            fallback: number::fallback(self.fallback_reason)?,
            versions: Versions {
                taxonomy: self.taxonomy,
                frameworks: self.frameworks,
                detector_mapping: self.detector_mapping,
                model: self.model,
            },
            policy: self.policy,
            received_at: self.received_at,
        })
    }
}

/// The metadata of a finding as a JSON object; none where there is none.
pub(super) fn object(pairs: &[(String, String)]) -> Option<String> {
    if pairs.is_empty() {
        return None;
    }
    let object = pairs.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    Some(Value::Object(object.collect()).to_string())
}

fn pairs(object: Option<Value>) -> Vec<(String, String)> {
    let Some(Value::Object(object)) = object else { return Vec::new() };
    let mut pairs: Vec<(String, String)> = object
        .into_iter()
        .filter_map(|(key, value)| match value {
            Value::String(text) => Some((key, text)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

fn decode_error(source: types::Invalid) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(source))
}
