//! Raw label to canonical label by rule: exact, then normalised, then by a known alias.
//!
//! It knows the shipped vocabularies only; what a tenant's reviewers approved stands before it.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use types::Route;

use crate::{
    catalogue,
    error::Error,
    label::Label,
    normal::normal,
    taxonomy::Taxonomy,
    vocabulary::{Table, Vocabulary},
    yaml::Source,
};

/// The compiled tables of every shipped vocabulary. Built once, then only read.
#[derive(Debug)]
pub struct Rules {
    vocabularies: Vec<Vocabulary>,
    /// By name as written, and by its normal form.
    detectors: HashMap<String, Detector>,
    aliases: Table,
    version: String,
}

/// Positions in `vocabularies` that one detector name may mean.
#[derive(Debug, Default)]
struct Detector {
    own: Option<usize>,
    /// `llama-guard` in version `3`, or `Llama-Guard-3-8B`, is `llama-guard-3`.
    versioned: Vec<(String, usize)>,
}

/// A rule that holds for a raw label.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    pub label: Label,
    pub step: Step,
    /// The words of the detector, where it is known. An alias may hold without.
    pub vocabulary: Option<&'a Vocabulary>,
}

/// How the rule was found; each step is tried when the one before found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Exact,
    Normalised,
    Alias,
}

impl Rules {
    pub fn builtin() -> &'static Rules {
        &catalogue::builtin().rules
    }

    /// The version of the detector mapping: the day of the taxonomy and a digest of every rule.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every shipped vocabulary, in order of the detector's name.
    pub fn detectors(&self) -> &[Vocabulary] {
        &self.vocabularies
    }

    /// The words of a detector in a version. An unlisted version reads the words of the detector.
    pub fn vocabulary(&self, detector: &str, version: &str) -> Option<&Vocabulary> {
        let found =
            self.detectors.get(detector).or_else(|| self.detectors.get(&normal(detector)))?;
        let versioned = found.versioned.iter().find(|(it, _)| it == version).map(|(_, it)| *it);
        Some(&self.vocabularies[versioned.or(found.own)?])
    }

    /// The rule for a raw label, if one holds. The exact step allocates nothing.
    pub fn lookup(&self, detector: &str, version: &str, raw: &str) -> Option<Hit<'_>> {
        let vocabulary = self.vocabulary(detector, version);
        let hit = |label, step| Hit { label, step, vocabulary };
        if let Some(label) = vocabulary.and_then(|it| it.exact(raw)) {
            return Some(hit(label, Step::Exact));
        }
        let normal = normal(raw);
        if let Some(label) = vocabulary.and_then(|it| it.normalised(&normal)) {
            return Some(hit(label, Step::Normalised));
        }
        self.aliases.find(&normal).map(|label| hit(label, Step::Alias))
    }

    pub(crate) fn load(sources: &[Source<'_>], taxonomy: &Taxonomy) -> Result<Rules, Error> {
        let mut vocabularies = Vec::with_capacity(sources.len());
        for source in sources {
            vocabularies.push(Vocabulary::load(*source, taxonomy)?);
        }
        vocabularies.sort_by(|a, b| a.detector.cmp(&b.detector));
        let mut aliases = Table::default();
        for label in taxonomy.labels() {
            // A detector made for this mesh may speak in canonical names.
            for alias in label.aliases().iter().map(String::as_str).chain([label.name()]) {
                aliases.insert(normal(alias), *label);
            }
        }
        let version = format!("{}+{}", taxonomy.last_updated(), digest(&vocabularies, &aliases));
        let detectors = detectors(&vocabularies);
        Ok(Rules { vocabularies, detectors, aliases, version })
    }
}

impl Hit<'_> {
    pub fn route(&self) -> Route {
        match self.step {
            Step::Exact | Step::Normalised => Route::Rule,
            Step::Alias => Route::Alias,
        }
    }
}

