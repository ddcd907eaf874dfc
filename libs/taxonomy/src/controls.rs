//! Which controls a finding is evidence for, and when.
//!
//! A finding is evidence, not a verdict: reports say *indicates* or *supports*, never *complies* or
//! *fails*. A wrong control id is worse than none, so what is not known to hold is left out.

mod check;
mod load;

use std::collections::{BTreeMap, HashMap};

use time::Date;
use types::Disposition;

use crate::{
    catalogue,
    fact::{Condition, FactSet, Facts},
    framework::{Control, Framework, Frameworks, Verification},
    label::Label,
    weight::{Indicator, Weights},
};

/// Every label with the rows of its group.
#[derive(Debug)]
pub struct Controls {
    version: String,
    frameworks: Frameworks,
    facts: Facts,
    weights: Weights,
    rows: Vec<Row>,
    groups: Vec<Group>,
    /// Position of the group by index of the label; None where no control applies.
    homes: Vec<Option<usize>>,
    /// Every label name of this version or the superseded one, with the label that is read.
    stored: HashMap<String, Label>,
}

/// Labels that are evidence for the same controls.
#[derive(Debug)]
pub struct Group {
    pub id: String,
    pub summary: String,
    /// Own and inherited, in the order of the frameworks.
    rows: Vec<usize>,
    /// Framework and why no control of it applies, own and inherited.
    not_applicable: Vec<(usize, String)>,
}

#[derive(Debug)]
struct Row {
    framework: usize,
    control: usize,
    relation: Relation,
    when: When,
    conditions: Vec<usize>,
    why: String,
}

/// What a finding says about a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The finding itself suggests the control did not hold. A person must confirm before it is
    /// called a failure.
    ViolationIndicator,
    /// The finding shows that the control, usually detection or response, is working.
    ControlOperating,
}

/// What must have become of the finding for a row to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    Any,
    Contained,
    Exposed,
    Ingested,
    Succeeded,
    /// A measured pattern beyond the set tolerance, never one event.
    Recurring,
    /// A person confirmed an incident or breach.
    Incident,
}

/// What is known of a finding besides its label. Unknown counts as not holding.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub disposition: Disposition,
    /// A pattern was measured.
    pub recurring: bool,
    /// A person confirmed it.
    pub incident: bool,
    /// The day of the finding: some duties apply from a day on.
    pub on: Date,
    pub facts: &'a FactSet,
}

/// A row that holds: the finding is evidence for this control.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    pub framework: &'a Framework,
    pub control: &'a Control,
    pub relation: Relation,
    pub when: When,
    pub why: &'a str,
    /// Conditions that hold besides `when`.
    pub conditions: Vec<&'a Condition>,
    /// The duty does not apply yet: readiness, not violation.
    pub readiness: bool,
    /// Regulatory weight, 0 to 1. A control that operates weighs nothing.
    pub weight: f64,
}

/// A row with what it lacks to be evidence.
#[derive(Debug, Clone)]
pub struct Considered<'a> {
    /// As it would be if it held.
    pub evidence: Evidence<'a>,
    /// Empty where the row holds.
    pub missing: Vec<Missing<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub enum Missing<'a> {
    When(When),
    Condition(&'a Condition),
}

