//! The closed list of facts that decide whether the conditions of a control row hold.
//!
//! A tenant states facts about itself, a person or a detector states facts about one finding.
//! What nobody states counts as not holding.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;
use time::Date;

use crate::{
    catalogue,
    error::{Error, Problem},
    framework::parse_day,
    yaml::Source,
};

#[derive(Debug)]
pub struct Facts {
    facts: Vec<Fact>,
    by_id: HashMap<String, u16>,
    conditions: Vec<Condition>,
    by_text: HashMap<String, usize>,
}

#[derive(Debug)]
pub struct Fact {
    /// Kebab-case: `privacy-criteria-in-scope`.
    pub id: String,
    pub scope: Scope,
    pub description: String,
}

/// What a fact is a statement about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The organisation or system; it stands until taken back.
    Tenant,
    /// One finding.
    Finding,
}

/// A condition of a control row, in the words of the control data.
#[derive(Debug)]
pub struct Condition {
    pub text: String,
    /// Where it stands in the list of conditions.
    pub(crate) line: u64,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// Holds when any of these facts is stated.
    Any(Vec<u16>),
    /// Holds on this day and later.
    From(Date),
}

/// Facts that are stated. Only facts of the list can be in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactSet(BTreeSet<u16>);

/// The fact is not in the list, so stating it would change nothing, silently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fact `{0}`")]
pub struct UnknownFact(pub String);

