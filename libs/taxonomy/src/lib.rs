//! Canonical labels, detector vocabularies, framework controls: the shipped data and the code that
//! checks it. Pure: the texts are embedded, nothing is read at run time.
//!
//! Read in this order: `label` and `taxonomy` (the closed list), `vocabulary` and `rules` (raw label to
//! label), `migration` (old label to label), `framework`, `fact`, `controls` and `weight` (label to
//! controls), `catalogue` (all of it loaded together).

mod catalogue;
mod controls;
mod data;
mod error;
mod fact;
mod framework;
mod label;
mod migration;
mod normal;
mod rules;
mod taxonomy;
mod vocabulary;
mod weight;
mod yaml;

pub use catalogue::{Catalogue, Sources, builtin};
pub use controls::{
    Considered, Context, Controls, Evidence, Group, Missing, Relation, When, regulatory_weights,
};
pub use data::sources;
pub use error::{Error, Problem};
pub use fact::{Condition, Fact, FactSet, Facts, Scope, UnknownFact};
pub use framework::{AppliesFrom, Control, Framework, Frameworks, Verification};
pub use label::{Alignment, Label};
pub use migration::{Action, Basis, Diff, Merge, Migration, Move, Reading};
pub use normal::normal;
pub use rules::{Hit, Rules, Step};
pub use taxonomy::Taxonomy;
pub use vocabulary::{Vocabulary, Word};
pub use yaml::Source;
