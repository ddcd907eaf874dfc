//! The canonical labels of one taxonomy version: the closed list every finding is mapped to.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;

use crate::{
    catalogue,
    error::{Error, Problem},
    label::{Alignment, Entry, Label},
    yaml::{Pairs, Source},
};

/// One published version. Immutable; a new one ships with a [`crate::Migration`].
#[derive(Debug)]
pub struct Taxonomy {
    version: String,
    supersedes: String,
    last_updated: String,
    labels: Vec<Label>,
    by_name: HashMap<&'static str, Label>,
    /// Group to the label that says no more than the group does.
    generals: BTreeMap<&'static str, Option<Label>>,
    unknown: Label,
    model_error: Label,
}

impl Taxonomy {
    /// The version this build ships.
    pub fn builtin() -> &'static Taxonomy {
        &catalogue::builtin().taxonomy
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn supersedes(&self) -> &str {
        &self.supersedes
    }

    /// The day of the last change, as `YYYY-MM-DD`.
    pub fn last_updated(&self) -> &str {
        &self.last_updated
    }

    pub fn label(&self, name: &str) -> Option<Label> {
        self.by_name.get(name).copied()
    }

    /// Every label in the order of the file; the position is [`Label::index`].
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Every label group at any depth, in order of name: `PII`, `PII.Biometric`, …
    pub fn groups(&self) -> impl Iterator<Item = &'static str> {
        self.generals.keys().copied()
    }

    pub fn knows_group(&self, group: &str) -> bool {
        self.generals.contains_key(group)
    }

    /// The label for a finding of which only the group is known, from this group or one above it.
    /// None where the taxonomy has no label that wide; then [`Taxonomy::unknown`] is the answer.
    pub fn general(&self, group: &str) -> Option<Label> {
        let above = group.match_indices('.').map(|(end, _)| &group[..end]);
        let widest_last = std::iter::once(group).chain(above.collect::<Vec<_>>().into_iter().rev());
        widest_last.into_iter().find_map(|it| self.generals.get(it).copied().flatten())
    }

    /// `OTHER.Unknown`: output that carries no mappable meaning.
    pub fn unknown(&self) -> Label {
        self.unknown
    }

    /// `OTHER.ModelError`: a malformed finding.
    pub fn model_error(&self) -> Label {
        self.model_error
    }

    /// The labels of a pattern: one name, or `X.*` for every label that starts with `X.`.
    pub(crate) fn matching<'a>(&'a self, pattern: &'a str) -> impl Iterator<Item = Label> + 'a {
        self.labels.iter().copied().filter(move |&it| matches(pattern, it))
    }

    pub(crate) fn load(source: Source<'_>, generals: Source<'_>) -> Result<Taxonomy, Error> {
        let file: File = source.read()?;
        for severity in &file.severities {
            parse_severity(source, severity)?;
        }
        let mut labels = Vec::new();
        for (category, node) in file.categories.0 {
            collect(source, &category.value, node, &mut labels)?;
        }
        let by_name: HashMap<_, _> = labels.iter().map(|it| (it.name(), *it)).collect();
        let needed = |name| {
            let label = by_name.get(name).copied();
            label.ok_or_else(|| source.broken(Problem::MissingLabel(name)))
        };
        Ok(Taxonomy {
            unknown: needed("OTHER.Unknown")?,
            model_error: needed("OTHER.ModelError")?,
            generals: load_generals(generals, &file.version, &by_name)?,
            version: file.version,
            supersedes: file.supersedes,
            last_updated: file.last_updated,
            labels,
            by_name,
        })
    }
}

