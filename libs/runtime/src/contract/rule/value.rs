//! From the options of one value, `string` or `double` or the like, to the limits it must keep.

use prost_reflect::{DynamicMessage, Kind, Value};
use regex::Regex;

use super::{Check, Form, Literal, Unit};

/// A rule that is not enforced here, by its name.
pub(super) struct Unsupported(pub(super) String);

/// The limits that `rules`, the option named `rules_of`, sets a value of type `kind`.
pub(super) fn checks(
    kind: &Kind,
    rules_of: &str,
    rules: &DynamicMessage,
) -> Result<Vec<Check>, Unsupported> {
    known_only(rules, rules_of)?;
    if kind_name(kind).as_deref() != Some(rules_of) {
        return Err(Unsupported(format!("{rules_of}, on a field of another type")));
    }
    let mut checks = Vec::new();
    for (rule, value) in rules.fields() {
        let name = rule.name();
        let unsupported = || Unsupported(format!("{rules_of}.{name}"));
        // Documentation, not a rule.
        if name == "example" {
            continue;
        }
        let check = match rules_of {
            "string" => of_text(name, value),
            "bytes" => of_bytes(name, value),
            "enum" => of_enum(kind, name, value),
            _ => of_number(name, value),
        };
        checks.push(check.or_else(|| of_any(name, value)).ok_or_else(unsupported)?);
    }
    if is_turned_inside_out(&checks) {
        return Err(Unsupported(format!("{rules_of}, a lower limit above the upper one")));
    }
    // A flag that is off says nothing.
    checks.retain(|check| !matches!(check, Check::Length { min: None, max: None, .. }));
    Ok(checks)
}

const OFF: Check = Check::Length { unit: Unit::Bytes, min: None, max: None };

fn of_any(name: &str, value: &Value) -> Option<Check> {
    fn literal(value: &Value) -> Option<Literal<'static>> {
        Literal::of(value).map(Literal::into_owned)
    }
    let literals = |value: &Value| value.as_list()?.iter().map(literal).collect::<Option<Vec<_>>>();
    Some(match name {
        "const" => Check::Equal(literal(value)?),
        "in" => Check::In(literals(value)?),
        "not_in" => Check::NotIn(literals(value)?),
        _ => return None,
    })
}

fn of_text(name: &str, value: &Value) -> Option<Check> {
    let length = |unit, min, max| Some(Check::Length { unit, min, max });
    match (name, value) {
        ("len", Value::U64(n)) => length(Unit::Characters, Some(*n), Some(*n)),
        ("min_len", Value::U64(n)) => length(Unit::Characters, Some(*n), None),
        ("max_len", Value::U64(n)) => length(Unit::Characters, None, Some(*n)),
        ("len_bytes", Value::U64(n)) => length(Unit::Bytes, Some(*n), Some(*n)),
        ("min_bytes", Value::U64(n)) => length(Unit::Bytes, Some(*n), None),
        ("max_bytes", Value::U64(n)) => length(Unit::Bytes, None, Some(*n)),
        ("pattern", Value::String(pattern)) => Some(Check::Pattern(Regex::new(pattern).ok()?)),
        ("prefix", Value::String(part)) => Some(Check::Prefix(part.clone())),
        ("suffix", Value::String(part)) => Some(Check::Suffix(part.clone())),
        ("contains", Value::String(part)) => Some(Check::Contains(part.clone())),
        ("not_contains", Value::String(part)) => Some(Check::NotContains(part.clone())),
        ("uuid", Value::Bool(true)) => Some(Check::Form(Form::Uuid)),
        ("email", Value::Bool(true)) => Some(Check::Form(Form::Email)),
        ("ip", Value::Bool(true)) => Some(Check::Form(Form::Ip)),
        ("uuid" | "email" | "ip", Value::Bool(false)) => Some(OFF),
        _ => None,
    }
}

fn of_bytes(name: &str, value: &Value) -> Option<Check> {
    let length = |min, max| Some(Check::Length { unit: Unit::Bytes, min, max });
    match (name, value) {
        ("len", Value::U64(n)) => length(Some(*n), Some(*n)),
        ("min_len", Value::U64(n)) => length(Some(*n), None),
        ("max_len", Value::U64(n)) => length(None, Some(*n)),
        _ => None,
    }
}

fn of_enum(kind: &Kind, name: &str, value: &Value) -> Option<Check> {
    match (name, value) {
        ("defined_only", Value::Bool(true)) => Some(Check::Defined(kind.as_enum()?.clone())),
        ("defined_only", Value::Bool(false)) => Some(OFF),
        _ => None,
    }
}

fn of_number(name: &str, value: &Value) -> Option<Check> {
    let limit = || match Literal::of(value)? {
        Literal::Number(number) => Some(number),
        Literal::Text(_) | Literal::Bytes(_) | Literal::Bool(_) => None,
    };
    Some(match (name, value) {
        ("lt", _) => Check::Below { limit: limit()?, inclusive: false },
        ("lte", _) => Check::Below { limit: limit()?, inclusive: true },
        ("gt", _) => Check::Above { limit: limit()?, inclusive: false },
        ("gte", _) => Check::Above { limit: limit()?, inclusive: true },
        ("finite", Value::Bool(true)) => Check::Finite,
        ("finite", Value::Bool(false)) => OFF,
        _ => return None,
    })
}

/// `gt: 5, lt: 3` means "outside of 3 to 5" to `buf.validate`. Nobody needs it; nobody should get it by a typo.
fn is_turned_inside_out(checks: &[Check]) -> bool {
    let low = checks.iter().find_map(Check::above);
    let high = checks.iter().find_map(Check::below);
    low.zip(high).is_some_and(|(low, high)| !low.is_before(high, true))
}

fn kind_name(kind: &Kind) -> Option<String> {
    let name = match kind {
        Kind::Message(message) => {
            return match message.full_name() {
                "google.protobuf.Duration" => Some("duration".to_owned()),
                "google.protobuf.Timestamp" => Some("timestamp".to_owned()),
                _ => None,
            };
        }
        Kind::Enum(_) => "enum",
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
    };
    Some(name.to_owned())
}

/// Refuses what a newer `buf.validate`, or someone's own predefined rules, would ask for.
pub(super) fn known_only(rules: &DynamicMessage, of: &str) -> Result<(), Unsupported> {
    if rules.extensions().next().is_some() || rules.unknown_fields().next().is_some() {
        return Err(Unsupported(format!("{of}, one unknown here")));
    }
    Ok(())
}
