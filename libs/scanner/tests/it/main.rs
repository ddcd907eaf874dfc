//! What the detectors promise, through their public face.
#![expect(clippy::unwrap_used, reason = "test code")]

mod injection;
mod laws;
mod pii;
mod scrub;
mod secrets;
mod vocabulary;

/// One line per line of text: what the detector finds there.
fn findings(detector: &str, texts: &str) -> String {
    let detector = scanner::detector(detector).unwrap();
    let mut lines = String::new();
    for text in texts.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let found: Vec<String> = detector
            .scan(text)
            .into_iter()
            .map(|finding| {
                format!(
                    "{} {:.2} `{}`",
                    finding.label,
                    finding.score,
                    &text[finding.start..finding.end]
                )
            })
            .collect();
        lines.push_str(if found.is_empty() { "-" } else { "" });
        lines.push_str(&found.join("; "));
        lines.push('\n');
    }
    lines
}
