//! E-mail addresses and URLs.

use super::label::{EMAIL_ADDRESS, URL};
use crate::{Finding, chars, score};

const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 253;
const URL_MAX: usize = 2048;
const SCHEME_MAX: usize = 16;

/// The e-mail address around the `@` at `at`, not reaching back before `from`.
pub(crate) fn email(text: &str, at: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let is_local = |byte: u8| chars::is_word(byte) || b"._%+-'!#$&*/=?^`{|}~".contains(&byte);
    let n_local = chars::run_back(bytes, at, (at - from).min(LOCAL_MAX), is_local);
    let start = chars::ceil(text, at - n_local);
    // Quotes, slashes and the like may stand inside, but a local part does not begin with them in prose.
    let local =
        text[start..at].trim_start_matches(|char: char| !char.is_alphanumeric() && char != '_');
    let start = at - local.len();
    if local.is_empty()
        || local.ends_with('.')
        || local.contains("..")
        || !local.chars().any(char::is_alphanumeric)
    {
        return None;
    }
    let end = domain_end(text, at + 1)?;
    Some(Finding { label: EMAIL_ADDRESS, score: score::SHAPE_STRONG, start, end })
}

/// The end of the domain name that starts at `start`: labels, dots, and a top-level domain of letters.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let n_bytes = chars::run(bytes, start, DOMAIN_MAX, |byte| {
        chars::is_word(byte) || matches!(byte, b'-' | b'.')
    });
    let end = chars::floor(text, start + n_bytes);
    let mut domain = text.get(start..end)?.trim_end_matches(['.', '-']);
    // `me@example.com.Then`, `me@example.com...`: give back what cannot be a domain.
    while let Some((rest, top)) = domain.rsplit_once('.') {
        let is_top = (2..=24).contains(&top.len())
            && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"))
            && !top.contains(|char: char| matches!(char as u32, 0x3000..=0x9FFF));
        let is_host = !rest.is_empty()
            && rest.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
        if is_top && is_host {
            return Some(start + domain.len());
        }
        domain = rest;
    }
    None
}

/// The URL whose `://` is at `at`, not reaching back before `from`.
pub(crate) fn url(text: &str, at: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if bytes.get(at..at + 3) != Some(b"://") {
        return None;
    }
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let n_scheme = chars::run_back(bytes, at, (at - from).min(SCHEME_MAX), is_scheme);
    let scheme = &text[at - n_scheme..at];
    let scheme = scheme.trim_start_matches(|char: char| !char.is_ascii_alphabetic());
    if scheme.len() < 2 {
        return None;
    }
    let end = url_end(text, at + 3);
    if end < at + 4 {
        return None;
    }
    Some(Finding { label: URL, score: score::SHAPE_STRONG, start: at - scheme.len(), end })
}

fn url_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let n_bytes = chars::run(bytes, start, URL_MAX, |byte| {
        !byte.is_ascii_whitespace() && !b"<>\"`\\^{|}".contains(&byte)
    });
    let mut url = &text[start..chars::floor(text, start + n_bytes)];
    if let Some(stop) = url.find(['\u{a0}', '，', '。', '、', '」', '）', '“', '”', '’', '»'])
    {
        url = &url[..stop];
    }
    loop {
        let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
        // All brackets that cannot close one of the URL's own, at once: peeling them singly would be quadratic.
        let trimmed = match trimmed.chars().next_back() {
            Some(')') if !trimmed.contains('(') => trimmed.trim_end_matches(')'),
            Some(']') if !trimmed.contains('[') => trimmed.trim_end_matches(']'),
            _ => trimmed,
        };
        if trimmed.len() == url.len() {
            return start + url.len();
        }
        url = trimmed;
    }
}

/// Where numbers may be read again inside a URL: in its host (an address), not in its path or query.
pub(crate) fn host_digits_end(text: &str, url: &Finding) -> usize {
    let whole = &text[url.start..url.end];
    let Some((scheme, rest)) = whole.split_once("://") else { return url.end };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let numeric =
        host.split(':').next().is_some_and(|name| name.parse::<std::net::Ipv4Addr>().is_ok());
    if numeric { url.start + scheme.len() } else { url.end }
}

/// Top-level domains that no common file extension shares.
const BARE_TOPS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "info", "biz", "no", "se", "dk", "fi", "de", "at", "ch",
    "fr", "nl", "be", "it", "es", "pt", "eu", "uk", "ie", "ca", "au", "br", "jp", "cn", "ru", "io",
    "app", "dev", "online", "shop", "site", "xyz",
];

/// A web address without a scheme, first dot at `at`: `www.example.se`, `example.com/path`.
pub(crate) fn bare(text: &str, at: usize, from: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    // The cheap question first: most dots end a sentence.
    if !bytes.get(at + 1).is_some_and(|&byte| chars::is_word(byte))
        || at == 0
        || !chars::is_word(bytes[at - 1])
    {
        return None;
    }
    let n_label = chars::run_back(bytes, at, (at - from).min(63), |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let start = at - n_label;
    let named = bytes[start..at].iter().any(u8::is_ascii_alphabetic) && 2 <= n_label;
    if !named
        || chars::before(bytes, start)
            .is_some_and(|byte| chars::is_word(byte) || b"@._/\\".contains(&byte))
    {
        return None;
    }
    let end = domain_end(text, start)?;
    if bytes.get(end) == Some(&b'@') || bytes.get(end) == Some(&b'(') {
        return None;
    }
    let domain = &text[start..end];
    let is_www = domain.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."));
    let top = domain.rsplit('.').next().unwrap_or_default();
    let lower = domain.bytes().all(|byte| !byte.is_ascii_uppercase());
    let known = lower && BARE_TOPS.contains(&top);
    if !is_www && !known {
        return None;
    }
    let end = if matches!(bytes.get(end), Some(b'/' | b'?' | b':')) {
        url_end(text, end).max(end)
    } else {
        end
    };
    let score = if is_www { score::SHAPE_IN_CONTEXT } else { score::SHAPE_WEAK };
    Some(Finding { label: URL, score, start, end })
}
