//! Sums over a period, and the series that other files read patterns from. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::OffsetDateTime;
use types::{Disposition, Route, Severity};

use crate::rollup::EventSum;

/// Events of a period that share everything but the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    pub detector: String,
    pub label: String,
    pub severity: Severity,
    pub route: Route,
    pub disposition: Disposition,
    pub sum: EventSum,
}

/// Events of one label in one hour.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelHour {
    pub label: String,
    pub severity: Severity,
    pub hour: OffsetDateTime,
    pub sum: EventSum,
}

/// Events of one domain in one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    #[serde(with = "time::serde::rfc3339")]
    pub start: OffsetDateTime,
    pub domain: String,
    pub events: u64,
}

/// How many of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub key: String,
    pub events: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Summary {
    pub events: u64,
    pub domains: Vec<Tally>,
    pub labels: Vec<Tally>,
    /// Gravest first.
    pub severities: Vec<Tally>,
    pub routes: Vec<Tally>,
    pub detectors: Vec<Tally>,
    pub dispositions: Vec<Tally>,
}

/// First part of a label: `PII` of `PII.Contact.Email`.
pub fn domain(label: &str) -> &str {
    label.split_once('.').map_or(label, |(domain, _)| domain)
}

/// Every sum of the period, most first where there is no order of its own.
pub fn of(totals: &[Total]) -> Summary {
    let mut severities: BTreeMap<Severity, u64> = BTreeMap::new();
    for total in totals {
        *severities.entry(total.severity).or_default() += total.sum.events;
    }
    let severities = severities.into_iter().rev();
    Summary {
        events: totals.iter().map(|it| it.sum.events).sum(),
        domains: most_first(totals, |it| domain(&it.label)),
        labels: most_first(totals, |it| &it.label),
        severities: severities
            .map(|(key, events)| Tally { key: key.to_string(), events })
            .collect(),
        routes: most_first(totals, |it| it.route.as_str()),
        detectors: most_first(totals, |it| &it.detector),
        dispositions: most_first(totals, |it| it.disposition.as_str()),
    }
}

fn most_first<'a>(totals: &'a [Total], key: impl Fn(&'a Total) -> &'a str) -> Vec<Tally> {
    let mut tallies: BTreeMap<&str, u64> = BTreeMap::new();
    for total in totals {
        *tallies.entry(key(total)).or_default() += total.sum.events;
    }
    let tallies = tallies.into_iter().map(|(key, events)| Tally { key: key.to_owned(), events });
    let mut tallies: Vec<Tally> = tallies.collect();
    tallies.sort_by_key(|it| std::cmp::Reverse(it.events));
    tallies
}

/// Labels of which a pattern was measured: a spike, or events on several days.
pub fn recurring(
    hours: &[LabelHour],
    spiking: &BTreeSet<String>,
    tolerance: &Tolerance,
) -> BTreeSet<String> {
    let mut days: BTreeMap<&str, (BTreeSet<time::Date>, u64)> = BTreeMap::new();
    for hour in hours {
        let (dates, events) = days.entry(&hour.label).or_default();
        dates.insert(hour.hour.date());
        *events += hour.sum.events;
    }
    let patterned = days.into_iter().filter(|(_, (dates, events))| {
        tolerance.recurring_days_min <= dates.len() && tolerance.recurring_events_min <= *events
    });
    patterned.map(|(label, _)| label.to_owned()).chain(spiking.iter().cloned()).collect()
}

/// From when on a label is a pattern rather than single events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    pub recurring_days_min: usize,
    pub recurring_events_min: u64,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use time::macros::datetime;

    use super::*;

    fn total(label: &str, severity: Severity, events: u64) -> Total {
        Total {
            detector: "presidio".to_owned(),
            label: label.to_owned(),
            severity,
            route: Route::Rule,
            disposition: Disposition::Contained,
            sum: EventSum { events, ..EventSum::default() },
        }
    }

    #[test]
    fn most_come_first_and_severities_gravest_first() {
        let totals = [
            total("PII.Contact.Email", Severity::Medium, 3),
            total("PII.Contact.Phone", Severity::Medium, 5),
            total("JAILBREAK.Direct", Severity::High, 6),
        ];
        let summary = of(&totals);
        let line = |tallies: &[Tally]| {
            tallies
                .iter()
                .map(|it| format!("{} {}", it.key, it.events))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let actual = [line(&summary.domains), line(&summary.labels), line(&summary.severities)];
        expect![[r#"
            PII 8, JAILBREAK 6
            JAILBREAK.Direct 6, PII.Contact.Phone 5, PII.Contact.Email 3
            high 6, medium 8"#]]
        .assert_eq(&actual.join("\n"));
    }

    #[test]
    fn a_label_of_several_days_recurs_and_so_does_a_spike() {
        let hour = |label: &str, day: u8| LabelHour {
            label: label.to_owned(),
            severity: Severity::Low,
            hour: datetime!(2026-11-01 00:00 UTC).replace_day(day).unwrap(),
            sum: EventSum { events: 5, ..EventSum::default() },
        };
        let hours =
            [hour("A.B", 1), hour("A.B", 2), hour("A.B", 3), hour("C.D", 1), hour("C.D", 1)];
        let tolerance = Tolerance { recurring_days_min: 3, recurring_events_min: 10 };
        let spiking = BTreeSet::from(["E.F".to_owned()]);
        let labels: Vec<String> = recurring(&hours, &spiking, &tolerance).into_iter().collect();
        assert_eq!(labels, ["A.B", "E.F"]);
    }
}
