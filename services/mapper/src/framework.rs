//! Which controls a label is evidence for, in a context. The data and its rules are in `taxonomy::controls`.

use taxonomy::{Considered, Context, Controls, FactSet, Label, Missing, Taxonomy, UnknownFact};
use time::Date;
use types::Disposition;

/// What is known about a finding beside its label.
#[derive(Debug, Clone)]
pub struct Circumstances {
    pub disposition: Disposition,
    pub recurring: bool,
    pub incident: bool,
    pub facts: FactSet,
}

/// One label with its rows.
#[derive(Debug)]
pub struct LabelControls {
    pub label: Label,
    pub rows: Vec<Considered<'static>>,
}

/// The name at a place of a list is no label of the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the taxonomy has no such label")]
pub struct UnknownLabel {
    pub at: usize,
}

/// Whether rows that do not hold are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    Holding,
    All,
}

/// The facts with these ids.
pub fn facts(ids: &[String]) -> Result<FactSet, UnknownFact> {
    Controls::builtin().facts().set(ids.iter().map(String::as_str))
}

/// The rows of each label name, in order.
pub fn resolve_controls(
    labels: &[String],
    circumstances: &Circumstances,
    rows: Rows,
    on: Date,
) -> Result<Vec<LabelControls>, UnknownLabel> {
    let known =
        |(at, name): (usize, &String)| Taxonomy::builtin().label(name).ok_or(UnknownLabel { at });
    let labels = labels.iter().enumerate();
    labels.map(|named| Ok(controls(known(named)?, circumstances, rows, on))).collect()
}

/// The rows of one label.
pub fn controls(
    label: Label,
    circumstances: &Circumstances,
    rows: Rows,
    on: Date,
) -> LabelControls {
    let Circumstances { disposition, recurring, incident, facts } = circumstances;
    let context = Context {
        disposition: *disposition,
        recurring: *recurring,
        incident: *incident,
        on,
        facts,
    };
    let mut considered = Controls::builtin().resolve_all(label, &context);
    considered.retain(|row| rows == Rows::All || row.holds());
    LabelControls { label, rows: considered }
}

/// What a row asks for besides what became of the finding: ids of facts, any of which is enough, or a day.
pub fn conditions(row: &Considered<'_>) -> Vec<String> {
    let facts = Controls::builtin().facts();
    let conditions = row.evidence.conditions.iter().map(|condition| {
        let ids: Vec<&str> = facts.deciding(condition).map(|fact| fact.id.as_str()).collect();
        if ids.is_empty() { condition.text.clone() } else { ids.join(" or ") }
    });
    conditions.collect()
}

/// What a row lacks to hold, in words.
pub fn missing(row: &Considered<'_>) -> Vec<String> {
    let words = row.missing.iter().map(|missing| match missing {
        Missing::When(when) => format!("the finding is not known to be {}", when.as_str()),
        Missing::Condition(condition) => format!("not stated: {}", condition.text),
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use time::macros::date;

    use super::*;

    #[track_caller]
    fn check(disposition: Disposition, facts_stated: &[&str], framework: &str, expected: Expect) {
        let ids: Vec<String> = facts_stated.iter().map(|it| (*it).to_owned()).collect();
        let facts = facts(&ids).unwrap();
        let circumstances = Circumstances { disposition, recurring: false, incident: false, facts };
        let label = Taxonomy::builtin().label("PII.Identifier.SSN").unwrap();
        let found = controls(label, &circumstances, Rows::All, date!(2026 - 11 - 21));
        let rows = found.rows.iter().filter(|row| row.evidence.framework.id == framework);
        let lines = rows.map(|row| {
            let holds = if row.holds() { "holds" } else { "lacks" };
            let (conditions, missing) = (conditions(row), missing(row));
            format!("{} {holds} {conditions:?} {missing:?}\n", row.evidence.control.id)
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn nothing_stated_leaves_the_conditions_open() {
        check(
            Disposition::Unknown,
            &[],
            "soc2",
            expect![[r#"
            CC6.7 lacks [] ["the finding is not known to be exposed"]
            C1.1 lacks ["confidentiality-criteria-in-scope"] ["the finding is not known to be exposed", "not stated: confidentiality criteria in scope"]
            P4.1 lacks ["privacy-criteria-in-scope"] ["the finding is not known to be ingested", "not stated: privacy criteria in scope"]
            P6.3 lacks ["privacy-criteria-in-scope"] ["the finding is not known to be incident", "not stated: privacy criteria in scope"]
            CC7.2 holds [] []
            CC7.3 lacks [] ["the finding is not known to be incident"]
        "#]],
        );
    }

    #[test]
    fn a_stated_fact_and_a_disposition_make_a_row_hold() {
        check(
            Disposition::Exposed,
            &["privacy-criteria-in-scope"],
            "soc2",
            expect![[r#"
            CC6.7 holds [] []
            C1.1 lacks ["confidentiality-criteria-in-scope"] ["not stated: confidentiality criteria in scope"]
            P4.1 lacks ["privacy-criteria-in-scope"] ["the finding is not known to be ingested"]
            P6.3 lacks ["privacy-criteria-in-scope"] ["the finding is not known to be incident"]
            CC7.2 holds [] []
            CC7.3 lacks [] ["the finding is not known to be incident"]
        "#]],
        );
    }

    #[test]
    fn an_unknown_label_is_named() {
        let facts = FactSet::default();
        let circumstances = Circumstances {
            disposition: Disposition::Unknown,
            recurring: false,
            incident: false,
            facts,
        };
        let labels = ["PII.Identifier.SSN".to_owned(), "PII".to_owned()];
        let answer = resolve_controls(&labels, &circumstances, Rows::All, date!(2026 - 11 - 21));
        assert_eq!(answer.map(|it| it.len()), Err(UnknownLabel { at: 1 }));
    }
}
