//! Every rule of the data refuses a copy that breaks it, naming the file, the line and the rule.

use expect_test::{Expect, expect};
use taxonomy::{Catalogue, Source, Sources, sources};

/// Loads the shipped data with one place of one file changed, once per change.
fn check(file: &str, changes: &[(&str, &str)], expected: Expect) {
    let problems = changes.iter().map(|(place, changed)| {
        let mut sources = sources();
        let source = find(&mut sources, file);
        assert!(source.text.contains(place), "`{place}` stands in {file}");
        let text = source.text.replacen(place, changed, 1);
        *source = Source { file: source.file, text: &text };
        Catalogue::load(&sources).map_or_else(|err| err.to_string(), |_| "loads".to_owned())
    });
    expected.assert_eq(&problems.collect::<Vec<_>>().join("\n"));
}

fn find<'a, 't>(sources: &'a mut Sources<'t>, file: &str) -> &'a mut Source<'t> {
    let Sources {
        taxonomy,
        general_labels,
        migration,
        frameworks,
        label_controls,
        facts,
        weights,
        detectors,
    } = sources;
    let single = [taxonomy, general_labels, migration, frameworks, label_controls, facts, weights];
    single.into_iter().chain(detectors).find(|it| it.file == file).unwrap()
}

#[test]
fn a_broken_taxonomy_is_refused() {
    let changes = [
        ("name: \"PII.Person.Age\"", "name: \"PII.Person.Name\""),
        ("name: \"PII.Person.Age\"", "name: \"PII..Age\""),
        ("name: \"PII.Person.Age\"", "name: \"PII.Human.Age\""),
        ("  PII:\n", "  PERSONAL:\n"),
        ("severity: critical", "severity: fatal"),
        ("OTHER.Unknown", "OTHER.Unclear"),
    ];
    check(
        "taxonomy-2026.11.yaml",
        &changes,
        expect![[r#"
        taxonomy-2026.11.yaml:31: `PII.Person.Name` stands here twice
        taxonomy-2026.11.yaml:31: not a label name: `PII..Age`
        taxonomy-2026.11.yaml:32: the parent of `PII.Human.Age` must be `PII.Human`, not `PII.Person`
        taxonomy-2026.11.yaml:296: label `PII.Other` stands under category `PERSONAL`
        taxonomy-2026.11.yaml:114: unknown severity `fatal`
        taxonomy-2026.11.yaml: label `OTHER.Unknown` must exist"#]],
    );
}

#[test]
fn broken_general_labels_are_refused() {
    let changes = [
        ("BUSINESS:", "BUSYNESS:"),
        ("PII.Health.Details", "PII.Health.Detail"),
        ("PII.Health.Details", "HARM.GENERAL.Unsafe"),
        ("'2026.11'", "'2027.01'"),
    ];
    check(
        "general-labels.yaml",
        &changes,
        expect![[r#"
        general-labels.yaml:27: unknown label group `BUSYNESS`
        general-labels.yaml:8: unknown label `PII.Health.Detail`
        general-labels.yaml:8: general label `HARM.GENERAL.Unsafe` lies outside group `PII.Health`, or the group has a label `Other`
        general-labels.yaml:2: made for taxonomy `2027.01`, this is `2026.11`"#]],
    );
}

#[test]
fn a_broken_migration_is_refused() {
    let changes = [
        ("action: keep", "action: leave"),
        ("action: keep", "action: rename"),
        ("action: split", "action: keep"),
        ("to: [\"AGENT.Tool.Misuse\"]", "to: [\"AGENT.Tool.Missuse\"]"),
        ("  - \"SECRET.Key.PrivateKey\"\n", ""),
        ("from: \"PII.Contact.Phone\"", "from: \"PII.Contact.Email\""),
        ("from: \"2025.09\"", "from: \"2024.09\""),
    ];
    check(
        "migration-2025.09-to-2026.11.yaml",
        &changes,
        expect![[r#"
        migration-2025.09-to-2026.11.yaml:11: unknown action `leave`
        migration-2025.09-to-2026.11.yaml:10: `PII.Identifier.SSN`: targets, default or rule do not fit the action
        migration-2025.09-to-2026.11.yaml:15: `PII.Identifier.CreditCard`: targets, default or rule do not fit the action
        migration-2025.09-to-2026.11.yaml:83: unknown label `AGENT.Tool.Missuse`
        migration-2025.09-to-2026.11.yaml: label `SECRET.Key.PrivateKey` must be either the target of a move or new, not both or neither
        migration-2025.09-to-2026.11.yaml:38: `PII.Contact.Email` stands here twice
        migration-2025.09-to-2026.11.yaml:1: made for taxonomy `2024.09`, this is `2025.09`"#]],
    );
}

#[test]
fn a_broken_vocabulary_is_refused() {
    let changes = [
        ("detector: \"llama-guard\"", "detector: \"lama-guard\""),
        ("taxonomy: \"2026.11\"", "taxonomy: \"2025.09\""),
        ("HARM.SEXUAL.Minors", "HARM.SEXUAL.Minor"),
        ("\"hate\":", "\"threats\":"),
        ("\"hate\":", "\"\":"),
        ("acceptable:\n  \"pii\"", "acceptable:\n  \"pie\""),
        ("[HARM.PRIVACY.Violation]", "[PII.Other]"),
    ];
    check(
        "detectors/llama-guard.yaml",
        &changes,
        expect![[r#"
        detectors/llama-guard.yaml:1: the file is named after detector `llama-guard`, its content says `lama-guard`
        detectors/llama-guard.yaml:2: made for taxonomy `2025.09`, this is `2026.11`
        detectors/llama-guard.yaml:10: unknown label `HARM.SEXUAL.Minor`
        detectors/llama-guard.yaml:13: not readable: duplicate mapping key: threats, set DuplicateKeyPolicy in Options if acceptable at line 13, column 3
        detectors/llama-guard.yaml:11: raw label must have 1 to 512 bytes, has 0
        detectors/llama-guard.yaml:18: `acceptable` names `pie`, which `maps` does not
        detectors/llama-guard.yaml:18: `acceptable` of `pii` repeats its primary label"#]],
    );
}

#[test]
fn broken_frameworks_are_refused() {
    let changes = [
        ("- id: CC2.2", "- id: CC2.1"),
        ("- id: iso27001", "- id: soc2"),
        ("verified: transcription", "verified: hearsay"),
        ("source: [ciso-soc2-2022]", "source: [somewhere]"),
        ("applies_from: '2026-12-02'", "applies_from: soon"),
        ("- id: iso27001\n", "- id: iso27002\n"),
    ];
    check(
        "frameworks.yaml",
        &changes,
        expect![[r#"
        frameworks.yaml:246: `CC2.1` stands here twice
        frameworks.yaml:395: `soc2` stands here twice
        frameworks.yaml:244: unknown verification level `hearsay`
        frameworks.yaml:245: unknown source `somewhere`
        frameworks.yaml:1031: not a date: `soon`
        weights.yaml:11: unknown framework `iso27001`"#]],
    );
}

#[test]
fn broken_facts_are_refused() {
    let changes = [
        ("id: age-over-89,", "id: Age_over_89,"),
        ("id: age-over-89,", "id: fax-number,"),
        ("any: [age-over-89]", "any: [age-over-90]"),
        ("any: [age-over-89]", "any: []"),
        ("any: [age-over-89]", "any: [fax-number]"),
        ("scope: tenant", "scope: world"),
        ("'age over 89'", "'age over 90'"),
        ("conditions:\n", "conditions:\n- {text: 'never used', any: [fax-number]}\n"),
    ];
    check(
        "facts.yaml",
        &changes,
        expect![[r#"
        facts.yaml:13: not a fact id: `Age_over_89`
        facts.yaml:64: `fax-number` stands here twice
        facts.yaml:168: unknown fact `age-over-90`
        facts.yaml:168: condition `age over 89` needs either facts or a day
        facts.yaml:13: nothing uses `age-over-89`
        facts.yaml:11: unknown fact scope `world`
        label-controls.yaml:123: condition `age over 89` is not in the list of conditions
        facts.yaml:164: nothing uses `never used`"#]],
    );
}

#[test]
fn broken_weights_are_refused() {
    let changes = [
        ("  nis2: 0.6\n", ""),
        ("  nis2: 0.6\n", "  nis3: 0.6\n"),
        ("weight: 1.0", "weight: 1.5"),
        ("'Art. 44*'", "'Art. 444*'"),
        ("labels: [SECRET.*]", "labels: [SECRETS.*]"),
        ("disposition: contained", "disposition: blocked"),
    ];
    check(
        "weights.yaml",
        &changes,
        expect![[r#"
        weights.yaml: no base weight for framework `nis2`
        weights.yaml:22: unknown framework `nis3`
        weights.yaml:27: weight must be in 0..=1, got 1.5
        weights.yaml:30: unknown control `Art. 444*` of framework `gdpr`
        weights.yaml:34: pattern `SECRETS.*` matches no label
        weights.yaml:39: unknown disposition `blocked`"#]],
    );
}

#[test]
fn a_broken_row_is_refused() {
    let long = "x".repeat(91);
    let changes = [
        ("{id: CC6.7,", "{id: CC6.77,"),
        ("    soc2:\n", "    soc3:\n"),
        ("relation: violation-indicator, when: exposed", "relation: violation, when: exposed"),
        (
            "relation: violation-indicator, when: exposed",
            "relation: violation-indicator, when: seen",
        ),
        ("Personal data appeared unmasked", &long),
        ("if: [privacy criteria in scope]", "if: [privacy criteria out of scope]"),
        ("taxonomy: '2026.11'", "taxonomy: '2025.09'"),
    ];
    check(
        "label-controls.yaml",
        &changes,
        expect![[r#"
        label-controls.yaml:33: unknown control `CC6.77` of framework `soc2`
        label-controls.yaml:32: unknown framework `soc3`
        label-controls.yaml:33: unknown `relation` `violation`
        label-controls.yaml:33: unknown `when` `seen`
        label-controls.yaml:42: `why` must have 1 to 90 characters, has 91
        label-controls.yaml:35: condition `privacy criteria out of scope` is not in the list of conditions
        label-controls.yaml:3: made for taxonomy `2025.09`, this is `2026.11`"#]],
    );
}

#[test]
fn a_broken_group_is_refused() {
    let row = "    - {id: A.8.16, relation: control-operating, when: any, why: Finding comes from active monitoring}\n";
    let twice = row.repeat(2);
    let changes = [
        ("labels: [PII.*]", "labels: [PII.*, PIE.*]"),
        ("labels: [PII.*]", "labels: [PII.Person.*]"),
        ("  labels: [PII.Person.Age]", "  labels: [PII.Person.Age, PII.Person.Name]"),
        ("no_control_labels: [OTHER.Safe", "no_control_labels: [OTHER.Save"),
        ("extends: PII\n", "extends: PIE\n"),
        ("- id: PII\n  labels: [PII.*]\n", "- id: PII\n  labels: [PII.*]\n  extends: PII\n"),
        (
            "  not_applicable:\n    pci-dss: Only",
            "  not_applicable:\n    soc2: No.\n    pci-dss: Only",
        ),
        ("- id: PII.Person.Age\n", "- id: PII.Person.Name\n"),
        (
            "    - {id: 'LLM02:2025', relation: violation-indicator, when: exposed, why: Sensitive information was disclosed}",
            "    - {id: 'LLM06:2025', relation: violation-indicator, when: exposed, why: Sensitive information was disclosed}",
        ),
        (
            "no_control_legacy_labels: [OTHER.OffTopic, OTHER.LowQuality]",
            "no_control_legacy_labels: [OTHER.OffTopic]",
        ),
        (
            "no_control_legacy_labels: [OTHER.OffTopic, ",
            "no_control_legacy_labels: [OTHER.Elsewhere, OTHER.OffTopic, ",
        ),
        (row, &twice),
    ];
    check(
        "label-controls.yaml",
        &changes,
        expect![[r#"
        label-controls.yaml:29: pattern `PIE.*` matches no label
        label-controls.yaml: label `PII.Other` must resolve to one group, resolves to []
        label-controls.yaml:118: label `PII.Person.Name` must resolve to one group, resolves to ["PII.Person.Name", "PII.Person.Age"]
        label-controls.yaml:25: unknown label `OTHER.Save`
        label-controls.yaml:105: group `PII.Person.Name` extends an unknown group, or itself
        label-controls.yaml:28: group `PII` extends an unknown group, or itself
        label-controls.yaml:28: no clear answer for framework `soc2`: give rows or say that it is not applicable
        label-controls.yaml:117: `PII.Person.Name` stands here twice
        label-controls.yaml:28: label `PII.Other` differs from the taxonomy's alignment: lost ["LLM02:2025"], extra []
        label-controls.yaml: legacy label `OTHER.LowQuality` differs from the migration
        label-controls.yaml:26: legacy label `OTHER.Elsewhere` differs from the migration
        label-controls.yaml:28: `A.8.16` stands here twice"#]],
    );
}

#[test]
fn text_that_is_no_yaml_names_its_line() {
    check(
        "facts.yaml",
        &[("facts:\n", "facts: [\n")],
        expect![[
            r#"facts.yaml:9: not readable: "-" is only valid inside a block at line 9, column 1"#
        ]],
    );
    check(
        "weights.yaml",
        &[("weight: 1.0", "wait: 1.0")],
        expect![
            "weights.yaml:27: not readable: unknown field `wait`, expected one of weight, frameworks, controls, labels, disposition, incident, applies, why at line 27, column 4"
        ],
    );
}

#[test]
fn an_unverified_control_is_never_evidence() {
    let verified = "in transit\n    verified: transcription";
    let changed = verified.replace("transcription", "unverified");
    check(
        "frameworks.yaml",
        &[(verified, &changed)],
        expect![
            "label-controls.yaml:33: control `CC6.7` of framework `soc2` is unverified and must not be evidence"
        ],
    );
}

#[test]
fn an_unbroken_copy_loads() {
    let place = "  - \"SECRET.Key.PrivateKey\"\n";
    check("migration-2025.09-to-2026.11.yaml", &[(place, place)], expect!["loads"]);
}
