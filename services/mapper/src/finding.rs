//! Whether a finding is sound, malformed or refused. Pure: the time is handed in.
//!
//! *Refused* means that it cannot be stored: it has no identity, or breaks a size limit. *Malformed* means that its
//! values make no sense: it is stored as `OTHER.ModelError` with what does make sense, and counted. Whatever becomes a
//! [`Finding`] can be stored: its metadata is scrubbed, its strings have no NUL, its numbers are in range.

use time::{Duration, OffsetDateTime};
use types::{Confidence, Disposition};

/// A finding as it came: nothing is checked.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    pub finding_id: String,
    pub detector: String,
    pub detector_version: String,
    pub raw_label: String,
    pub score: f64,
    /// Start and end.
    pub span: Option<(u32, u32)>,
    /// None where it is missing or no time at all.
    pub occurred_at: Option<OffsetDateTime>,
    pub resource: String,
    /// None for a value that the contract does not know.
    pub disposition: Option<Disposition>,
    pub metadata: Vec<(String, String)>,
    pub request_id: String,
    pub trace_parent: String,
}

/// A finding that can be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub finding_id: String,
    pub detector: String,
    pub detector_version: String,
    pub raw_label: String,
    /// None where the detector's was no score.
    pub score: Option<Confidence>,
    pub span: Option<Span>,
    pub occurred_at: OffsetDateTime,
    pub resource: String,
    pub disposition: Disposition,
    /// Scrubbed, by key.
    pub metadata: Vec<(String, String)>,
    pub request_id: String,
    pub trace_parent: String,
}

/// A half-open range of code points, never empty, and small enough for every database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: i32,
    pub end: i32,
}

/// What a finding is after the check.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    Sound(Finding),
    Malformed(Finding, Problem),
    Refused(Problem),
}

/// What is wrong with it. Names the field, never its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: &'static str,
    pub message: String,
}

pub const RAW_LABEL_BYTES_MAX: usize = 512;
pub const DETECTOR_BYTES_MAX: usize = 128;
const FINDING_ID_BYTES_MAX: usize = 128;
const METADATA_BYTES_MAX: usize = 8 * 1024;
const RESOURCE_BYTES_MAX: usize = 1024;
const REQUEST_ID_BYTES_MAX: usize = 64;
const TRACE_PARENT_BYTES_MAX: usize = 64;
const POLICY_BYTES_MAX: usize = 256;
/// How far a detector's clock may be ahead of ours.
const AHEAD_MAX: Duration = Duration::minutes(5);

impl Finding {
    /// For a raw label that is not known to be the detector's own word.
    pub fn scrub_raw_label(&mut self) {
        self.raw_label = scanner::scrub(&self.raw_label).into_owned();
    }
}

/// Checks `raw`, which came at `now`. `said` is why a neighbour found it malformed already, or empty.
pub fn check(raw: Raw, said: &str, now: OffsetDateTime) -> Checked {
    if let Some(problem) = refusal(&raw) {
        return Checked::Refused(problem);
    }
    let problem = match said {
        "" => malformation(&raw, now),
        said => Some(Problem { field: "", message: said.to_owned() }),
    };
    let finding = storable(raw, now);
    match problem {
        None => Checked::Sound(finding),
        Some(problem) => Checked::Malformed(finding, problem),
    }
}

/// Why a word cannot be mapped on its own: a limit of its fields.
pub fn word_problem(detector: &str, detector_version: &str, raw_label: &str) -> Option<Problem> {
    size("detector", detector, 1, DETECTOR_BYTES_MAX)
        .or_else(|| size("detector_version", detector_version, 0, DETECTOR_BYTES_MAX))
        .or_else(|| size("raw_label", raw_label, 1, RAW_LABEL_BYTES_MAX))
}

/// Why the name of a policy cannot be stored.
pub fn policy_problem(policy: &str) -> Option<Problem> {
    size("policy", policy, 0, POLICY_BYTES_MAX).or_else(|| no_nul("policy", policy))
}

pub fn parse_score(score: f64) -> Result<Confidence, Problem> {
    score.try_into().map_err(|_| problem("score", "score must be in 0..=1".to_owned()))
}

fn refusal(raw: &Raw) -> Option<Problem> {
    size("finding_id", &raw.finding_id, 1, FINDING_ID_BYTES_MAX)
        .or_else(|| size("detector", &raw.detector, 1, DETECTOR_BYTES_MAX))
        .or_else(|| size("detector_version", &raw.detector_version, 0, DETECTOR_BYTES_MAX))
        .or_else(|| size("raw_label", &raw.raw_label, 0, RAW_LABEL_BYTES_MAX))
        .or_else(|| size("resource", &raw.resource, 0, RESOURCE_BYTES_MAX))
        .or_else(|| size("request_id", &raw.request_id, 0, REQUEST_ID_BYTES_MAX))
        .or_else(|| size("trace_parent", &raw.trace_parent, 0, TRACE_PARENT_BYTES_MAX))
        .or_else(|| {
            let bytes = raw.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
            too_long("metadata", bytes, METADATA_BYTES_MAX)
        })
        // Part of the identity, so it cannot be replaced as elsewhere.
        .or_else(|| no_nul("finding_id", &raw.finding_id))
        .or_else(|| no_nul("detector", &raw.detector))
}

