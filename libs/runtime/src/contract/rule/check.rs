//! One limit on one value.

use std::{borrow::Cow, cmp::Ordering, fmt, net::IpAddr};

use prost_reflect::{DynamicMessage, EnumDescriptor, ReflectMessage as _, Value};
use regex::Regex;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// A limit, ready to be checked.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    Equal(Literal<'static>),
    In(Vec<Literal<'static>>),
    NotIn(Vec<Literal<'static>>),
    Length { unit: Unit, min: Option<u64>, max: Option<u64> },
    Pattern(Regex),
    Prefix(String),
    Suffix(String),
    Contains(String),
    NotContains(String),
    Form(Form),
    Below { limit: Number, inclusive: bool },
    Above { limit: Number, inclusive: bool },
    Finite,
    Defined(EnumDescriptor),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Code points, as `buf.validate` counts strings.
    Characters,
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Uuid,
    Email,
    Ip,
}

/// A value that can be compared: anything but messages, lists and maps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal<'a> {
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Number(Number),
    Bool(bool),
}

/// A number of any field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
    /// A duration, in nanoseconds.
    Span(i128),
    /// A time, in nanoseconds since the epoch.
    Time(i128),
}

impl Check {
    /// Nothing when `value` keeps the limit, else what was counted and the limit, where there is one to name.
    pub(crate) fn breaks(&self, value: &Value) -> Option<(Option<String>, Option<String>)> {
        let literal = Literal::of(value)?;
        let holds = match (self, &literal) {
            (Check::Equal(other), it) => it == other,
            (Check::In(others), it) => others.iter().any(|other| other == it),
            (Check::NotIn(others), it) => !others.iter().any(|other| other == it),
            (Check::Length { unit, min, max }, it) => {
                let length = it.length(*unit);
                let broken = min.filter(|min| length < *min).or(max.filter(|max| *max < length));
                return broken.map(|limit| (Some(length.to_string()), Some(limit.to_string())));
            }
            (Check::Below { limit, inclusive }, Literal::Number(it)) => {
                it.is_before(*limit, *inclusive)
            }
            (Check::Above { limit, inclusive }, Literal::Number(it)) => {
                limit.is_before(*it, *inclusive)
            }
            (Check::Finite, Literal::Number(Number::Float(it))) => it.is_finite(),
            (Check::Pattern(pattern), Literal::Text(text)) => pattern.is_match(text),
            (Check::Prefix(part), Literal::Text(text)) => text.starts_with(part.as_str()),
            (Check::Suffix(part), Literal::Text(text)) => text.ends_with(part.as_str()),
            (Check::Contains(part), Literal::Text(text)) => text.contains(part.as_str()),
            (Check::NotContains(part), Literal::Text(text)) => !text.contains(part.as_str()),
            (Check::Form(form), Literal::Text(text)) => form.fits(text),
            (Check::Defined(descriptor), Literal::Number(Number::Int(it))) => {
                i32::try_from(*it).is_ok_and(|it| super::is_defined(descriptor, it))
            }
            // Reading the rules has made sure that each stands on a field of its kind.
            (_, Literal::Text(_) | Literal::Bytes(_) | Literal::Number(_) | Literal::Bool(_)) => {
                true
            }
        };
        let limit = match self {
            Check::Below { limit, .. } | Check::Above { limit, .. } => Some(limit.to_string()),
            Check::Equal(_)
            | Check::In(_)
            | Check::NotIn(_)
            | Check::Length { .. }
            | Check::Pattern(_)
            | Check::Prefix(_)
            | Check::Suffix(_)
            | Check::Contains(_)
            | Check::NotContains(_)
            | Check::Form(_)
            | Check::Finite
            | Check::Defined(_) => None,
        };
        // A number against a numeric limit may be named; text may be anything and never is.
        let size = match literal {
            Literal::Number(number) if limit.is_some() => Some(number.to_string()),
            Literal::Number(_) | Literal::Text(_) | Literal::Bytes(_) | Literal::Bool(_) => None,
        };
        (!holds).then_some((size, limit))
    }
}

