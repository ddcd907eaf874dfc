//! Says what is wrong with a configuration: which key, from where, and what was expected instead.
//!
//! Never the value that was found: it may be a secret in the wrong place.

use figment::{
    Error, Metadata, Source,
    error::{Actual, Kind},
};

pub(super) fn explain(err: &Error) -> String {
    let wrong = wrong(&err.kind);
    let key = err.path.join(".");
    let from = err.metadata.as_ref().map(source).unwrap_or_default();
    match (key.is_empty(), from.is_empty()) {
        (true, true) => wrong,
        (true, false) => format!("{wrong} (from {from})"),
        (false, true) => format!("`{key}`: {wrong}"),
        (false, false) => format!("`{key}`: {wrong} (from {from})"),
    }
}

/// Where a value was written.
pub(super) fn source(metadata: &Metadata) -> String {
    match &metadata.source {
        Some(Source::File(file)) => file.display().to_string(),
        Some(_) | None if metadata.name.contains("environment") => "the environment".to_owned(),
        Some(_) | None => "the defaults".to_owned(),
    }
}

fn wrong(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => without_excerpt(message),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("expected {expected}, found {}", kind_of(found))
        }
        Kind::InvalidLength(found, expected) => {
            format!("expected {expected}, found {found} of them")
        }
        Kind::UnknownVariant(_, expected) => format!("expected one of {}", list(expected)),
        Kind::UnknownField(found, expected) => {
            format!("there is no key `{found}`, only {}", list(expected))
        }
        Kind::MissingField(name) => format!("the key `{name}` is missing"),
        Kind::DuplicateField(name) => format!("the key `{name}` is there twice"),
        Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "the number is too big".to_owned(),
        Kind::Unsupported(found) => format!("{} does not belong here", kind_of(found)),
        Kind::UnsupportedKey(found, expected) => {
            format!("expected a key that is {expected}, found {}", kind_of(found))
        }
    }
}

/// The parser of TOML shows the line it stumbled over, and that line may hold a secret.
fn without_excerpt(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| !line.contains('|')).collect::<Vec<_>>().join(", ")
}

const fn kind_of(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a string",
        Actual::Bytes(_) | Actual::Seq => "a list",
        Actual::Unit | Actual::Option => "nothing",
        Actual::Map => "a table",
        Actual::NewtypeStruct
        | Actual::Enum
        | Actual::UnitVariant
        | Actual::NewtypeVariant
        | Actual::TupleVariant
        | Actual::StructVariant
        | Actual::Other(_) => "something else",
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