fn malformation(raw: &Raw, now: OffsetDateTime) -> Option<Problem> {
    if raw.raw_label.is_empty() {
        return Some(problem("raw_label", "raw_label is empty".to_owned()));
    }
    if let Err(problem) = parse_score(raw.score) {
        return Some(problem);
    }
    let Some(occurred_at) = raw.occurred_at else {
        return Some(problem("occurred_at", "occurred_at is missing or no time".to_owned()));
    };
    if occurred_at < OffsetDateTime::UNIX_EPOCH {
        return Some(problem("occurred_at", "occurred_at is before 1970".to_owned()));
    }
    if now + AHEAD_MAX < occurred_at {
        let message = "occurred_at is more than 5 minutes in the future".to_owned();
        return Some(problem("occurred_at", message));
    }
    if raw.span.is_some_and(|span| parse_span(span).is_none()) {
        return Some(problem("span", "span must start before it ends".to_owned()));
    }
    if raw.disposition.is_none() {
        return Some(problem("disposition", "disposition is not one of the contract".to_owned()));
    }
    no_nul("raw_label", &raw.raw_label)
        .or_else(|| no_nul("detector_version", &raw.detector_version))
        .or_else(|| no_nul("resource", &raw.resource))
        .or_else(|| no_nul("request_id", &raw.request_id))
        .or_else(|| no_nul("trace_parent", &raw.trace_parent))
}

/// What can be kept of `raw`: everything, where it is sound.
fn storable(raw: Raw, now: OffsetDateTime) -> Finding {
    let is_time = |it: &OffsetDateTime| (OffsetDateTime::UNIX_EPOCH..=now + AHEAD_MAX).contains(it);
    let scrub = |text: String| without_nul(scanner::scrub(&text).into_owned());
    let mut metadata: Vec<(String, String)> =
        raw.metadata.into_iter().map(|(key, value)| (scrub(key), scrub(value))).collect();
    metadata.sort_unstable();
    Finding {
        finding_id: raw.finding_id,
        detector: raw.detector,
        detector_version: without_nul(raw.detector_version),
        raw_label: without_nul(raw.raw_label),
        score: raw.score.try_into().ok(),
        span: raw.span.and_then(parse_span),
        occurred_at: raw.occurred_at.filter(is_time).unwrap_or(now),
        resource: without_nul(raw.resource),
        disposition: raw.disposition.unwrap_or(Disposition::Unknown),
        metadata,
        request_id: without_nul(raw.request_id),
        trace_parent: without_nul(raw.trace_parent),
    }
}

fn parse_span((start, end): (u32, u32)) -> Option<Span> {
    let span = Span { start: start.try_into().ok()?, end: end.try_into().ok()? };
    (span.start < span.end).then_some(span)
}

fn size(field: &'static str, text: &str, bytes_min: usize, bytes_max: usize) -> Option<Problem> {
    if text.len() < bytes_min {
        return Some(problem(field, format!("{field} is missing")));
    }
    too_long(field, text.len(), bytes_max)
}

fn too_long(field: &'static str, bytes: usize, bytes_max: usize) -> Option<Problem> {
    let message = || format!("{field} has {bytes} bytes, the limit is {bytes_max}");
    (bytes_max < bytes).then(|| problem(field, message()))
}

