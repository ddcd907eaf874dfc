//! Numbers of documents: US social security, passports, driving licences.

use super::context::{Context, Kind};
use super::label::{DRIVER_LICENCE, PASSPORT, US_SSN};
use super::number::Run;
use crate::{Finding, chars, score};

/// `123-45-6789`; without separators only beside a word that says so. The ranges never assigned are no finding.
pub(crate) fn ssn(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let dashed = run.has_shape(&[3, 2, 4])
        && run.is_even(3)
        && matches!(run.separator(0), Some(b'-' | b' '));
    let n_groups = match (dashed, run.has_shape(&[9])) {
        (true, _) => 3,
        (_, true) => 1,
        _ => return None,
    };
    let digits = run.digits(n_groups)?;
    let (area, group, serial) = (digits.number(0, 3), digits.number(3, 5), digits.number(5, 9));
    let assigned = !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0;
    if !assigned || run.continues() || run.goes_on(n_groups) {
        return None;
    }
    let score = match (context.says(Kind::Ssn), run.separator(0)) {
        (true, _) => score::SHAPE_STRONG,
        (false, Some(b'-')) if dashed && !context.nearest_is(Kind::Impersonal) => {
            score::SHAPE + 0.1
        }
        _ => return None,
    };
    Some(Finding { label: US_SSN, score, start: digits.start, end: digits.end })
}

/// A passport or licence number that starts at `start`, first digit at `digit`, by the word before it.
pub(crate) fn numbered(
    text: &str,
    start: usize,
    digit: usize,
    context: &Context,
) -> Option<Finding> {
    let bytes = text.as_bytes();
    let label = if context.nearest_is(Kind::Passport) {
        PASSPORT
    } else if context.nearest_is(Kind::Licence) {
        DRIVER_LICENCE
    } else {
        return None;
    };
    let (n_letters_max, length) = if label == PASSPORT { (2, 6..=10) } else { (16, 5..=18) };
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || (label == DRIVER_LICENCE && byte == b'-');
    let end = start + chars::run(bytes, start, 32, is_part);
    let word = text.get(start..end)?;
    let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
    let shaped = digit - start <= n_letters_max && length.contains(&word.len()) && 5 <= n_digits;
    let apart =
        chars::starts_word(bytes, start) && chars::ends_word(bytes, end) && !word.ends_with('-');
    (shaped && apart).then_some(Finding { label, score: score::SHAPE, start, end })
}
