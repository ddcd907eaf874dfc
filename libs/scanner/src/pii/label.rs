//! The words of `builtin-pii`, and what each stands for in the taxonomy.

use crate::Word;

pub(crate) const CREDIT_CARD: &str = "CREDIT_CARD";
pub(crate) const CRYPTO_ADDRESS: &str = "CRYPTO_ADDRESS";
pub(crate) const DATE_OF_BIRTH: &str = "DATE_OF_BIRTH";
pub(crate) const DRIVER_LICENCE: &str = "DRIVER_LICENCE";
pub(crate) const EMAIL_ADDRESS: &str = "EMAIL_ADDRESS";
pub(crate) const IBAN: &str = "IBAN";
pub(crate) const IPV4_ADDRESS: &str = "IPV4_ADDRESS";
pub(crate) const IPV6_ADDRESS: &str = "IPV6_ADDRESS";
pub(crate) const MAC_ADDRESS: &str = "MAC_ADDRESS";
pub(crate) const NO_D_NUMMER: &str = "NO_D_NUMMER";
pub(crate) const NO_FODSELSNUMMER: &str = "NO_FODSELSNUMMER";
pub(crate) const NO_KONTONUMMER: &str = "NO_KONTONUMMER";
pub(crate) const NO_ORGANISASJONSNUMMER: &str = "NO_ORGANISASJONSNUMMER";
pub(crate) const NO_SYNTHETIC_ID: &str = "NO_SYNTHETIC_ID";
pub(crate) const PASSPORT: &str = "PASSPORT";
pub(crate) const PHONE_NUMBER: &str = "PHONE_NUMBER";
pub(crate) const URL: &str = "URL";
pub(crate) const US_SSN: &str = "US_SSN";

const fn word(raw: &'static str, canonical: &'static str) -> Word {
    Word { raw, canonical }
}

pub(crate) const LABELS: &[Word] = &[
    word(CREDIT_CARD, "PII.Financial.CreditCard"),
    word(CRYPTO_ADDRESS, "PII.Financial.CryptoWallet"),
    word(DATE_OF_BIRTH, "PII.Person.DateOfBirth"),
    word(DRIVER_LICENCE, "PII.Identifier.DriverLicense"),
    word(EMAIL_ADDRESS, "PII.Contact.Email"),
    word(IBAN, "PII.Financial.IBAN"),
    word(IPV4_ADDRESS, "PII.Device.IPAddress"),
    word(IPV6_ADDRESS, "PII.Device.IPAddress"),
    word(MAC_ADDRESS, "PII.Device.MACAddress"),
    word(NO_D_NUMMER, "PII.Identifier.NorwegianID"),
    word(NO_FODSELSNUMMER, "PII.Identifier.NorwegianID"),
    word(NO_KONTONUMMER, "PII.Financial.BankAccount"),
    word(NO_ORGANISASJONSNUMMER, "PII.Identifier.OrgNumber"),
    word(NO_SYNTHETIC_ID, "PII.Identifier.NorwegianID"),
    word(PASSPORT, "PII.Identifier.Passport"),
    word(PHONE_NUMBER, "PII.Contact.Phone"),
    word(URL, "PII.Contact.URL"),
    word(US_SSN, "PII.Identifier.SSN"),
];
