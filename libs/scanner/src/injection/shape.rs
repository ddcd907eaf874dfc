//! Suspicious shapes: floods of one token, links that leave a place for data.

use super::sign::{Seen, Sign};
use crate::chars;

/// So many repetitions of one short unit in a row are not prose, tables or code.
const FLOOD_MIN: usize = 40;
const UNIT_MAX: usize = 24;

pub(crate) fn signs(text: &str) -> Vec<Seen> {
    let floods = floods(text.as_bytes()).into_iter().map(|(start, end)| Seen {
        sign: Sign::Flood,
        start: chars::floor(text, start),
        end: chars::ceil(text, end),
    });
    let leaks = text.match_indices("](http").filter_map(|(at, _)| leak(text, at + 2));
    floods.chain(leaks).collect()
}

const LINK_MAX: usize = 256;

/// A Markdown link or image at `at` whose query ends with nothing, or holds a placeholder: what is fetched tells the
/// server what was filled in.
fn leak(text: &str, at: usize) -> Option<Seen> {
    let link = &text[at..chars::floor(text, at + LINK_MAX)];
    let link = &link[..link.find(|char: char| char == ')' || char.is_whitespace())?];
    let (_, query) = link.split_once('?')?;
    let leaks = query.split('&').any(|pair| {
        let value = pair.split_once('=').map_or("", |(_, value)| value);
        let shouted =
            3 <= value.len() && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        pair.ends_with('=') || shouted || value.starts_with(['{', '[', '<', '$'])
    });
    leaks.then_some(Seen { sign: Sign::Exfiltration, start: at, end: at + link.len() })
}

/// Stretches that repeat with a short period and hold at least one word of it many times.
///
/// Each period is tried by comparing the text with itself shifted, only where the first bytes already agree; a flood is
/// skipped whole, so the cost stays linear.
fn floods(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut floods = Vec::new();
    let mut at = 0;
    while at + FLOOD_MIN < bytes.len() {
        let period = (2..=UNIT_MAX).find(|&period| {
            let probe = period * 4;
            at + probe + period <= bytes.len()
                && bytes[at..at + probe] == bytes[at + period..at + probe + period]
        });
        let Some(period) = period else {
            at += PROBE_STEP;
            continue;
        };
        let same =
            bytes[at..].iter().zip(&bytes[at + period..]).take_while(|(a, b)| a == b).count();
        let unit = &bytes[at..at + period];
        // Rules of dashes and blanks are layout.
        let n_kinds =
            unit.iter().enumerate().filter(|&(index, byte)| !unit[..index].contains(byte)).count();
        if FLOOD_MIN <= same / period && 2 <= n_kinds {
            floods.push((at, at + same + period));
        }
        at += same.max(PROBE_STEP);
    }
    floods
}

/// A flood is long: it need not be noticed at its first byte.
const PROBE_STEP: usize = 16;
