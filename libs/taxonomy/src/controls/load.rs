//! Reads the control data: groups of labels, their rows, and what a group inherits.

use std::collections::HashMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;
use sha2::{Digest, Sha256};

use super::{Controls, Group, Relation, Row, When, check};
use crate::{
    catalogue::Sources,
    error::{Error, Problem},
    fact::{Condition, Facts},
    framework::{Frameworks, Verification},
    label::Label,
    migration::{Migration, parse_label},
    rules::short,
    taxonomy::{Taxonomy, matches},
    weight::{Weights, parse_framework},
    yaml::{Pairs, Source},
};

/// What rows and groups may name.
pub(super) struct Known<'a> {
    pub(super) source: Source<'a>,
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) migration: &'a Migration,
    pub(super) frameworks: &'a Frameworks,
    pub(super) facts: &'a Facts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    taxonomy: Spanned<String>,
    relations: Pairs<IgnoredAny>,
    when: Pairs<IgnoredAny>,
    pub(super) no_control_labels: Vec<Spanned<String>>,
    pub(super) no_control_legacy_labels: Vec<Spanned<String>>,
    pub(super) groups: Vec<GroupRow>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    #[serde(rename = "as_of")]
    _as_of: IgnoredAny,
    #[serde(rename = "frameworks_file")]
    _frameworks_file: IgnoredAny,
    #[serde(rename = "rules")]
    _rules: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupRow {
    pub(super) id: Spanned<String>,
    pub(super) labels: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) legacy_labels: Vec<Spanned<String>>,
    extends: Option<Spanned<String>>,
    summary: String,
    #[serde(default)]
    controls: Pairs<Vec<ControlRow>>,
    #[serde(default)]
    not_applicable: Pairs<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlRow {
    id: Spanned<String>,
    relation: Spanned<String>,
    when: Spanned<String>,
    why: Spanned<String>,
    #[serde(default, rename = "if")]
    conditions: Vec<Spanned<String>>,
}

/// What a group says itself, by position of the framework.
struct Own {
    parent: Option<usize>,
    rows: HashMap<usize, Vec<usize>>,
    not_applicable: HashMap<usize, String>,
}

impl Controls {
    pub(crate) fn load(
        sources: &Sources<'_>,
        taxonomy: &Taxonomy,
        migration: &Migration,
    ) -> Result<Controls, Error> {
        let frameworks = Frameworks::load(sources.frameworks)?;
        let facts = Facts::load(sources.facts)?;
        let weights = Weights::load(sources.weights, &frameworks, taxonomy)?;
        let source = sources.label_controls;
        let known = Known { source, taxonomy, migration, frameworks: &frameworks, facts: &facts };

        let file: File = source.read()?;
        check_header(&known, &file)?;
        let mut rows = Vec::new();
        let owns = load_owns(&known, &file, &mut rows)?;
        let mut groups = Vec::new();
        for (position, row) in file.groups.iter().enumerate() {
            groups.push(inherit(&known, row, position, &owns)?);
        }
        let homes = homes(&known, &file)?;
        check::check(&known, &file, &rows, &groups, &homes)?;
        let unused = |it: &usize| rows.iter().all(|row| !row.conditions.contains(it));
        if let Some(unused) = (0..facts.conditions().len()).find(unused) {
            let Condition { text, line, .. } = facts.condition(unused);
            return Err(sources.facts.broken_line(*line, Problem::Unused(text.clone())));
        }
        Ok(Controls {
            version: version(sources, &frameworks),
            stored: stored(taxonomy, migration),
            frameworks,
            facts,
            weights,
            rows,
            groups,
            homes,
        })
    }
}

fn version(sources: &Sources<'_>, frameworks: &Frameworks) -> String {
    let mut hash = Sha256::new();
    for it in [sources.frameworks, sources.label_controls, sources.facts, sources.weights] {
        hash.update(it.text);
    }
    format!("{}+{}", frameworks.as_of(), short(hash))
}

/// The present version wins where both have the name.
fn stored(taxonomy: &Taxonomy, migration: &Migration) -> HashMap<String, Label> {
    let old = migration.moves().iter().map(|it| (it.from.clone(), it.default));
    let new = taxonomy.labels().iter().map(|it| (it.name().to_owned(), *it));
    old.chain(new).collect()
}

fn check_header(known: &Known<'_>, file: &File) -> Result<(), Error> {
    let source = known.source;
    if file.taxonomy.value != known.taxonomy.version() {
        let expected = known.taxonomy.version().to_owned();
        let problem = Problem::OtherVersion { found: file.taxonomy.value.clone(), expected };
        return Err(source.broken_at(&file.taxonomy, problem));
    }
    for (relation, _) in &file.relations.0 {
        parse_relation(source, relation)?;
    }
    for (when, _) in &file.when.0 {
        parse_when(source, when)?;
    }
    Ok(())
}

fn load_owns(known: &Known<'_>, file: &File, rows: &mut Vec<Row>) -> Result<Vec<Own>, Error> {
    let mut positions = HashMap::new();
    for (position, group) in file.groups.iter().enumerate() {
        if positions.insert(group.id.value.as_str(), position).is_some() {
            let problem = Problem::Duplicate(group.id.value.clone());
            return Err(known.source.broken_at(&group.id, problem));
        }
    }
    let mut owns = Vec::new();
    for group in &file.groups {
        let parent = match &group.extends {
            Some(id) => {
                let problem = || Problem::WrongParentGroup(group.id.value.clone());
                let parent = positions.get(id.value.as_str());
                Some(*parent.ok_or_else(|| known.source.broken_at(id, problem()))?)
            }
            None => None,
        };
        let mut own = Own { parent, rows: HashMap::new(), not_applicable: HashMap::new() };
        for (id, controls) in &group.controls.0 {
            let framework = parse_framework(known.source, id, known.frameworks)?;
            let first = rows.len();
            for control in controls {
                rows.push(parse_row(known, framework, control)?);
            }
            own.rows.insert(framework, (first..rows.len()).collect());
        }
        for (id, why) in &group.not_applicable.0 {
            let framework = parse_framework(known.source, id, known.frameworks)?;
            own.not_applicable.insert(framework, why.clone());
        }
        owns.push(own);
    }
    Ok(owns)
}

