//! Dates of birth: a date that exists, near a word that says somebody was born on it.

use super::context::{Context, Kind};
use super::label::DATE_OF_BIRTH;
use super::number::{Digits, Run};
use crate::{Finding, chars, score};

/// A date written in digits, if a word nearby says it is one of birth.
pub(crate) fn numeric(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let n_groups = date(run)?;
    if !context.says(Kind::Birth) {
        return None;
    }
    let Digits { start, end, .. } = run.digits(n_groups)?;
    Some(Finding { label: DATE_OF_BIRTH, score: score::SHAPE_IN_CONTEXT, start, end })
}

/// How many groups make up the date the run begins with, if it begins with one.
pub(crate) fn date(run: &Run<'_>) -> Option<usize> {
    let (lengths, n_groups) = run.shape();
    let dated =
        3 <= n_groups && run.is_even(3) && matches!(run.separator(0), Some(b'-' | b'.' | b'/'));
    if !dated || run.continues() {
        return None;
    }
    let digits = run.digits(3)?;
    let exists = match lengths[..3] {
        [4, 1 | 2, 1 | 2] => {
            let (month, day) = (
                digits.number(4, 4 + lengths[1]),
                digits.number(4 + lengths[1], digits.values().len()),
            );
            exists(digits.number(0, 4), month, day)
        }
        [1 | 2, 1 | 2, year @ (2 | 4)] => {
            let first = digits.number(0, lengths[0]);
            let second = digits.number(lengths[0], lengths[0] + lengths[1]);
            let last = digits.number(lengths[0] + lengths[1], lengths[0] + lengths[1] + year);
            let year = if year == 2 { 2000 + last } else { last };
            exists(year, second, first) || exists(year, first, second)
        }
        _ => false,
    };
    (exists && !(run.goes_on(3))).then_some(3)
}

/// Month names by their first letters, in the languages whose letters we can tell apart this way.
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "des", "dez", "déc", "fév", "avr", "juin",
    "juil", "aoû", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott", "fev", "mär", "maj", "mrt", "mei", "out",
];

/// `13 April 1978`, `13. april 1978`, `April 13, 1978`: `at` is the first digit of the day.
pub(crate) fn named_month(text: &str, at: usize, context: &Context) -> Option<Finding> {
    if !context.says(Kind::Birth) {
        return None;
    }
    let bytes = text.as_bytes();
    let n_day = chars::run(bytes, at, 3, |byte| byte.is_ascii_digit());
    if 2 < n_day {
        return None;
    }
    let rest = &text[at + n_day..];
    let after_day = rest
        .strip_prefix("st")
        .or(rest.strip_prefix("nd"))
        .or(rest.strip_prefix("rd"))
        .or(rest.strip_prefix("th"));
    let after_day = after_day.unwrap_or(rest);
    if let Some(year) =
        after_day.strip_prefix(", ").or(after_day.strip_prefix(" ")).and_then(year_end)
    {
        // The month came first.
        let before = text[..at].trim_end_matches([' ', '.']);
        let n_letters = before
            .chars()
            .rev()
            .take(12)
            .take_while(|letter| letter.is_alphabetic())
            .map(char::len_utf8)
            .sum::<usize>();
        let month = &before[before.len() - n_letters..];
        if is_month(month) {
            let end = text.len() - after_day.len() + (after_day.len() - year.len());
            return Some(found(before.len() - n_letters, end));
        }
    }
    let month = after_day
        .trim_start_matches(['.', ' ', '-'])
        .trim_start_matches("de ")
        .trim_start_matches("of ");
    let n_letters = month
        .chars()
        .take(12)
        .take_while(|letter| letter.is_alphabetic())
        .map(char::len_utf8)
        .sum::<usize>();
    let (month, rest) = month.split_at(n_letters);
    let rest = rest
        .trim_start_matches(['.', ',', ' ', '-'])
        .trim_start_matches("de ")
        .trim_start_matches("del ");
    let year = year_end(rest).filter(|_| is_month(month))?;
    Some(found(at, text.len() - year.len()))
}

fn found(start: usize, end: usize) -> Finding {
    Finding { label: DATE_OF_BIRTH, score: score::SHAPE_IN_CONTEXT, start, end }
}

fn is_month(word: &str) -> bool {
    let word = word.to_lowercase();
    3 <= word.len() && MONTHS.iter().any(|month| word.starts_with(month))
}

/// What follows a year of four digits.
fn year_end(text: &str) -> Option<&str> {
    let year = text.get(..4).filter(|year| year.starts_with("19") || year.starts_with("20"))?;
    let whole =
        year.bytes().all(|byte| byte.is_ascii_digit()) && chars::ends_word(text.as_bytes(), 4);
    whole.then(|| &text[4..])
}

/// True when the Gregorian calendar has the date, within the lives of people.
pub(crate) fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let n_days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1850..=2099).contains(&year) && (1..=n_days).contains(&day)
}
