//! Identity, tax and health numbers of other countries than Norway and the US, by their check digits.
//!
//! Only what a check digit can settle. Where a number looks like many others (ten plain digits with one check digit), the
//! word for it has to stand nearby; where its shape or its check is rare (a letter out of 23, a key modulo 97), it need
//! not. The rules are those the issuing authorities publish.

use super::checksum;
use super::context::{Context, Kind};
use super::label::{
    AU_MEDICARE, AU_TFN, BE_NATIONAL_NUMBER, BR_CPF, CA_SIN, CH_AHV, DK_CPR, ES_DNI, FI_HETU,
    FR_NIR, IN_AADHAAR, IT_CODICE_FISCALE, NL_BSN, PL_PESEL, SE_PERSONNUMMER, UK_NHS_NUMBER,
};
use super::number::{Digits, Run};
use crate::{Finding, chars, score};

/// A number that is written in digits only: what it looks like, and what has to hold.
#[derive(Debug)]
struct Scheme {
    label: &'static str,
    /// The word that names it.
    kind: Kind,
    shapes: &'static [&'static [usize]],
    holds: fn(&[u8]) -> bool,
    /// The score without that word, if the number is telling enough when written in more than one group.
    alone: Option<f32>,
}

#[rustfmt::skip]
const SCHEMES: &[Scheme] = &[
    Scheme { label: AU_MEDICARE, kind: Kind::Medicare, shapes: &[&[4, 5, 1], &[10]], holds: medicare, alone: None },
    Scheme { label: AU_TFN, kind: Kind::Tfn, shapes: &[&[3, 3, 3], &[9]], holds: tfn, alone: None },
    Scheme { label: BE_NATIONAL_NUMBER, kind: Kind::Belgian, shapes: &[&[2, 2, 2, 3, 2], &[11]], holds: belgian, alone: Some(score::CHECKED) },
    Scheme { label: BR_CPF, kind: Kind::Cpf, shapes: &[&[3, 3, 3, 2], &[11]], holds: cpf, alone: Some(score::CHECKED) },
    Scheme { label: CA_SIN, kind: Kind::Sin, shapes: &[&[3, 3, 3], &[9]], holds: checksum::luhn, alone: None },
    Scheme { label: CH_AHV, kind: Kind::Ahv, shapes: &[&[3, 4, 4, 2], &[13]], holds: ahv, alone: Some(score::CHECKED) },
    Scheme { label: DK_CPR, kind: Kind::Cpr, shapes: &[&[6, 4], &[10]], holds: cpr, alone: None },
    Scheme { label: FR_NIR, kind: Kind::Nir, shapes: &[&[1, 2, 2, 2, 3, 3, 2], &[13, 2], &[15]], holds: nir, alone: Some(score::CHECKED) },
    Scheme { label: IN_AADHAAR, kind: Kind::Aadhaar, shapes: &[&[4, 4, 4], &[12]], holds: aadhaar, alone: None },
    Scheme { label: NL_BSN, kind: Kind::Bsn, shapes: &[&[9], &[3, 3, 3], &[4, 2, 3]], holds: bsn, alone: None },
    Scheme { label: PL_PESEL, kind: Kind::Pesel, shapes: &[&[11]], holds: pesel, alone: None },
    Scheme { label: SE_PERSONNUMMER, kind: Kind::Identity, shapes: &[&[6, 4], &[8, 4], &[10], &[12]], holds: personnummer, alone: Some(score::SHAPE) },
    Scheme { label: UK_NHS_NUMBER, kind: Kind::Nhs, shapes: &[&[3, 3, 4], &[10]], holds: nhs, alone: None },
];

