//! Moments on the command line and on the wire.

use std::str::FromStr;

use prost_types::Timestamp;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time as a person gives it: RFC 3339, or an age such as `24h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(OffsetDateTime),
    Ago(Duration),
}

impl Moment {
    pub(crate) fn resolve(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Moment::At(at) => at,
            Moment::Ago(age) => now - age,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Moment, String> {
        if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Moment::At(at));
        }
        let refuse =
            || format!("`{text}` is neither RFC 3339 nor an age such as `90m`, `24h` or `14d`");
        let unit = text.chars().next_back().ok_or_else(refuse)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(refuse()),
        };
        let count: u32 =
            text.strip_suffix(unit).and_then(|it| it.parse().ok()).ok_or_else(refuse)?;
        // Ten thousand days reach beyond anything stored, and stay within what a timestamp can say.
        if 864_000_000 < i64::from(count) * seconds {
            return Err(format!("`{text}` is more than 10,000 days ago"));
        }
        Ok(Moment::Ago(Duration::seconds(i64::from(count) * seconds)))
    }
}

pub(crate) fn to_wire(at: OffsetDateTime) -> Timestamp {
    // Nanoseconds of a second are below 10^9 and so fit.
    Timestamp { seconds: at.unix_timestamp(), nanos: at.nanosecond().cast_signed() }
}

/// `2026-11-21 14:05:09`, UTC; empty when missing or beyond what a date can be.
pub(crate) fn show(at: Option<&Timestamp>) -> String {
    let Some(at) = at.and_then(|it| OffsetDateTime::from_unix_timestamp(it.seconds).ok()) else {
        return String::new();
    };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_an_age() {
        assert_eq!("90m".parse(), Ok(Moment::Ago(Duration::minutes(90))));
        assert_eq!("14d".parse(), Ok(Moment::Ago(Duration::days(14))));
        let at: Moment = "2026-11-21T10:00:00Z".parse().unwrap();
        assert_eq!(at.resolve(OffsetDateTime::UNIX_EPOCH).unix_timestamp(), 1_795_255_200);
        for bad in ["", "d", "14", "-1d", "1w", "4294967295d", "é"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
