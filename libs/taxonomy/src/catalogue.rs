//! Everything that is shipped, parsed and cross-checked together, once per process.

use std::sync::OnceLock;

use crate::{
    controls::Controls, data, error::Error, migration::Migration, rules::Rules, taxonomy::Taxonomy,
    yaml::Source,
};

/// The canonical data as one: its parts name each other and are checked against each other.
#[derive(Debug)]
pub struct Catalogue {
    pub taxonomy: Taxonomy,
    pub migration: Migration,
    pub rules: Rules,
    pub controls: Controls,
}

/// The texts a catalogue is made of.
#[derive(Debug, Clone)]
pub struct Sources<'t> {
    pub taxonomy: Source<'t>,
    pub general_labels: Source<'t>,
    pub migration: Source<'t>,
    pub frameworks: Source<'t>,
    pub label_controls: Source<'t>,
    pub facts: Source<'t>,
    pub weights: Source<'t>,
    /// One vocabulary each, the file named after the detector.
    pub detectors: Vec<Source<'t>>,
}

/// The catalogue this build ships.
pub fn builtin() -> &'static Catalogue {
    static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
    BUILTIN.get_or_init(|| {
        Catalogue::load(&data::sources()).expect("a test of this crate loads the same bytes")
    })
}

impl Catalogue {
    /// Parses and cross-checks. The first broken rule is the error.
    pub fn load(sources: &Sources<'_>) -> Result<Catalogue, Error> {
        let taxonomy = Taxonomy::load(sources.taxonomy, sources.general_labels)?;
        let migration = Migration::load(sources.migration, &taxonomy)?;
        let rules = Rules::load(&sources.detectors, &taxonomy)?;
        let controls = Controls::load(sources, &taxonomy, &migration)?;
        Ok(Catalogue { taxonomy, migration, rules, controls })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_shipped_data_loads() {
        let Catalogue { taxonomy, migration, rules, controls } = builtin();
        let n_controls: usize =
            controls.frameworks().all().iter().map(|it| it.controls.len()).sum();
        let n_words: usize = rules.detectors().iter().map(|it| it.words().len()).sum();
        let facts = [
            format!("{} labels of {}", taxonomy.labels().len(), taxonomy.version()),
            format!("{} moves from {}", migration.moves().len(), migration.from()),
            format!("{} detectors, {n_words} words", rules.detectors().len()),
            format!("{} frameworks, {n_controls} controls", controls.frameworks().all().len()),
            format!("{} facts", controls.facts().all().len()),
            format!("rules {}, controls {}", rules.version(), controls.version()),
        ];
        expect![[r#"
            143 labels of 2026.11
            50 moves from 2025.09
            49 detectors, 2039 words
            16 frameworks, 457 controls
            154 facts
            rules 2026-11-21+ee1689d645a8, controls 2026-11-21+fe0c1572cd00"#]]
        .assert_eq(&facts.join("\n"));
    }
}
