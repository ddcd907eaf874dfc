//! Telephone numbers: international by numbering plan, national by the shapes people write, anything else by context.

use super::context::{Context, Kind};
use super::label::PHONE_NUMBER;
use super::plan;
use crate::{Finding, chars, score};

const GROUPS_MAX: usize = 8;
const DIGITS_MAX: usize = 17;

/// A number as written: its digits, where each group of digits ends, and what stands between them.
#[derive(Debug, Default)]
struct Written {
    start: usize,
    plus: bool,
    /// The first group stands in parentheses.
    area: bool,
    digits: String,
    /// (length of the group, byte offset behind it, separator before it) per group.
    groups: Vec<(usize, usize, u8)>,
}

/// The telephone number whose first digit is at `at`.
pub(crate) fn phone(text: &str, at: usize, context: &Context) -> Option<Finding> {
    let bytes = text.as_bytes();
    let mut written = write_down(bytes, at)?;
    if context.names_identifier() && !written.plus {
        return None;
    }
    while !written.groups.is_empty() {
        if let Some(score) = rate(&written, context) {
            let (_, end, _) = *written.groups.last()?;
            let end = end + extension(&bytes[end..]);
            return chars::ends_word(bytes, end).then_some(Finding {
                label: PHONE_NUMBER,
                score,
                start: written.start,
                end,
            });
        }
        // `555-123-4567 2 times`: only a group behind a space may be somebody else's.
        let (length, _, separator) = written.groups.pop()?;
        if separator != b' ' {
            return None;
        }
        written.digits.truncate(written.digits.len() - length);
    }
    None
}

/// The number at `digit` when letters follow it, as in `345-899-3560x4587`.
pub(crate) fn with_extension(text: &str, digit: usize) -> Option<Finding> {
    let end = digit + chars::run(text.as_bytes(), digit, DIGITS_MAX, |byte| byte.is_ascii_digit());
    (0 < extension(&text.as_bytes()[end..]))
        .then(|| phone(text, digit, &Context::around(text, digit, end)))?
}

