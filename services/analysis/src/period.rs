//! Spans of time and the buckets they are counted in. Pure: the clock is handed in.

use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// A half-open span of time: `from <= t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
}

/// How wide a bucket is. Days are days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    Minute,
    Hour,
    Day,
}

/// Buckets of one width that together with others make up a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub width: Width,
    pub period: Period,
}

impl Width {
    pub const ALL: [Width; 3] = [Width::Minute, Width::Hour, Width::Day];

    pub fn seconds(self) -> i64 {
        match self {
            Width::Minute => 60,
            Width::Hour => 3_600,
            Width::Day => 86_400,
        }
    }

    /// Start of the bucket that `at` is in.
    pub fn floor(self, at: OffsetDateTime) -> OffsetDateTime {
        let past = at.unix_timestamp().rem_euclid(self.seconds());
        at.replace_nanosecond(0).unwrap_or(at).saturating_sub(Duration::seconds(past))
    }

    /// The first start of a bucket that is not before `at`.
    pub fn ceil(self, at: OffsetDateTime) -> OffsetDateTime {
        let floor = self.floor(at);
        if floor == at { at } else { floor.saturating_add(Duration::seconds(self.seconds())) }
    }
}

impl Period {
    pub fn contains(&self, at: OffsetDateTime) -> bool {
        self.from <= at && at < self.to
    }

    /// How many buckets of `width` the period touches.
    pub fn buckets(&self, width: Width) -> u64 {
        let seconds = (width.ceil(self.to) - width.floor(self.from)).whole_seconds();
        u64::try_from(seconds / width.seconds()).unwrap_or(0)
    }

    /// The buckets that make up the period, none wider than `coarsest`.
    ///
    /// Edges that are no whole minutes are rounded outwards to whole minutes, the finest that is counted.
    pub fn segments(&self, coarsest: Width) -> Vec<Segment> {
        let mut segments = Vec::new();
        let from = Width::Minute.floor(self.from);
        let to = Width::Minute.ceil(self.to);
        split(Period { from, to }, coarsest, &mut segments);
        segments
    }
}

fn split(period: Period, width: Width, segments: &mut Vec<Segment>) {
    if period.to <= period.from {
        return;
    }
    let finer = match width {
        Width::Minute => return segments.push(Segment { width, period }),
        Width::Hour => Width::Minute,
        Width::Day => Width::Hour,
    };
    let whole = Period { from: width.ceil(period.from), to: width.floor(period.to) };
    if whole.to <= whole.from {
        return split(period, finer, segments);
    }
    split(Period { from: period.from, to: whole.from }, finer, segments);
    segments.push(Segment { width, period: whole });
    split(Period { from: whole.to, to: period.to }, finer, segments);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    #[track_caller]
    fn check(period: Period, coarsest: Width, expected: Expect) {
        let mut actual = String::new();
        for Segment { width, period } in period.segments(coarsest) {
            writeln!(actual, "{width:?} {} .. {}", period.from, period.to).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_ragged_period_is_minutes_hours_days_hours_minutes() {
        let period = Period {
            from: datetime!(2026-11-01 22:58:30 UTC),
            to: datetime!(2026-11-04 01:02 UTC),
        };
        check(
            period,
            Width::Day,
            expect![[r#"
                Minute 2026-11-01 22:58:00.0 +00:00:00 .. 2026-11-01 23:00:00.0 +00:00:00
                Hour 2026-11-01 23:00:00.0 +00:00:00 .. 2026-11-02 0:00:00.0 +00:00:00
                Day 2026-11-02 0:00:00.0 +00:00:00 .. 2026-11-04 0:00:00.0 +00:00:00
                Hour 2026-11-04 0:00:00.0 +00:00:00 .. 2026-11-04 1:00:00.0 +00:00:00
                Minute 2026-11-04 1:00:00.0 +00:00:00 .. 2026-11-04 1:02:00.0 +00:00:00
            "#]],
        );
    }

    #[test]
    fn a_period_that_ends_before_it_starts_is_empty() {
        let period =
            Period { from: datetime!(2026-11-04 00:00 UTC), to: datetime!(2026-11-01 00:00 UTC) };
        check(period, Width::Day, expect![""]);
    }

    proptest! {
        #[test]
        fn segments_join_without_gap_or_overlap(from in 0i64..10_000_000, length in 1i64..10_000_000) {
            let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let period = Period { from: at(from), to: at(from + length) };
            let segments = period.segments(Width::Day);
            prop_assert_eq!(segments[0].period.from, Width::Minute.floor(period.from));
            prop_assert_eq!(segments[segments.len() - 1].period.to, Width::Minute.ceil(period.to));
            for pair in segments.windows(2) {
                prop_assert_eq!(pair[0].period.to, pair[1].period.from);
            }
            for Segment { width, period } in segments {
                prop_assert_eq!(width.floor(period.from), period.from);
                prop_assert_eq!(width.floor(period.to), period.to);
            }
        }
    }
}