impl Controls {
    pub fn builtin() -> &'static Controls {
        &catalogue::builtin().controls
    }

    /// The version of frameworks, rows, facts and weights together: a day and a digest.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn frameworks(&self) -> &Frameworks {
        &self.frameworks
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The group of a label; None where no control applies, which is an answer.
    pub fn group(&self, label: Label) -> Option<&Group> {
        self.homes[label.index()].map(|it| &self.groups[it])
    }

    /// The frameworks of which no control applies to a label, each with the reason.
    pub fn not_applicable(&self, label: Label) -> impl Iterator<Item = (&Framework, &str)> {
        let reasons = self.group(label).map_or(&[][..], |it| &it.not_applicable);
        reasons.iter().map(|(framework, why)| (&self.frameworks.all()[*framework], why.as_str()))
    }

    /// The controls that a finding is evidence for.
    pub fn resolve(&self, label: Label, context: &Context<'_>) -> Vec<Evidence<'_>> {
        let rows = self.rows(label).filter(|it| self.holds(it, context));
        rows.map(|it| self.evidence(it, label, context)).collect()
    }

    /// The same for a stored label name, of this taxonomy version or the one it superseded.
    /// None where neither has such a label.
    pub fn resolve_stored(&self, name: &str, context: &Context<'_>) -> Option<Vec<Evidence<'_>>> {
        let label = self.stored.get(name)?;
        Some(self.resolve(*label, context))
    }

    /// Every row of a label, with what it lacks to hold.
    pub fn resolve_all(&self, label: Label, context: &Context<'_>) -> Vec<Considered<'_>> {
        let consider = |row| {
            let missing = self.missing(row, context);
            Considered { evidence: self.evidence(row, label, context), missing }
        };
        self.rows(label).map(consider).collect()
    }

    /// The regulatory weight of a control that a finding indicates a violation of.
    /// None where the framework or control is unknown.
    pub fn weight(
        &self,
        framework: &str,
        control: &str,
        label: Label,
        context: &Context<'_>,
    ) -> Option<f64> {
        let framework = self.frameworks.position(framework)?;
        let control = self.frameworks.all()[framework].control(control)?;
        Some(self.weigh(framework, control, label, context))
    }

    fn rows(&self, label: Label) -> impl Iterator<Item = &Row> {
        let rows = self.group(label).map_or(&[][..], |it| &it.rows);
        rows.iter().map(|&it| &self.rows[it])
    }

    fn holds(&self, row: &Row, context: &Context<'_>) -> bool {
        let holds = |&it: &usize| self.facts.condition(it).holds(context.facts, context.on);
        row.when.holds(context) && row.conditions.iter().all(holds)
    }

    fn missing(&self, row: &Row, context: &Context<'_>) -> Vec<Missing<'_>> {
        let when = (!row.when.holds(context)).then_some(Missing::When(row.when));
        let conditions = row.conditions.iter().map(|&it| self.facts.condition(it));
        let open = conditions.filter(|it| !it.holds(context.facts, context.on));
        when.into_iter().chain(open.map(Missing::Condition)).collect()
    }

    fn evidence<'a>(&'a self, row: &'a Row, label: Label, context: &Context<'_>) -> Evidence<'a> {
        let framework = &self.frameworks.all()[row.framework];
        let control = &framework.controls[row.control];
        let (readiness, weight) = match row.relation {
            Relation::ViolationIndicator => {
                (!applies(control, context), self.weigh(row.framework, control, label, context))
            }
            Relation::ControlOperating => (false, 0.0),
        };
        Evidence {
            framework,
            control,
            relation: row.relation,
            when: row.when,
            why: &row.why,
            conditions: row.conditions.iter().map(|&it| self.facts.condition(it)).collect(),
            readiness,
            weight,
        }
    }

    fn weigh(
        &self,
        framework: usize,
        control: &Control,
        label: Label,
        context: &Context<'_>,
    ) -> f64 {
        self.weights.weigh(&Indicator {
            framework,
            control: &control.id,
            label,
            disposition: context.disposition,
            incident: context.incident,
            applies: applies(control, context),
        })
    }
}

impl Evidence<'_> {
    pub fn verification(&self) -> Verification {
        self.control.verification
    }
}

impl Considered<'_> {
    pub fn holds(&self) -> bool {
        self.missing.is_empty()
    }
}

/// The weight of one finding per framework: the highest of its indicators, never their sum.
pub fn regulatory_weights<'a>(evidence: &[Evidence<'a>]) -> BTreeMap<&'a str, f64> {
    let mut weights = BTreeMap::new();
    for it in evidence.iter().filter(|it| it.relation == Relation::ViolationIndicator) {
        let weight = weights.entry(it.framework.id.as_str()).or_insert(0.0);
        *weight = it.weight.max(*weight);
    }
    weights
}

/// A duty without a day has always applied.
fn applies(control: &Control, context: &Context<'_>) -> bool {
    control.applies_from.as_ref().is_none_or(|it| it.day <= context.on)
}

impl Relation {
    pub const ALL: [Relation; 2] = [Relation::ViolationIndicator, Relation::ControlOperating];

    pub fn as_str(self) -> &'static str {
        match self {
            Relation::ViolationIndicator => "violation-indicator",
            Relation::ControlOperating => "control-operating",
        }
    }
}

impl When {
    pub const ALL: [When; 7] = [
        When::Any,
        When::Contained,
        When::Exposed,
        When::Ingested,
        When::Succeeded,
        When::Recurring,
        When::Incident,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            When::Any => "any",
            When::Contained => "contained",
            When::Exposed => "exposed",
            When::Ingested => "ingested",
            When::Succeeded => "succeeded",
            When::Recurring => "recurring",
            When::Incident => "incident",
        }
    }

    pub fn holds(self, context: &Context<'_>) -> bool {
        match self {
            When::Any => true,
            When::Contained => context.disposition == Disposition::Contained,
            When::Exposed => context.disposition == Disposition::Exposed,
            When::Ingested => context.disposition == Disposition::Ingested,
            When::Succeeded => context.disposition == Disposition::Succeeded,
            When::Recurring => context.recurring,
            When::Incident => context.incident,
        }
    }
}
