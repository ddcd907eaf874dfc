//! The `grpc-timeout` header: how long a caller is willing to wait, said in at most 8 digits and a unit.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

const DIGITS_MAX: usize = 8;

/// How long the sender of `headers` waits; `None` when it does not say, or not so that we understand.
pub(crate) fn asked(headers: &HeaderMap) -> Option<Duration> {
    parse(headers.get(GRPC_TIMEOUT)?.to_str().ok()?)
}

fn parse(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || DIGITS_MAX < digits.len() || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(n * 3600)),
        "M" => Some(Duration::from_secs(n * 60)),
        "S" => Some(Duration::from_secs(n)),
        "m" => Some(Duration::from_millis(n)),
        "u" => Some(Duration::from_micros(n)),
        "n" => Some(Duration::from_nanos(n)),
        _ => None,
    }
}

/// The header's value for `wait`, in the finest unit that has room for it, never longer than `wait`.
pub(crate) fn header(wait: Duration) -> HeaderValue {
    let max = 10u128.pow(u32::try_from(DIGITS_MAX).expect("8 fits")) - 1;
    let units = [
        (wait.as_nanos(), "n"),
        (wait.as_micros(), "u"),
        (wait.as_millis(), "m"),
        (u128::from(wait.as_secs()), "S"),
    ];
    let fits = units.into_iter().find(|(n, _)| *n <= max);
    let (n, unit) = fits.unwrap_or((max, "S"));
    HeaderValue::try_from(format!("{n}{unit}")).expect("digits and a letter are a header value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parses_what_the_grpc_spec_allows() {
        assert_eq!(parse("100m"), Some(Duration::from_millis(100)));
        assert_eq!(parse("1H"), Some(Duration::from_secs(3600)));
        for bad in ["", "S", "5", "-1S", "+1S", "123456789S", "5x", "é", "1é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_never_longer_and_hardly_shorter(micros in 0u64..10_000_000_000_000) {
            let wait = Duration::from_micros(micros);
            let sent = header(wait);
            let received = parse(sent.to_str().unwrap()).unwrap();
            prop_assert!(received <= wait);
            prop_assert!(wait - received <= wait / 100_000 + Duration::from_nanos(1), "{:?}", sent);
        }

        #[test]
        fn no_header_panics(text in ".{0,12}") {
            parse(&text);
        }
    }
}
