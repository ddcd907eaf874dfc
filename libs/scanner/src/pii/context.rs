//! Words near a number that say what it is, or that it is nothing personal.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::chars;

/// What a word nearby says the number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Phone,
    Card,
    Account,
    Ssn,
    Identity,
    Organisation,
    Passport,
    Licence,
    Birth,
    Network,
    // Numbers of one country each, by their own name.
    Medicare,
    Tfn,
    Belgian,
    Cpf,
    Sin,
    Ahv,
    Cpr,
    Nir,
    Aadhaar,
    Bsn,
    Pesel,
    Nhs,
    Dni,
    /// An order, a serial number, a time stamp: a number that is nobody's.
    Impersonal,
}

/// How far context reaches, in bytes. One sentence, roughly.
const BEFORE_MAX: usize = 64;
const AFTER_MAX: usize = 24;

/// What the words around one number say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    kinds: u32,
    nearest: Option<Kind>,
}

impl Context {
    pub(crate) fn around(text: &str, start: usize, end: usize) -> Context {
        let mut context = Context::default();
        let from = chars::ceil(text, start.saturating_sub(BEFORE_MAX));
        context.read(&text[from..start], Side::Before);
        let to = chars::floor(text, end + AFTER_MAX);
        if end < to {
            context.read(&text[end..to], Side::After);
        }
        context
    }

    /// True when a word nearby says so and no nearer word says it is nobody's.
    pub(crate) fn says(&self, kind: Kind) -> bool {
        self.kinds & bit(kind) != 0 && self.nearest != Some(Impersonal)
    }

    /// True when the nearest word before the number says so.
    pub(crate) fn nearest_is(&self, kind: Kind) -> bool {
        self.nearest == Some(kind)
    }

    /// True when the nearest word makes the number something else than `kind`: an order number, a phone number.
    pub(crate) fn contradicts(&self, kind: Kind) -> bool {
        self.nearest.is_some_and(|nearest| nearest != kind && nearest != Birth) && !self.says(kind)
    }

    /// True when the nearest word names a number with a check digit of its own, which a telephone number has not.
    pub(crate) fn names_identifier(&self) -> bool {
        self.nearest.is_some_and(|nearest| {
            let plain = [
                Phone,
                Card,
                Account,
                Ssn,
                Identity,
                Organisation,
                Passport,
                Licence,
                Birth,
                Network,
                Impersonal,
            ];
            !plain.contains(&nearest)
        })
    }

