//! Rules that hold between rows, groups, taxonomy and migration.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    Group, Row, When,
    load::{File, Known},
};
use crate::{
    error::{Error, Problem},
    label::Label,
    taxonomy::matches,
};

/// The risks of NIST AI 600-1 by section number, as the taxonomy names them.
const RISKS: [(&str, &str); 11] = [
    ("2.1", "CBRN Information or Capabilities"),
    ("2.2", "Confabulation"),
    ("2.3", "Dangerous, Violent, or Hateful Content"),
    ("2.4", "Data Privacy"),
    ("2.6", "Harmful Bias or Homogenization"),
    ("2.7", "Human-AI Configuration"),
    ("2.8", "Information Integrity"),
    ("2.9", "Information Security"),
    ("2.10", "Intellectual Property"),
    ("2.11", "Obscene, Degrading, and/or Abusive Content"),
    ("2.12", "Value Chain and Component Integration"),
];

pub(super) fn check(
    known: &Known<'_>,
    file: &File,
    rows: &[Row],
    groups: &[Group],
    homes: &[Option<usize>],
) -> Result<(), Error> {
    check_patterns(known, file)?;
    check_doubles(known, file, rows, groups)?;
    for (label, home) in known.taxonomy.labels().iter().zip(homes) {
        if let Some(home) = home {
            let place = &file.groups[*home].id;
            let found = alignment(known, *label, &groups[*home], rows);
            found.map_err(|problem| known.source.broken_at(place, problem))?;
        }
    }
    check_legacy(known, file, homes)
}

fn check_patterns(known: &Known<'_>, file: &File) -> Result<(), Error> {
    let of_groups = file.groups.iter().flat_map(|it| &it.labels);
    for pattern in file.no_control_labels.iter().chain(of_groups) {
        if !known.taxonomy.labels().iter().any(|&it| matches(&pattern.value, it)) {
            let problem = Problem::PatternMatchesNothing(pattern.value.clone());
            return Err(known.source.broken_at(pattern, problem));
        }
    }
    Ok(())
}

fn check_doubles(
    known: &Known<'_>,
    file: &File,
    rows: &[Row],
    groups: &[Group],
) -> Result<(), Error> {
    for (at, group) in file.groups.iter().zip(groups) {
        let mut seen = HashSet::new();
        for row in group.rows.iter().map(|&it| &rows[it]) {
            let Row { framework, control, relation, when, conditions, why: _ } = row;
            if !seen.insert((framework, control, relation, when, conditions)) {
                let control = &known.frameworks.all()[*framework].controls[*control];
                let problem = Problem::Duplicate(control.id.clone());
                return Err(known.source.broken_at(&at.id, problem));
            }
        }
    }
    Ok(())
}

/// The rows agree with the taxonomy: every aligned risk has a row, and a risk that always counts is
/// an aligned one.
fn alignment(known: &Known<'_>, label: Label, group: &Group, rows: &[Row]) -> Result<(), Problem> {
    let alignment = label.alignment();
    let aligned = |(_, name): &&(&str, &str)| alignment.nist.iter().any(|it| it == name);
    let risks = RISKS.iter().filter(aligned).map(|(section, _)| (*section).to_owned());
    let owasp = alignment.owasp.iter().map(|it| format!("{it}:2025"));
    let want: BTreeSet<String> = risks.chain(owasp).collect();

    let position = |id: &str| known.frameworks.position(id);
    let (nist, owasp) = (position("nist-ai-600-1"), position("owasp-llm"));
    let rows: Vec<_> = group.rows.iter().map(|&it| &rows[it]).collect();
    let id = |row: &Row| known.frameworks.all()[row.framework].controls[row.control].id.clone();
    let is_of = |row: &Row, framework: Option<usize>| Some(row.framework) == framework;
    let found = rows.iter().filter(|it| is_of(it, nist) || is_of(it, owasp));
    let found: BTreeSet<String> = found.map(|it| id(it)).collect();
    let always = rows
        .iter()
        .filter(|it| is_of(it, nist) && it.conditions.is_empty() && it.when != When::Recurring);
    let always: BTreeSet<String> = always.map(|it| id(it)).collect();

    let lost: Vec<_> = want.difference(&found).cloned().collect();
    let extra: Vec<_> = always.difference(&want).cloned().collect();
    if lost.is_empty() && extra.is_empty() {
        return Ok(());
    }
    Err(Problem::Alignment { label: label.name().to_owned(), lost, extra })
}

/// The legacy labels are those of the migration that no longer exist, each in the group of the label
/// that is read in its place.
fn check_legacy(known: &Known<'_>, file: &File, homes: &[Option<usize>]) -> Result<(), Error> {
    let moves = known.migration.moves().iter();
    let gone = moves.filter(|it| known.taxonomy.label(&it.from).is_none());
    let mut gone: BTreeMap<&str, Option<usize>> =
        gone.map(|it| (it.from.as_str(), homes[it.default.index()])).collect();
    let of_groups = file.groups.iter().enumerate().flat_map(|(position, group)| {
        group.legacy_labels.iter().map(move |it| (it, Some(position)))
    });
    let without = file.no_control_legacy_labels.iter().map(|it| (it, None));
    for (label, home) in of_groups.chain(without) {
        if gone.remove(label.value.as_str()) != Some(home) {
            let problem = Problem::LegacyLabel(label.value.clone());
            return Err(known.source.broken_at(label, problem));
        }
    }
    match gone.into_keys().next() {
        Some(missing) => Err(known.source.broken(Problem::LegacyLabel(missing.to_owned()))),
        None => Ok(()),
    }
}