/// The best reading of a run of digits as one of these numbers.
pub(crate) fn number(run: &Run<'_>, context: &Context) -> Option<Finding> {
    if run.continues() || chars::before(run.text().as_bytes(), run.start()) == Some(b'+') {
        return None;
    }
    let mut best: Option<Finding> = None;
    for scheme in SCHEMES {
        let Some(digits) = written(run, scheme.shapes) else { continue };
        if !(scheme.holds)(digits.values()) {
            continue;
        }
        let said = context.says(scheme.kind);
        let grouped = digits.values().len() < digits.end - digits.start;
        let score = match scheme.alone {
            _ if said && scheme.label == DK_CPR => score::SHAPE_IN_CONTEXT,
            _ if said => score::CHECKED_IN_CONTEXT,
            Some(alone) if grouped && !context.contradicts(scheme.kind) => alone,
            _ => continue,
        };
        if best.is_none_or(|best| best.score < score) {
            let Digits { start, end, .. } = digits;
            best = Some(Finding { label: scheme.label, score, start, end });
        }
    }
    best
}

/// The digits, if the run is one of these shapes and no more.
fn written(run: &Run<'_>, shapes: &[&[usize]]) -> Option<Digits> {
    let shape = shapes.iter().find(|shape| run.has_shape(shape))?;
    let n_groups = shape.len();
    let separators: Vec<u8> = (0..n_groups - 1).filter_map(|index| run.separator(index)).collect();
    let slashed = separators.contains(&b'/');
    // One separator, or one for the body and another before the check: 85.07.30-033.28.
    let n_kinds = (0..separators.len())
        .filter(|&index| !separators[..index].contains(&separators[index]))
        .count();
    let glued = match run.separator(n_groups - 1) {
        None | Some(b' ') => false,
        // A full stop ends a sentence only before a space, which is no gap within a number.
        Some(_) => true,
    };
    (n_kinds <= 2 && !slashed && !glued).then(|| run.digits(n_groups))?
}

/// A number of digits and letters that starts at `start` and ends at `end`.
pub(crate) fn lettered(text: &str, start: usize, end: usize, context: &Context) -> Option<Finding> {
    let word = text.as_bytes().get(start..end)?;
    let label = if is_codice_fiscale(word) {
        IT_CODICE_FISCALE
    } else if is_dni(word) {
        ES_DNI
    } else {
        return None;
    };
    let score = match (label, context.says(Kind::Dni), context.nearest_is(Kind::Impersonal)) {
        (IT_CODICE_FISCALE, ..) => score::CHECKED,
        (_, true, _) => score::CHECKED_IN_CONTEXT,
        (_, false, false) => score::CHECKED_WEAK,
        (_, false, true) => return None,
    };
    Some(Finding { label, score, start, end })
}

/// A Finnish henkilötunnus, `DDMMYYCZZZQ`, whose first digit is at `at`: a date, a sign for the century, and one of 31
/// check characters.
pub(crate) fn hetu(text: &str, at: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let word = bytes.get(at..at + 11)?;
    let (date, century, serial, check) = (&word[..6], word[6], &word[7..10], word[10]);
    let shaped = date.iter().chain(serial).all(u8::is_ascii_digit)
        && matches!(century, b'+' | b'-' | b'A'..=b'F' | b'U'..=b'Y')
        && chars::starts_word(bytes, at)
        && chars::ends_word(bytes, at + 11);
    if !shaped {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().fold(0, |number, &digit| number * 10 + usize::from(digit - b'0'))
    };
    let remainder = (number(date) * 1000 + number(serial)) % 31;
    let values: Vec<u8> = date.iter().map(|digit| digit - b'0').collect();
    let holds = b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(remainder) == Some(&check);
    (holds && dated(&values, [4, 2, 0])).then_some(Finding {
        label: FI_HETU,
        score: score::CHECKED,
        start: at,
        end: at + 11,
    })
}

/// Eight digits and a letter that follows from them, or the same with X, Y or Z for the first digit (NIE).
fn is_dni(word: &[u8]) -> bool {
    let [first, digits @ .., check] = word else { return false };
    let lead = match first {
        b'0'..=b'9' => u32::from(first - b'0'),
        b'X' | b'Y' | b'Z' => u32::from(first - b'X'),
        _ => return false,
    };
    if digits.len() != 7 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = digits.iter().fold(lead, |number, digit| number * 10 + u32::from(digit - b'0'));
    b"TRWAGMYFPDXBNJZSQVHLCKE".get((number % 23) as usize) == Some(check)
}

