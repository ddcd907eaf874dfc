//! What became of each label of the superseded taxonomy version.
//!
//! A stored event keeps its version; this is how it is read under the present one.

use std::{collections::HashMap, fmt};

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;

use crate::{
    catalogue,
    error::{Error, Problem},
    label::Label,
    taxonomy::Taxonomy,
    yaml::Source,
};

#[derive(Debug)]
pub struct Migration {
    from: String,
    to: String,
    moves: Vec<Move>,
    by_name: HashMap<String, usize>,
    new: Vec<Label>,
    merges: Vec<Merge>,
}

/// What became of one old label.
#[derive(Debug)]
pub struct Move {
    pub from: String,
    pub action: Action,
    /// The label to read where nothing more is known.
    pub default: Label,
    pub targets: Vec<Label>,
    /// How to choose among the targets, or what changed in scope. A split always has one.
    pub rule: Option<String>,
}

/// Old labels of which a part of the meaning moved into another label.
#[derive(Debug)]
pub struct Merge {
    pub from: Vec<String>,
    pub into: Label,
    pub rule: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Keep,
    Rename,
    Split,
    Merge,
}

/// An old label read under the present version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub label: Label,
    pub basis: Basis,
}

/// Why this label: the less is known, the weaker the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The raw label was mapped again by the present rules.
    Raw,
    /// The old label has one target.
    OnlyTarget,
    /// The old label was split and its default was taken.
    Default,
}

/// What moves between the versions. Shown as a report for people.
#[derive(Debug)]
pub struct Diff<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub kept: Vec<&'a Move>,
    pub renamed: Vec<&'a Move>,
    /// Each needs its rule: the default alone loses what the new version can tell apart.
    pub split: Vec<&'a Move>,
    pub merged: Vec<&'a Merge>,
    pub new: &'a [Label],
}

impl Migration {
    pub fn builtin() -> &'static Migration {
        &catalogue::builtin().migration
    }

    pub fn from(&self) -> &str {
        &self.from
    }

    pub fn to(&self) -> &str {
        &self.to
    }

    /// What became of an old label; None where the old version has no such label.
    pub fn find(&self, old: &str) -> Option<&Move> {
        self.by_name.get(old).map(|&it| &self.moves[it])
    }

    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Reads an old label under the present version. `remapped` is what the present rules say of the
    /// raw label, where that is still known; it wins, for it knows more than the old label.
    pub fn read(&self, old: &str, remapped: Option<Label>) -> Option<Reading> {
        let found = self.find(old)?;
        if let Some(label) = remapped {
            return Some(Reading { label, basis: Basis::Raw });
        }
        let basis = if found.targets.len() == 1 { Basis::OnlyTarget } else { Basis::Default };
        Some(Reading { label: found.default, basis })
    }

    pub fn diff(&self) -> Diff<'_> {
        let with = |action| self.moves.iter().filter(|it| it.action == action).collect();
        Diff {
            from: &self.from,
            to: &self.to,
            kept: with(Action::Keep),
            renamed: with(Action::Rename),
            split: with(Action::Split),
            merged: self.merges.iter().collect(),
            new: &self.new,
        }
    }

    pub(crate) fn load(source: Source<'_>, taxonomy: &Taxonomy) -> Result<Migration, Error> {
        let file: File = source.read()?;
        for (found, expected) in
            [(&file.from, taxonomy.supersedes()), (&file.to, taxonomy.version())]
        {
            if found.value != expected {
                let problem = Problem::OtherVersion {
                    found: found.value.clone(),
                    expected: expected.to_owned(),
                };
                return Err(source.broken_at(found, problem));
            }
        }
        let mut moves = Vec::new();
        let mut by_name = HashMap::new();
        for row in file.labels {
            let at = row.from.clone();
            if by_name.insert(at.value.clone(), moves.len()).is_some() {
                return Err(source.broken_at(&at, Problem::Duplicate(at.value.clone())));
            }
            moves.push(parse_move(source, row, taxonomy)?);
        }
        let new = parse_labels(source, &file.new_labels_without_2025_09_origin, taxonomy)?;
        let mut merges = Vec::new();
        for MergeRow { from, into, rule } in file.merged {
            if let Some(old) = from.iter().find(|it| !by_name.contains_key(&it.value)) {
                return Err(source.broken_at(old, Problem::UnknownLabel(old.value.clone())));
            }
            let from = from.into_iter().map(|it| it.value).collect();
            merges.push(Merge { from, into: parse_label(source, &into, taxonomy)?, rule });
        }
        let migration =
            Migration { from: file.from.value, to: file.to.value, moves, by_name, new, merges };
        match migration.without_clear_origin(taxonomy) {
            Some(label) => Err(source.broken(Problem::NoOrigin(label.name().to_owned()))),
            None => Ok(migration),
        }
    }

    fn without_clear_origin(&self, taxonomy: &Taxonomy) -> Option<Label> {
        let is_target = |label: &Label| self.moves.iter().any(|it| it.targets.contains(label));
        let unclear = |label: &&Label| is_target(label) == self.new.contains(label);
        taxonomy.labels().iter().find(unclear).copied()
    }
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Rename => "rename",
            Action::Split => "split",
            Action::Merge => "merge",
        }
    }
}

