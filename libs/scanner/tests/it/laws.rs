//! What holds for every text.

use proptest::prelude::*;

/// Pieces that come near to identifiers, so that chance finds the edges of every recogniser.
const PIECES: &str = "(.{0,6}|[0-9]{1,12}|[ .:/@+()-]{1,3}|fnr |konto |orgnr |nhs |dni |pesel |cpf |born |tel |password=|://|www\\.|eyJ|-----BEGIN PRIVATE KEY-----|\
    0x[0-9a-fA-F]{40}|[A-Z]{2}[0-9]{2}|[a-f0-9:]{2,20}|bc1|%[0-9a-f]{2}|ignore all previous |instructions|ø|\u{200b}|\u{e0041}|忽略)";

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(PIECES, 0..24).prop_map(|pieces| pieces.concat())
}

/// Numbers with check digits, and the words they would be reported as.
const CHECKED: &[(&str, &[&str])] = &[
    ("card 4111111111111111", &["CREDIT_CARD"]),
    ("card 378282246310005", &["CREDIT_CARD"]),
    ("iban GB82WEST12345698765432", &["IBAN"]),
    ("fnr 17055550034", &["NO_FODSELSNUMMER", "NO_D_NUMMER", "NO_SYNTHETIC_ID"]),
    ("orgnr 888000038", &["NO_ORGANISASJONSNUMMER"]),
    ("konto 1234.56.78903", &["NO_KONTONUMMER"]),
    ("DNI 12345678Z", &["ES_DNI"]),
    ("hetu 131052-308T", &["FI_HETU"]),
    ("CPF 529.982.247-25", &["BR_CPF"]),
    ("AHV 756.9217.0769.85", &["CH_AHV"]),
    ("NIR 184127645108946", &["FR_NIR"]),
    ("NHS 943 476 5919", &["UK_NHS_NUMBER"]),
    ("personnummer 811228-9874", &["SE_PERSONNUMMER"]),
    ("Aadhaar 4991 1866 5246", &["IN_AADHAAR"]),
    ("bsn 111222333", &["NL_BSN"]),
    ("tax file number 123 456 782", &["AU_TFN"]),
    ("bitcoin 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", &["CRYPTO_ADDRESS"]),
];

proptest! {
    // A failure prints its input, which belongs into a test of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_lie_on_char_boundaries_and_carry_declared_words(text in texts()) {
        for detector in scanner::detectors() {
            for finding in detector.scan(&text) {
                prop_assert!(finding.start < finding.end);
                prop_assert!(text.get(finding.start..finding.end).is_some());
                prop_assert!(0.0 < finding.score && finding.score <= 1.0);
                prop_assert!(detector.labels.iter().any(|word| word.raw == finding.label));
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<_> = scanner::detectors().iter().collect();
        let findings: Vec<_> = scanner::scan(&all, &text).into_iter().map(|(_, finding)| finding).collect();
        prop_assert_eq!(scanner::code_points(&text, &findings).len(), findings.len());
    }

    #[test]
    fn scrubbed_text_holds_nothing_to_find(text in texts()) {
        let scrubbed = scanner::scrub(&text);
        let which: Vec<_> = ["builtin-pii", "builtin-secrets"].into_iter().filter_map(scanner::detector).collect();
        let left = scanner::scan(&which, &scrubbed);
        prop_assert!(left.is_empty(), "{:?} in {:?} from {:?}", left, scrubbed, text);
    }

    #[test]
    fn a_changed_digit_is_never_reported(index in 0..CHECKED.len(), place in 0usize..40, shift in 1u8..10) {
        let (text, words) = CHECKED[index];
        let digits: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = digits[place % digits.len()];
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = b'0' + (bytes[at] - b'0' + shift) % 10;
        let changed = String::from_utf8(bytes).unwrap();

        let detector = scanner::detector("builtin-pii").unwrap();
        let has = |text: &str| detector.scan(text).iter().any(|finding| words.contains(&finding.label));
        prop_assert!(has(text));
        prop_assert!(!has(&changed), "{}", changed);
    }
}
