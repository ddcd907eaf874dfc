//! From the options of fields, messages and oneofs to [`Rules`].

use std::collections::BTreeSet;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    Value,
};
use regex::Regex;

use super::{
    Check, FieldRules, Form, Group, Literal, MessageRules, Number, Rules, Shape, Unit, ValueRules,
};
use crate::contract::Invalid;

/// The three extensions of `buf.validate`; none when the descriptors do not import it.
struct Extensions {
    field: Option<ExtensionDescriptor>,
    message: Option<ExtensionDescriptor>,
    oneof: Option<ExtensionDescriptor>,
}

/// A rule that is not enforced here, by its name.
struct Unsupported(String);

impl Rules {
    /// Compiles the rules of every message that one of `inputs` may hold.
    pub(in crate::contract) fn read(
        pool: &DescriptorPool,
        inputs: impl Iterator<Item = MessageDescriptor>,
    ) -> Result<Rules, Invalid> {
        let extensions = Extensions {
            field: pool.get_extension_by_name("buf.validate.field"),
            message: pool.get_extension_by_name("buf.validate.message"),
            oneof: pool.get_extension_by_name("buf.validate.oneof"),
        };
        let mut rules = Rules::default();
        let mut open: Vec<MessageDescriptor> = inputs.collect();
        while let Some(message) = open.pop() {
            if rules.messages.contains_key(message.full_name()) {
                continue;
            }
            let read = message_rules(&extensions, &message)?;
            rules.messages.insert(message.full_name().to_owned(), read);
            for field in message.fields() {
                open.extend(held_message(&field));
            }
        }
        rules.mark_checked();
        Ok(rules)
    }

    /// A message is checked if it has rules, or holds one that is. Messages may hold each other, hence the loop.
    fn mark_checked(&mut self) {
        loop {
            let checked: BTreeSet<String> = self
                .messages
                .iter()
                .filter(|(_, rules)| rules.checked)
                .map(|(name, _)| name.clone())
                .collect();
            for rules in self.messages.values_mut() {
                let own = !rules.oneofs.is_empty() || !rules.groups.is_empty();
                rules.checked = own || rules.fields.iter().any(|it| it.is_checked(&checked));
            }
            if checked.len() == self.messages.values().filter(|it| it.checked).count() {
                break;
            }
        }
        let checked: BTreeSet<String> = self
            .messages
            .iter()
            .filter(|(_, rules)| rules.checked)
            .map(|(name, _)| name.clone())
            .collect();
        for rules in self.messages.values_mut() {
            rules.fields.retain(|field| field.is_checked(&checked));
        }
    }
}

impl FieldRules {
    fn is_checked(&self, checked: &BTreeSet<String>) -> bool {
        let value = |it: &ValueRules| {
            !it.checks.is_empty() || it.message.as_ref().is_some_and(|name| checked.contains(name))
        };
        self.required
            || match &self.shape {
                Shape::One(one) => value(one),
                Shape::List { items_min, items_max, unique, items } => {
                    items_min.is_some() || items_max.is_some() || *unique || value(items)
                }
                Shape::Map { pairs_min, pairs_max, keys, values } => {
                    pairs_min.is_some() || pairs_max.is_some() || value(keys) || value(values)
                }
            }
    }
}

fn message_rules(
    extensions: &Extensions,
    message: &MessageDescriptor,
) -> Result<MessageRules, Invalid> {
    let mut rules = MessageRules::default();
    for field in message.fields() {
        let at = |Unsupported(rule)| Invalid::Rule { place: field.full_name().to_owned(), rule };
        rules.fields.extend(field_rules(extensions, &field).map_err(at)?);
    }
    for oneof in message.oneofs() {
        let Some(options) = set(&oneof.options(), extensions.oneof.as_ref()) else { continue };
        for (field, value) in options.fields() {
            match (field.name(), value) {
                ("required", Value::Bool(true)) => rules.oneofs.push(oneof.clone()),
                ("required", _) => (),
                (name, _) => {
                    let place = oneof.full_name().to_owned();
                    return Err(Invalid::Rule { place, rule: format!("oneof.{name}") });
                }
            }
        }
    }
    if let Some(options) = set(&message.options(), extensions.message.as_ref()) {
        let at = |Unsupported(rule)| Invalid::Rule { place: message.full_name().to_owned(), rule };
        known_only(&options, "message").map_err(at)?;
        for (field, value) in options.fields() {
            match field.name() {
                "oneof" => {
                    for item in value.as_list().unwrap_or_default() {
                        rules.groups.extend(item.as_message().map(|it| group(message, it)));
                    }
                }
                name => return Err(at(Unsupported(format!("message.{name}")))),
            }
        }
    }
    Ok(rules)
}

fn group(message: &MessageDescriptor, rule: &DynamicMessage) -> Group {
    let names = rule.get_field_by_name("fields");
    let names = names.as_ref().and_then(|it| it.as_list()).unwrap_or_default();
    let fields =
        names.iter().filter_map(|name| message.get_field_by_name(name.as_str()?)).collect();
    let required = rule.get_field_by_name("required").and_then(|it| it.as_bool()).unwrap_or(false);
    Group { fields, required }
}