impl fmt::Display for Diff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diff { from, to, kept, renamed, split, merged, new } = self;
        writeln!(f, "Taxonomy {from} to {to}")?;
        writeln!(f, "{} labels keep their name", kept.len())?;
        for it in kept.iter().filter(|it| it.rule.is_some()) {
            writeln!(f, "  {}: {}", it.from, it.rule.as_deref().unwrap_or_default())?;
        }
        writeln!(f, "{} labels are renamed", renamed.len())?;
        for it in renamed {
            writeln!(f, "  {} to {}", it.from, it.default)?;
        }
        writeln!(f, "{} labels are split and need a rule", split.len())?;
        for it in split {
            writeln!(f, "  {}, by default {}", it.from, it.default)?;
            writeln!(f, "    {}", it.rule.as_deref().unwrap_or_default())?;
        }
        writeln!(f, "{} merges", merged.len())?;
        for it in merged {
            writeln!(f, "  {} into {}: {}", it.from.join(", "), it.into, it.rule)?;
        }
        writeln!(f, "{} labels are new", new.len())?;
        for it in *new {
            writeln!(f, "  {it}")?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    from: Spanned<String>,
    to: Spanned<String>,
    labels: Vec<MoveRow>,
    new_labels_without_2025_09_origin: Vec<Spanned<String>>,
    merged: Vec<MergeRow>,
    #[serde(rename = "notes")]
    _notes: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveRow {
    from: Spanned<String>,
    action: Spanned<String>,
    default: Spanned<String>,
    to: Vec<Spanned<String>>,
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MergeRow {
    from: Vec<Spanned<String>>,
    into: Spanned<String>,
    rule: String,
}

fn parse_move(source: Source<'_>, row: MoveRow, taxonomy: &Taxonomy) -> Result<Move, Error> {
    let MoveRow { from, action: action_text, default, to, rule } = row;
    let action = match action_text.value.as_str() {
        "keep" => Action::Keep,
        "rename" => Action::Rename,
        "split" => Action::Split,
        "merge" => Action::Merge,
        unknown => {
            let problem = Problem::UnknownAction(unknown.to_owned());
            return Err(source.broken_at(&action_text, problem));
        }
    };
    let default = parse_label(source, &default, taxonomy)?;
    let targets = parse_labels(source, &to, taxonomy)?;
    let fits = match action {
        Action::Keep => targets == [default] && default.name() == from.value,
        Action::Rename | Action::Merge => targets == [default] && default.name() != from.value,
        Action::Split => 1 < targets.len() && targets.contains(&default) && rule.is_some(),
    };
    if !fits {
        return Err(source.broken_at(&from, Problem::WrongMove(from.value.clone())));
    }
    Ok(Move { from: from.value, action, default, targets, rule })
}

fn parse_labels(
    source: Source<'_>,
    names: &[Spanned<String>],
    taxonomy: &Taxonomy,
) -> Result<Vec<Label>, Error> {
    names.iter().map(|it| parse_label(source, it, taxonomy)).collect()
}

pub(crate) fn parse_label(
    source: Source<'_>,
    name: &Spanned<String>,
    taxonomy: &Taxonomy,
) -> Result<Label, Error> {
    let problem = || source.broken_at(name, Problem::UnknownLabel(name.value.clone()));
    taxonomy.label(&name.value).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(old: &str, remapped: Option<&str>, expected: Expect) {
        let remapped = remapped.and_then(|it| Taxonomy::builtin().label(it));
        expected.assert_eq(&format!("{:?}", Migration::builtin().read(old, remapped)));
    }

    #[test]
    fn an_old_label_is_read_by_what_is_known() {
        check(
            "PII.Contact.Email",
            None,
            expect!["Some(Reading { label: PII.Contact.Email, basis: OnlyTarget })"],
        );
        check(
            "OTHER.FactualError",
            None,
            expect!["Some(Reading { label: QUALITY.Factuality.FactualError, basis: OnlyTarget })"],
        );
        check(
            "PII.Identifier.BankAccount",
            None,
            expect!["Some(Reading { label: PII.Financial.BankAccount, basis: Default })"],
        );
        check(
            "PII.Identifier.BankAccount",
            Some("PII.Financial.IBAN"),
            expect!["Some(Reading { label: PII.Financial.IBAN, basis: Raw })"],
        );
        check("PII.Identifier.Imaginary", None, expect!["None"]);
    }

    #[test]
    fn every_old_label_reads_to_an_existing_label() {
        let (migration, taxonomy) = (Migration::builtin(), Taxonomy::builtin());
        for old in migration.moves() {
            let reading = migration.read(&old.from, None).unwrap();
            assert_eq!(taxonomy.label(reading.label.name()), Some(reading.label));
            assert!(old.targets.contains(&reading.label));
            let is_sure = reading.basis != Basis::Default;
            assert_eq!(is_sure, old.action != Action::Split, "{}", old.from);
        }
    }

    #[test]
    fn the_report_counts_what_moves() {
        let diff = Migration::builtin().diff();
        assert_eq!((diff.kept.len(), diff.renamed.len(), diff.split.len()), (24, 6, 20));
        assert!(diff.split.iter().all(|it| it.rule.is_some()));
        let report = diff.to_string();
        let headings: Vec<_> = report.lines().filter(|it| !it.starts_with(' ')).collect();
        expect![[r#"
            Taxonomy 2025.09 to 2026.11
            24 labels keep their name
            6 labels are renamed
            20 labels are split and need a rule
            1 merges
            36 labels are new"#]]
        .assert_eq(&headings.join("\n"));
    }
}