impl Facts {
    pub fn builtin() -> &'static Facts {
        catalogue::builtin().controls.facts()
    }

    /// Every fact in order of its id.
    pub fn all(&self) -> &[Fact] {
        &self.facts
    }

    pub fn find(&self, id: &str) -> Option<&Fact> {
        self.by_id.get(id).map(|&it| &self.facts[usize::from(it)])
    }

    /// The set of the facts with these ids.
    pub fn set<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Result<FactSet, UnknownFact> {
        let position =
            |id: &'a str| self.by_id.get(id).copied().ok_or_else(|| UnknownFact(id.to_owned()));
        ids.into_iter().map(position).collect::<Result<_, _>>().map(FactSet)
    }

    /// The ids in a set, in order.
    pub fn ids<'a>(&'a self, set: &'a FactSet) -> impl Iterator<Item = &'a str> {
        set.0.iter().filter_map(|&it| self.facts.get(usize::from(it))).map(|it| it.id.as_str())
    }

    /// The facts of which any one makes a condition hold; none where a day decides.
    pub fn deciding<'a>(&'a self, condition: &'a Condition) -> impl Iterator<Item = &'a Fact> {
        let positions = match &condition.test {
            Test::Any(facts) => facts.as_slice(),
            Test::From(_) => &[],
        };
        positions.iter().map(|&it| &self.facts[usize::from(it)])
    }

    pub(crate) fn condition_position(&self, text: &str) -> Option<usize> {
        self.by_text.get(text).copied()
    }

    pub(crate) fn condition(&self, position: usize) -> &Condition {
        &self.conditions[position]
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    pub(crate) fn load(source: Source<'_>) -> Result<Facts, Error> {
        let file: File = source.read()?;
        let mut facts = Facts {
            facts: Vec::new(),
            by_id: HashMap::new(),
            conditions: Vec::new(),
            by_text: HashMap::new(),
        };
        let mut rows = file.facts;
        rows.sort_by(|a, b| a.id.value.cmp(&b.id.value));
        for row in &rows {
            facts.add_fact(source, row)?;
        }
        let mut used = vec![false; rows.len()];
        for row in &file.conditions {
            let condition = facts.parse_condition(source, row)?;
            if let Test::Any(positions) = &condition.test {
                positions.iter().for_each(|&it| used[usize::from(it)] = true);
            }
            if facts.by_text.insert(row.text.value.clone(), facts.conditions.len()).is_some() {
                let problem = Problem::Duplicate(row.text.value.clone());
                return Err(source.broken_at(&row.text, problem));
            }
            facts.conditions.push(condition);
        }
        match rows.iter().zip(&used).find(|(_, used)| !**used) {
            Some((row, _)) => Err(source.broken_at(&row.id, Problem::Unused(row.id.value.clone()))),
            None => Ok(facts),
        }
    }

    fn add_fact(&mut self, source: Source<'_>, row: &FactRow) -> Result<(), Error> {
        let FactRow { id, scope, description } = row;
        let is_kebab = |it: &str| {
            !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        let position = u16::try_from(self.facts.len()).ok();
        let position = position.filter(|_| id.value.split('-').all(is_kebab));
        let Some(position) = position else {
            return Err(source.broken_at(id, Problem::NotAFactId(id.value.clone())));
        };
        let scope = match scope.value.as_str() {
            "tenant" => Scope::Tenant,
            "finding" => Scope::Finding,
            unknown => {
                return Err(source.broken_at(scope, Problem::UnknownScope(unknown.to_owned())));
            }
        };
        if self.by_id.insert(id.value.clone(), position).is_some() {
            return Err(source.broken_at(id, Problem::Duplicate(id.value.clone())));
        }
        self.facts.push(Fact { id: id.value.clone(), scope, description: description.clone() });
        Ok(())
    }

    fn parse_condition(&self, source: Source<'_>, row: &ConditionRow) -> Result<Condition, Error> {
        let text = row.text.value.clone();
        let test = match (&row.any, &row.from) {
            (Some(ids), None) if !ids.is_empty() => {
                let position = |id: &Spanned<String>| {
                    let problem = || source.broken_at(id, Problem::UnknownFact(id.value.clone()));
                    self.by_id.get(&id.value).copied().ok_or_else(problem)
                };
                Test::Any(ids.iter().map(position).collect::<Result<_, _>>()?)
            }
            (None, Some(day)) => Test::From(parse_day(source, day)?),
            _ => return Err(source.broken_at(&row.text, Problem::WrongCondition(text))),
        };
        Ok(Condition { text, line: row.text.referenced.line(), test })
    }
}

impl Condition {
    pub fn holds(&self, facts: &FactSet, on: Date) -> bool {
        match &self.test {
            Test::Any(any) => any.iter().any(|it| facts.0.contains(it)),
            Test::From(day) => *day <= on,
        }
    }
}

impl FactSet {
    /// The set of the shipped facts with these ids.
    pub fn parse<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<FactSet, UnknownFact> {
        Facts::builtin().set(ids)
    }

    /// What a tenant states together with what is stated of one finding.
    pub fn union(&self, other: &FactSet) -> FactSet {
        FactSet(self.0.union(&other.0).copied().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Tenant => "tenant",
            Scope::Finding => "finding",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    facts: Vec<FactRow>,
    conditions: Vec<ConditionRow>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    #[serde(rename = "as_of")]
    _as_of: IgnoredAny,
    #[serde(rename = "about")]
    _about: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactRow {
    id: Spanned<String>,
    scope: Spanned<String>,
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionRow {
    text: Spanned<String>,
    any: Option<Vec<Spanned<String>>>,
    from: Option<Spanned<String>>,
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn check(text: &str, ids: &[&str], on: Date, expected: bool) {
        let facts = Facts::builtin();
        let condition = facts.condition(facts.condition_position(text).unwrap());
        let set = FactSet::parse(ids.iter().copied()).unwrap();
        assert_eq!(condition.holds(&set, on), expected, "{text}: {ids:?}");
    }

    #[test]
    fn what_nobody_states_does_not_hold() {
        let on = date!(2026 - 11 - 21);
        check("system is in PCI scope", &[], on, false);
        check("system is in PCI scope", &["system-holds-phi"], on, false);
        check("system is in PCI scope", &["system-holds-phi", "pci-scope"], on, true);
    }

    #[test]
    fn a_fact_that_includes_another_is_enough() {
        let on = date!(2026 - 11 - 21);
        check("found in training or retrieval data", &["found-in-training-data"], on, true);
        check("found in training data", &["found-in-retrieval-data"], on, false);
        check("people were harmed", &["death-or-serious-harm"], on, true);
        check("death or serious harm", &["people-harmed"], on, false);
    }

    #[test]
    fn a_day_decides_where_no_fact_does() {
        check("from 2026-12-02", &[], date!(2026 - 12 - 01), false);
        check("from 2026-12-02", &[], date!(2026 - 12 - 02), true);
    }

    #[test]
    fn an_unknown_fact_is_refused_by_name() {
        let err = FactSet::parse(["pci-scope", "pci-scoop"]).unwrap_err();
        assert_eq!(err.to_string(), "unknown fact `pci-scoop`");
    }

    #[test]
    fn a_set_gives_back_its_ids_in_order() {
        let facts = Facts::builtin();
        let tenant = FactSet::parse(["pci-scope", "dora-financial-entity"]).unwrap();
        let finding = FactSet::parse(["fax-number", "pci-scope"]).unwrap();
        let both = tenant.union(&finding);
        let ids: Vec<_> = facts.ids(&both).collect();
        assert_eq!(ids, ["dora-financial-entity", "fax-number", "pci-scope"]);
        assert_eq!(facts.find("fax-number").unwrap().scope, Scope::Finding);
    }
}
