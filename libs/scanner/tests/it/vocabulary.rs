//! The words in code are those the mapper's tables declare.

use std::collections::BTreeMap;

#[test]
fn words_in_code_are_the_declared_vocabulary() {
    let declared = [
        ("builtin-pii", include_str!("../../../taxonomy/data/detectors/builtin-pii.yaml")),
        ("builtin-secrets", include_str!("../../../taxonomy/data/detectors/builtin-secrets.yaml")),
        (
            "builtin-injection",
            include_str!("../../../taxonomy/data/detectors/builtin-injection.yaml"),
        ),
    ];
    assert_eq!(declared.len(), scanner::detectors().len());
    for (name, yaml) in declared {
        let detector = scanner::detector(name).unwrap();
        assert!(yaml.contains(&format!("detector: \"{name}\"\n")));
        assert!(yaml.contains(&format!("versions: [\"{}\"]\n", detector.version)));
        let maps: BTreeMap<&str, &str> = yaml
            .split_once("maps:\n")
            .map(|(_, maps)| {
                maps.lines()
                    .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": "))
                    .collect()
            })
            .unwrap();
        let words: BTreeMap<&str, &str> =
            detector.labels.iter().map(|word| (word.raw, word.canonical)).collect();
        assert_eq!(words, maps);
        assert_eq!(words.len(), detector.labels.len(), "a word is declared twice");
    }
}
