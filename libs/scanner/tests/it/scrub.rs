//! What the scrubber leaves.

use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&scanner::scrub(text));
}

#[test]
fn identifiers_become_their_label() {
    check(
        "ticket of ola@example.org, card 4111 1111 1111 1111, host db1",
        expect!["ticket of [EMAIL_ADDRESS], card [CREDIT_CARD], host db1"],
    );
}

#[test]
fn a_mistyped_number_goes_too() {
    check("card 4111 1111 1111 1112 and year 2024", expect!["card [NUMBER] and year 2024"]);
}

#[test]
fn plain_text_is_borrowed() {
    assert!(matches!(scanner::scrub("nightly run of the crawler"), std::borrow::Cow::Borrowed(_)));
}
