//! The normal form of a raw label or a detector name: what is left when case and separators do not count.

/// Lower case, without separators. Between two digits one `_` stays, so that `S1.0` is not `S10`.
///
/// `US_SSN`, `us-ssn` and `UsSsn` are the same; `!safe` and `safe` are not.
pub fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut separated = false;
    for c in text.chars() {
        if is_separator(c) {
            separated = true;
            continue;
        }
        let between_digits = c.is_ascii_digit() && normal.ends_with(|it: char| it.is_ascii_digit());
        if separated && between_digits {
            normal.push('_');
        }
        separated = false;
        normal.extend(c.to_lowercase());
    }
    normal
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '_' | '-' | '.' | '/' | '\\' | ':' | ',' | '&' | '|')
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&normal(text));
    }

    #[test]
    fn case_and_separators_do_not_count() {
        check("US_SSN", expect!["usssn"]);
        check("self-harm/intent", expect!["selfharmintent"]);
        check("  Suicide & Self-Harm ", expect!["suicideselfharm"]);
        check("Fødselsnummer", expect!["fødselsnummer"]);
    }

    #[test]
    fn numbers_stay_apart() {
        check("S1.0", expect!["s1_0"]);
        check("S10", expect!["s10"]);
        check("S-10", expect!["s10"]);
    }

    #[test]
    fn a_sign_that_changes_the_meaning_stays() {
        check("!safe", expect!["!safe"]);
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(text in "\\PC{0,40}") {
            prop_assert_eq!(normal(&normal(&text)), normal(&text));
        }

        #[test]
        fn ascii_case_never_counts(text in "[ -~]{0,40}") {
            prop_assert_eq!(normal(&text.to_ascii_uppercase()), normal(&text));
        }
    }
}
