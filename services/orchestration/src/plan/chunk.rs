//! Text over a detector's limit is split, never clipped.
//!
//! A chunk *owns* a stretch of the text, and *sees* some more on both sides, so that what lies across a seam is seen
//! whole by someone. Stretches owned do not overlap and leave nothing out; a finding is reported by the chunk that owns
//! where it starts.

use std::ops::Range;

use crate::ledger::Raw;

/// How far a chunk sees beyond what it owns, in bytes; longer findings across a seam may be seen in two pieces.
const OVERLAP_BYTES: usize = 4 * 1024;

/// A piece of one text, in bytes, on char boundaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What it answers for.
    pub own: Range<usize>,
    /// What the detector is given.
    pub seen: Range<usize>,
}

impl Chunk {
    pub fn whole(text: &str) -> Chunk {
        Chunk { own: 0..text.len(), seen: 0..text.len() }
    }
}

/// Splits `text` so that no chunk sees more than `bytes_max`. At least one chunk; an empty text has an empty one.
///
/// A limit too small for one character with its surroundings is taken for 16 bytes.
pub fn chunks(text: &str, bytes_max: usize) -> Vec<Chunk> {
    let bytes_max = bytes_max.max(16);
    if text.len() <= bytes_max {
        return vec![Chunk::whole(text)];
    }
    let overlap = OVERLAP_BYTES.min(bytes_max / 4);
    let stride = bytes_max - 2 * overlap;
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = text.floor_char_boundary(start + stride);
        let own = start..end;
        // Rounded inwards, so that the limit holds.
        let seen = text.ceil_char_boundary(start.saturating_sub(overlap))
            ..text.floor_char_boundary(end + overlap);
        chunks.push(Chunk { own, seen });
        start = end;
    }
    chunks
}

/// Leaves every finding to one chunk. `judged` are the chunks of one text that a detector gave a verdict on, in order;
/// offsets are those of the text.
///
/// A chunk keeps what touches its own stretch. What starts before it was found by an earlier chunk as well, unless that
/// one saw it otherwise: then it is kept.
pub fn merge(judged: &mut [(Chunk, &mut Vec<Raw>)]) {
    let mut kept: Vec<(Range<usize>, String)> = Vec::new();
    for (chunk, found) in judged {
        found.retain(|raw| {
            let touches = chunk.own.start < raw.span.end && raw.span.start < chunk.own.end;
            let empty_inside = raw.span.is_empty() && chunk.own.contains(&raw.span.start);
            let doubled =
                kept.iter().any(|(span, label)| *label == raw.label && overlap(span, &raw.span));
            (touches || empty_inside) && !doubled
        });
        kept.extend(found.iter().map(|raw| (raw.span.clone(), raw.label.clone())));
        // Only what reaches beyond this chunk can meet the next one.
        kept.retain(|(span, _)| chunk.own.end < span.end);
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A toy detector: runs of digits are `NUMBER`, runs of capitals are `WORD`.
    fn scan(text: &str, chunk: &Chunk) -> Vec<Raw> {
        let piece = &text[chunk.seen.clone()];
        let mut found = Vec::new();
        for (label, class) in [
            ("NUMBER", char::is_ascii_digit as fn(&char) -> bool),
            ("WORD", char::is_ascii_uppercase),
        ] {
            let mut start = None;
            for (at, letter) in piece.char_indices().chain([(piece.len(), ' ')]) {
                match (class(&letter), start) {
                    (true, None) => start = Some(at),
                    (false, Some(from)) => {
                        let span = chunk.seen.start + from..chunk.seen.start + at;
                        found.push(Raw { label: label.to_owned(), score: 1.0, span });
                        start = None;
                    }
                    (true, Some(_)) | (false, None) => (),
                }
            }
        }
        found
    }

    fn spans(mut found: Vec<Raw>) -> Vec<(usize, usize, String)> {
        found.sort_by(|a, b| (a.span.start, &a.label).cmp(&(b.span.start, &b.label)));
        found.into_iter().map(|raw| (raw.span.start, raw.span.end, raw.label)).collect()
    }

    proptest! {
        #[test]
        fn owned_stretches_tile_the_text(text in "[aæ€😀]{0,200}", bytes_max in 16usize..80) {
            let chunks = chunks(&text, bytes_max);
            let mut at = 0;
            for chunk in &chunks {
                prop_assert_eq!(chunk.own.start, at);
                at = chunk.own.end;
                prop_assert!(chunk.seen.len() <= bytes_max);
                prop_assert!(chunk.seen.start <= chunk.own.start && chunk.own.end <= chunk.seen.end);
                prop_assert!(text.is_char_boundary(chunk.seen.start) && text.is_char_boundary(chunk.seen.end));
            }
            prop_assert_eq!(at, text.len());
        }

        #[test]
        fn split_text_gives_what_whole_text_gives(text in "([0-9]{1,4}|[A-Z]{1,4}| |æ){0,60}", bytes_max in 24usize..64) {
            // Findings are shorter than the overlap of at least 6 bytes.
            let runs = spans(scan(&text, &Chunk::whole(&text)));
            prop_assume!(runs.iter().all(|(start, end, _)| end - start <= 5));
            let mut pieces: Vec<(Chunk, Vec<Raw>)> =
                chunks(&text, bytes_max).into_iter().map(|it| (it.clone(), scan(&text, &it))).collect();
            let mut judged: Vec<(Chunk, &mut Vec<Raw>)> =
                pieces.iter_mut().map(|(chunk, found)| (chunk.clone(), found)).collect();
            merge(&mut judged);
            let split: Vec<Raw> = pieces.into_iter().flat_map(|(_, found)| found).collect();
            prop_assert_eq!(spans(split), runs);
        }
    }

    #[test]
    fn a_finding_over_the_whole_chunk_is_kept_once() {
        let text = "x".repeat(40);
        let mut pieces: Vec<(Chunk, Vec<Raw>)> = chunks(&text, 16)
            .into_iter()
            .map(|it| {
                (
                    it.clone(),
                    vec![Raw { label: "ALL".to_owned(), score: 1.0, span: it.seen.clone() }],
                )
            })
            .collect();
        let mut judged: Vec<_> =
            pieces.iter_mut().map(|(chunk, found)| (chunk.clone(), found)).collect();
        merge(&mut judged);
        assert!(pieces.iter().any(|(_, found)| found.len() == 1), "{pieces:?}");
    }
}
