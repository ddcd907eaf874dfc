//! Text written so that a filter does not read it: spaced out, backwards, rotated, in Morse, with its letters doubled.
//!
//! Each is undone once, within bounds, and read for the same evidence. An honest riddle leaves nothing: only an attack
//! that was hidden so is a sign.

use super::decode;
use super::sign::{Seen, Sign};
use crate::chars;

/// How much of a text is turned or rotated, around the words that gave it away.
const TURNED_MAX: usize = 8 * 1024;
const AROUND: usize = 512;

/// Fewer letters than this do not spell an instruction.
const LETTERS_MIN: usize = 10;
const LETTERS_MAX: usize = 2048;

/// Stretches beyond this many are a table, not a message.
const STRETCHES_MAX: usize = 16;

/// Evidence in disguise; `seen` is what was seen without undoing anything.
pub(crate) fn signs(text: &str, seen: &[Seen]) -> Vec<Seen> {
    let mut signs = Vec::new();
    if let Some((start, end)) = around(text, seen, Sign::Backwards) {
        let turned: String = text[start..end].chars().rev().collect();
        signs.extend(decode::read(&turned, start, end));
    }
    if let Some((start, end)) = around(text, seen, Sign::Rotated) {
        let rotated: String = text[start..end].chars().map(rot13).collect();
        signs.extend(decode::read(&rotated, start, end));
    }
    for (start, end, letters) in spelled(text.as_bytes()).into_iter().take(STRETCHES_MAX) {
        let found = decode::read(&letters, start, end);
        let glued = found.is_empty() && is_glued_attack(&letters);
        signs.extend(found);
        if glued {
            signs.push(Seen { sign: Sign::EncodedAttack, start, end });
        }
    }
    for (start, end, letters) in morse(text.as_bytes()).into_iter().take(STRETCHES_MAX) {
        signs.extend(decode::read(&letters, start, end));
    }
    if let Some(single) = doubled(&text[..chars::floor(text, TURNED_MAX)]) {
        signs.extend(decode::read(&single, 0, chars::floor(text, TURNED_MAX)));
    }
    signs
}

/// The stretch around the words of that sign.
fn around(text: &str, seen: &[Seen], sign: Sign) -> Option<(usize, usize)> {
    let mut words = seen.iter().filter(|seen| seen.sign == sign);
    let first = words.next()?;
    let last = words.next_back().unwrap_or(first);
    let start = chars::floor(text, first.start.saturating_sub(AROUND));
    let end = chars::floor(text, (last.end + AROUND).min(start + TURNED_MAX));
    Some((start, end))
}

fn rot13(char: char) -> char {
    let rotate = |first: u8| char::from((char as u8 - first + 13) % 26 + first);
    match char {
        'a'..='z' => rotate(b'a'),
        'A'..='Z' => rotate(b'A'),
        _ => char,
    }
}

/// Stretches of single letters with the same gap between them; a wider gap stands between words.
fn spelled(bytes: &[u8]) -> Vec<(usize, usize, String)> {
    let mut stretches = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let alone = bytes[at].is_ascii_alphabetic()
            && chars::starts_word(bytes, at)
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !alone {
            at += 1;
            continue;
        }
        let (end, letters) = spell(bytes, at);
        if LETTERS_MIN <= letters.len() {
            stretches.push((at, end, letters));
        }
        at = end;
    }
    stretches
}

/// The letters spelled out from `at` on, and where they end.
fn spell(bytes: &[u8], start: usize) -> (usize, String) {
    let is_gap = |byte: u8| {
        matches!(byte, b' ' | b'.' | b'-' | b'*' | b'_' | b'|' | b'/' | b',' | b'\n' | b'+')
    };
    let (mut at, mut end) = (start, start + 1);
    let mut letters = String::new();
    let mut narrow = usize::MAX;
    while letters.len() < LETTERS_MAX
        && bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)
        && !bytes.get(at + 1).is_some_and(|&byte| chars::is_word(byte))
    {
        letters.push(char::from(bytes[at]));
        end = at + 1;
        let gap = chars::run(bytes, end, GAP_MAX, is_gap);
        if gap == 0 {
            break;
        }
        narrow = narrow.min(gap);
        if narrow < gap {
            letters.push(' ');
        }
        at = end + gap;
    }
    (end, letters)
}

const GAP_MAX: usize = 6;

/// Spelled out without gaps between words, two words of an attack are telling enough.
fn is_glued_attack(letters: &str) -> bool {
    let letters = letters.to_ascii_lowercase();
    let words = [
        "ignore",
        "disregard",
        "forget",
        "previous",
        "instruction",
        "systemprompt",
        "password",
        "yourrules",
        "reveal",
        "jailbreak",
        "allrules",
    ];
    2 <= words.iter().filter(|word| letters.contains(**word)).count()
}

/// Letters of the alphabet in Morse.
const MORSE: [&str; 26] = [
    ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
    "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--..",
];

/// Stretches of dots, dashes and gaps, as letters.
fn morse(bytes: &[u8]) -> Vec<(usize, usize, String)> {
    let is_part = |byte: u8| matches!(byte, b'.' | b'-' | b' ' | b'/' | b'|' | b'\n');
    let mut stretches = Vec::new();
    let mut at = 0;
    while at < bytes.len() && stretches.len() < STRETCHES_MAX {
        if !matches!(bytes[at], b'.' | b'-') {
            at += 1;
            continue;
        }
        let end = at + chars::run(bytes, at, LETTERS_MAX * 4, is_part);
        let mut letters = String::new();
        for mark in bytes[at..end].split(|byte| matches!(byte, b' ' | b'\n')) {
            let letter = MORSE.iter().zip(b'a'..).find(|(code, _)| code.as_bytes() == mark);
            match letter {
                Some((_, letter)) => letters.push(char::from(letter)),
                None if !letters.ends_with(' ') => letters.push(' '),
                None => {}
            }
        }
        if LETTERS_MIN <= letters.len() {
            stretches.push((at, end, letters));
        }
        at = end;
    }
    stretches
}

/// The text with one letter less where words end in a repeated one, if most words do.
fn doubled(text: &str) -> Option<String> {
    let is_doubled = |word: &str| {
        let mut last = word.bytes().rev();
        matches!((last.next(), last.next()), (Some(a), Some(b)) if a == b && a.is_ascii_alphabetic())
    };
    let (mut n_words, mut n_doubled) = (0, 0);
    for word in words(text) {
        n_words += 1;
        n_doubled += usize::from(is_doubled(word));
    }
    if n_doubled < DOUBLED_MIN || n_doubled * 5 < n_words * 2 {
        return None;
    }
    let single = words(text)
        .map(|word| if is_doubled(word) { &word[..word.len() - 1] } else { word })
        .collect::<Vec<_>>();
    Some(single.join(" "))
}

const DOUBLED_MIN: usize = 3;

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty())
}