/// Postgres stores no NUL in a text.
fn no_nul(field: &'static str, text: &str) -> Option<Problem> {
    text.contains('\0').then(|| problem(field, format!("{field} has a NUL")))
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

fn problem(field: &'static str, message: String) -> Problem {
    Problem { field, message }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn sound() -> Raw {
        Raw {
            finding_id: "f1".to_owned(),
            detector: "presidio".to_owned(),
            raw_label: "US_SSN".to_owned(),
            score: 0.9,
            occurred_at: Some(NOW),
            disposition: Some(Disposition::Unknown),
            ..Raw::default()
        }
    }

    #[track_caller]
    fn check_one(change: impl FnOnce(&mut Raw), expected: Expect) {
        let mut raw = sound();
        change(&mut raw);
        let actual = match check(raw, "", NOW) {
            Checked::Sound(_) => "sound".to_owned(),
            Checked::Malformed(_, problem) => format!("malformed: {}", problem.message),
            Checked::Refused(problem) => format!("refused: {}", problem.message),
        };
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_sound_finding() {
        check_one(|_| (), expect!["sound"]);
    }

    #[test]
    fn without_identity_it_is_refused() {
        check_one(|it| it.finding_id.clear(), expect!["refused: finding_id is missing"]);
        check_one(|it| it.detector.clear(), expect!["refused: detector is missing"]);
        check_one(|it| it.detector = "a\0b".to_owned(), expect!["refused: detector has a NUL"]);
    }

    #[test]
    fn past_a_limit_it_is_refused_with_field_limit_and_size() {
        check_one(|it| it.raw_label = "x".repeat(512), expect!["sound"]);
        check_one(
            |it| it.raw_label = "x".repeat(513),
            expect!["refused: raw_label has 513 bytes, the limit is 512"],
        );
        check_one(
            |it| it.metadata = vec![("k".to_owned(), "x".repeat(8192))],
            expect!["refused: metadata has 8193 bytes, the limit is 8192"],
        );
    }

    #[test]
    fn values_that_make_no_sense_are_malformed() {
        check_one(|it| it.score = f64::NAN, expect!["malformed: score must be in 0..=1"]);
        check_one(|it| it.score = 1.1, expect!["malformed: score must be in 0..=1"]);
        check_one(|it| it.score = -0.1, expect!["malformed: score must be in 0..=1"]);
        check_one(|it| it.raw_label.clear(), expect!["malformed: raw_label is empty"]);
        check_one(
            |it| it.occurred_at = None,
            expect!["malformed: occurred_at is missing or no time"],
        );
        check_one(
            |it| it.span = Some((3, 3)),
            expect!["malformed: span must start before it ends"],
        );
        check_one(
            |it| it.disposition = None,
            expect!["malformed: disposition is not one of the contract"],
        );
        check_one(|it| it.raw_label = "a\0".to_owned(), expect!["malformed: raw_label has a NUL"]);
    }

    #[test]
    fn a_clock_may_be_five_minutes_ahead() {
        check_one(|it| it.occurred_at = Some(NOW + Duration::minutes(5)), expect!["sound"]);
        check_one(
            |it| it.occurred_at = Some(NOW + Duration::minutes(5) + Duration::NANOSECOND),
            expect!["malformed: occurred_at is more than 5 minutes in the future"],
        );
    }

    #[test]
    fn what_makes_sense_of_a_malformed_finding_is_kept() {
        let raw = Raw { score: f64::NAN, span: Some((9, 1)), occurred_at: None, ..sound() };
        let Checked::Malformed(finding, _) = check(raw, "", NOW) else { panic!("malformed") };
        assert_eq!((finding.score, finding.span, finding.occurred_at), (None, None, NOW));
        assert_eq!(finding.raw_label, "US_SSN");
    }

    #[test]
    fn what_a_neighbour_found_malformed_stays_so() {
        let checked = check(sound(), "broken UTF-8", NOW);
        let Checked::Malformed(_, problem) = checked else { panic!("malformed") };
        assert_eq!(problem, Problem { field: "", message: "broken UTF-8".to_owned() });
    }

    #[test]
    fn metadata_is_scrubbed_and_in_order() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let metadata = vec![pair("z", "ask jane.doe@example.org"), pair("a", "fine\0")];
        let Checked::Sound(finding) = check(Raw { metadata, ..sound() }, "", NOW) else {
            panic!("sound")
        };
        assert_eq!(finding.metadata[0], pair("a", "fine\u{fffd}"));
        assert!(!finding.metadata[1].1.contains("jane.doe"), "{:?}", finding.metadata);
    }

    proptest! {
        #[test]
        fn whatever_comes_can_be_stored(
            texts in prop::array::uniform7("[\\PC\0]{0,20}"), score: f64, span: Option<(u32, u32)>, seconds: i64,
        ) {
            let [finding_id, detector, raw_label, resource, key, value, trace_parent] = texts;
            let raw = Raw {
                finding_id, detector, raw_label, score, span, resource, trace_parent,
                occurred_at: OffsetDateTime::from_unix_timestamp(seconds).ok(),
                metadata: vec![(key, value)],
                ..Raw::default()
            };
            if let Checked::Sound(finding) | Checked::Malformed(finding, _) = check(raw, "", NOW) {
                let Finding { finding_id, detector, raw_label, resource, trace_parent, metadata, .. } = &finding;
                let texts = [finding_id, detector, raw_label, resource, trace_parent, &metadata[0].0, &metadata[0].1];
                prop_assert!(texts.iter().all(|it| !it.contains('\0')));
                prop_assert!(finding.span.is_none_or(|it| 0 <= it.start && it.start < it.end));
                prop_assert!(finding.occurred_at <= NOW + AHEAD_MAX);
            }
        }
    }
}
