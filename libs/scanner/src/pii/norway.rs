//! Norwegian numbers: fødselsnummer, D-nummer, synthetic test numbers, organisasjonsnummer, kontonummer.
//!
//! Identity numbers are DDMMYY, three individual digits that fix the century, and two mod-11 control digits. From 2032
//! the authorities will also assign numbers whose first control digit is relaxed and whose individual digits say nothing
//! of the century. None exists yet, and accepting them today would let four times as many other 11-digit numbers
//! through, so they are refused; a later version of the detector turns them on.

use super::context::{Context, Kind};
use super::label::{
    NO_D_NUMMER, NO_FODSELSNUMMER, NO_KONTONUMMER, NO_ORGANISASJONSNUMMER, NO_SYNTHETIC_ID,
};
use super::number::{Digits, Run};
use crate::{Finding, score};

const FIRST_CONTROL: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND_CONTROL: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
/// How much less a number is worth that belongs to nobody, yet shows where a real one would have gone.
const SYNTHETIC_LESS: f32 = 0.05;
const ORGANISATION_CONTROL: [u32; 9] = [3, 2, 7, 6, 5, 4, 3, 2, 1];

/// True when the weighted sum of the first digits, control digit included, is a multiple of eleven.
fn holds(digits: &[u8], weights: &[u32]) -> bool {
    digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit) * weight).sum::<u32>() % 11
        == 0
}

/// A fødselsnummer, D-nummer or synthetic number.
pub(crate) fn identity(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let n_groups = grouped(run, &[&[11], &[6, 5], &[2, 2, 2, 5], &[2, 2, 2, 3, 2]], 11)?;
    let Digits { start, end, .. } = run.digits(n_groups)?;
    let digits = run.digits(n_groups)?;
    let values = digits.values();
    if !(holds(values, &FIRST_CONTROL) && holds(values, &SECOND_CONTROL)) {
        return None;
    }
    let label = kind(&digits)?;
    let score = match (
        context.says(Kind::Identity) || context.says(Kind::Birth),
        context.contradicts(Kind::Identity),
    ) {
        (true, _) => score::CHECKED_IN_CONTEXT,
        (false, false) => score::CHECKED,
        (false, true) => score::CHECKED_WEAK,
    };
    // Synthetic numbers belong to nobody, yet they show where real ones would have gone.
    let score = if label == NO_SYNTHETIC_ID { score - SYNTHETIC_LESS } else { score };
    Some(Finding { label, score, start, end })
}

/// Which register the number is from, if its date exists in the century its individual digits name.
fn kind(digits: &Digits) -> Option<&'static str> {
    let (mut day, mut month, year) =
        (digits.number(0, 2), digits.number(2, 4), digits.number(4, 6));
    let mut label = NO_FODSELSNUMMER;
    if 40 < day {
        (day, label) = (day - 40, NO_D_NUMMER);
    }
    // The tax authority's test population has 80 added to the month, older test numbers 40.
    for shift in [80, 40] {
        if shift < month {
            (month, label) = (month - shift, NO_SYNTHETIC_ID);
        }
    }
    let year = match (digits.number(6, 9), year) {
        (0..=499, _) => 1900 + year,
        (500..=749, 54..) => 1800 + year,
        (500.., 0..=39) => 2000 + year,
        (900.., 40..) => 1900 + year,
        _ => return None,
    };
    super::birth::exists(year, month, day).then_some(label)
}

/// A nine-digit number of the Register of Legal Entities; they begin with 8 or 9, synthetic ones with 31.
pub(crate) fn organisation(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let n_groups = grouped(run, &[&[9], &[3, 3, 3]], 9)?;
    let digits = run.digits(n_groups)?;
    let values = digits.values();
    if !holds(values, &ORGANISATION_CONTROL) || context.contradicts(Kind::Organisation) {
        return None;
    }
    let said = context.says(Kind::Organisation);
    let score = match (values, said) {
        ([8 | 9, ..], true) => score::CHECKED_IN_CONTEXT,
        ([8 | 9, ..], false) => score::CHECKED_WEAK,
        // The test population of the register; too many other numbers begin so to report them without the word.
        ([3, 1, ..], true) => score::CHECKED_IN_CONTEXT - SYNTHETIC_LESS,
        _ => return None,
    };
    Some(Finding { label: NO_ORGANISASJONSNUMMER, score, start: digits.start, end: digits.end })
}

/// An eleven-digit bank account number. Every fødselsnummer passes its control, so a bare one needs context.
pub(crate) fn account(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let n_groups = grouped(run, &[&[11], &[4, 2, 5]], 11)?;
    let digits = run.digits(n_groups)?;
    if !holds(digits.values(), &SECOND_CONTROL) {
        return None;
    }
    let score = match (context.says(Kind::Account), n_groups) {
        // Above a fødselsnummer in doubt, below one that is called so.
        (true, _) if !context.nearest_is(Kind::Identity) => score::CHECKED_IN_CONTEXT,
        (_, 3) if !context.contradicts(Kind::Account) => score::SHAPE,
        _ => return None,
    };
    Some(Finding { label: NO_KONTONUMMER, score, start: digits.start, end: digits.end })
}

/// How many groups make up the number, if the run begins with one of these shapes and nothing glues more digits to it.
fn grouped(run: &Run<'_>, shapes: &[&[usize]], n_digits: usize) -> Option<usize> {
    debug_assert!(shapes.iter().all(|shape| shape.iter().sum::<usize>() == n_digits));
    if run.continues() || preceded_by_digits(run) {
        return None;
    }
    let shape = shapes.iter().find(|shape| run.has_shape(shape))?;
    let n_groups = shape.len();
    let alone = !run.goes_on(n_groups) && run.is_even(n_groups) && run.separator(0) != Some(b'/');
    let glued = n_groups == 1 && run.separator(0).is_some_and(|byte| matches!(byte, b'-' | b'/'));
    let decimal = n_groups == 1 && run.separator(0) == Some(b'.');
    (alone && !glued && !decimal).then_some(n_groups)
}

/// True for the later groups of `+47 404 11 05 073`: a number cannot begin in the middle of another.
fn preceded_by_digits(run: &Run<'_>) -> bool {
    let bytes = run.text().as_bytes();
    matches!(crate::chars::before(bytes, run.start()), Some(b'+'))
}