impl Check {
    /// The only values it lets through, where it lists them.
    pub(crate) fn allowed(&self) -> &[Literal<'static>] {
        if let Check::In(literals) = self {
            return literals;
        }
        if let Check::Equal(literal) = self { std::slice::from_ref(literal) } else { &[] }
    }

    pub(crate) fn above(&self) -> Option<Number> {
        if let Check::Above { limit, .. } = self { Some(*limit) } else { None }
    }

    pub(crate) fn below(&self) -> Option<Number> {
        if let Check::Below { limit, .. } = self { Some(*limit) } else { None }
    }

    pub(crate) fn length_min(&self) -> Option<u64> {
        if let Check::Length { min, .. } = self { *min } else { None }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |them: &[Literal<'_>]| {
            let them: Vec<String> = them.iter().map(ToString::to_string).collect();
            them.join(", ")
        };
        match self {
            Check::Equal(literal) => write!(f, "must be {literal}"),
            Check::In(literals) => write!(f, "must be one of {}", list(literals)),
            Check::NotIn(literals) => write!(f, "must be none of {}", list(literals)),
            Check::Length { unit, min, max } => match (min, max) {
                (Some(min), Some(max)) if min == max => {
                    write!(f, "must have {min} {}", unit.words(*min))
                }
                (Some(min), Some(max)) => {
                    write!(f, "must have {min} to {max} {}", unit.words(*max))
                }
                (Some(min), None) => write!(f, "must have at least {min} {}", unit.words(*min)),
                (None, Some(max)) => write!(f, "must have at most {max} {}", unit.words(*max)),
                (None, None) => write!(f, "may have any length"),
            },
            Check::Pattern(pattern) => write!(f, "must match `{pattern}`"),
            Check::Prefix(part) => write!(f, "must start with `{part}`"),
            Check::Suffix(part) => write!(f, "must end with `{part}`"),
            Check::Contains(part) => write!(f, "must contain `{part}`"),
            Check::NotContains(part) => write!(f, "must not contain `{part}`"),
            Check::Form(Form::Uuid) => f.write_str("must be a UUID"),
            Check::Form(Form::Email) => f.write_str("must be an e-mail address"),
            Check::Form(Form::Ip) => f.write_str("must be an IP address"),
            Check::Below { limit, inclusive: true } => write!(f, "must be at most {limit}"),
            Check::Below { limit, inclusive: false } => write!(f, "must be less than {limit}"),
            Check::Above { limit, inclusive: true } => write!(f, "must be at least {limit}"),
            Check::Above { limit, inclusive: false } => write!(f, "must be more than {limit}"),
            Check::Finite => f.write_str("must be a finite number"),
            Check::Defined(descriptor) => write!(f, "must be a value of {}", descriptor.name()),
        }
    }
}

impl Unit {
    fn words(self, n: u64) -> &'static str {
        match (self, n) {
            (Unit::Characters, 1) => "character",
            (Unit::Characters, _) => "characters",
            (Unit::Bytes, 1) => "byte",
            (Unit::Bytes, _) => "bytes",
        }
    }
}

impl Form {
    fn fits(self, text: &str) -> bool {
        match self {
            // Only the hyphenated form, as `buf.validate` has it.
            Form::Uuid => text.len() == 36 && Uuid::try_parse(text).is_ok(),
            Form::Email => is_email(text),
            Form::Ip => text.parse::<IpAddr>().is_ok(),
        }
    }
}

