//! Events and their keys, stored in one statement.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

use crate::{
    event::NewEvent,
    store::{VersionId, number, row::object},
};

/// What makes a finding of a tenant the same finding: its detector and its id.
pub fn key(detector: &str, finding_id: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update([u8::try_from(detector.len()).unwrap_or(u8::MAX)]);
    hash.update(detector);
    hash.update(finding_id);
    let digest = hash.finalize();
    Uuid::from_slice(&digest[..16]).expect("16 bytes are a UUID")
}

/// Stores those of `events` whose finding is not stored yet, and says which. Their keys must differ.
///
/// The keys go in within the same statement and in order: of two batches with the same finding one waits for the other,
/// never both.
pub async fn insert(
    db: impl PgExecutor<'_>,
    tenant: TenantId,
    version: VersionId,
    received_at: OffsetDateTime,
    events: &[&NewEvent],
) -> sqlx::Result<HashSet<Uuid>> {
    let columns = Columns::of(events);
    let Columns { numbers, texts, .. } = &columns;
    let stored = sqlx::query_file_scalar!(
        "src/store/event/insert.sql",
        tenant.as_uuid(),
        version.0,
        received_at,
        &columns.keys,
        &columns.ids,
        &columns.times,
        &columns.scores as &[Option<f64>],
        &columns.confidences,
        &columns.span_starts as &[Option<i32>],
        &columns.span_ends as &[Option<i32>],
        &numbers.severities,
        &numbers.routes,
        &numbers.fallbacks,
        &numbers.dispositions,
        &texts.labels as &[&str],
        &texts.detectors as &[&str],
        &texts.detector_versions as &[&str],
        &texts.finding_ids as &[&str],
        &texts.raw_labels as &[&str],
        &texts.policies as &[&str],
        &texts.resources as &[Option<&str>],
        &texts.request_ids as &[Option<&str>],
        &texts.trace_parents as &[Option<&str>],
        &columns.metadata as &[Option<String>],
    )
    .fetch_all(db)
    .await?;
    Ok(stored.into_iter().collect())
}

/// A batch turned on its side: one array per column.
#[derive(Default)]
struct Columns<'a> {
    keys: Vec<Uuid>,
    ids: Vec<Uuid>,
    times: Vec<OffsetDateTime>,
    scores: Vec<Option<f64>>,
    confidences: Vec<f64>,
    span_starts: Vec<Option<i32>>,
    span_ends: Vec<Option<i32>>,
    numbers: Numbers,
    texts: Texts<'a>,
    metadata: Vec<Option<String>>,
}

#[derive(Default)]
struct Numbers {
    severities: Vec<i16>,
    routes: Vec<i16>,
    fallbacks: Vec<i16>,
    dispositions: Vec<i16>,
}

#[derive(Default)]
struct Texts<'a> {
    labels: Vec<&'a str>,
    detectors: Vec<&'a str>,
    detector_versions: Vec<&'a str>,
    finding_ids: Vec<&'a str>,
    raw_labels: Vec<&'a str>,
    policies: Vec<&'a str>,
    resources: Vec<Option<&'a str>>,
    request_ids: Vec<Option<&'a str>>,
    trace_parents: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(events: &[&'a NewEvent]) -> Columns<'a> {
        let mut columns = Columns::default();
        for NewEvent { event_id, finding, mapping, policy } in events.iter().copied() {
            let some = |text: &'a str| Some(text).filter(|it| !it.is_empty());
            columns.keys.push(key(&finding.detector, &finding.finding_id));
            columns.ids.push(*event_id);
            columns.times.push(finding.occurred_at);
            columns.scores.push(finding.score.map(types::Confidence::get));
            columns.confidences.push(mapping.confidence.get());
            columns.span_starts.push(finding.span.map(|it| it.start));
            columns.span_ends.push(finding.span.map(|it| it.end));
            columns.metadata.push(object(&finding.metadata));

            let numbers = &mut columns.numbers;
            numbers.severities.push(number::of_severity(mapping.label.severity()));
            numbers.routes.push(number::of_route(mapping.route));
            numbers.fallbacks.push(number::of_fallback(mapping.fallback));
            numbers.dispositions.push(number::of_disposition(finding.disposition));

            let texts = &mut columns.texts;
            texts.labels.push(mapping.label.name());
            texts.detectors.push(&finding.detector);
            texts.detector_versions.push(&finding.detector_version);
            texts.finding_ids.push(&finding.finding_id);
            texts.raw_labels.push(&finding.raw_label);
            texts.policies.push(policy);
            texts.resources.push(some(&finding.resource));
            texts.request_ids.push(some(&finding.request_id));
            texts.trace_parents.push(some(&finding.trace_parent));
        }
        columns
    }
}
