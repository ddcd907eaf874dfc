//! What the mesh must answer for the generated findings.

use std::collections::{BTreeMap, BTreeSet};

use proto::common::v1::Finding;
use serde::{Deserialize, Serialize};
use taxonomy::Label;
use types::Route;

/// What must become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Malformed,
    Refused,
}

/// The event a finding must become.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub label: Label,
    pub route: Route,
    /// Nobody knows the word, so it must wait for review.
    pub unknown_word: bool,
}

/// Counts by what the mesh can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Truth {
    /// Findings on the stream, duplicates and refused ones included.
    pub sent: u64,
    pub accepted: u64,
    pub duplicates: u64,
    pub malformed: u64,
    pub refused: u64,
    /// Run reports on the stream.
    pub runs: u64,
    /// Events that must be stored: accepted and malformed.
    pub events: u64,
    pub by_domain: BTreeMap<String, u64>,
    pub by_severity: BTreeMap<String, u64>,
    pub by_route: BTreeMap<String, u64>,
    pub by_detector: BTreeMap<String, u64>,
    /// Words nobody knew, as `detector/word`.
    pub unknown_words: BTreeSet<String>,
}

impl Truth {
    pub(super) fn count_duplicate(&mut self) {
        self.sent += 1;
        self.duplicates += 1;
    }

    pub(super) fn count(&mut self, finding: &Finding, fate: Fate, expected: Expected) {
        self.sent += 1;
        match fate {
            Fate::Refused => {
                self.refused += 1;
                return;
            }
            Fate::Malformed => self.malformed += 1,
            Fate::Accepted => self.accepted += 1,
        }
        self.events += 1;
        let Expected { label, route, unknown_word } = expected;
        let mut add = |counts: fn(&mut Truth) -> &mut BTreeMap<String, u64>, key: &str| {
            *counts(self).entry(key.to_owned()).or_default() += 1;
        };
        add(|it| &mut it.by_domain, label.group());
        add(|it| &mut it.by_severity, label.severity().as_str());
        add(|it| &mut it.by_route, route.as_str());
        add(|it| &mut it.by_detector, &finding.detector);
        if unknown_word {
            self.unknown_words.insert(format!("{}/{}", finding.detector, finding.raw_label));
        }
    }
}
