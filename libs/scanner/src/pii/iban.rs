//! International bank account numbers: country length, mod 97.

use super::context::{Context, Kind};
use super::label::IBAN;
use crate::{Finding, chars, score};

/// Length by country, from the IBAN registry.
#[rustfmt::skip]
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HR", 21), (b"HU", 28), (b"IE", 22),
    (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32),
    (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19),
    (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PK", 24),
    (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24), (b"SC", 31),
    (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28), (b"TL", 23),
    (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];

/// The IBAN whose country code starts at `start`, written in one piece or with single spaces or hyphens.
pub(crate) fn iban(text: &str, start: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let [first, second, third, fourth, ..] = bytes.get(start..)? else { return None };
    if !(third.is_ascii_digit() && fourth.is_ascii_digit()) {
        return None;
    }
    let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    let &(_, length) = LENGTHS.iter().find(|(known, _)| **known == country)?;

    let (mut remainder, mut head) = (0, 0);
    let (mut n_chars, mut at) = (0, start);
    while n_chars < length {
        let value = char::from(*bytes.get(at)?).to_digit(36);
        let Some(value) = value else {
            if n_chars % 4 != 0
                || !matches!(bytes[at], b' ' | b'-')
                || matches!(bytes.get(at + 1), Some(b' ' | b'-'))
            {
                return None;
            }
            at += 1;
            continue;
        };
        // The first four characters count last.
        let number = if n_chars < 4 { &mut head } else { &mut remainder };
        let shift = if value < 10 { 10 } else { 100 };
        *number =
            if n_chars < 4 { *number * shift + value } else { (*number * shift + value) % 97 };
        n_chars += 1;
        at += 1;
    }
    let head_shift = 1_000_000 % 97;
    let holds = (remainder * head_shift + head % 97) % 97 == 1;
    if !holds || !chars::ends_word(bytes, at) {
        return None;
    }
    let said = Context::around(text, start, at).says(Kind::Account);
    let score = if said { score::CHECKED_IN_CONTEXT } else { score::CHECKED };
    Some(Finding { label: IBAN, score, start, end: at })
}
