//! What a pushed finding must be to be taken. Pure.
//!
//! Three outcomes. A finding without identity, or over a size limit, is *refused*: nothing is stored. One whose values
//! make no sense is *malformed*: it goes to the mapper with the reason and becomes an `OTHER.ModelError` event, so it is
//! counted and never silently lost. Everything else is *sound*. The mapper looks for itself as well, by the same limits.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use types::{Disposition, limit};

/// A finding as a detector sent it: nothing in it is to be trusted before [`judge`] has seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub id: String,
    pub detector: String,
    pub detector_version: String,
    pub raw_label: String,
    pub score: f64,
    pub span: Option<Span>,
    pub occurred_at: Option<Moment>,
    pub resource: String,
    pub disposition: Said,
    pub metadata: BTreeMap<String, String>,
    pub request_id: String,
    pub trace_parent: String,
}

/// Half open, in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A point in time as it came over the wire, which can hold times that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub seconds: i64,
    pub nanos: i32,
}

/// What a detector says became of the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Nothing,
    Known(Disposition),
    /// A number the contract does not have.
    Undefined(i32),
}

/// What is to be done with a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    Sound,
    Malformed(Fault),
    Refused(Fault),
    /// Neither the mesh nor the tenant has such a detector.
    UnknownDetector,
}

/// What is wrong, without a word of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub message: String,
}

impl Moment {
    pub fn of(time: OffsetDateTime) -> Moment {
        let nanos = i32::try_from(time.nanosecond())
            .expect("a second has fewer nanoseconds than an i32 holds");
        Moment { seconds: time.unix_timestamp(), nanos }
    }

