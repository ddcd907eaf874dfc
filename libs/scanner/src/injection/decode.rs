//! Encoded fragments: decoded once, bounded, and read for the same evidence.

use super::grammar;
use super::normal::Normal;
use super::sign::{Seen, Sign};
use crate::chars;

/// Fragments beyond this many per text, or bytes each, are left alone: nobody hides one instruction in a thousand.
const FRAGMENTS_MAX: usize = 32;
const BYTES_MAX: usize = 8 * 1024;

const BASE64_MIN: usize = 16;
const HEX_MIN: usize = 24;
const PERCENT_MIN: usize = 6;
const BINARY_MIN: usize = 4;

/// Evidence of and in encoded fragments.
pub(crate) fn signs(text: &str) -> Vec<Seen> {
    let mut signs = Vec::new();
    for (start, end, decoded) in fragments(text).into_iter().take(FRAGMENTS_MAX) {
        signs.push(Seen { sign: Sign::Encoded, start, end });
        signs.extend(read(&decoded, start, end));
    }
    if let Some((start, end, hidden)) = tags(text) {
        signs.push(Seen { sign: Sign::TagText, start, end });
        signs.extend(grammar::signs(&Normal::of(&hidden)).into_iter().map(|seen| Seen {
            sign: seen.sign,
            start,
            end,
        }));
    }
    signs
}

/// The evidence in what was hidden at `start..end`, if it is an attack.
pub(crate) fn read(hidden: &str, start: usize, end: usize) -> Vec<Seen> {
    let mut signs: Vec<Seen> = grammar::signs(&Normal::of(hidden))
        .into_iter()
        .filter(|seen| is_attack(seen.sign))
        .map(|seen| Seen { sign: seen.sign, start, end })
        .collect();
    if !signs.is_empty() {
        signs.push(Seen { sign: Sign::EncodedAttack, start, end });
    }
    signs
}

/// Signs strong enough to say that what was encoded is an attack.
fn is_attack(sign: Sign) -> bool {
    let attacks = [
        Sign::InstructionOverride,
        Sign::LooseOverride,
        Sign::ContentOverride,
        Sign::PromptExtraction,
        Sign::SecretProbe,
        Sign::AccessWords,
        Sign::KnownJailbreak,
        Sign::ForcedReply,
        Sign::Exfiltration,
        Sign::NoNorms,
    ];
    attacks.contains(&sign)
}

/// Words that are data: (start, end, what they decode to as text).
fn fragments(text: &str) -> Vec<(usize, usize, String)> {
    let bytes = text.as_bytes();
    let mut fragments = Vec::new();
    let is_part = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'%')
    };
    let mut at = 0;
    while at < bytes.len() && fragments.len() < FRAGMENTS_MAX {
        let length = chars::run(bytes, at, BYTES_MAX, is_part);
        if length == 0 {
            at += 1;
            continue;
        }
        let word = &bytes[at..at + length];
        if word.len() == 8 && word.iter().all(|byte| matches!(byte, b'0' | b'1')) {
            let (end, decoded) = binary(bytes, at);
            if let Some(decoded) = decoded {
                fragments.push((at, end, decoded));
            }
            at = end;
            continue;
        }
        if let Some(decoded) = decode(word) {
            fragments.push((at, at + length, decoded));
        }
        at += length;
    }
    fragments
}

fn decode(word: &[u8]) -> Option<String> {
    let n_percent = word
        .windows(3)
        .filter(|triple| triple[0] == b'%' && chars::hex(triple[1]).is_some())
        .count();
    if PERCENT_MIN <= n_percent {
        return readable(percent(word));
    }
    if word.len() < BASE64_MIN {
        return None;
    }
    if HEX_MIN <= word.len()
        && word.len().is_multiple_of(2)
        && word.iter().all(u8::is_ascii_hexdigit)
    {
        let bytes = word
            .chunks_exact(2)
            .filter_map(|pair| Some(chars::hex(pair[0])? << 4 | chars::hex(pair[1])?))
            .collect();
        return readable(bytes);
    }
    // Long words and paths are base64 too, formally; real base64 mixes cases and decodes to text.
    let mixed = word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
    mixed.then(|| base64(word)).flatten().and_then(readable)
}

/// Eight binary digits per byte, in words.
fn binary(bytes: &[u8], start: usize) -> (usize, Option<String>) {
    let mut decoded = Vec::new();
    let mut at = start;
    while chars::run(bytes, at, 9, |byte| matches!(byte, b'0' | b'1')) == 8
        && decoded.len() < BYTES_MAX
    {
        decoded.push(bytes[at..at + 8].iter().fold(0, |byte, bit| byte << 1 | (bit - b'0')));
        at += 8 + usize::from(bytes.get(at + 8) == Some(&b' '));
    }
    let text = (BINARY_MIN <= decoded.len()).then(|| readable(decoded)).flatten();
    (at.max(start + 8), text)
}

/// Both alphabets, with or without padding.
fn base64(word: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(word.len() * 3 / 4);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for &byte in word.iter().take_while(|&&byte| byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        n_bits += 6;
        if 8 <= n_bits {
            n_bits -= 8;
            decoded.push((bits >> n_bits & 0xFF) as u8);
        }
    }
    Some(decoded)
}

fn percent(word: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(word.len());
    let mut at = 0;
    while at < word.len() {
        let pair = word
            .get(at + 1..at + 3)
            .and_then(|pair| Some(chars::hex(pair[0])? << 4 | chars::hex(pair[1])?));
        match (word[at], pair) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    decoded
}

/// The bytes as text, if they look like something written.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let n_written = text
        .chars()
        .filter(|char| {
            char.is_alphanumeric() || char.is_ascii_punctuation() || matches!(char, ' ' | '\n')
        })
        .count();
    let n_chars = text.chars().count();
    (8 <= n_chars && n_chars * 9 <= n_written * 10).then_some(text)
}

/// Text written in the invisible tag characters, each of which mirrors an ASCII character.
fn tags(text: &str) -> Option<(usize, usize, String)> {
    // All of them share these two bytes, so that plain text is passed over quickly.
    let from = text
        .as_bytes()
        .windows(3)
        .position(|bytes| bytes == [0xF3, 0xA0, 0x80] || bytes == [0xF3, 0xA0, 0x81])?;
    let mut hidden = String::new();
    let mut end = from;
    for (at, char) in text[from..].char_indices() {
        if let Some(ascii) =
            (char as u32).checked_sub(0xE0000).filter(|ascii| (0x20..0x7F).contains(ascii))
        {
            hidden.extend(char::from_u32(ascii));
            end = from + at + char.len_utf8();
        }
    }
    // A flag of a region carries up to six tags behind a black flag.
    (8 <= hidden.len()).then_some((from, end, hidden))
}