    fn read(&mut self, window: &str, side: Side) {
        for found in WORDS.find_iter(window) {
            let (word, kind) = LEXICON[found.pattern().as_usize()];
            if !stands_alone(window.as_bytes(), word, (found.start(), found.end())) {
                continue;
            }
            self.kinds |= bit(kind);
            let unclaimed = self.nearest.is_none();
            match side {
                Side::Before => self.nearest = Some(kind),
                Side::After if unclaimed => self.nearest = Some(kind),
                Side::After => {}
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

fn bit(kind: Kind) -> u32 {
    1 << (kind as u32)
}

/// A word in the lexicon begins a word of the text unless it starts with `~`, and ends one unless it ends with `~`.
fn stands_alone(window: &[u8], word: &str, (start, end): (usize, usize)) -> bool {
    let left = word.starts_with('~') || start == 0 || !is_letter(window[start - 1]);
    let right = word.ends_with('~') || window.get(end).is_none_or(|&byte| !is_letter(byte));
    left && right
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || 0x80 <= byte
}

static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(LEXICON.iter().map(|(word, _)| word.trim_matches('~')))
        .expect("the lexicon is small and constant")
});

use Kind::{
    Aadhaar, Account, Ahv, Belgian, Birth, Bsn, Card, Cpf, Cpr, Dni, Identity, Impersonal, Licence,
    Medicare, Network, Nhs, Nir, Organisation, Passport, Pesel, Phone, Sin, Ssn, Tfn,
};

#[rustfmt::skip]
const LEXICON: &[(&str, Kind)] = &[
    ("phone", Phone), ("~phone", Phone), ("phone number", Phone), ("tel", Phone), ("tlf", Phone), ("telephone", Phone), ("telefon~", Phone),
    ("~telefon", Phone), ("teléfono", Phone), ("telefone", Phone), ("téléphone", Phone), ("telefoon", Phone), ("telefono", Phone),
    ("mobile", Phone), ("mobil~", Phone), ("móvil", Phone), ("celular", Phone), ("cellulare", Phone), ("handy", Phone), ("cell", Phone),
    ("fax", Phone), ("desk", Phone), ("call", Phone), ("call me", Phone), ("calling", Phone), ("called", Phone), ("dial", Phone),
    ("ring", Phone), ("ringe", Phone), ("ringt", Phone), ("sms", Phone), ("text me", Phone), ("texted", Phone), ("whatsapp", Phone), ("signal", Phone),
    ("message", Phone), ("messages", Phone), ("reach me", Phone), ("reach us", Phone), ("answering", Phone), ("answer at", Phone),
    ("contact", Phone), ("hotline", Phone), ("helpline", Phone), ("voicemail", Phone), ("nummeret mitt", Phone), ("numéro", Phone),
    ("rufnummer", Phone), ("appelez", Phone), ("llama~", Phone), ("ligue", Phone), ("bel", Phone), ("nås", Phone), ("nås på", Phone), ("treffes på", Phone), ("erreichbar", Phone), ("joignable", Phone),

    ("card", Card), ("cards", Card), ("credit card", Card), ("visa", Card), ("mastercard", Card), ("amex", Card), ("maestro", Card), ("discover", Card),
    ("debit", Card), ("kort", Card), ("~kort", Card), ("kortnummer", Card), ("kreditkarte", Card), ("carte", Card), ("tarjeta", Card), ("cartão", Card),
    ("cvv", Card), ("cvc", Card), ("expiry", Card), ("pan", Card), ("cc", Card), ("diners", Card), ("jcb", Card),

    ("account", Account), ("account number", Account), ("acct", Account), ("iban", Account), ("konto", Account), ("kontonr", Account),
    ("kontonummer~", Account), ("~konto", Account), ("~kontonummer", Account), ("bankkonto~", Account), ("kto", Account), ("bank", Account),
    ("bank account", Account), ("betal~", Account), ("innbetal~", Account), ("utbetal~", Account), ("overfør~", Account), ("girokonto", Account),
    ("vipps", Account), ("kid", Account), ("compte", Account), ("cuenta", Account), ("transfer", Account), ("payment", Account), ("wire", Account),

    ("ssn", Ssn), ("social security", Ssn), ("social security number", Ssn), ("ss#", Ssn), ("soc sec", Ssn), ("socials", Ssn), ("itin", Ssn),

    ("fødselsnummer~", Identity), ("FØDSELSNUMMER~", Identity), ("fodselsnummer~", Identity), ("fødselsnr", Identity), ("fødsels- og personnummer", Identity),
    ("fnr", Identity), ("fnummer", Identity), ("personnummer~", Identity), ("personnr", Identity), ("pnr", Identity), ("d-nummer~", Identity), ("dnr", Identity),
    ("d-number", Identity), ("borger~", Identity), ("pasient~", Identity), ("søker~", Identity), ("bruker~", Identity), ("kunde", Identity),
    ("person-id", Identity), ("national identity", Identity), ("national identity number", Identity), ("national id", Identity), ("identity number", Identity),
    ("birth number", Identity), ("personal number", Identity), ("personal id", Identity), ("identitetsnummer~", Identity), ("patient", Identity), ("citizen", Identity),
    ("legitimasjon", Identity), ("ident", Identity), ("nin", Identity), ("norwegian id", Identity),

    ("orgnr", Organisation), ("org.nr", Organisation), ("org nr", Organisation), ("org.nummer", Organisation), ("organisasjonsnummer~", Organisation),
    ("organisasjonsnr", Organisation), ("org.no", Organisation), ("org no", Organisation), ("organization number", Organisation),
    ("organisation number", Organisation), ("company registration", Organisation), ("company registration number", Organisation), ("company number", Organisation),
    ("registration number", Organisation), ("business registration", Organisation), ("mva", Organisation), ("foretak~", Organisation),
    ("~foretak", Organisation), ("faktura fra", Organisation), ("leverandør~", Organisation), ("bedrift~", Organisation), ("virksomhet~", Organisation),
    ("selskap~", Organisation), ("firma~", Organisation), ("brreg", Organisation), ("enhetsregisteret", Organisation), ("supplier", Organisation),
    ("arbeidsgiver~", Organisation), ("vat", Organisation), ("vat number", Organisation), ("underenhet", Organisation), ("invoice from", Organisation),

    ("passport", Passport), ("passport number", Passport), ("pass nr", Passport), ("passnummer", Passport), ("passnr", Passport), ("passeport", Passport),
    ("pasaporte", Passport), ("reisepass~", Passport), ("passaporto", Passport), ("passaporte", Passport), ("paspoort", Passport), ("pas nr", Passport),

    ("driver's license", Licence), ("drivers license", Licence), ("driver license", Licence), ("driver's licence", Licence), ("driving licence", Licence),
    ("driving license", Licence), ("driver’s license", Licence), ("førerkort~", Licence), ("führerschein~", Licence), ("permis de conduire", Licence), ("dl number", Licence),
    ("körkort~", Licence), ("kørekort~", Licence), ("rijbewijs~", Licence), ("license number", Licence), ("patente di guida", Licence), ("licencia de conducir", Licence),

    ("born", Birth), ("birth", Birth), ("birthday", Birth), ("birthdate", Birth), ("birth date", Birth), ("date of birth", Birth), ("dob", Birth), ("d.o.b", Birth),
    ("født~", Birth), ("FØDT", Birth), ("fødselsdato~", Birth), ("fødselsdag~", Birth), ("född", Birth), ("födelsedatum", Birth), ("geboren", Birth),
    ("geb", Birth), ("geburtsdatum", Birth), ("geburtstag", Birth), ("né le", Birth), ("née le", Birth), ("date de naissance", Birth),
    ("fecha de nacimiento", Birth), ("nacido", Birth), ("nacida", Birth), ("nació", Birth), ("nato il", Birth), ("nata il", Birth), ("data di nascita", Birth),
    ("data de nascimento", Birth), ("nascido", Birth), ("nascida", Birth), ("geboortedatum", Birth), ("syntymäaika", Birth), ("data urodzenia", Birth), ("urodzony", Birth),

    ("medicare", Medicare), ("tax file number", Tfn), ("tfn", Tfn), ("rijksregisternummer", Belgian), ("rijksregister", Belgian), ("niss", Belgian), ("insz", Belgian),
    ("registre national", Belgian), ("numéro national", Belgian), ("cpf", Cpf), ("social insurance", Sin), ("social insurance number", Sin), ("sin number", Sin),
    ("ahv", Ahv), ("ahv-nummer", Ahv), ("avs", Ahv), ("cpr", Cpr), ("cpr-nummer~", Cpr), ("cpr-nr", Cpr), ("cprnr", Cpr), ("cpr.nr", Cpr), ("nir", Nir),
    ("sécurité sociale", Nir), ("numéro de sécurité sociale", Nir), ("numéro de sécu", Nir), ("aadhaar", Aadhaar), ("aadhar", Aadhaar), ("uidai", Aadhaar),
    ("bsn", Bsn), ("burgerservicenummer", Bsn), ("sofinummer", Bsn), ("pesel", Pesel), ("nhs", Nhs), ("nhs number", Nhs), ("nhs no", Nhs),
    ("dni", Dni), ("nie", Dni), ("nif", Dni), ("documento nacional", Dni),

    ("ip", Network), ("ip address", Network), ("ipv4", Network), ("host", Network), ("server", Network), ("gateway", Network), ("dns", Network), ("subnet", Network),

    ("order", Impersonal), ("order number", Impersonal), ("ordre~", Impersonal), ("bestilling~", Impersonal), ("serial", Impersonal), ("serial number", Impersonal),
    ("serienummer~", Impersonal), ("serienr", Impersonal), ("seriennummer", Impersonal), ("tracking", Impersonal), ("tracking number", Impersonal), ("sporing~", Impersonal),
    ("transaction", Impersonal), ("transaction id", Impersonal), ("transaksjon~", Impersonal), ("timestamp", Impersonal), ("time stamp", Impersonal),
    ("tidsstempel~", Impersonal), ("epoch", Impersonal), ("unix", Impersonal), ("invoice number", Impersonal), ("fakturanummer", Impersonal), ("fakturanr", Impersonal),
    ("version", Impersonal), ("versjon", Impersonal), ("build", Impersonal), ("release", Impersonal), ("releases", Impersonal), ("release notes", Impersonal), ("changelog", Impersonal), ("change log", Impersonal),
    ("ver", Impersonal), ("v", Impersonal), ("versions", Impersonal), ("semver", Impersonal), ("versioning", Impersonal), ("firmware", Impersonal),
    ("upgrade", Impersonal), ("upgraded", Impersonal), ("revision", Impersonal), ("endringslogg", Impersonal), ("versjonen", Impersonal), ("commit", Impersonal), ("isbn", Impersonal), ("issn", Impersonal),
    ("doi", Impersonal), ("sku", Impersonal), ("part number", Impersonal), ("model", Impersonal), ("ticket", Impersonal), ("reference", Impersonal),
    ("referanse~", Impersonal), ("case number", Impersonal), ("saksnummer~", Impersonal), ("batch", Impersonal), ("pakke~", Impersonal), ("parcel", Impersonal),
    ("barcode", Impersonal), ("strekkode", Impersonal), ("ean", Impersonal), ("gtin", Impersonal), ("imei", Impersonal), ("request id", Impersonal), ("trace id", Impersonal),
    ("product", Impersonal), ("varenummer", Impersonal), ("artikkel~", Impersonal), ("job", Impersonal), ("pid", Impersonal), ("row", Impersonal), ("bytes", Impersonal),
    ("section", Impersonal), ("sections", Impersonal), ("clause", Impersonal), ("paragraph", Impersonal), ("chapter", Impersonal), ("article", Impersonal),
    ("appendix", Impersonal), ("figure", Impersonal), ("kapittel", Impersonal), ("avsnitt", Impersonal), ("abschnitt", Impersonal),
];
