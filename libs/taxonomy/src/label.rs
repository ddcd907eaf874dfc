//! A handle on one canonical label: as cheap to copy as a number, and it knows its name.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use types::Severity;

/// One entry of a loaded taxonomy. Equal, ordered and hashed by name.
///
/// A taxonomy is loaded once per process and never freed, so the handle is a plain reference.
#[derive(Clone, Copy)]
pub struct Label(&'static Entry);

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) index: u16,
    pub(crate) name: String,
    pub(crate) severity: Severity,
    pub(crate) description: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) alignment: Alignment,
}

/// Where other catalogues speak of the same thing.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    /// Hazards of MLCommons AILuminate 1.0.
    #[serde(default)]
    pub mlc: Vec<String>,
    /// OWASP LLM Top 10 2025, without the year: `LLM02`.
    #[serde(default)]
    pub owasp: Vec<String>,
    /// Risks of NIST AI 600-1, by name.
    #[serde(default)]
    pub nist: Vec<String>,
}

impl Label {
    pub(crate) fn leak(entry: Entry) -> Label {
        Label(Box::leak(Box::new(entry)))
    }

    /// `PII.Identifier.SSN`
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// Position in the taxonomy: dense, from 0. Not stable between versions, so never stored.
    pub fn index(self) -> usize {
        usize::from(self.0.index)
    }

    /// The first segment: `PII` of `PII.Identifier.SSN`.
    pub fn group(self) -> &'static str {
        self.groups().next().unwrap_or_else(|| self.name())
    }

    /// All but the last segment: `PII.Identifier` of `PII.Identifier.SSN`.
    pub fn parent(self) -> &'static str {
        self.name().rsplit_once('.').map_or(self.name(), |(parent, _)| parent)
    }

    /// Every group the label lies in, the widest first: `PII`, `PII.Identifier`.
    pub fn groups(self) -> impl Iterator<Item = &'static str> {
        let name = self.name();
        name.match_indices('.').map(|(end, _)| &name[..end])
    }

    /// True for a group of the label at any depth.
    pub fn is_in(self, group: &str) -> bool {
        self.name().strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
    }

    pub fn severity(self) -> Severity {
        self.0.severity
    }

    pub fn description(self) -> &'static str {
        &self.0.description
    }

    pub fn aliases(self) -> &'static [String] {
        &self.0.aliases
    }

    pub fn alignment(self) -> &'static Alignment {
        &self.0.alignment
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Label) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Label) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Label) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}
