//! Byte offsets to Unicode code points, for callers whose spans count code points.

use crate::Finding;

/// Spans in code points, one per finding in the order given, in one pass over the text however many findings there are.
pub fn code_points(text: &str, findings: &[Finding]) -> Vec<(usize, usize)> {
    let mut edges: Vec<usize> =
        findings.iter().flat_map(|finding| [finding.start, finding.end]).collect();
    edges.sort_unstable();
    edges.dedup();

    let mut points = Vec::with_capacity(edges.len());
    let (mut at, mut n_points) = (0, 0);
    for &edge in &edges {
        let edge = edge.min(text.len());
        n_points += n_code_points(&text.as_bytes()[at..edge]);
        at = edge;
        points.push(n_points);
    }
    let point = |edge: usize| {
        edges.binary_search(&edge).ok().and_then(|index| points.get(index)).copied().unwrap_or(0)
    };
    findings.iter().map(|finding| (point(finding.start), point(finding.end))).collect()
}

/// Code points that start in `bytes`: all bytes but the continuation bytes.
fn n_code_points(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn code_points_equal_those_counted_one_by_one(text in ".{0,60}", a in 0usize..60, b in 0usize..60) {
            let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (a, b) = (a.min(edges.len() - 1), b.min(edges.len() - 1));
            let (from, to) = (a.min(b), a.max(b));
            let finding = |start, end| Finding { label: "X", score: 1.0, start, end };
            let findings = [finding(edges[from], edges[to]), finding(0, edges[to]), finding(edges[from], text.len())];
            prop_assert_eq!(code_points(&text, &findings), vec![(from, to), (0, to), (from, edges.len() - 1)]);
        }
    }
}