impl Literal<'_> {
    pub(crate) fn of(value: &Value) -> Option<Literal<'_>> {
        Some(match value {
            Value::Bool(it) => Literal::Bool(*it),
            Value::I32(it) | Value::EnumNumber(it) => Literal::Number(Number::Int((*it).into())),
            Value::I64(it) => Literal::Number(Number::Int((*it).into())),
            Value::U32(it) => Literal::Number(Number::Int((*it).into())),
            Value::U64(it) => Literal::Number(Number::Int((*it).into())),
            Value::F32(it) => Literal::Number(Number::Float((*it).into())),
            Value::F64(it) => Literal::Number(Number::Float(*it)),
            Value::String(it) => Literal::Text(Cow::Borrowed(it)),
            Value::Bytes(it) => Literal::Bytes(Cow::Borrowed(it)),
            Value::Message(it) => Literal::Number(well_known(it)?),
            Value::List(_) | Value::Map(_) => return None,
        })
    }

    pub(super) fn into_owned(self) -> Literal<'static> {
        match self {
            Literal::Text(text) => Literal::Text(text.into_owned().into()),
            Literal::Bytes(bytes) => Literal::Bytes(bytes.into_owned().into()),
            Literal::Number(number) => Literal::Number(number),
            Literal::Bool(flag) => Literal::Bool(flag),
        }
    }

    fn length(&self, unit: Unit) -> u64 {
        let length = match (self, unit) {
            (Literal::Text(text), Unit::Characters) => text.chars().count(),
            (Literal::Text(text), Unit::Bytes) => text.len(),
            (Literal::Bytes(bytes), Unit::Characters | Unit::Bytes) => bytes.len(),
            (Literal::Number(_) | Literal::Bool(_), Unit::Characters | Unit::Bytes) => 0,
        };
        length as u64
    }

    /// Equal for equal literals of one field, and hashable.
    pub(super) fn key(&self) -> Vec<u8> {
        match self {
            Literal::Text(text) => text.as_bytes().to_vec(),
            Literal::Bytes(bytes) => bytes.to_vec(),
            Literal::Number(number) => number.to_string().into_bytes(),
            Literal::Bool(flag) => vec![u8::from(*flag)],
        }
    }
}

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Text(text) => write!(f, "`{text}`"),
            Literal::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Literal::Number(number) => number.fmt(f),
            Literal::Bool(flag) => flag.fmt(f),
        }
    }
}

impl Number {
    /// NaN is before nothing and after nothing.
    pub(super) fn is_before(self, other: Number, inclusive: bool) -> bool {
        let order = match (self, other) {
            (Number::Int(one), Number::Int(two))
            | (Number::Span(one), Number::Span(two))
            | (Number::Time(one), Number::Time(two)) => Some(one.cmp(&two)),
            (one, two) => one.as_f64().partial_cmp(&two.as_f64()),
        };
        match order {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => inclusive,
            Some(Ordering::Greater) | None => false,
        }
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Number::Int(it) | Number::Span(it) | Number::Time(it) => it as f64,
            Number::Float(it) => it,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(it) => it.fmt(f),
            Number::Float(it) => it.fmt(f),
            Number::Span(it) => write!(f, "{}s", *it as f64 / 1e9),
            Number::Time(it) => {
                let time = OffsetDateTime::from_unix_timestamp_nanos(*it).ok();
                let text = time.and_then(|time| time.format(&Rfc3339).ok());
                f.write_str(text.as_deref().unwrap_or("a time beyond all calendars"))
            }
        }
    }
}

/// A duration or a time as a number; none for any other message.
fn well_known(message: &DynamicMessage) -> Option<Number> {
    let number: fn(i128) -> Number = match message.descriptor().full_name() {
        "google.protobuf.Duration" => Number::Span,
        "google.protobuf.Timestamp" => Number::Time,
        _ => return None,
    };
    let seconds = message.get_field_by_number(1)?.as_i64()?;
    let nanos = message.get_field_by_number(2)?.as_i32()?;
    Some(number(i128::from(seconds) * 1_000_000_000 + i128::from(nanos)))
}

/// One `@`, something plausible on both sides. Who needs more sends a mail.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_local =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (1..=64).contains(&local.len())
        && host.len() <= 253
        && local.bytes().all(is_local)
        && host.split('.').all(is_label)
}
