//! Addresses of devices: IPv4, IPv6, MAC.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::context::{Context, Kind};
use super::label::{IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS};
use super::number::Run;
use crate::{Finding, chars, score};

/// Four dotted octets. Private, loopback and unspecified addresses say little of anybody and score lower.
pub(crate) fn ipv4(run: &Run<'_>, context: &Context) -> Option<Finding> {
    let dotted = 4 <= run.n_groups() && run.is_even(4) && run.separator(0) == Some(b'.');
    if !dotted || run.goes_on(4) || run.continues() {
        return None;
    }
    let digits = run.digits(4)?;
    let address: Ipv4Addr = run.text()[digits.start..digits.end].parse().ok()?;
    let version =
        chars::before(run.text().as_bytes(), digits.start).is_some_and(|byte| byte == b'v');
    if version || (context.nearest_is(Kind::Impersonal) && !context.says(Kind::Network)) {
        return None;
    }
    let local = address.is_private()
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_broadcast();
    let score = match (local, context.says(Kind::Network)) {
        (true, _) => score::SHAPE,
        (false, false) => score::SHAPE_IN_CONTEXT,
        (false, true) => score::SHAPE_STRONG,
    };
    Some(Finding { label: IPV4_ADDRESS, score, start: digits.start, end: digits.end })
}

const IPV6_MAX: usize = 45;

/// The IPv6 or colon-separated MAC address around the colon at `at`, not reaching back before `from`.
pub(crate) fn colons(text: &str, at: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let part = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let start = at - chars::run_back(bytes, at, (at - from).min(IPV6_MAX), part);
    let end = at + chars::run(bytes, at, IPV6_MAX, |byte| part(byte) || byte == b'.');
    let word = text[start..end].trim_end_matches(['.', ':']);
    // A trailing `::` is part of the address.
    let word = if text[start + word.len()..end].starts_with("::") {
        &text[start..start + word.len() + 2]
    } else {
        word
    };
    let end = start + word.len();
    if !chars::starts_word(bytes, start) || !chars::ends_word(bytes, end) {
        return None;
    }
    if word.len() == 17 && is_mac(word.as_bytes(), b':') {
        return Some(Finding { label: MAC_ADDRESS, score: score::SHAPE_IN_CONTEXT, start, end });
    }
    let n_groups = word.split(':').filter(|group| !group.is_empty()).count();
    // `a::b` is a path in many languages; an address has a digit and more than two groups, or is a known prefix.
    let telling = 3 <= n_groups && word.bytes().any(|byte| byte.is_ascii_digit());
    let known = word.starts_with("fe80::") || word.starts_with("2001:") || word == "::1";
    if !(telling || known) || word.parse::<Ipv6Addr>().is_err() {
        return None;
    }
    let score = if word == "::1" { score::SHAPE } else { score::SHAPE_IN_CONTEXT };
    Some(Finding { label: IPV6_ADDRESS, score, start, end })
}

/// A MAC address with hyphens, or in Cisco's three dotted groups, that starts at `start`.
pub(crate) fn mac_dashes(text: &str, start: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let hyphened = bytes.get(start..start + 17).is_some_and(|word| is_mac(word, b'-'));
    let dotted = bytes.get(start..start + 14).is_some_and(is_cisco);
    let end = start + if hyphened { 17 } else { 14 };
    let apart = chars::starts_word(bytes, start)
        && chars::ends_word(bytes, end)
        && bytes.get(end) != Some(&b'-');
    ((hyphened || dotted) && apart).then_some(Finding {
        label: MAC_ADDRESS,
        score: score::SHAPE_IN_CONTEXT,
        start,
        end,
    })
}

fn is_mac(word: &[u8], separator: u8) -> bool {
    word.iter().enumerate().all(|(index, &byte)| match index % 3 {
        2 => byte == separator,
        _ => byte.is_ascii_hexdigit(),
    }) && !word.iter().all(|&byte| byte == b'0' || byte == separator)
}

fn is_cisco(word: &[u8]) -> bool {
    let shaped = word.iter().enumerate().all(|(index, &byte)| match index {
        4 | 9 => byte == b'.',
        _ => byte.is_ascii_hexdigit(),
    });
    // Twelve plain digits with dots are more often a number with a date.
    shaped && word.iter().any(u8::is_ascii_alphabetic)
}
