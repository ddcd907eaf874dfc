//! How random a string looks.

/// Shannon entropy in bits per byte of the bytes of `text`.
pub(crate) fn bits_per_byte(text: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    for &byte in text {
        counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
    }
    let n_bytes = text.len().max(1) as f32;
    let share = |count: u16| f32::from(count) / n_bytes;
    counts
        .iter()
        .filter(|&&count| 0 < count)
        .map(|&count| -share(count) * share(count).log2())
        .sum()
}

/// True for what authors write where a secret would stand: `xxxx`, `your-key-here`, `${TOKEN}`, `<secret>`.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "xxxx",
        "your",
        "placeholder",
        "changeme",
        "change_me",
        "redacted",
        "dummy",
        "insert",
        "todo",
        "****",
        "...",
        "sample",
    ];
    let lower = value.to_ascii_lowercase();
    let framed = value.starts_with(['$', '<', '[', '{', '%', '(']);
    let literal = matches!(
        lower.as_str(),
        "null"
            | "none"
            | "true"
            | "false"
            | "undefined"
            | "nil"
            | "password"
            | "secret"
            | "string"
            | "token"
    );
    framed || literal || WORDS.iter().any(|word| lower.contains(word))
}