/// Six letters of the name, the date and place of birth, and a letter that follows from them.
fn is_codice_fiscale(word: &[u8]) -> bool {
    // Values of the characters in odd places, of A to Z; a digit counts as the letter with its index.
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let shaped = word.len() == 16
        && word.iter().enumerate().all(|(index, byte)| match index {
            6 | 7 | 9 | 10 | 12..=14 => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase(),
        });
    if !shaped {
        return false;
    }
    let sum: u32 = word[..15]
        .iter()
        .enumerate()
        .map(|(index, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            if index % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    sum % 26 == u32::from(word[15] - b'A')
}

fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
}

/// True when year, month and day of two digits stand at these places and make a date of the last or this century.
fn dated(digits: &[u8], [year, month, day]: [usize; 3]) -> bool {
    let two = |at: usize| u32::from(digits[at]) * 10 + u32::from(digits[at + 1]);
    [1900, 2000]
        .into_iter()
        .any(|century| super::birth::exists(century + two(year), two(month), two(day)))
}

fn medicare(digits: &[u8]) -> bool {
    matches!(digits[0], 2..=6)
        && checksum::weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(digits[8])
}

fn tfn(digits: &[u8]) -> bool {
    checksum::weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn belgian(digits: &[u8]) -> bool {
    let (serial, check) = (value(&digits[..9]), value(&digits[9..]));
    // Those born from 2000 on have a 2 before the number when the check is computed.
    let holds = |serial: u64| 97 - serial % 97 == check;
    dated(digits, [0, 2, 4]) && (holds(serial) || holds(2_000_000_000 + serial))
}

fn cpf(digits: &[u8]) -> bool {
    let check = |n_digits: usize| {
        let weights: Vec<u32> = (2..).take(n_digits).collect();
        let sum: u32 = digits[..n_digits]
            .iter()
            .zip(weights.iter().rev())
            .map(|(&digit, weight)| u32::from(digit) * weight)
            .sum();
        sum * 10 % 11 % 10 == u32::from(digits[n_digits])
    };
    let varied = digits.iter().any(|&digit| digit != digits[0]);
    varied && check(9) && check(10)
}

fn ahv(digits: &[u8]) -> bool {
    digits.starts_with(&[7, 5, 6])
        && checksum::weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Only the date: numbers given out since 2007 need not hold the old check.
fn cpr(digits: &[u8]) -> bool {
    dated(digits, [4, 2, 0])
}

/// Corsican numbers with a letter are not read.
fn nir(digits: &[u8]) -> bool {
    let month = value(&digits[3..5]);
    matches!(digits[0], 1 | 2)
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - value(&digits[..13]) % 97 == value(&digits[13..])
}

fn aadhaar(digits: &[u8]) -> bool {
    1 < digits[0] && checksum::verhoeff(digits)
}

fn bsn(digits: &[u8]) -> bool {
    // The last digit counts negatively, which modulo eleven is ten.
    value(digits) != 0
        && checksum::weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11)
}

fn pesel(digits: &[u8]) -> bool {
    // Centuries other than the 20th are told by 20, 40, 60 or 80 added to the month.
    let month = digits[2] % 2 * 10 + digits[3];
    (1..=12).contains(&month)
        && checksum::weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

fn personnummer(digits: &[u8]) -> bool {
    let digits = match digits {
        [1, 9, rest @ ..] | [2, 0, rest @ ..] if rest.len() == 10 => rest,
        _ if digits.len() == 10 => digits,
        _ => return false,
    };
    // A samordningsnummer has 60 added to its day.
    let mut date = digits.to_vec();
    if 6 <= date[4] {
        date[4] -= 6;
    }
    dated(&date, [0, 2, 4]) && checksum::luhn(digits)
}

fn nhs(digits: &[u8]) -> bool {
    value(digits) != 0
        && checksum::weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}