fn write_down(bytes: &[u8], at: usize) -> Option<Written> {
    let mut written = Written { start: at, ..Written::default() };
    match chars::before(bytes, at) {
        Some(b'+') => (written.start, written.plus) = (at - 1, true),
        Some(b'(') if chars::before(bytes, at - 1) == Some(b'+') => {
            (written.start, written.plus) = (at - 2, true);
        }
        Some(b'(') => (written.start, written.area) = (at - 1, true),
        Some(b'-' | b'.' | b',' | b'/' | b'$' | b'#')
            if 2 <= at && !bytes[at - 2].is_ascii_whitespace() =>
        {
            return None;
        }
        _ => {}
    }
    if written.start != at && !chars::starts_word(bytes, written.start) {
        return None;
    }
    let (mut from, mut separator) = (at, 0);
    while written.groups.len() < GROUPS_MAX {
        let length = chars::run(bytes, from, DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
        if DIGITS_MAX < written.digits.len() + length {
            return None;
        }
        let end = from + length;
        written.digits.extend(bytes[from..end].iter().map(|&byte| char::from(byte)));
        written.groups.push((length, end, separator));
        let width = chars::run(bytes, end, 3, |byte| {
            matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
        });
        let gap = &bytes[end..end + width];
        let fits = matches!(gap, b" " | b"-" | b"." | b"/" | b") " | b")" | b")-" | b" (" | b"(");
        if !fits || !bytes.get(end + width).is_some_and(u8::is_ascii_digit) {
            break;
        }
        separator = if gap.contains(&b'(') || gap.contains(&b')') { b')' } else { gap[0] };
        from = end + width;
    }
    // A bracket that does not close behind the first group is around more than an area code.
    if written.area
        && written.groups.first().is_none_or(|(_, end, _)| bytes.get(*end) != Some(&b')'))
    {
        (written.start, written.area) = (at, false);
    }
    Some(written)
}

/// Length of `x123`, ` ext. 123` behind a number.
fn extension(rest: &[u8]) -> usize {
    let forms: [&[u8]; 6] = [b"x", b" x", b" ext. ", b" ext ", b" ext.", b" x."];
    let Some(form) = forms.iter().find(|form| rest.starts_with(form)) else { return 0 };
    match chars::run(rest, form.len(), 7, |byte| byte.is_ascii_digit()) {
        n_digits @ 1..=6 => form.len() + n_digits,
        _ => 0,
    }
}

/// The score of the groups as a whole, if they are a telephone number.
fn rate(written: &Written, context: &Context) -> Option<f32> {
    let said = context.nearest_is(Kind::Phone)
        || (context.says(Kind::Phone) && !context.contradicts(Kind::Phone));
    let international = if written.plus {
        Some(written.digits.as_str())
    } else {
        written.digits.strip_prefix("00")
    };
    if let Some(digits) = international {
        let digits = match plan::drops_trunk(digits) {
            Some(code) => format!("{}{}", &digits[..code], &digits[code + 1..]),
            None => digits.to_owned(),
        };
        if plan::is_international(&digits) {
            return Some(if said {
                score::CHECKED
            } else if written.plus {
                score::SHAPE_IN_CONTEXT
            } else {
                score::SHAPE
            });
        }
    }
    if written.plus {
        return None;
    }
    let shape: Vec<usize> = written.groups.iter().map(|&(length, _, _)| length).collect();
    let separators: Vec<u8> =
        written.groups.iter().skip(1).map(|&(_, _, separator)| separator).collect();
    if let Some(alone) = national(written, &shape, &separators) {
        return match (said, context.contradicts(Kind::Phone)) {
            (true, _) => Some(score::SHAPE_IN_CONTEXT.max(alone)),
            (false, false) => Some(alone),
            (false, true) => (score::SHAPE <= alone).then_some(score::SHAPE_WEAK),
        };
    }
    let n_digits = written.digits.len();
    let grouped = 2 <= shape.len()
        && (6..=13).contains(&n_digits)
        && shape.iter().all(|&length| (2..=7).contains(&length));
    let bare = shape.len() == 1 && (7..=12).contains(&n_digits);
    let dated =
        shape.first() == Some(&4) && separators.first() == Some(&b'-') && shape.get(1) == Some(&2);
    match (said && !dated, grouped, bare) {
        (true, true, _) => Some(score::SHAPE),
        (true, false, true) => Some(score::SHAPE),
        _ => None,
    }
}

/// Shapes that are telephone numbers more often than not, wherever they stand.
fn national(written: &Written, shape: &[usize], separators: &[u8]) -> Option<f32> {
    let digits = written.digits.as_bytes();
    let lead = *digits.first()?;
    let even = separators.windows(2).all(|pair| pair[0] == pair[1] || pair[0] == b')');
    let (digits, shape_na) = match (lead, shape) {
        (b'1', [1, rest @ ..]) => (&digits[1..], rest),
        _ => (digits, shape),
    };
    // North America: neither area nor exchange begins with 0; forms in the wild ignore the plan's ban on 1 in the exchange.
    if shape_na == [3, 3, 4]
        && even
        && matches!(digits[0], b'2'..=b'9')
        && separators.first() != Some(&b'/')
    {
        let planned = matches!(digits[3], b'2'..=b'9');
        return Some(if planned && separators.first() != Some(&b' ') {
            score::SHAPE + 0.1
        } else {
            score::SHAPE
        });
    }
    let spaced =
        even && 2 <= shape.len() && separators.first() != Some(&b'.') || shape == [2, 2, 2, 2, 2];
    // An area code set apart: 070-174 06 35, 0171/234 56 78.
    let apart = 3 <= shape.len()
        && matches!(separators.first(), Some(b'-' | b'/'))
        && separators[1..].iter().all(|&separator| separator == b' ');
    let spaced = spaced || apart;
    let grouped = shape.iter().skip(1).all(|&length| (2..=8).contains(&length));
    // The trunk zero of most of the world: 0490 75 40 81, (08) 8747 6301, 03.93.92.16.85.
    let trunk = lead == b'0' && digits.get(1) != Some(&b'0') && (2..=5).contains(&shape[0]);
    if trunk && spaced && grouped && (9..=12).contains(&digits.len()) {
        return Some(if 10 <= digits.len() { score::SHAPE } else { score::SHAPE_WEAK });
    }
    // Norway, Denmark: 412 34 567, 22 33 44 55. Three digits first cannot be thousands, as two follow.
    let nordic =
        matches!(lead, b'2'..=b'9') && even && matches!(separators.first(), Some(b' ' | b'-'));
    if nordic && (shape == [3, 2, 3] || shape == [2, 2, 2, 2]) {
        return Some(score::SHAPE_WEAK);
    }
    // An area code in parentheses is hardly anything else.
    let area = written.area && (2..=5).contains(&shape[0]) && (8..=12).contains(&digits.len());
    (area && grouped && 2 <= shape.len()).then_some(score::SHAPE_WEAK)
}
