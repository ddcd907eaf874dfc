//! What a run report of a pushing detector must be to be taken. Pure.
//!
//! A report is no finding, so there is no event to make of a broken one: it is taken whole or refused.

use time::OffsetDateTime;
use types::limit;

use crate::finding::{Fault, Moment, text_broken, text_fault, time_fault};

const ID_BYTES_MAX: usize = limit::FINDING_ID_BYTES_MAX;

/// A run report as a detector sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    pub id: String,
    pub detector: String,
    pub detector_version: String,
    pub started_at: Option<Moment>,
    pub ended_at: Option<Moment>,
    pub looked_at: u64,
    pub flagged: u64,
    pub failed: u64,
}

/// A run report that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundReport {
    pub id: String,
    pub detector: String,
    pub detector_version: String,
    pub started_at: OffsetDateTime,
    pub ended_at: OffsetDateTime,
    pub looked_at: i64,
    pub flagged: i64,
    pub failed: i64,
}

/// Why a report is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Fault(Fault),
    UnknownDetector,
}

/// Judges `report` at the time `now`; `known` says whether a detector of that name exists.
pub fn judge(
    report: RunReport,
    known: impl FnOnce(&str) -> bool,
    now: OffsetDateTime,
) -> Result<SoundReport, Refusal> {
    let texts = [
        ("run_id", &report.id, 1, ID_BYTES_MAX),
        ("detector", &report.detector, 1, limit::DETECTOR_BYTES_MAX),
        ("detector_version", &report.detector_version, 0, limit::DETECTOR_VERSION_BYTES_MAX),
    ];
    let fault = texts.into_iter().find_map(|(field, text, min, max)| {
        text_fault(field, text, min, max).or_else(|| text_broken(field, text))
    });
    if let Some(fault) = fault {
        return Err(Refusal::Fault(fault));
    }
    if !known(&report.detector) {
        return Err(Refusal::UnknownDetector);
    }
    let started_at = time("started_at", report.started_at, now)?;
    let ended_at = time("ended_at", report.ended_at, now)?;
    if ended_at < started_at {
        return Err(Refusal::Fault(Fault::new("ended_at", "must not be before `started_at`")));
    }
    if report.looked_at < report.flagged {
        return Err(Refusal::Fault(Fault::new("flagged", "must not be more than `looked_at`")));
    }
    let [looked_at, flagged, failed] =
        [("looked_at", report.looked_at), ("flagged", report.flagged), ("failed", report.failed)]
            .map(|(field, n)| {
                i64::try_from(n).map_err(|_| Refusal::Fault(Fault::new(field, "is too large")))
            });
    Ok(SoundReport {
        id: report.id,
        detector: report.detector,
        detector_version: report.detector_version,
        started_at,
        ended_at,
        looked_at: looked_at?,
        flagged: flagged?,
        failed: failed?,
    })
}

fn time(
    field: &'static str,
    moment: Option<Moment>,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Refusal> {
    match (time_fault(field, moment, now), moment.and_then(Moment::time)) {
        (None, Some(time)) => Ok(time),
        (Some(fault), _) => Err(Refusal::Fault(fault)),
        (None, None) => Err(Refusal::Fault(Fault::new(field, "is missing"))),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const NOW: i64 = 1_790_000_000;

    /// A report of an hour of the known detector `presidio`, changed by `change`.
    #[track_caller]
    fn check(change: impl FnOnce(&mut RunReport), expected: Expect) {
        let mut report = RunReport {
            id: "r-1".to_owned(),
            detector: "presidio".to_owned(),
            detector_version: String::new(),
            started_at: Some(Moment { seconds: NOW - 3600, nanos: 0 }),
            ended_at: Some(Moment { seconds: NOW, nanos: 0 }),
            looked_at: 10,
            flagged: 2,
            failed: 1,
        };
        change(&mut report);
        let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
        let actual = match judge(report, |name| name == "presidio", now) {
            Ok(report) => format!("{} of {}", report.flagged, report.looked_at),
            Err(Refusal::Fault(fault)) => format!("{}: {}", fault.field, fault.message),
            Err(Refusal::UnknownDetector) => "unknown detector".to_owned(),
        };
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_report_is_taken_whole() {
        check(|_| (), expect!["2 of 10"]);
        check(|it| (it.looked_at, it.flagged) = (0, 0), expect!["0 of 0"]);
    }

    #[test]
    fn or_refused_with_the_field() {
        check(|it| it.id.clear(), expect!["run_id: `run_id` must not be empty"]);
        check(|it| it.detector = "nobody".to_owned(), expect!["unknown detector"]);
        check(|it| it.started_at = None, expect!["started_at: `started_at` is missing"]);
        check(
            |it| std::mem::swap(&mut it.started_at, &mut it.ended_at),
            expect!["ended_at: `ended_at` must not be before `started_at`"],
        );
        check(
            |it| it.flagged = 11,
            expect!["flagged: `flagged` must not be more than `looked_at`"],
        );
        check(|it| it.failed = u64::MAX, expect!["failed: `failed` is too large"]);
    }
}
