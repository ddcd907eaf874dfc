//! Per kind of identifier: valid, broken, and what only looks like it.

use expect_test::{Expect, expect};

fn check(texts: &str, expected: Expect) {
    expected.assert_eq(&super::findings("builtin-pii", texts));
}

#[test]
fn email_addresses_end_where_the_domain_does() {
    check(
        "Write to ola.nordmann+x@example.co.uk.
         (post@example.org), <a@b.io>; no@tld and @handle
         пётр@пример.рф
         two..dots@example.org and .lead@example.org",
        expect![[r#"
            EMAIL_ADDRESS 0.95 `ola.nordmann+x@example.co.uk`
            EMAIL_ADDRESS 0.95 `post@example.org`; EMAIL_ADDRESS 0.95 `a@b.io`
            EMAIL_ADDRESS 0.95 `пётр@пример.рф`
            EMAIL_ADDRESS 0.95 `lead@example.org`
        "#]],
    );
}

#[test]
fn phone_numbers_by_plan_shape_or_context() {
    check(
        "+47 412 34 567
         +47 404 11 05 073
         (555) 234-5678 or 555-234-5678 ext. 12
         ring 41234567 i kveld
         0490 75 40 81
         order number 41234567
         built 2015-12-22 04:34:22 in 1978
         +999 1234567",
        expect![[r#"
            PHONE_NUMBER 0.90 `+47 412 34 567`
            -
            PHONE_NUMBER 0.85 `(555) 234-5678`; PHONE_NUMBER 0.85 `555-234-5678 ext. 12`
            PHONE_NUMBER 0.75 `41234567`
            PHONE_NUMBER 0.75 `0490 75 40 81`
            -
            -
            -
        "#]],
    );
}

#[test]
fn cards_need_luhn_and_an_issuer() {
    check(
        "4111 1111 1111 1111
         4111-1111-1111-1112
         card 378282246310005
         5555555555554444 and 9999999999999995
         id 1672782160790",
        expect![[r#"
            CREDIT_CARD 0.95 `4111 1111 1111 1111`
            -
            CREDIT_CARD 0.99 `378282246310005`
            CREDIT_CARD 0.95 `5555555555554444`
            -
        "#]],
    );
}

#[test]
fn ibans_need_their_country_length_and_mod_97() {
    check(
        "GB82 WEST 1234 5698 7654 32
         gb82west12345698765432
         GB82 WEST 1234 5698 7654 33
         IBAN NO93 8601 1117 947
         NO9386011117948
         XX82WEST12345698765432",
        expect![[r#"
            IBAN 0.95 `GB82 WEST 1234 5698 7654 32`
            IBAN 0.95 `gb82west12345698765432`
            -
            IBAN 0.99 `NO93 8601 1117 947`
            -
            -
        "#]],
    );
}

#[test]
fn social_security_numbers_outside_the_assigned_ranges_are_none() {
    check(
        "078-05-1120
         SSN 078051120
         000-12-3456 666-12-3456 912-12-3456 123-00-4567
         1-078-05-1120-2",
        expect![[r#"
            US_SSN 0.85 `078-05-1120`
            US_SSN 0.95 `078051120`
            -
            -
        "#]],
    );
}

#[test]
fn device_addresses() {
    check(
        "from 203.0.113.7 to 10.0.0.1:8080
         version 1.2.3.4 and 1.2.3.4.5 and 300.1.1.1, section 4.2.5.4
         2001:db8::8a2e:370:7334, fe80::1 and ::1
         std::vec::Vec at 12:30:45
         00:1b:44:11:3a:b7 or 00-1B-44-11-3A-B7 or 001b.4411.3ab7",
        expect![[r#"
            IPV4_ADDRESS 0.90 `203.0.113.7`; IPV4_ADDRESS 0.75 `10.0.0.1`
            -
            IPV6_ADDRESS 0.90 `2001:db8::8a2e:370:7334`; IPV6_ADDRESS 0.90 `fe80::1`; IPV6_ADDRESS 0.75 `::1`
            -
            MAC_ADDRESS 0.90 `00:1b:44:11:3a:b7`; MAC_ADDRESS 0.90 `00-1B-44-11-3A-B7`; MAC_ADDRESS 0.90 `001b.4411.3ab7`
        "#]],
    );
}

#[test]
fn urls_give_back_punctuation() {
    check(
        "See https://example.org/a?b=c(d), (http://www.example.se/).
         www.example.no/om or example.com. Then main.rs and e.g.this
         http://192.0.2.1/x and a://b",
        expect![[r#"
            URL 0.95 `https://example.org/a?b=c(d)`; URL 0.95 `http://www.example.se/`
            URL 0.90 `www.example.no/om`; URL 0.55 `example.com`
            URL 0.95 `http://192.0.2.1/x`; IPV4_ADDRESS 0.90 `192.0.2.1`
        "#]],
    );
}

#[test]
fn norwegian_identity_numbers_need_a_date_and_two_control_digits() {
    check(
        "fnr 17055550034
         170555 50034
         fødselsnummer 17055550035
         fødselsnummer 31025550091
         D-nummer 57055550028
         Pasient 17855550180 og 17455550017
         ordrenummer 17055550034
         1705.55.50034",
        expect![[r#"
            NO_FODSELSNUMMER 0.99 `17055550034`
            NO_FODSELSNUMMER 0.95 `170555 50034`
            -
            -
            NO_D_NUMMER 0.99 `57055550028`
            NO_SYNTHETIC_ID 0.94 `17855550180`; NO_SYNTHETIC_ID 0.94 `17455550017`
            NO_FODSELSNUMMER 0.60 `17055550034`
            NO_KONTONUMMER 0.75 `1705.55.50034`
        "#]],
    );
}

#[test]
fn norwegian_organisation_and_account_numbers() {
    check(
        "orgnr 888000038
         Org.nr. 888 000 038 MVA
         orgnr 888000039
         ordrenummer 888000038
         888000038
         konto 1234.56.78903
         1234.56.78903
         konto 12345678904
         kontonummer 12345678903
         sporingskode 1234.56.78903
         12345678903",
        expect![[r#"
            NO_ORGANISASJONSNUMMER 0.99 `888000038`
            NO_ORGANISASJONSNUMMER 0.99 `888 000 038`
            -
            -
            NO_ORGANISASJONSNUMMER 0.60 `888000038`
            NO_KONTONUMMER 0.99 `1234.56.78903`
            NO_KONTONUMMER 0.75 `1234.56.78903`
            -
            NO_KONTONUMMER 0.99 `12345678903`
            -
            -
        "#]],
    );
}

#[test]
fn wallets_need_their_checksum() {
    check(
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
         1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb
         bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4
         bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5
         0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed
         0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        expect![[r#"
            CRYPTO_ADDRESS 0.99 `1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa`
            -
            CRYPTO_ADDRESS 0.99 `bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4`
            -
            CRYPTO_ADDRESS 0.99 `0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed`
            -
        "#]],
    );
}

#[test]
fn dates_are_of_birth_only_where_somebody_is_born() {
    check(
        "født 17.05.1985 i Bergen
         DOB: 05/17/1985
         born on 17 May 1985
         Date of birth: May 17, 1985
         meeting on 17.05.1985
         born on 31.02.1985",
        expect![[r#"
            DATE_OF_BIRTH 0.90 `17.05.1985`
            DATE_OF_BIRTH 0.90 `05/17/1985`
            DATE_OF_BIRTH 0.90 `17 May 1985`
            DATE_OF_BIRTH 0.90 `May 17, 1985`
            -
            -
        "#]],
    );
}

#[test]
fn documents_by_the_word_before_them() {
    check(
        "passport number C01234567
         driver's license number is F162823540116
         C01234567",
        expect![[r#"
            PASSPORT 0.75 `C01234567`
            DRIVER_LICENCE 0.75 `F162823540116`
            -
        "#]],
    );
}

#[test]
fn national_numbers_with_telling_shape_or_check() {
    check(
        "cliente con DNI 12345678Z, NIE X1234567L
         12345678Z y 12345678A
         hetu 131052-308T, 131052-308U, 010203A123X
         codice fiscale RSSMRA85T10A562S, MRTMTT25D09F205Z e RSSMRA85T10A562T
         AHV 756.9217.0769.85 und 756.9217.0769.84
         756.9217.0769.85
         CPF 529.982.247-25, 111.444.777-35, 529.982.247-26
         numéro national 85.07.30-033.28
         85.07.30-033.29
         1 84 12 76 451 089 46
         numéro de sécurité sociale 184127645108946
         184127645108947",
        expect![[r#"
            ES_DNI 0.99 `12345678Z`; ES_DNI 0.99 `X1234567L`
            ES_DNI 0.60 `12345678Z`
            FI_HETU 0.95 `131052-308T`
            IT_CODICE_FISCALE 0.95 `RSSMRA85T10A562S`; IT_CODICE_FISCALE 0.95 `MRTMTT25D09F205Z`
            CH_AHV 0.99 `756.9217.0769.85`
            CH_AHV 0.95 `756.9217.0769.85`
            BR_CPF 0.99 `529.982.247-25`; BR_CPF 0.99 `111.444.777-35`
            BE_NATIONAL_NUMBER 0.99 `85.07.30-033.28`
            -
            FR_NIR 0.95 `1 84 12 76 451 089 46`
            FR_NIR 0.99 `184127645108946`
            -
        "#]],
    );
}

#[test]
fn national_numbers_that_need_the_word_for_them() {
    check(
        "NHS number 943 476 5919
         NHS number 943 476 5918
         943 476 5919
         personnummer 811228-9874
         811228-9874 eller 811228-9875
         personnummer 198112289874
         cpr 070761-4285 og 320761-4285
         burgerservicenummer 111222333
         bsn 111222334
         PESEL 44051401359
         PESEL 44051401358
         social insurance number 046 454 286
         social insurance number 046 454 287
         Aadhaar 4991 1866 5246
         Aadhaar 4991 1866 5247
         tax file number 123 456 782
         Medicare 2123 45670 1
         order 2123456701, 046 454 286, 111222333, 44051401359",
        expect![[r#"
            UK_NHS_NUMBER 0.99 `943 476 5919`
            -
            PHONE_NUMBER 0.75 `943 476 5919`
            SE_PERSONNUMMER 0.99 `811228-9874`
            SE_PERSONNUMMER 0.75 `811228-9874`
            SE_PERSONNUMMER 0.99 `198112289874`
            DK_CPR 0.90 `070761-4285`
            NL_BSN 0.99 `111222333`
            -
            PL_PESEL 0.99 `44051401359`
            -
            CA_SIN 0.99 `046 454 286`
            -
            IN_AADHAAR 0.99 `4991 1866 5246`
            -
            AU_TFN 0.99 `123 456 782`
            AU_MEDICARE 0.99 `2123 45670 1`
            -
        "#]],
    );
}

#[test]
fn versions_and_identifiers_of_things_are_nobodys() {
    check(
        "Our changelog jumps from 10.2.14.1 to 10.2.15.0.
         upgraded to 203.0.113.9 of the firmware, release notes for 4.18.0.372
         doi:10.1000/182.4567 and ISBN 978-3-16-148410-0
         ordre 310942715
         order 12345678Z",
        expect![[r#"
            -
            -
            -
            -
            -
        "#]],
    );
}

#[test]
fn telephone_numbers_as_neighbours_write_them() {
    check(
        "Mme Modèle (06 39 98 12 34) : rendez-vous
         Kunden nås på 070-174 06 35 eller
         0171/234 56 78 oder (030) 23125 014
         NHS number 999 123 4578",
        expect![[r#"
            PHONE_NUMBER 0.75 `06 39 98 12 34`
            PHONE_NUMBER 0.90 `070-174 06 35`
            PHONE_NUMBER 0.75 `0171/234 56 78`; PHONE_NUMBER 0.75 `(030) 23125 014`
            UK_NHS_NUMBER 0.99 `999 123 4578`
        "#]],
    );
}

#[test]
fn synthetic_organisations_only_where_they_are_called_so() {
    check(
        "org.nr. 310 942 715 MVA
         organisasjonsnummer 311 604 841
         310 942 715",
        expect![[r#"
            NO_ORGANISASJONSNUMMER 0.94 `310 942 715`
            -
            -
        "#]],
    );
}