fn parse_row(known: &Known<'_>, framework: usize, row: &ControlRow) -> Result<Row, Error> {
    let ControlRow { id, relation, when, why, conditions } = row;
    let source = known.source;
    let named = &known.frameworks.all()[framework];
    let ids = || (named.id.clone(), id.value.clone());
    let Some(control) = named.control_position(&id.value) else {
        let (framework, control) = ids();
        return Err(source.broken_at(id, Problem::UnknownControl { framework, control }));
    };
    if named.controls[control].verification == Verification::Unverified {
        let (framework, control) = ids();
        return Err(source.broken_at(id, Problem::UnverifiedControl { framework, control }));
    }
    let length = why.value.chars().count();
    if !(1..=90).contains(&length) {
        return Err(source.broken_at(why, Problem::WhyLength(length)));
    }
    let condition = |text: &Spanned<String>| {
        let problem = || source.broken_at(text, Problem::UnknownCondition(text.value.clone()));
        known.facts.condition_position(&text.value).ok_or_else(problem)
    };
    Ok(Row {
        framework,
        control,
        relation: parse_relation(source, relation)?,
        when: parse_when(source, when)?,
        conditions: conditions.iter().map(condition).collect::<Result<_, _>>()?,
        why: why.value.clone(),
    })
}

fn parse_relation(source: Source<'_>, text: &Spanned<String>) -> Result<Relation, Error> {
    let known = Relation::ALL.into_iter().find(|it| it.as_str() == text.value);
    known.ok_or_else(|| source.broken_at(text, Problem::UnknownRelation(text.value.clone())))
}

fn parse_when(source: Source<'_>, text: &Spanned<String>) -> Result<When, Error> {
    let known = When::ALL.into_iter().find(|it| it.as_str() == text.value);
    known.ok_or_else(|| source.broken_at(text, Problem::UnknownWhen(text.value.clone())))
}

/// Own rows come after those of the parent. What the child calls not applicable removes the parent's
/// rows of that framework; rows of the child lift what the parent calls not applicable.
fn inherit(
    known: &Known<'_>,
    row: &GroupRow,
    position: usize,
    owns: &[Own],
) -> Result<Group, Error> {
    let mut line = vec![position];
    let mut at = position;
    while let Some(parent) = owns[at].parent {
        if line.contains(&parent) {
            let problem = Problem::WrongParentGroup(row.id.value.clone());
            return Err(known.source.broken_at(&row.id, problem));
        }
        line.push(parent);
        at = parent;
    }
    let mut rows = Vec::new();
    let mut not_applicable = Vec::new();
    for framework in 0..known.frameworks.all().len() {
        let mut inherited = Vec::new();
        let mut reason = None;
        for own in line.iter().rev().map(|&it| &owns[it]) {
            let own_rows = own.rows.get(&framework);
            match own.not_applicable.get(&framework) {
                Some(why) => {
                    inherited.clear();
                    reason = Some(why.clone());
                }
                None => inherited.extend(own_rows.into_iter().flatten().copied()),
            }
            if own_rows.is_some() {
                reason = None;
            }
        }
        if inherited.is_empty() == reason.is_none() {
            let problem = Problem::NoClearAnswer(known.frameworks.all()[framework].id.clone());
            return Err(known.source.broken_at(&row.id, problem));
        }
        rows.extend(inherited);
        not_applicable.extend(reason.map(|it| (framework, it)));
    }
    Ok(Group { id: row.id.value.clone(), summary: row.summary.clone(), rows, not_applicable })
}

/// The group of every label: the exact label wins, then the longest pattern.
fn homes(known: &Known<'_>, file: &File) -> Result<Vec<Option<usize>>, Error> {
    for name in &file.no_control_labels {
        parse_label(known.source, name, known.taxonomy)?;
    }
    let is_without =
        |label: Label| file.no_control_labels.iter().any(|it| it.value == label.name());
    let home = |label: Label| {
        if is_without(label) {
            return Ok(None);
        }
        let patterns = file
            .groups
            .iter()
            .enumerate()
            .flat_map(|(position, group)| group.labels.iter().map(move |it| (position, it)));
        let hits: Vec<_> = patterns.filter(|(_, it)| matches(&it.value, label)).collect();
        let rank = |pattern: &Spanned<String>| (pattern.value == label.name(), pattern.value.len());
        let best = hits.iter().map(|(_, it)| rank(it)).max();
        let best: Vec<_> = hits.into_iter().filter(|(_, it)| Some(rank(it)) == best).collect();
        if let [(home, _)] = best[..] {
            return Ok(Some(home));
        }
        let groups = best.iter().map(|(it, _)| file.groups[*it].id.value.clone()).collect();
        let problem = Problem::GroupOfLabel { label: label.name().to_owned(), groups };
        Err(match best.last() {
            Some((_, last)) => known.source.broken_at(last, problem),
            None => known.source.broken(problem),
        })
    };
    known.taxonomy.labels().iter().map(|&it| home(it)).collect()
}
