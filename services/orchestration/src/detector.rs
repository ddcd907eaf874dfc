//! Which detectors a tenant can name: the ones that ship with the mesh, and its own. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// How the mesh and a detector meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Runs inside this service; the mesh calls it.
    BuiltIn,
    /// Pushes its findings and run reports; the mesh cannot call it.
    Push,
}

/// One detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detector {
    pub name: String,
    pub kind: Kind,
    /// Version of its code and data; empty where the mesh cannot know.
    pub version: String,
    /// Canonical labels it is able to report, where its vocabulary tells.
    pub labels: BTreeSet<String>,
    /// Label groups it is able to report, at every depth.
    pub groups: BTreeSet<String>,
    /// Ships with the mesh.
    pub shared: bool,
    /// Of the registration; 0 for shared ones.
    pub revision: u32,
    /// Longest text it takes in one piece, in bytes; of called ones only.
    pub text_bytes_max: usize,
}

/// All detectors one tenant can name. A tenant's own hides a shared one of the same name.
#[derive(Debug, Clone, Default)]
pub struct Registry(BTreeMap<String, Detector>);

impl Registry {
    pub fn new(
        shared: impl IntoIterator<Item = Detector>,
        own: impl IntoIterator<Item = Detector>,
    ) -> Registry {
        let named = shared.into_iter().chain(own).map(|detector| (detector.name.clone(), detector));
        Registry(named.collect())
    }

    pub fn find(&self, name: &str) -> Option<&Detector> {
        self.0.get(name)
    }

    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// By name, the ones after `name`.
    pub fn after<'r>(&'r self, name: &str) -> impl Iterator<Item = &'r Detector> {
        use std::ops::Bound::{Excluded, Unbounded};

        self.0.range::<str, _>((Excluded(name), Unbounded)).map(|(_, detector)| detector)
    }
}

impl Detector {
    /// Whether it is able to report the canonical label `label`.
    ///
    /// A vocabulary says so to the letter; where there is none, the groups decide.
    pub fn reports(&self, label: &str) -> bool {
        if !self.labels.is_empty() {
            return self.labels.contains(label);
        }
        label.match_indices('.').any(|(end, _)| self.groups.contains(&label[..end]))
    }

    /// Whether it is able to report anything in `group`, or the label `group` itself.
    pub fn covers(&self, group: &str) -> bool {
        self.groups.contains(group) || self.labels.contains(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detector(name: &str, shared: bool, groups: &[&str], labels: &[&str]) -> Detector {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Detector {
            name: name.to_owned(),
            kind: Kind::Push,
            version: String::new(),
            labels: owned(labels),
            groups: owned(groups),
            shared,
            revision: 0,
            text_bytes_max: 0,
        }
    }

    #[test]
    fn a_tenants_own_detector_hides_a_shared_one() {
        let shared = [detector("a", true, &[], &[]), detector("b", true, &[], &[])];
        let registry = Registry::new(shared, [detector("b", false, &[], &[])]);
        let listed: Vec<_> = registry.after("").map(|it| (it.name.as_str(), it.shared)).collect();
        assert_eq!(listed, [("a", true), ("b", false)]);
        assert_eq!(registry.after("a").count(), 1);
    }

    #[test]
    fn a_vocabulary_is_more_precise_than_groups() {
        let by_words = detector("w", true, &["PII", "PII.Contact"], &["PII.Contact.Email"]);
        assert!(by_words.reports("PII.Contact.Email"));
        assert!(!by_words.reports("PII.Contact.Phone"));
        let by_groups = detector("g", false, &["PII", "PII.Contact"], &[]);
        assert!(by_groups.reports("PII.Contact.Phone"));
        assert!(!by_groups.reports("SECRET.Credential.APIKey"));
    }
}
