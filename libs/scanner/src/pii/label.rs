//! The words of `builtin-pii`, and what each stands for in the taxonomy.

use crate::Word;

pub(crate) const AU_MEDICARE: &str = "AU_MEDICARE";
pub(crate) const AU_TFN: &str = "AU_TFN";
pub(crate) const BE_NATIONAL_NUMBER: &str = "BE_NATIONAL_NUMBER";
pub(crate) const BR_CPF: &str = "BR_CPF";
pub(crate) const CA_SIN: &str = "CA_SIN";
pub(crate) const CH_AHV: &str = "CH_AHV";
pub(crate) const CREDIT_CARD: &str = "CREDIT_CARD";
pub(crate) const CRYPTO_ADDRESS: &str = "CRYPTO_ADDRESS";
pub(crate) const DATE_OF_BIRTH: &str = "DATE_OF_BIRTH";
pub(crate) const DK_CPR: &str = "DK_CPR";
pub(crate) const DRIVER_LICENCE: &str = "DRIVER_LICENCE";
pub(crate) const EMAIL_ADDRESS: &str = "EMAIL_ADDRESS";
pub(crate) const ES_DNI: &str = "ES_DNI";
pub(crate) const FI_HETU: &str = "FI_HETU";
pub(crate) const FR_NIR: &str = "FR_NIR";
pub(crate) const IBAN: &str = "IBAN";
pub(crate) const IN_AADHAAR: &str = "IN_AADHAAR";
pub(crate) const IPV4_ADDRESS: &str = "IPV4_ADDRESS";
pub(crate) const IPV6_ADDRESS: &str = "IPV6_ADDRESS";
pub(crate) const IT_CODICE_FISCALE: &str = "IT_CODICE_FISCALE";
pub(crate) const MAC_ADDRESS: &str = "MAC_ADDRESS";
pub(crate) const NL_BSN: &str = "NL_BSN";
pub(crate) const NO_D_NUMMER: &str = "NO_D_NUMMER";
pub(crate) const NO_FODSELSNUMMER: &str = "NO_FODSELSNUMMER";
pub(crate) const NO_KONTONUMMER: &str = "NO_KONTONUMMER";
pub(crate) const NO_ORGANISASJONSNUMMER: &str = "NO_ORGANISASJONSNUMMER";
pub(crate) const NO_SYNTHETIC_ID: &str = "NO_SYNTHETIC_ID";
pub(crate) const PASSPORT: &str = "PASSPORT";
pub(crate) const PHONE_NUMBER: &str = "PHONE_NUMBER";
pub(crate) const PL_PESEL: &str = "PL_PESEL";
pub(crate) const SE_PERSONNUMMER: &str = "SE_PERSONNUMMER";
pub(crate) const UK_NHS_NUMBER: &str = "UK_NHS_NUMBER";
pub(crate) const URL: &str = "URL";
pub(crate) const US_SSN: &str = "US_SSN";

const fn word(raw: &'static str, canonical: &'static str) -> Word {
    Word { raw, canonical }
}

pub(crate) const LABELS: &[Word] = &[
    word(AU_MEDICARE, "PII.Health.InsuranceID"),
    word(AU_TFN, "PII.Identifier.TaxID"),
    word(BE_NATIONAL_NUMBER, "PII.Identifier.NationalID"),
    word(BR_CPF, "PII.Identifier.TaxID"),
    word(CA_SIN, "PII.Identifier.SSN"),
    word(CH_AHV, "PII.Identifier.SSN"),
    word(CREDIT_CARD, "PII.Financial.CreditCard"),
    word(CRYPTO_ADDRESS, "PII.Financial.CryptoWallet"),
    word(DATE_OF_BIRTH, "PII.Person.DateOfBirth"),
    word(DK_CPR, "PII.Identifier.NationalID"),
    word(DRIVER_LICENCE, "PII.Identifier.DriverLicense"),
    word(EMAIL_ADDRESS, "PII.Contact.Email"),
    word(ES_DNI, "PII.Identifier.NationalID"),
    word(FI_HETU, "PII.Identifier.NationalID"),
    word(FR_NIR, "PII.Identifier.SSN"),
    word(IBAN, "PII.Financial.IBAN"),
    word(IN_AADHAAR, "PII.Identifier.NationalID"),
    word(IPV4_ADDRESS, "PII.Device.IPAddress"),
    word(IPV6_ADDRESS, "PII.Device.IPAddress"),
    word(IT_CODICE_FISCALE, "PII.Identifier.TaxID"),
    word(MAC_ADDRESS, "PII.Device.MACAddress"),
    word(NL_BSN, "PII.Identifier.NationalID"),
    word(NO_D_NUMMER, "PII.Identifier.NorwegianID"),
    word(NO_FODSELSNUMMER, "PII.Identifier.NorwegianID"),
    word(NO_KONTONUMMER, "PII.Financial.BankAccount"),
    word(NO_ORGANISASJONSNUMMER, "PII.Identifier.OrgNumber"),
    word(NO_SYNTHETIC_ID, "PII.Identifier.NorwegianID"),
    word(PASSPORT, "PII.Identifier.Passport"),
    word(PHONE_NUMBER, "PII.Contact.Phone"),
    word(PL_PESEL, "PII.Identifier.NationalID"),
    word(SE_PERSONNUMMER, "PII.Identifier.NationalID"),
    word(UK_NHS_NUMBER, "PII.Health.InsuranceID"),
    word(URL, "PII.Contact.URL"),
    word(US_SSN, "PII.Identifier.SSN"),
];
