//! Keys are put together here, so that no scanner takes these tests for a leak.

use expect_test::{Expect, expect};

fn check(texts: &str, expected: Expect) {
    expected.assert_eq(&super::findings("builtin-secrets", texts));
}

const BODY: &str = "q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Qu9X";

#[test]
fn vendor_keys_need_their_length_and_randomness() {
    let body = &BODY[..36];
    let texts = format!(
        "AK{}\nAK{}\ngh{}\ngh{}\nhf{}\nsk-{}",
        "IAQ7ZP2LX9WV4TB8RN",
        "IAAAAAAAAAAAAAAAAA",
        format_args!("p_{body}"),
        "p_tooshort",
        format_args!("_{}", &BODY[..34]),
        "or swim",
    );
    check(
        &texts,
        expect![[r#"
        AWS_ACCESS_KEY 0.95 `AKIAQ7ZP2LX9WV4TB8RN`
        -
        GITHUB_TOKEN 0.95 `ghp_q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Q`
        -
        HUGGINGFACE_TOKEN 0.95 `hf_q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae`
        -
    "#]],
    );
}

#[test]
fn assignments_but_not_placeholders_or_prose() {
    let texts = format!(
        "api_key = \"{BODY}\"
         api_key = \"your-api-key-goes-here-0001\"
         password: hunter2!x
         password=\"${{DB_PASSWORD}}\"
         The password is needed by everyone.
         passord: Sommer2024
         password_hash = compute(input)
         the secret of good prose is rewriting it often"
    );
    check(
        &texts,
        expect![[r#"
        GENERIC_API_KEY 0.75 `q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Qu9X`
        -
        PASSWORD 0.90 `hunter2!x`
        -
        -
        PASSWORD 0.90 `Sommer2024`
        -
        -
    "#]],
    );
}

#[test]
fn credentials_in_urls_headers_and_tokens() {
    let texts = format!(
        "postgres://app:s3cr3tPw@db.example.org:5432/app
         https://example.org:8080/@user
         Authorization: Bearer {BODY}
         Bearer of good news
         ey{}.eyJzdWIiOiIxMjM0In0.{BODY}",
        "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    );
    check(
        &texts,
        expect![[r#"
        CONNECTION_STRING 0.95 `postgres://app:s3cr3tPw@db.example.org:5432/app`
        -
        BEARER_TOKEN 0.90 `q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Qu9X`
        -
        JWT 0.95 `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.q7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Qu9X`
    "#]],
    );
}

#[test]
fn key_blocks_go_whole() {
    let block = format!("-----BEGIN {0} KEY-----\\n{BODY}\\n-----END {0} KEY-----", "PRIVATE");
    check(
        &format!("{block} and text\n-----BEGIN CERTIFICATE-----"),
        expect![[r#"
        PRIVATE_KEY 0.95 `-----BEGIN PRIVATE KEY-----\nq7Zp2Lx9Wv4Tb8Rn1Ks6Hd3Fg5Jm0Cy7Ae2Qu9X\n-----END PRIVATE KEY-----`
        -
    "#]],
    );
}

#[test]
fn a_key_of_the_documentation_is_worth_less() {
    check(
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
         AKIAEXAMPLEEXAMPLEEX",
        expect![[r#"
            AWS_ACCESS_KEY 0.55 `AKIAIOSFODNN7EXAMPLE`
            -
        "#]],
    );
}
