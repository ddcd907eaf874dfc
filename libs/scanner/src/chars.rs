//! Bytes and char boundaries: the small questions every recogniser asks.

/// True for ASCII letters and digits and every byte of a non-ASCII char: what a word is made of.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || 0x80 <= byte
}

/// The byte before `at`, if any.
pub(crate) fn before(bytes: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|at| bytes.get(at)).copied()
}

/// True when no word continues to the left of `at`.
pub(crate) fn starts_word(bytes: &[u8], at: usize) -> bool {
    !before(bytes, at).is_some_and(|byte| is_word(byte) || byte == b'_')
}

/// True when no word continues to the right of `at`.
pub(crate) fn ends_word(bytes: &[u8], at: usize) -> bool {
    !bytes.get(at).is_some_and(|&byte| is_word(byte) || byte == b'_')
}

/// Length of the run of bytes from `at` on that `holds` accepts, at most `max`.
pub(crate) fn run(bytes: &[u8], at: usize, max: usize, holds: impl Fn(u8) -> bool) -> usize {
    bytes.iter().skip(at).take(max).take_while(|&&byte| holds(byte)).count()
}

/// Length of the run of bytes that ends before `at` and that `holds` accepts, at most `max`.
pub(crate) fn run_back(bytes: &[u8], at: usize, max: usize, holds: impl Fn(u8) -> bool) -> usize {
    bytes[..at].iter().rev().take(max).take_while(|&&byte| holds(byte)).count()
}

/// The nearest char boundary at or after `at`.
pub(crate) fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// The nearest char boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Values of the hexadecimal digits of `byte`, if it is one.
pub(crate) fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
