//! Enums as the small numbers they are stored as: those of `proto/llamamapper`, 0 for none.

use types::{Disposition, Route, Severity};

use crate::mapping::Fallback;

pub(super) fn of_severity(severity: Severity) -> i16 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

pub(super) fn of_route(route: Route) -> i16 {
    match route {
        Route::Rule => 1,
        Route::Alias => 2,
        Route::Model => 3,
        Route::Llm => 4,
        Route::Fallback => 5,
    }
}

pub(super) fn of_disposition(disposition: Disposition) -> i16 {
    match disposition {
        Disposition::Unknown => 1,
        Disposition::Contained => 2,
        Disposition::Exposed => 3,
        Disposition::Ingested => 4,
        Disposition::Succeeded => 5,
    }
}

pub(super) fn of_fallback(fallback: Option<Fallback>) -> i16 {
    match fallback {
        None => 0,
        Some(Fallback::UnknownLabel) => 1,
        Some(Fallback::LowConfidence) => 2,
        Some(Fallback::Malformed) => 3,
    }
}

pub(super) fn severity(number: i16) -> sqlx::Result<Severity> {
    find("severity", number, Severity::ALL, of_severity)
}

pub(super) fn route(number: i16) -> sqlx::Result<Route> {
    find("route", number, Route::ALL, of_route)
}

pub(super) fn disposition(number: i16) -> sqlx::Result<Disposition> {
    find("disposition", number, Disposition::ALL, of_disposition)
}

pub(super) fn fallback(number: i16) -> sqlx::Result<Option<Fallback>> {
    if number == 0 {
        return Ok(None);
    }
    find("fallback_reason", number, Fallback::ALL, |it| of_fallback(Some(it))).map(Some)
}

/// A number that a newer binary wrote is an error, not a guess.
fn find<T: Copy, const N: usize>(
    column: &str,
    number: i16,
    all: [T; N],
    of: impl Fn(T) -> i16,
) -> sqlx::Result<T> {
    all.into_iter().find(|it| of(*it) == number).ok_or_else(|| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("unknown number {number}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back_from_its_number() {
        for it in Severity::ALL {
            assert_eq!(severity(of_severity(it)).unwrap(), it);
        }
        for it in Route::ALL {
            assert_eq!(route(of_route(it)).unwrap(), it);
        }
        for it in Disposition::ALL {
            assert_eq!(disposition(of_disposition(it)).unwrap(), it);
        }
        for it in Fallback::ALL.map(Some).into_iter().chain([None]) {
            assert_eq!(fallback(of_fallback(it)).unwrap(), it);
        }
        assert!(severity(6).is_err());
    }
}
