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
    use expect_test::{Expect, expect};

    use super::*;

    /// Loads the shipped data with one place of one file changed.
    fn check(file: &str, place: &str, changed: &str, expected: Expect) {
        let mut sources = data::sources();
        let all = [
            &mut sources.taxonomy,
            &mut sources.general_labels,
            &mut sources.migration,
            &mut sources.frameworks,
            &mut sources.label_controls,
            &mut sources.facts,
            &mut sources.weights,
        ];
        let mut all = all.into_iter().chain(&mut sources.detectors);
        let source = all.find(|it| it.file == file).expect("the file is shipped");
        assert!(source.text.contains(place), "{place} stands in {file}");
        source.text = source.text.replacen(place, changed, 1).leak();
        drop(all);
        match Catalogue::load(&sources) {
            Ok(_) => expected.assert_eq("loads"),
            Err(err) => expected.assert_eq(&err.to_string()),
        }
    }

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
            46 detectors, 1961 words
            16 frameworks, 457 controls
            154 facts
            rules 2026-11-21+01c4bfbe7525, controls 2026-11-21+fe0c1572cd00"#]].assert_eq(&facts.join("\n"));
    }

    #[test]
    fn text_that_is_no_yaml_names_its_line() {
        check("facts.yaml", "facts:\n", "facts: [\n", expect![[r#"facts.yaml:9: not readable: "-" is only valid inside a block at line 9, column 1"#]]);
        check("weights.yaml", "weight: 1.0", "wait: 1.0", expect!["weights.yaml:27: not readable: unknown field `wait`, expected one of weight, frameworks, controls, labels, disposition, incident, applies, why at line 27, column 4"]);
    }

    #[test]
    fn a_broken_taxonomy_is_refused() {
        let file = "taxonomy-2026.11.yaml";
        check(file, "name: \"PII.Person.Age\"", "name: \"PII.Person.Name\"", expect!["taxonomy-2026.11.yaml:31: `PII.Person.Name` stands here twice"]);
        check(file, "name: \"PII.Person.Age\"", "name: \"PII..Age\"", expect!["taxonomy-2026.11.yaml:31: not a label name: `PII..Age`"]);
        check(file, "name: \"PII.Person.Age\"", "name: \"PII.Human.Age\"", expect!["taxonomy-2026.11.yaml:32: the parent of `PII.Human.Age` must be `PII.Human`, not `PII.Person`"]);
        check(file, "  PII:\n", "  PERSONAL:\n", expect!["taxonomy-2026.11.yaml:296: label `PII.Other` stands under category `PERSONAL`"]);
        check(file, "severity: critical", "severity: fatal", expect!["taxonomy-2026.11.yaml:114: unknown severity `fatal`"]);
        check(file, "OTHER.Unknown", "OTHER.Unclear", expect!["taxonomy-2026.11.yaml:0: label `OTHER.Unknown` must exist"]);
    }

    #[test]
    fn broken_general_labels_are_refused() {
        let file = "general-labels.yaml";
        check(file, "BUSINESS:", "BUSYNESS:", expect!["general-labels.yaml:27: unknown label group `BUSYNESS`"]);
        check(file, "PII.Health.Details", "PII.Health.Detail", expect!["general-labels.yaml:8: unknown label `PII.Health.Detail`"]);
        check(file, "PII.Health.Details", "HARM.GENERAL.Unsafe", expect!["general-labels.yaml:8: general label `HARM.GENERAL.Unsafe` lies outside group `PII.Health`, or the group has a label `Other`"]);
        check(file, "'2026.11'", "'2027.01'", expect!["general-labels.yaml:2: made for taxonomy `2027.01`, this is `2026.11`"]);
    }

    #[test]
    fn a_broken_migration_is_refused() {
        let file = "migration-2025.09-to-2026.11.yaml";
        check(file, "action: keep", "action: leave", expect!["migration-2025.09-to-2026.11.yaml:11: unknown action `leave`"]);
        check(file, "action: keep", "action: rename", expect!["migration-2025.09-to-2026.11.yaml:10: `PII.Identifier.SSN`: targets, default or rule do not fit the action"]);
        check(file, "action: split", "action: keep", expect!["migration-2025.09-to-2026.11.yaml:15: `PII.Identifier.CreditCard`: targets, default or rule do not fit the action"]);
        check(file, "to: [\"AGENT.Tool.Misuse\"]", "to: [\"AGENT.Tool.Missuse\"]", expect!["migration-2025.09-to-2026.11.yaml:83: unknown label `AGENT.Tool.Missuse`"]);
        check(file, "  - \"SECRET.Key.PrivateKey\"\n", "", expect!["migration-2025.09-to-2026.11.yaml:0: label `SECRET.Key.PrivateKey` must be either the target of a move or new, not both or neither"]);
        check(file, "from: \"PII.Contact.Phone\"", "from: \"PII.Contact.Email\"", expect!["migration-2025.09-to-2026.11.yaml:38: `PII.Contact.Email` stands here twice"]);
        check(file, "from: \"2025.09\"", "from: \"2024.09\"", expect!["migration-2025.09-to-2026.11.yaml:1: made for taxonomy `2024.09`, this is `2025.09`"]);
    }

    #[test]
    fn a_broken_vocabulary_is_refused() {
        let file = "detectors/llama-guard.yaml";
        check(file, "detector: \"llama-guard\"", "detector: \"lama-guard\"", expect!["detectors/llama-guard.yaml:1: the file is named after detector `llama-guard`, its content says `lama-guard`"]);
        check(file, "taxonomy: \"2026.11\"", "taxonomy: \"2025.09\"", expect!["detectors/llama-guard.yaml:2: made for taxonomy `2025.09`, this is `2026.11`"]);
        check(file, "HARM.SEXUAL.Minors", "HARM.SEXUAL.Minor", expect!["detectors/llama-guard.yaml:10: unknown label `HARM.SEXUAL.Minor`"]);
        check(file, "\"hate\":", "\"threats\":", expect!["detectors/llama-guard.yaml:13: not readable: duplicate mapping key: threats, set DuplicateKeyPolicy in Options if acceptable at line 13, column 3"]);
        check(file, "\"hate\":", "\"\":", expect!["detectors/llama-guard.yaml:11: raw label must have 1 to 512 bytes, has 0"]);
        check(file, "acceptable:\n  \"pii\"", "acceptable:\n  \"pie\"", expect!["detectors/llama-guard.yaml:18: `acceptable` names `pie`, which `maps` does not"]);
        check(file, "[HARM.PRIVACY.Violation]", "[PII.Other]", expect!["detectors/llama-guard.yaml:18: `acceptable` of `pii` repeats its primary label"]);
    }

    #[test]
    fn broken_frameworks_are_refused() {
        let file = "frameworks.yaml";
        check(file, "- id: CC2.2", "- id: CC2.1", expect!["frameworks.yaml:246: `CC2.1` stands here twice"]);
        check(file, "- id: iso27001", "- id: soc2", expect!["frameworks.yaml:395: `soc2` stands here twice"]);
        check(file, "verified: transcription", "verified: hearsay", expect!["frameworks.yaml:244: unknown verification level `hearsay`"]);
        check(file, "source: [ciso-soc2-2022]", "source: [somewhere]", expect!["frameworks.yaml:245: unknown source `somewhere`"]);
        check(file, "applies_from: '2026-12-02'", "applies_from: soon", expect!["frameworks.yaml:1031: not a date: `soon`"]);
        check(file, "- id: iso27001\n", "- id: iso27002\n", expect!["weights.yaml:11: unknown framework `iso27001`"]);
    }

    #[test]
    fn broken_facts_are_refused() {
        let file = "facts.yaml";
        check(file, "id: age-over-89,", "id: Age_over_89,", expect!["facts.yaml:13: not a fact id: `Age_over_89`"]);
        check(file, "id: age-over-89,", "id: fax-number,", expect!["facts.yaml:64: `fax-number` stands here twice"]);
        check(file, "any: [age-over-89]", "any: [age-over-90]", expect!["facts.yaml:168: unknown fact `age-over-90`"]);
        check(file, "any: [age-over-89]", "any: []", expect!["facts.yaml:168: condition `age over 89` needs either facts or a day"]);
        check(file, "any: [age-over-89]", "any: [fax-number]", expect!["facts.yaml:13: nothing uses `age-over-89`"]);
        check(file, "scope: tenant", "scope: world", expect!["facts.yaml:11: unknown fact scope `world`"]);
        check(file, "'age over 89'", "'age over 90'", expect!["label-controls.yaml:123: condition `age over 89` is not in the list of conditions"]);
        check(
            file,
            "conditions:\n",
            "conditions:\n- {text: 'never used', any: [fax-number]}\n",
            expect!["facts.yaml:0: nothing uses `never used`"],
        );
    }

    #[test]
    fn broken_weights_are_refused() {
        let file = "weights.yaml";
        check(file, "  nis2: 0.6\n", "", expect!["weights.yaml:0: no base weight for framework `nis2`"]);
        check(file, "  nis2: 0.6\n", "  nis3: 0.6\n", expect!["weights.yaml:22: unknown framework `nis3`"]);
        check(file, "weight: 1.0", "weight: 1.5", expect!["weights.yaml:27: weight must be in 0..=1, got 1.5"]);
        check(file, "'Art. 44*'", "'Art. 444*'", expect!["weights.yaml:30: unknown control `Art. 444*` of framework `gdpr`"]);
        check(file, "labels: [SECRET.*]", "labels: [SECRETS.*]", expect!["weights.yaml:34: pattern `SECRETS.*` matches no label"]);
        check(file, "disposition: contained", "disposition: blocked", expect!["weights.yaml:39: unknown disposition `blocked`"]);
    }

    #[test]
    fn a_broken_row_is_refused() {
        let file = "label-controls.yaml";
        check(file, "{id: CC6.7,", "{id: CC6.77,", expect!["label-controls.yaml:33: unknown control `CC6.77` of framework `soc2`"]);
        check(file, "    soc2:\n", "    soc3:\n", expect!["label-controls.yaml:32: unknown framework `soc3`"]);
        check(
            file,
            "relation: violation-indicator, when: exposed",
            "relation: violation, when: exposed",
            expect!["label-controls.yaml:33: unknown `relation` `violation`"],
        );
        check(
            file,
            "relation: violation-indicator, when: exposed",
            "relation: violation-indicator, when: seen",
            expect!["label-controls.yaml:33: unknown `when` `seen`"],
        );
        check(file, "Personal data appeared unmasked", &"x".repeat(91), expect!["label-controls.yaml:42: `why` must have 1 to 90 characters, has 91"]);
        check(
            file,
            "if: [privacy criteria in scope]",
            "if: [privacy criteria out of scope]",
            expect!["label-controls.yaml:35: condition `privacy criteria out of scope` is not in the list of conditions"],
        );
        check(file, "taxonomy: '2026.11'", "taxonomy: '2025.09'", expect!["label-controls.yaml:3: made for taxonomy `2025.09`, this is `2026.11`"]);
    }

    #[test]
    fn an_unverified_control_is_never_evidence() {
        let verified = "  - id: CC6.7\n    title: Limits who may send, move or remove information and protects it in transit\n    verified: transcription";
        let changed = verified.replace("transcription", "unverified");
        check("frameworks.yaml", verified, &changed, expect!["label-controls.yaml:33: control `CC6.7` of framework `soc2` is unverified and must not be evidence"]);
    }

    #[test]
    fn a_broken_group_is_refused() {
        let file = "label-controls.yaml";
        check(file, "labels: [PII.*]", "labels: [PII.*, PIE.*]", expect!["label-controls.yaml:29: pattern `PIE.*` matches no label"]);
        check(file, "labels: [PII.*]", "labels: [PII.Person.*]", expect!["label-controls.yaml:0: label `PII.Other` must resolve to one group, resolves to []"]);
        check(
            file,
            "  labels: [PII.Person.Age]",
            "  labels: [PII.Person.Age, PII.Person.Name]",
            expect![[r#"label-controls.yaml:0: label `PII.Person.Name` must resolve to one group, resolves to ["PII.Person.Name", "PII.Person.Age"]"#]],
        );
        check(
            file,
            "no_control_labels: [OTHER.Safe",
            "no_control_labels: [OTHER.Save",
            expect!["label-controls.yaml:25: unknown label `OTHER.Save`"],
        );
        check(file, "extends: PII\n", "extends: PIE\n", expect!["label-controls.yaml:105: group `PII.Person.Name` extends an unknown group, or itself"]);
        check(
            file,
            "- id: PII\n  labels: [PII.*]\n",
            "- id: PII\n  labels: [PII.*]\n  extends: PII\n",
            expect!["label-controls.yaml:28: group `PII` extends an unknown group, or itself"],
        );
        check(
            file,
            "  not_applicable:\n    pci-dss: Only",
            "  not_applicable:\n    soc2: No.\n    pci-dss: Only",
            expect!["label-controls.yaml:28: no clear answer for framework `soc2`: give rows or say that it is not applicable"],
        );
        check(file, "- id: PII.Person.Age\n", "- id: PII.Person.Name\n", expect!["label-controls.yaml:117: `PII.Person.Name` stands here twice"]);
        check(
            file,
            "    - {id: 'LLM02:2025', relation: violation-indicator, when: exposed, why: Sensitive information was disclosed}",
            "    - {id: 'LLM06:2025', relation: violation-indicator, when: exposed, why: Sensitive information was disclosed}",
            expect![[r#"label-controls.yaml:0: label `PII.Other` differs from the taxonomy's alignment: lost ["LLM02:2025"], extra []"#]],
        );
        check(
            file,
            "no_control_legacy_labels: [OTHER.OffTopic, OTHER.LowQuality]",
            "no_control_legacy_labels: [OTHER.OffTopic]",
            expect!["label-controls.yaml:0: legacy label `OTHER.LowQuality` differs from the migration"],
        );
        check(
            file,
            "no_control_legacy_labels: [OTHER.OffTopic, ",
            "no_control_legacy_labels: [OTHER.Elsewhere, OTHER.OffTopic, ",
            expect!["label-controls.yaml:26: legacy label `OTHER.Elsewhere` differs from the migration"],
        );
        let row = "    - {id: A.8.16, relation: control-operating, when: any, why: Finding comes from active monitoring}\n";
        check(file, row, &row.repeat(2), expect!["label-controls.yaml:28: `A.8.16` stands here twice"]);
    }
}