/// A pattern is a name, or `X.*` for every label that starts with `X.`.
pub(crate) fn matches(pattern: &str, label: Label) -> bool {
    match pattern.strip_suffix(".*") {
        Some(group) => label.is_in(group),
        None => label.name() == pattern,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    supersedes: String,
    last_updated: String,
    severities: Vec<Spanned<String>>,
    categories: Pairs<Node>,
    #[serde(rename = "namespace")]
    _namespace: IgnoredAny,
    #[serde(rename = "notes")]
    _notes: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    #[serde(rename = "description")]
    _description: IgnoredAny,
    #[serde(default)]
    subcategories: Pairs<Node>,
    #[serde(default)]
    labels: Vec<LabelRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelRow {
    name: Spanned<String>,
    parent: Spanned<String>,
    severity: Spanned<String>,
    description: String,
    aliases: Vec<String>,
    #[serde(default)]
    align: Alignment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralFile {
    taxonomy: Spanned<String>,
    labels: Pairs<Spanned<String>>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    #[serde(rename = "about")]
    _about: IgnoredAny,
}

fn collect(
    source: Source<'_>,
    category: &str,
    node: Node,
    labels: &mut Vec<Label>,
) -> Result<(), Error> {
    for row in node.labels {
        let entry = parse_row(source, category, row, labels)?;
        labels.push(Label::leak(entry));
    }
    for (_, below) in node.subcategories.0 {
        collect(source, category, below, labels)?;
    }
    Ok(())
}

fn parse_row(
    source: Source<'_>,
    category: &str,
    row: LabelRow,
    labels: &[Label],
) -> Result<Entry, Error> {
    let LabelRow { name, parent, severity, description, aliases, align } = row;
    let is_word =
        |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let Some((expected, _)) =
        name.value.rsplit_once('.').filter(|_| name.value.split('.').all(is_word))
    else {
        return Err(source.broken_at(&name, Problem::NotALabelName(name.value.clone())));
    };
    if parent.value != expected {
        let problem = Problem::WrongParent {
            label: name.value.clone(),
            found: parent.value.clone(),
            expected: expected.to_owned(),
        };
        return Err(source.broken_at(&parent, problem));
    }
    if name.value.split('.').next() != Some(category) {
        let problem =
            Problem::WrongCategory { label: name.value.clone(), category: category.to_owned() };
        return Err(source.broken_at(&name, problem));
    }
    if labels.iter().any(|it| it.name() == name.value) {
        return Err(source.broken_at(&name, Problem::Duplicate(name.value.clone())));
    }
    let severity = parse_severity(source, &severity)?;
    // The names differ and the file is bounded, so the count fits.
    let index = u16::try_from(labels.len())
        .map_err(|_| source.broken_at(&name, Problem::NotALabelName(name.value.clone())))?;
    Ok(Entry { index, name: name.value, severity, description, aliases, alignment: align })
}

fn parse_severity(source: Source<'_>, text: &Spanned<String>) -> Result<types::Severity, Error> {
    let problem = || source.broken_at(text, Problem::UnknownSeverity(text.value.clone()));
    text.value.parse().map_err(|_| problem())
}

fn load_generals(
    source: Source<'_>,
    version: &str,
    by_name: &HashMap<&'static str, Label>,
) -> Result<BTreeMap<&'static str, Option<Label>>, Error> {
    let file: GeneralFile = source.read()?;
    if file.taxonomy.value != version {
        let problem = Problem::OtherVersion {
            found: file.taxonomy.value.clone(),
            expected: version.to_owned(),
        };
        return Err(source.broken_at(&file.taxonomy, problem));
    }
    let mut generals: BTreeMap<&'static str, Option<Label>> =
        by_name.values().flat_map(|it| it.groups()).map(|it| (it, None)).collect();
    for label in by_name.values().filter(|it| it.name().ends_with(".Other")) {
        generals.insert(label.parent(), Some(*label));
    }
    for (group, name) in file.labels.0 {
        let Some(general) = generals.get_mut(group.value.as_str()) else {
            return Err(source.broken_at(&group, Problem::UnknownGroup(group.value.clone())));
        };
        let Some(label) = by_name.get(name.value.as_str()).copied() else {
            return Err(source.broken_at(&name, Problem::UnknownLabel(name.value.clone())));
        };
        if general.is_some() || !label.is_in(&group.value) {
            let problem =
                Problem::NotGeneral { label: name.value.clone(), group: group.value.clone() };
            return Err(source.broken_at(&name, problem));
        }
        *general = Some(label);
    }
    Ok(generals)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(group: &str, expected: Expect) {
        let general = Taxonomy::builtin().general(group).map_or("none", Label::name);
        expected.assert_eq(general);
    }

    #[test]
    fn a_group_falls_back_to_its_general_label_or_that_of_the_group_above() {
        check("PII.Identifier", expect!["PII.Identifier.Other"]);
        check("PII.Contact", expect!["PII.Other"]);
        check("PII", expect!["PII.Other"]);
        check("HARM.SPEECH.Hate", expect!["HARM.SPEECH.Hate.Other"]);
        check("HARM.INTEGRITY", expect!["HARM.GENERAL.Unsafe"]);
        check("HARM.INTEGRITY.New", expect!["HARM.GENERAL.Unsafe"]);
        check("SECURITY.App", expect!["none"]);
        check("NOTHING", expect!["none"]);
        check("OTHER", expect!["OTHER.Unknown"]);
    }

    #[test]
    fn a_label_knows_its_groups() {
        let label = Taxonomy::builtin().label("HARM.SPEECH.Hate.Race").unwrap();
        assert_eq!(label.group(), "HARM");
        assert_eq!(label.parent(), "HARM.SPEECH.Hate");
        assert_eq!(label.groups().collect::<Vec<_>>(), ["HARM", "HARM.SPEECH", "HARM.SPEECH.Hate"]);
        assert_eq!(label.severity(), types::Severity::High);
        assert!(label.is_in("HARM.SPEECH") && !label.is_in("HARM.SPEE"));
        assert_eq!(label.alignment().mlc, ["hte"]);
    }

    #[test]
    fn every_label_is_found_by_its_name_and_index() {
        let taxonomy = Taxonomy::builtin();
        for (index, label) in taxonomy.labels().iter().enumerate() {
            assert_eq!(label.index(), index);
            assert_eq!(taxonomy.label(label.name()), Some(*label));
        }
        assert_eq!(taxonomy.label("PII"), None);
        assert_eq!(taxonomy.unknown().name(), "OTHER.Unknown");
        assert_eq!(taxonomy.model_error().name(), "OTHER.ModelError");
    }

    #[test]
    fn a_general_label_never_leaves_the_first_segment() {
        let taxonomy = Taxonomy::builtin();
        for group in taxonomy.groups() {
            let Some(label) = taxonomy.general(group) else { continue };
            assert_eq!(Some(label.group()), group.split('.').next());
        }
    }
}