    /// None for a time outside of the years 1 to 9999, or with a broken fraction.
    pub fn time(self) -> Option<OffsetDateTime> {
        let nanos = u32::try_from(self.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
        let time = OffsetDateTime::from_unix_timestamp(self.seconds)
            .ok()?
            .replace_nanosecond(nanos)
            .ok()?;
        (1..=9999).contains(&time.year()).then_some(time)
    }
}

impl Fault {
    pub(crate) fn new(field: &'static str, problem: impl std::fmt::Display) -> Fault {
        Fault { field, message: format!("`{field}` {problem}") }
    }
}

/// Judges `finding` at the time `now`; `known` says whether a detector of that name exists.
pub fn judge(
    finding: &Finding,
    known: impl FnOnce(&str) -> bool,
    now: OffsetDateTime,
) -> Judgement {
    if let Some(fault) = refusal(finding) {
        return Judgement::Refused(fault);
    }
    if !known(&finding.detector) {
        return Judgement::UnknownDetector;
    }
    match nonsense(finding, now) {
        Some(fault) => Judgement::Malformed(fault),
        None => Judgement::Sound,
    }
}

/// Identity and sizes: why nothing of it can be stored.
fn refusal(finding: &Finding) -> Option<Fault> {
    let Finding { id, detector, detector_version, raw_label, resource, .. } = finding;
    let texts = [
        ("finding_id", id, 1, limit::FINDING_ID_BYTES_MAX),
        ("detector", detector, 1, limit::DETECTOR_BYTES_MAX),
        ("detector_version", detector_version, 0, limit::DETECTOR_VERSION_BYTES_MAX),
        ("raw_label", raw_label, 0, limit::RAW_LABEL_BYTES_MAX),
        ("resource", resource, 0, limit::RESOURCE_BYTES_MAX),
        ("request_id", &finding.request_id, 0, limit::REQUEST_ID_BYTES_MAX),
        ("trace_parent", &finding.trace_parent, 0, limit::TRACE_PARENT_BYTES_MAX),
    ];
    texts
        .into_iter()
        .find_map(|(field, text, min, max)| text_fault(field, text, min, max))
        .or_else(|| metadata_fault(&finding.metadata))
        // It is part of the identity, so it cannot be left out as elsewhere.
        .or_else(|| text_broken("finding_id", id))
        .or_else(|| text_broken("detector", detector))
}

/// Why `text` cannot be stored as `field`.
pub(crate) fn text_fault(field: &'static str, text: &str, min: usize, max: usize) -> Option<Fault> {
    let size = text.len();
    if size < min {
        return Some(Fault::new(field, "must not be empty"));
    }
    (max < size).then(|| Fault::new(field, format_args!("has a limit of {max} bytes, got {size}")))
}

/// Whether `text` is what was sent. A database of text cannot hold the character U+0000, and a stream shows U+FFFD where
/// the bytes were no UTF-8.
pub(crate) fn text_broken(field: &'static str, text: &str) -> Option<Fault> {
    if text.contains('\0') {
        return Some(Fault::new(field, "must not contain the character U+0000"));
    }
    text.contains('\u{fffd}').then(|| Fault::new(field, "must be UTF-8 without U+FFFD"))
}

fn metadata_fault(metadata: &BTreeMap<String, String>) -> Option<Fault> {
    let size: usize = metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    let max = limit::METADATA_BYTES_MAX;
    (max < size)
        .then(|| Fault::new("metadata", format_args!("has a limit of {max} bytes, got {size}")))
}

/// Values that make no sense: why it becomes an `OTHER.ModelError` event.
fn nonsense(finding: &Finding, now: OffsetDateTime) -> Option<Fault> {
    if finding.raw_label.is_empty() {
        return Some(Fault::new("raw_label", "must not be empty"));
    }
    if !(0.0..=1.0).contains(&finding.score) {
        return Some(Fault::new("score", format_args!("must be in 0..=1, got {}", finding.score)));
    }
    if let Some(Span { start, end }) = finding.span
        && end <= start
    {
        return Some(Fault::new(
            "span",
            format_args!("must end after it starts, got {start}..{end}"),
        ));
    }
    if let Some(fault) = time_fault("occurred_at", finding.occurred_at, now) {
        return Some(fault);
    }
    if let Said::Undefined(number) = finding.disposition {
        let problem = format_args!("must be a value of the contract, got {number}");
        return Some(Fault::new("disposition", problem));
    }
    let Finding { raw_label, detector_version, resource, request_id, trace_parent, .. } = finding;
    text_broken("raw_label", raw_label)
        .or_else(|| text_broken("detector_version", detector_version))
        .or_else(|| text_broken("resource", resource))
        .or_else(|| text_broken("request_id", request_id))
        .or_else(|| text_broken("trace_parent", trace_parent))
}

/// Why `moment` is no time at which something can have happened.
pub(crate) fn time_fault(
    field: &'static str,
    moment: Option<Moment>,
    now: OffsetDateTime,
) -> Option<Fault> {
    let Some(moment) = moment else {
        return Some(Fault::new(field, "is missing"));
    };
    let Some(time) = moment.time() else {
        return Some(Fault::new(field, "is not a time of the years 1 to 9999"));
    };
    if time < OffsetDateTime::UNIX_EPOCH {
        return Some(Fault::new(field, "lies before 1970"));
    }
    let ahead = time::Duration::seconds(limit::FUTURE_SECONDS_MAX);
    let minutes = ahead.whole_minutes();
    (now + ahead < time)
        .then(|| Fault::new(field, format_args!("lies more than {minutes} minutes in the future")))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(NOW).unwrap()
    }

    fn sound() -> Finding {
        Finding {
            id: "f-1".to_owned(),
            detector: "presidio".to_owned(),
            detector_version: String::new(),
            raw_label: "US_SSN".to_owned(),
            score: 0.9,
            span: Some(Span { start: 3, end: 14 }),
            occurred_at: Some(Moment { seconds: NOW, nanos: 0 }),
            resource: String::new(),
            disposition: Said::Nothing,
            metadata: BTreeMap::new(),
            request_id: String::new(),
            trace_parent: String::new(),
        }
    }

