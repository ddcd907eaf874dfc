//! The scrubber of free-text metadata: what personal data or secrets it holds becomes `[LABEL]` before anything is
//! stored or logged. Prefers to redact too much: every score counts, and long runs of digits go even where no detector
//! knows them.

use std::borrow::Cow;

use crate::{Finding, pii, secrets};

/// Joining what stood around a redaction can complete another pattern, so scrubbing repeats until nothing is found;
/// the bound only guards against a pattern that would match its own redaction.
const ROUNDS_MAX: usize = 8;

/// Shorter runs of digits are years, amounts, counts.
const DIGITS_MIN: usize = 7;

/// The text without what the detectors of personal data and secrets find in it.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let mut scrubbed = Cow::Borrowed(text);
    for _ in 0..ROUNDS_MAX {
        let Some(next) = redact(&scrubbed) else { break };
        scrubbed = Cow::Owned(next);
    }
    scrubbed
}

fn redact(text: &str) -> Option<String> {
    let mut findings = pii::find(text);
    findings.extend(secrets::find(text));
    findings.extend(long_digits(text));
    if findings.is_empty() {
        return None;
    }
    findings.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));

    let mut redacted = String::with_capacity(text.len());
    let mut at = 0;
    for Finding { label, start, end, .. } in findings {
        if at <= start {
            redacted.push_str(&text[at..start]);
            redacted.push('[');
            redacted.push_str(label);
            redacted.push(']');
        }
        at = at.max(end);
    }
    redacted.push_str(&text[at..]);
    Some(redacted)
}

/// Runs of seven or more digits with single separators between them. In metadata such a number is worth nothing to us
/// and may be a personal one whose check digits were mistyped.
fn long_digits(text: &str) -> Vec<Finding> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut findings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_digit(at) {
            at += 1;
            continue;
        }
        let (start, mut n_digits) = (at, 0);
        while is_digit(at) || (is_digit(at + 1) && matches!(bytes[at], b' ' | b'-' | b'.')) {
            n_digits += usize::from(is_digit(at));
            at += 1;
        }
        if DIGITS_MIN <= n_digits {
            findings.push(Finding {
                label: "NUMBER",
                score: crate::score::SHAPE_WEAK,
                start,
                end: at,
            });
        }
    }
    findings
}