fn detectors(vocabularies: &[Vocabulary]) -> HashMap<String, Detector> {
    let mut detectors: HashMap<String, Detector> = HashMap::new();
    for (position, vocabulary) in vocabularies.iter().enumerate() {
        let name = &vocabulary.detector;
        for key in [name.clone(), normal(name)] {
            detectors.entry(key).or_default().own = Some(position);
        }
        let Some((family, number)) = name.rsplit_once('-') else { continue };
        if number.is_empty() || !number.bytes().all(|it| it.is_ascii_digit()) {
            continue;
        }
        let versions = vocabulary.versions.iter().map(String::as_str).chain([number]);
        let versions: Vec<_> = versions.map(|it| (it.to_owned(), position)).collect();
        detectors.entry(normal(family)).or_default().versioned.extend(versions.clone());
        // Where the name is its own normal form the line above has done it.
        if normal(family) != family {
            detectors.entry(family.to_owned()).or_default().versioned.extend(versions);
        }
    }
    detectors
}

/// Over the rules, not over the files: a comment or the order of lines changes nothing.
fn digest(vocabularies: &[Vocabulary], aliases: &Table) -> String {
    let mut hash = Sha256::new();
    for vocabulary in vocabularies {
        let mut words: Vec<_> = vocabulary.words().iter().collect();
        words.sort_unstable_by(|a, b| a.raw.cmp(&b.raw));
        for word in words {
            for part in [vocabulary.detector(), &word.raw, word.label.name()] {
                hash.update(part);
                hash.update([0]);
            }
        }
    }
    for (alias, label) in aliases.sorted() {
        for part in ["", alias, label.name()] {
            hash.update(part);
            hash.update([0]);
        }
    }
    short(hash)
}