    /// A sound finding of the known detector `presidio`, changed by `change`.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Finding), expected: Expect) {
        let mut finding = sound();
        change(&mut finding);
        let actual = match judge(&finding, |name| name == "presidio", now()) {
            Judgement::Sound => "sound".to_owned(),
            Judgement::Malformed(fault) => format!("malformed {}: {}", fault.field, fault.message),
            Judgement::Refused(fault) => format!("refused {}: {}", fault.field, fault.message),
            Judgement::UnknownDetector => "unknown detector".to_owned(),
        };
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_finding_needs_an_identity() {
        check(|_| (), expect!["sound"]);
        check(|it| it.id.clear(), expect!["refused finding_id: `finding_id` must not be empty"]);
        check(|it| it.detector.clear(), expect!["refused detector: `detector` must not be empty"]);
        check(|it| it.detector = "nobody".to_owned(), expect!["unknown detector"]);
    }

    #[test]
    fn a_refusal_names_field_limit_and_size() {
        check(
            |it| it.raw_label = "x".repeat(513),
            expect!["refused raw_label: `raw_label` has a limit of 512 bytes, got 513"],
        );
        check(|it| it.raw_label = "x".repeat(512), expect!["sound"]);
        check(
            |it| it.metadata = [("k".repeat(100), "v".repeat(8093))].into(),
            expect!["refused metadata: `metadata` has a limit of 8192 bytes, got 8193"],
        );
        check(
            |it| it.resource = "r\0".to_owned(),
            expect!["malformed resource: `resource` must not contain the character U+0000"],
        );
    }

    #[test]
    fn values_that_make_no_sense_are_malformed() {
        check(
            |it| it.score = f64::NAN,
            expect!["malformed score: `score` must be in 0..=1, got NaN"],
        );
        check(|it| it.score = 1.5, expect!["malformed score: `score` must be in 0..=1, got 1.5"]);
        check(
            |it| it.raw_label.clear(),
            expect!["malformed raw_label: `raw_label` must not be empty"],
        );
        check(
            |it| it.span = Some(Span { start: 2, end: 1 }),
            expect!["malformed span: `span` must end after it starts, got 2..1"],
        );
        check(
            |it| it.disposition = Said::Undefined(77),
            expect!["malformed disposition: `disposition` must be a value of the contract, got 77"],
        );
    }

    #[test]
    fn broken_text_is_malformed_and_in_an_identity_refused() {
        check(
            |it| it.raw_label = "\u{fffd}".to_owned(),
            expect!["malformed raw_label: `raw_label` must be UTF-8 without U+FFFD"],
        );
        check(
            |it| it.id = "\u{fffd}".to_owned(),
            expect!["refused finding_id: `finding_id` must be UTF-8 without U+FFFD"],
        );
    }

    #[test]
    fn a_time_must_be_there_and_not_far_ahead() {
        check(
            |it| it.occurred_at = None,
            expect!["malformed occurred_at: `occurred_at` is missing"],
        );
        check(
            |it| it.occurred_at = Some(Moment { seconds: NOW + 300, nanos: 0 }),
            expect!["sound"],
        );
        check(
            |it| it.occurred_at = Some(Moment { seconds: NOW + 301, nanos: 0 }),
            expect!["malformed occurred_at: `occurred_at` lies more than 5 minutes in the future"],
        );
        check(
            |it| it.occurred_at = Some(Moment { seconds: i64::MAX, nanos: 0 }),
            expect!["malformed occurred_at: `occurred_at` is not a time of the years 1 to 9999"],
        );
        check(
            |it| it.occurred_at = Some(Moment { seconds: 0, nanos: -1 }),
            expect!["malformed occurred_at: `occurred_at` is not a time of the years 1 to 9999"],
        );
    }

    proptest! {
        #[test]
        fn judging_never_panics(
            (id, raw_label) in (".*", ".*"),
            (score, seconds, nanos) in (proptest::num::f64::ANY, any::<i64>(), any::<i32>()),
            (start, end) in any::<(u32, u32)>(),
        ) {
            let occurred_at = Some(Moment { seconds, nanos });
            let finding = Finding { id, raw_label, score, occurred_at, span: Some(Span { start, end }), ..sound() };
            judge(&finding, |_| true, now());
        }
    }
}