fn field_rules(
    extensions: &Extensions,
    field: &FieldDescriptor,
) -> Result<Option<FieldRules>, Unsupported> {
    let options = set(&field.options(), extensions.field.as_ref());
    let mut read = FieldRules {
        field: field.clone(),
        required: false,
        ignore_zero: false,
        shape: unruled(field),
    };
    let Some(options) = options else { return Ok(Some(read)) };
    known_only(&options, "field")?;
    for (rule, value) in options.fields() {
        match (rule.name(), value) {
            ("required", Value::Bool(required)) => read.required = *required,
            ("ignore", Value::EnumNumber(0)) => (),
            ("ignore", Value::EnumNumber(1)) => read.ignore_zero = true,
            ("ignore", Value::EnumNumber(3)) => return Ok(None),
            ("repeated", Value::Message(rules)) => list_rules(field, rules, &mut read.shape)?,
            ("map", Value::Message(rules)) => map_rules(field, rules, &mut read.shape)?,
            (name, Value::Message(rules)) if !field.is_list() && !field.is_map() => {
                let checks = checks(&field.kind(), name, rules)?;
                if let Shape::One(one) = &mut read.shape {
                    one.checks = checks;
                }
            }
            (name, _) => return Err(Unsupported(name.to_owned())),
        }
    }
    Ok(Some(read))
}

fn list_rules(
    field: &FieldDescriptor,
    rules: &DynamicMessage,
    shape: &mut Shape,
) -> Result<(), Unsupported> {
    known_only(rules, "repeated")?;
    let Shape::List { items_min, items_max, unique, items } = shape else {
        return Err(Unsupported("repeated, on a single value".to_owned()));
    };
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("min_items", Value::U64(n)) => *items_min = Some(*n),
            ("max_items", Value::U64(n)) => *items_max = Some(*n),
            ("unique", Value::Bool(true)) if held_message(field).is_some() => {
                return Err(Unsupported("repeated.unique, on messages".to_owned()));
            }
            ("unique", Value::Bool(flag)) => *unique = *flag,
            ("items", Value::Message(rules)) => value_rules(&field.kind(), rules, items)?,
            (name, _) => return Err(Unsupported(format!("repeated.{name}"))),
        }
    }
    Ok(())
}

fn map_rules(
    field: &FieldDescriptor,
    rules: &DynamicMessage,
    shape: &mut Shape,
) -> Result<(), Unsupported> {
    known_only(rules, "map")?;
    let (Shape::Map { pairs_min, pairs_max, keys, values }, Kind::Message(entry)) =
        (shape, field.kind())
    else {
        return Err(Unsupported("map, on something else".to_owned()));
    };
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("min_pairs", Value::U64(n)) => *pairs_min = Some(*n),
            ("max_pairs", Value::U64(n)) => *pairs_max = Some(*n),
            ("keys", Value::Message(rules)) => {
                value_rules(&entry.map_entry_key_field().kind(), rules, keys)?;
            }
            ("values", Value::Message(rules)) => {
                value_rules(&entry.map_entry_value_field().kind(), rules, values)?;
            }
            (name, _) => return Err(Unsupported(format!("map.{name}"))),
        }
    }
    Ok(())
}

/// The rules of an item, a key or a value.
fn value_rules(
    kind: &Kind,
    rules: &DynamicMessage,
    read: &mut ValueRules,
) -> Result<(), Unsupported> {
    known_only(rules, "items")?;
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("ignore", Value::EnumNumber(0)) => (),
            ("ignore", Value::EnumNumber(1)) => read.ignore_zero = true,
            ("ignore", Value::EnumNumber(3)) => {
                *read = ValueRules::default();
                return Ok(());
            }
            (name, Value::Message(rules)) => read.checks = checks(kind, name, rules)?,
            (name, _) => return Err(Unsupported(format!("items.{name}"))),
        }
    }
    Ok(())
}

/// What holds when nothing is said: the rules of the messages inside.
fn unruled(field: &FieldDescriptor) -> Shape {
    let held = ValueRules {
        message: held_message(field).map(|it| it.full_name().to_owned()),
        ..ValueRules::default()
    };
    if field.is_list() {
        Shape::List { items_min: None, items_max: None, unique: false, items: held }
    } else if field.is_map() {
        let keys = ValueRules::default();
        Shape::Map { pairs_min: None, pairs_max: None, keys, values: held }
    } else {
        Shape::One(held)
    }
}

/// The message a field, an item of it or a value of it is.
fn held_message(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let kind = field.kind();
    let message = kind.as_message()?;
    if field.is_map() {
        return message.map_entry_value_field().kind().as_message().cloned();
    }
    Some(message.clone())
}

fn checks(kind: &Kind, rules_of: &str, rules: &DynamicMessage) -> Result<Vec<Check>, Unsupported> {
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
    let literals =
        |value: &Value| value.as_list()?.iter().map(Literal::of).collect::<Option<Vec<_>>>();
    Some(match name {
        "const" => Check::Equal(Literal::of(value)?),
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
    let limit = |above: bool| {
        checks.iter().find_map(|check| match check {
            Check::Above { limit, .. } if above => Some(*limit),
            Check::Below { limit, .. } if !above => Some(*limit),
            _ => None,
        })
    };
    match (limit(true), limit(false)) {
        (Some(Number::Int(low)), Some(Number::Int(high))) => high < low,
        (Some(low), Some(high)) => high.as_f64() < low.as_f64(),
        _ => false,
    }
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

/// The value of an extension of `options`, when it is set.
fn set(
    options: &DynamicMessage,
    extension: Option<&ExtensionDescriptor>,
) -> Option<DynamicMessage> {
    let extension = extension.filter(|it| options.has_extension(it))?;
    options.get_extension(extension).as_message().cloned()
}

/// Refuses what a newer `buf.validate`, or someone's own predefined rules, would ask for.
fn known_only(rules: &DynamicMessage, of: &str) -> Result<(), Unsupported> {
    if rules.extensions().next().is_some() || rules.unknown_fields().next().is_some() {
        return Err(Unsupported(format!("{of}, one unknown here")));
    }
    Ok(())
}