/// The first 48 bits in hexadecimal: enough to tell versions apart, short enough to read.
pub(crate) fn short(hash: Sha256) -> String {
    hash.finalize().iter().take(6).map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;
    use crate::data;

    fn check(detector: &str, version: &str, raw: &str, expected: Expect) {
        let hit = Rules::builtin().lookup(detector, version, raw);
        let shown = hit.map_or("none".to_owned(), |it| {
            let words = it.vocabulary.map_or("no vocabulary", Vocabulary::detector);
            format!("{} by {} ({:?}), {words}", it.label, it.route(), it.step)
        });
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_exact_word_wins() {
        check(
            "presidio",
            "2.2.366",
            "US_SSN",
            expect!["PII.Identifier.SSN by rule (Exact), presidio"],
        );
        check(
            "litellm-content-filter",
            "1.109.1",
            "religion",
            expect!["BIAS.Religion by rule (Exact), litellm-content-filter"],
        );
    }

    #[test]
    fn case_and_separators_of_a_word_do_not_count() {
        check(
            "presidio",
            "2.2.366",
            "us-ssn",
            expect!["PII.Identifier.SSN by rule (Normalised), presidio"],
        );
        check(
            "openai-moderation",
            "",
            "Self-Harm / Intent",
            expect!["HARM.SELFHARM.Intent by rule (Normalised), openai-moderation"],
        );
    }

    #[test]
    fn an_alias_holds_for_any_detector() {
        check(
            "presidio",
            "2.2.366",
            "religion",
            expect!["PII.Person.SpecialCategory by alias (Alias), presidio"],
        );
        check(
            "home-made",
            "1",
            "social security number",
            expect!["PII.Identifier.SSN by alias (Alias), no vocabulary"],
        );
        check(
            "home-made",
            "1",
            "PII.Identifier.SSN",
            expect!["PII.Identifier.SSN by alias (Alias), no vocabulary"],
        );
    }

    #[test]
    fn an_unknown_word_has_no_rule() {
        check("presidio", "2.2.366", "FLUX_CAPACITOR", expect!["none"]);
        check("presidio", "2.2.366", "", expect!["none"]);
        check("presidio", "2.2.366", "--", expect!["none"]);
        check("", "", "", expect!["none"]);
    }

    #[test]
    fn a_version_chooses_among_a_family_of_detectors() {
        check(
            "llama-guard-2",
            "",
            "S6",
            expect!["HARM.PRIVACY.Violation by rule (Exact), llama-guard-2"],
        );
        check(
            "llama-guard",
            "2",
            "S6",
            expect!["HARM.PRIVACY.Violation by rule (Exact), llama-guard-2"],
        );
        check(
            "llama-guard",
            "Llama-Guard-3-8B",
            "S6",
            expect!["HARM.ADVICE.Other by rule (Exact), llama-guard-3"],
        );
        check(
            "Llama Guard",
            "3",
            "S6",
            expect!["HARM.ADVICE.Other by rule (Exact), llama-guard-3"],
        );
        check(
            "llama-guard",
            "2025.09-repo",
            "pii",
            expect!["PII.Other by rule (Exact), llama-guard"],
        );
        check(
            "prompt-guard",
            "2",
            "MALICIOUS",
            expect!["JAILBREAK.Attempt by rule (Exact), prompt-guard-2"],
        );
        check("prompt-guard", "", "MALICIOUS", expect!["none"]);
    }

    #[test]
    fn every_shipped_word_maps_to_its_label() {
        let mut n_words = 0;
        for vocabulary in Rules::builtin().detectors() {
            for word in vocabulary.words() {
                for version in vocabulary.versions() {
                    let hit = Rules::builtin().lookup(vocabulary.detector(), version, &word.raw);
                    let hit = hit.expect("a shipped word has a rule");
                    assert_eq!((hit.label, hit.step), (word.label, Step::Exact), "{}", word.raw);
                }
                let loud = word.raw.to_uppercase().replace('_', " - ");
                let hit = Rules::builtin().lookup(vocabulary.detector(), "", &loud);
                assert_eq!(hit.map(|it| it.label), Some(word.label), "{loud}");
                n_words += 1;
            }
        }
        assert_eq!(n_words, 2039);
    }

    #[test]
    fn a_form_that_would_mean_two_labels_means_none() {
        let labels = Taxonomy::builtin().labels();
        let mut table = Table::default();
        table.insert("word".to_owned(), labels[0]);
        table.insert("word".to_owned(), labels[0]);
        assert_eq!(table.find("word"), Some(labels[0]));
        table.insert("word".to_owned(), labels[1]);
        table.insert("word".to_owned(), labels[0]);
        assert_eq!(table.find("word"), None);
    }

    #[test]
    fn a_detector_reports_the_groups_of_its_words() {
        let groups = Rules::builtin().vocabulary("prompt-guard-2", "").unwrap().groups();
        expect![[r#"{"JAILBREAK", "OTHER"}"#]].assert_eq(&format!("{groups:?}"));
    }

    #[test]
    fn the_version_follows_the_rules_and_nothing_else() {
        let load = |change: fn(String) -> String| {
            let mut sources = data::sources();
            let presidio = sources.detectors.iter_mut().find(|it| it.file.contains("presidio"));
            let presidio = presidio.unwrap();
            presidio.text = change(presidio.text.to_owned()).leak();
            let rules = Rules::load(&sources.detectors, Taxonomy::builtin()).unwrap();
            rules.version().to_owned()
        };
        let shipped = Rules::builtin().version();
        assert_eq!(load(|it| it + "# a comment\n"), shipped);
        let other = |it: String| {
            it.replacen("\"PERSON\": PII.Person.Name", "\"PERSON\": PII.Person.Other", 1)
        };
        assert_ne!(load(other), shipped);
    }

    proptest! {
        // Each case loads every vocabulary anew.
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn no_text_breaks_the_lookup(detector in "\\PC{0,20}", raw in "\\PC{0,60}") {
            Rules::builtin().lookup(&detector, &raw, &raw);
        }

        #[test]
        fn the_order_of_the_files_does_not_count(
            order in Just(data::sources().detectors).prop_shuffle(),
            picks in prop::collection::vec((0_usize..49, 0_usize..500), 50),
        ) {
            let rules = Rules::load(&order, Taxonomy::builtin()).unwrap();
            prop_assert_eq!(rules.version(), Rules::builtin().version());
            for (detector, word) in picks {
                let vocabulary = &Rules::builtin().detectors()[detector];
                let word = &vocabulary.words()[word % vocabulary.words().len()];
                let hit = rules.lookup(vocabulary.detector(), "", &word.raw);
                prop_assert_eq!(hit.map(|it| it.label), Some(word.label));
            }
        }
    }
}
