//! Secrets: keys of known vendors by prefix, length and entropy; key blocks, tokens, passwords in URLs and assignments.
//!
//! One Aho-Corasick pass finds the literals; what follows each is then checked in place.

mod entropy;
mod generic;
mod label;
mod vendor;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::Finding;

pub(crate) use label::LABELS;

/// Vendor prefixes first, then the literals of `generic`.
static LITERALS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let literals = vendor::KEYS
        .iter()
        .map(|key| key.prefix)
        .chain(generic::LITERALS.iter().map(|(literal, _)| *literal));
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(literals)
        .expect("the literals are few and constant")
});

/// All findings of secrets, in order of their start.
pub(crate) fn find(text: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for found in LITERALS.find_iter(text) {
        let index = found.pattern().as_usize();
        let behind = findings.last().map_or(0, |last| last.end);
        if found.start() < behind {
            continue;
        }
        let finding = match vendor::KEYS.get(index) {
            Some(key) => vendor::key_at(text, key, found.start()),
            None => {
                let (_, check) = generic::LITERALS[index - vendor::KEYS.len()];
                check(text, found.start(), found.end())
            }
        };
        if let Some(finding) = finding.filter(|finding| behind <= finding.start) {
            findings.push(finding);
        }
    }
    findings
}
