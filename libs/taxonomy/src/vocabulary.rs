//! The words of one detector and the canonical label of each.

use std::{
    collections::{BTreeSet, HashMap},
    ops::RangeInclusive,
};

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::{
    error::{Error, Problem},
    label::Label,
    migration::parse_label,
    normal::normal,
    taxonomy::Taxonomy,
    yaml::{Pairs, Source},
};

/// The limit of a raw label on the wire, so a longer one in a table could never be met.
const RAW_LABEL_BYTES: RangeInclusive<usize> = 1..=512;

/// A detector, the versions its words were read from, and what each word means.
#[derive(Debug)]
pub struct Vocabulary {
    pub(crate) detector: String,
    pub(crate) versions: Vec<String>,
    sources: Vec<String>,
    words: Vec<Word>,
    exact: HashMap<String, Label>,
    normalised: Table,
    groups: BTreeSet<&'static str>,
}

/// One raw label with its canonical label.
#[derive(Debug)]
pub struct Word {
    pub raw: String,
    pub label: Label,
    /// Other labels that a careful reviewer could defend.
    pub acceptable: Vec<Label>,
}

/// Normal form to label. A form that would mean two labels means none.
#[derive(Debug, Default)]
pub(crate) struct Table(HashMap<String, Option<Label>>);

impl Vocabulary {
    pub fn detector(&self) -> &str {
        &self.detector
    }

    /// The versions the words were read from.
    pub fn versions(&self) -> &[String] {
        &self.versions
    }

    /// True where the words were read from just this version.
    /// An unknown version is no reason not to map: names of labels outlive versions.
    pub fn knows_version(&self, version: &str) -> bool {
        self.versions.iter().any(|it| it == version)
    }

    /// Where the words were read.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Every label group, at any depth, that the detector is able to report.
    pub fn groups(&self) -> &BTreeSet<&'static str> {
        &self.groups
    }

    pub fn reports(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// The exact word. Allocates nothing.
    pub(crate) fn exact(&self, raw: &str) -> Option<Label> {
        self.exact.get(raw).copied()
    }

    pub(crate) fn normalised(&self, normal: &str) -> Option<Label> {
        self.normalised.find(normal)
    }

    pub(crate) fn load(source: Source<'_>, taxonomy: &Taxonomy) -> Result<Vocabulary, Error> {
        let File { detector, taxonomy: version, versions, sources, maps, acceptable } =
            source.read()?;
        let expected = source.file.trim_end_matches(".yaml").rsplit('/').next().unwrap_or_default();
        if detector.value != expected {
            let found = detector.value.clone();
            let problem = Problem::OtherDetector { found, expected: expected.to_owned() };
            return Err(source.broken_at(&detector, problem));
        }
        if version.value != taxonomy.version() {
            let expected = taxonomy.version().to_owned();
            let problem = Problem::OtherVersion { found: version.value.clone(), expected };
            return Err(source.broken_at(&version, problem));
        }
        let words = load_words(source, taxonomy, maps, acceptable)?;
        let mut normalised = Table::default();
        for word in &words {
            normalised.insert(normal(&word.raw), word.label);
        }
        Ok(Vocabulary {
            detector: detector.value,
            versions,
            sources,
            exact: words.iter().map(|it| (it.raw.clone(), it.label)).collect(),
            normalised,
            groups: words.iter().flat_map(|it| it.label.groups()).collect(),
            words,
        })
    }
}

impl Table {
    pub(crate) fn insert(&mut self, normal: String, label: Label) {
        // A label of nothing but separators has no normal form to be found by.
        if normal.is_empty() {
            return;
        }
        let known = self.0.entry(normal).or_insert(Some(label));
        if *known != Some(label) {
            *known = None;
        }
    }

    pub(crate) fn find(&self, normal: &str) -> Option<Label> {
        self.0.get(normal).copied().flatten()
    }

    /// Every unambiguous form, in order.
    pub(crate) fn sorted(&self) -> Vec<(&str, Label)> {
        let mut pairs: Vec<_> =
            self.0.iter().filter_map(|(form, label)| Some((form.as_str(), (*label)?))).collect();
        pairs.sort_unstable();
        pairs
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    detector: Spanned<String>,
    taxonomy: Spanned<String>,
    versions: Vec<String>,
    sources: Vec<String>,
    maps: Pairs<Spanned<String>>,
    #[serde(default)]
    acceptable: Pairs<Vec<Spanned<String>>>,
}

fn load_words(
    source: Source<'_>,
    taxonomy: &Taxonomy,
    maps: Pairs<Spanned<String>>,
    acceptable: Pairs<Vec<Spanned<String>>>,
) -> Result<Vec<Word>, Error> {
    let mut words = Vec::with_capacity(maps.0.len());
    let mut positions = HashMap::new();
    for (raw, name) in maps.0 {
        let bytes = raw.value.len();
        if !RAW_LABEL_BYTES.contains(&bytes) {
            let problem = Problem::RawLabelSize { bytes, allowed: RAW_LABEL_BYTES };
            return Err(source.broken_at(&raw, problem));
        }
        let label = parse_label(source, &name, taxonomy)?;
        positions.insert(raw.value.clone(), words.len());
        words.push(Word { raw: raw.value, label, acceptable: Vec::new() });
    }
    for (raw, names) in acceptable.0 {
        let Some(&position) = positions.get(&raw.value) else {
            return Err(source.broken_at(&raw, Problem::NotMapped(raw.value.clone())));
        };
        let word = &mut words[position];
        for name in names {
            let label = parse_label(source, &name, taxonomy)?;
            if label == word.label {
                let problem = Problem::AcceptableIsPrimary(raw.value.clone());
                return Err(source.broken_at(&name, problem));
            }
            word.acceptable.push(label);
        }
    }
    Ok(words)
}
