//! Personal data by pattern and check digit. Names, addresses and other free text are not its business.
//!
//! One pass over the bytes stops only at what can start or hold an identifier: a digit, `@`, `:` and `.`. Each stop
//! hands over to recognisers that look a bounded way around it, so the whole is linear in the text.

mod birth;
mod card;
mod checksum;
mod context;
mod crypto;
mod document;
mod iban;
mod keccak;
mod label;
mod national;
mod network;
mod norway;
mod number;
mod phone;
mod plan;
mod web;

use crate::{Finding, chars};

pub(crate) use label::LABELS;

/// What a byte may be the anchor of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    None,
    Digit,
    At,
    Colon,
    Dot,
}

const ANCHORS: [Anchor; 256] = {
    let mut anchors = [Anchor::None; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        anchors[digit as usize] = Anchor::Digit;
        digit += 1;
    }
    anchors[b'@' as usize] = Anchor::At;
    anchors[b':' as usize] = Anchor::Colon;
    anchors[b'.' as usize] = Anchor::Dot;
    anchors
};

/// All findings of personal data, not sorted.
pub(crate) fn find(text: &str) -> Vec<Finding> {
    let bytes = text.as_bytes();
    let mut findings = Vec::new();
    // Where digits, web addresses and colon-separated device addresses may next start: behind what was found last.
    let (mut digits_from, mut web_from, mut colon_from) = (0, 0, 0);
    let mut at = 0;
    while let Some(offset) =
        bytes[at..].iter().position(|&byte| ANCHORS[usize::from(byte)] != Anchor::None)
    {
        at += offset;
        match ANCHORS[usize::from(bytes[at])] {
            Anchor::Digit if digits_from <= at => {
                let (found, next) = digits(text, at);
                if let Some(finding) = found {
                    findings.push(finding);
                }
                digits_from = next;
            }
            Anchor::At if web_from <= at => {
                if let Some(finding) = web::email(text, at, web_from) {
                    web_from = finding.end;
                    findings.push(finding);
                }
            }
            Anchor::Colon => {
                if web_from <= at
                    && let Some(finding) = web::url(text, at, web_from)
                {
                    web_from = finding.end;
                    digits_from = digits_from.max(web::host_digits_end(text, &finding));
                    colon_from = finding.end;
                    findings.push(finding);
                } else if colon_from <= at
                    && let Some(finding) = network::colons(text, at, colon_from)
                {
                    colon_from = finding.end;
                    digits_from = digits_from.max(finding.end);
                    findings.push(finding);
                }
            }
            Anchor::Dot if web_from <= at => {
                if let Some(finding) = web::bare(text, at, web_from) {
                    web_from = finding.end;
                    findings.push(finding);
                }
            }
            Anchor::Digit | Anchor::At | Anchor::Dot | Anchor::None => {}
        }
        at += 1;
    }
    settle(findings)
}

/// The best reading of the number whose first digit is at `at`, and where the next may start.
fn digits(text: &str, at: usize) -> (Option<Finding>, usize) {
    let bytes = text.as_bytes();
    // A word longer than any identifier is cut, perhaps within a char.
    let word_start = chars::ceil(text, at - chars::run_back(bytes, at, WORD_MAX, chars::is_word));
    let word_end = chars::floor(text, at + chars::run(bytes, at, WORD_MAX, chars::is_word));
    if word_start < at || bytes[at..word_end].iter().any(|byte| !byte.is_ascii_digit()) {
        let found = lettered(text, word_start, at, word_end);
        let next = found.map_or(word_end, |finding| finding.end);
        return (found, next.max(at + 1));
    }
    let Some(run) = number::Run::parse(text, at) else { return (None, word_end) };
    if run.is_scattered() {
        return (None, run.end());
    }
    let context = context::Context::around(text, at, run.end());
    let readings = [
        network::ipv4(&run, &context),
        network::mac_dashes(text, at),
        birth::numeric(&run, &context),
        norway::identity(&run, &context),
        norway::organisation(&run, &context),
        norway::account(&run, &context),
        national::number(&run, &context),
        national::hetu(text, at),
        document::ssn(&run, &context),
        card::card(&run, &context),
        phone::phone(text, at, &context),
        document::numbered(text, at, at, &context),
        birth::named_month(text, at, &context),
    ];
    let best = readings
        .into_iter()
        .flatten()
        .reduce(|best, other| if best.score < other.score { other } else { best });
    let Some(found) = best else {
        // No number begins in the middle of a date, or of a number with a country code that does not exist.
        let whole = run.is_date() || chars::before(bytes, at) == Some(b'+');
        let next = if whole { run.end() } else { word_end };
        return (None, next);
    };
    (Some(found), found.end)
}

/// Longer "words" are data, not identifiers.
const WORD_MAX: usize = 96;

/// Readings of a word that mixes letters and digits, the first digit of it at `digit`.
fn lettered(text: &str, start: usize, digit: usize, end: usize) -> Option<Finding> {
    if chars::before(text.as_bytes(), start).is_some_and(|byte| byte == b'_') {
        return None;
    }
    network::mac_dashes(text, start)
        .or_else(|| iban::iban(text, start))
        .or_else(|| crypto::wallet(text, start, end))
        .or_else(|| phone::with_extension(text, digit))
        .or_else(|| {
            let context = context::Context::around(text, start, end);
            if let Some(found) = national::lettered(text, start, end, &context) {
                return Some(found);
            }
            document::numbered(text, start, digit, &context)
        })
}

/// Drops what lies inside another finding, unless the outer one is a URL: an address in a URL is worth its own finding.
fn settle(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut settled: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let hidden = settled
            .iter()
            .rev()
            .take(NESTED_MAX)
            .any(|outer| outer.label != label::URL && finding.start < outer.end);
        if !hidden {
            settled.push(finding);
        }
    }
    settled
}

/// How far back an enclosing finding is looked for.
const NESTED_MAX: usize = 4;
