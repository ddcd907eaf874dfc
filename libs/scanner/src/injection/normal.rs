//! The text as a reader would take it: lower case, plain width, no accents, no hidden characters, single spaces.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::sign::{Seen, Sign};

/// Normalised text and where each of its bytes came from.
#[derive(Debug, Default)]
pub(crate) struct Normal {
    pub(crate) text: String,
    /// Byte offset in the text as it came, per byte of `text`, and one more for its end.
    origin: Vec<u32>,
    /// Characters that were hidden between letters.
    pub(crate) hidden: Vec<Seen>,
}

impl Normal {
    pub(crate) fn of(text: &str) -> Normal {
        let mut normal = Normal {
            text: String::with_capacity(text.len()),
            origin: Vec::with_capacity(text.len() + 1),
            hidden: Vec::new(),
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at].is_ascii() {
                normal.push(at, char::from(bytes[at].to_ascii_lowercase()));
                at += 1;
                continue;
            }
            let Some(char) = text[at..].chars().next() else { break };
            normal.push_wide(text, at, char);
            at += char.len_utf8();
        }
        normal.origin.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        normal.fold_leet();
        normal
    }

    /// The place in the text as it came of a place in the normalised text.
    pub(crate) fn origin(&self, at: usize) -> usize {
        self.origin.get(at).or(self.origin.last()).map_or(0, |&at| at as usize)
    }

    fn push(&mut self, at: usize, char: char) {
        let char = if char.is_whitespace() || char == '_' { ' ' } else { char };
        // Runs of spaces are one, so that line breaks and indentation cannot break a phrase.
        if char == ' ' && self.text.ends_with(' ') {
            return;
        }
        self.text.push(char);
        for _ in 0..char.len_utf8() {
            self.origin.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
    }

    fn push_wide(&mut self, text: &str, at: usize, char: char) {
        if is_hidden(char) {
            let inside = self.text.ends_with(|last: char| last.is_ascii_alphabetic())
                && text[at + char.len_utf8()..]
                    .starts_with(|next: char| next.is_ascii_alphabetic());
            if inside {
                self.hidden.push(Seen { sign: Sign::Hidden, start: at, end: at + char.len_utf8() });
            }
            return;
        }
        if let Some(twin) = twin(char).filter(|_| beside_latin(text, at, char)) {
            return self.push(at, twin);
        }
        match char {
            '’' | '‘' | 'ʼ' | '´' => return self.push(at, '\''),
            '“' | '”' | '«' | '»' | '„' => return self.push(at, '"'),
            '–' | '—' | '−' => return self.push(at, '-'),
            '\u{1f1e6}'..='\u{1f1ff}' => return self.push(at, regional(char)),
            'ø' | 'Ø' => return self.push(at, 'o'),
            'ł' | 'Ł' => return self.push(at, 'l'),
            'ı' | 'İ' => return self.push(at, 'i'),
            '가'..='힣' | '一'..='鿿' | 'ぁ'..='ヿ' => return self.push(at, char),
            _ => {}
        }
        for compatible in std::iter::once(char).nfkc() {
            for lower in compatible.to_lowercase() {
                decompose_canonical(lower, |part| {
                    if !is_combining_mark(part) {
                        self.push(at, part);
                    }
                });
            }
        }
    }

    /// Reads `1gn0r3` as `ignore`: words of letters and the digits that look like letters. One such word is often a
    /// name or a unit; only where they are many is a word with a single letter, or with digits at its end, read too.
    fn fold_leet(&mut self) {
        let bytes = self.text.as_bytes();
        if !bytes.windows(2).any(|pair| is_leet(pair[0]) && pair[1].is_ascii_lowercase()) {
            return;
        }
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'$');
        let dense = LEET_WORDS_MIN
            <= bytes.split(|byte| !is_part(byte)).filter(|word| is_leet_word(word)).count();
        let mut folded = Vec::with_capacity(bytes.len());
        for word in bytes.split_inclusive(|byte| !is_part(byte)) {
            let spoken = is_leet_word(word) || (dense && word.iter().any(u8::is_ascii_lowercase));
            folded.extend(word.iter().map(|&byte| if spoken { unleet(byte) } else { byte }));
        }
        // Only ASCII bytes were replaced by ASCII bytes.
        if let Ok(text) = String::from_utf8(folded) {
            self.text = text;
        }
    }
}

/// So many words of digits and letters are a way of writing.
const LEET_WORDS_MIN: usize = 3;

/// Two letters at least, one of them behind a digit that looks like a letter.
fn is_leet_word(word: &[u8]) -> bool {
    let n_letters = word.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    2 <= n_letters && word.windows(2).any(|pair| is_leet(pair[0]) && pair[1].is_ascii_lowercase())
}

fn is_leet(byte: u8) -> bool {
    unleet(byte) != byte
}

fn unleet(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        _ => byte,
    }
}

/// Zero width, direction marks, soft hyphen, variation selectors, tags: nothing a reader sees.
fn is_hidden(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' | '\u{34f}' | '\u{180e}')
}

/// The Latin letter that a Cyrillic or Greek letter is taken for.
fn twin(char: char) -> Option<char> {
    let twins = [
        ('а', 'a'),
        ('е', 'e'),
        ('о', 'o'),
        ('р', 'p'),
        ('с', 'c'),
        ('у', 'y'),
        ('х', 'x'),
        ('і', 'i'),
        ('ѕ', 's'),
        ('ј', 'j'),
        ('ԁ', 'd'),
        ('һ', 'h'),
        ('ɡ', 'g'),
        ('А', 'a'),
        ('В', 'b'),
        ('Е', 'e'),
        ('К', 'k'),
        ('М', 'm'),
        ('Н', 'h'),
        ('О', 'o'),
        ('Р', 'p'),
        ('С', 'c'),
        ('Т', 't'),
        ('Х', 'x'),
        ('І', 'i'),
        ('ο', 'o'),
        ('α', 'a'),
        ('ν', 'v'),
        ('ι', 'i'),
        ('ρ', 'p'),
        ('τ', 't'),
        ('υ', 'u'),
        ('κ', 'k'),
        ('ε', 'e'),
        ('Α', 'a'),
        ('Ε', 'e'),
        ('Ι', 'i'),
        ('Ο', 'o'),
        ('Τ', 't'),
        ('Ρ', 'p'),
    ];
    twins.iter().find(|(wide, _)| *wide == char).map(|&(_, latin)| latin)
}

/// True when a Latin letter stands on either side, as no Russian or Greek word has it.
fn beside_latin(text: &str, at: usize, char: char) -> bool {
    text[..at].ends_with(|before: char| before.is_ascii_alphabetic())
        || text[at + char.len_utf8()..].starts_with(|after: char| after.is_ascii_alphabetic())
}

/// The letter of a regional indicator, two of which make a flag and many of which spell.
fn regional(char: char) -> char {
    u8::try_from(char as u32 - 0x1F1E6).map_or(' ', |index| char::from(b'a' + index))
}
