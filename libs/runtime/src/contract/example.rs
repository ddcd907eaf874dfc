//! Requests that the rules allow, made from the rules: for tests that have to call every RPC there is.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::rule::{Check, FieldRules, Form, Literal, Number, Rules, Shape, ValueRules};

/// A message may hold itself; nobody needs more of it than this.
const DEPTH_MAX: usize = 8;
const LENGTH_MAX: u64 = 4096;
const UUID: &str = "018f0000-0000-7000-8000-000000000000";

/// A message with no more in it than its rules ask for.
pub(super) fn of(rules: &Rules, descriptor: MessageDescriptor) -> DynamicMessage {
    message(rules, descriptor, 0)
}

fn message(rules: &Rules, descriptor: MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    let Some(own) = rules.of(descriptor.full_name()).filter(|_| depth < DEPTH_MAX) else {
        return message;
    };
    for field in own.fields.iter().filter(|field| is_needed(field)) {
        fill(rules, &mut message, field, depth);
    }
    let chosen = own.oneofs.iter().filter_map(|oneof| oneof.fields().next());
    let grouped = own.groups.iter().filter(|it| it.required).filter_map(|it| it.fields.first());
    for field in chosen.chain(grouped.cloned()) {
        match own.fields.iter().find(|rules| rules.field == field) {
            Some(field) => fill(rules, &mut message, field, depth),
            None => {
                let value = one(rules, &field.kind(), &ValueRules::default(), 0, depth);
                message.set_field(&field, value);
            }
        }
    }
    message
}

/// Says whether the rules refuse a message that leaves the field out, or its enum unsaid.
fn is_needed(rules: &FieldRules) -> bool {
    if rules.required || rules.field.supports_presence() || rules.ignore_zero {
        return rules.required;
    }
    match &rules.shape {
        Shape::One(value) => {
            let kind = rules.field.kind();
            let zero = Value::default_value(&kind);
            let is_enum = kind.as_enum().is_some();
            is_enum || value.checks.iter().any(|check| check.breaks(&zero).is_some())
        }
        Shape::List { items_min, .. } => items_min.is_some(),
        Shape::Map { pairs_min, .. } => pairs_min.is_some(),
    }
}

fn fill(rules: &Rules, message: &mut DynamicMessage, field: &FieldRules, depth: usize) {
    let kind = field.field.kind();
    let value = match &field.shape {
        Shape::One(value) => one(rules, &kind, value, 0, depth),
        Shape::List { items_min, items, .. } => {
            let n = items_min.unwrap_or(0).max(u64::from(field.required));
            let items = (0..n).map(|i| one(rules, &kind, items, i as usize, depth));
            Value::List(items.collect())
        }
        Shape::Map { pairs_min, keys, values, .. } => {
            let n = pairs_min.unwrap_or(0).max(u64::from(field.required));
            map(rules, &field.field, (keys, values), n, depth)
        }
    };
    message.set_field(&field.field, value);
}

fn map(
    rules: &Rules,
    field: &FieldDescriptor,
    (keys, values): (&ValueRules, &ValueRules),
    n: u64,
    depth: usize,
) -> Value {
    let kind = field.kind();
    let Some(entry) = kind.as_message() else { return Value::Map(Default::default()) };
    let pair = |i: u64| {
        let key = one(rules, &entry.map_entry_key_field().kind(), keys, i as usize, depth);
        let value = one(rules, &entry.map_entry_value_field().kind(), values, i as usize, depth);
        Some((key.into_map_key().unwrap_or(MapKey::Bool(false)), value))
    };
    Value::Map((0..n).filter_map(pair).collect())
}

/// The first candidate that all checks let through; the zero value if none does.
fn one(rules: &Rules, kind: &Kind, of: &ValueRules, index: usize, depth: usize) -> Value {
    if let Kind::Message(descriptor) = kind {
        let mut held = message(rules, descriptor.clone(), depth + 1);
        if descriptor.full_name() == "google.protobuf.Timestamp" {
            held.set_field_by_number(1, Value::I64(1_795_132_800));
        }
        return Value::Message(held);
    }
    let listed = of.checks.iter().find_map(|check| {
        let literals = check.allowed();
        literals.get(index % literals.len().max(1))
    });
    if let Some(value) = listed.and_then(|literal| typed(kind, literal)) {
        return value;
    }
    let zero = Value::default_value(kind);
    let candidates = if let Some(descriptor) = kind.as_enum() {
        descriptor.values().map(|it| int(it.number().into())).collect()
    } else if *kind == Kind::String {
        texts(&of.checks, index)
    } else if *kind == Kind::Bytes {
        vec![Literal::Bytes(vec![0; length(&of.checks) as usize].into())]
    } else {
        numbers(&of.checks, index)
    };
    let holds = |value: &Value| of.checks.iter().all(|check| check.breaks(value).is_none());
    let mut candidates = candidates.iter().filter_map(|literal| typed(kind, literal));
    // An enum's zero says nothing, so it is the last choice.
    let is_enum = kind.as_enum().is_some();
    candidates.find(|it| holds(it) && !(is_enum && *it == zero)).unwrap_or(zero)
}

fn int(number: i128) -> Literal<'static> {
    Literal::Number(Number::Int(number))
}

fn numbers(checks: &[Check], index: usize) -> Vec<Literal<'static>> {
    let mut numbers = vec![int(index as i128), Literal::Number(Number::Float(index as f64))];
    for check in checks {
        let step = if check.above().is_some() { 1 } else { -1 };
        let Some(limit) = check.above().or(check.below()) else { continue };
        // The limit itself, and a little inside of it.
        numbers.push(Literal::Number(limit));
        numbers.push(Literal::Number(match limit {
            Number::Int(limit) => Number::Int(limit + step),
            Number::Float(limit) => Number::Float(limit + step as f64 / 1024.0),
            Number::Span(_) | Number::Time(_) => continue,
        }));
    }
    numbers
}

fn texts(checks: &[Check], index: usize) -> Vec<Literal<'static>> {
    let length = length(checks);
    let mut texts = vec![format!("a{index}"), "a".repeat(length as usize)];
    for check in checks {
        match check {
            Check::Form(Form::Uuid) => texts.push(UUID.to_owned()),
            Check::Form(Form::Email) => texts.push("someone@example.com".to_owned()),
            Check::Form(Form::Ip) => texts.push("192.0.2.1".to_owned()),
            Check::Prefix(part) => texts.push(format!("{part}{}", "a".repeat(length as usize))),
            Check::Suffix(part) => texts.push(format!("{}{part}", "a".repeat(length as usize))),
            Check::Contains(part) => texts.push(part.clone()),
            Check::Pattern(pattern) => {
                let parsed = regex_syntax::parse(pattern.as_str()).ok();
                let longer = (0..=length as u32).filter_map(|more| {
                    let mut text = String::new();
                    matching(parsed.as_ref()?, more, &mut text)?;
                    Some(text)
                });
                texts.extend(longer);
            }
            Check::Equal(_)
            | Check::In(_)
            | Check::NotIn(_)
            | Check::Length { .. }
            | Check::NotContains(_)
            | Check::Below { .. }
            | Check::Above { .. }
            | Check::Finite
            | Check::Defined(_) => (),
        }
    }
    texts.into_iter().map(|text| Literal::Text(text.into())).collect()
}

/// The least length that is allowed, within reason.
fn length(checks: &[Check]) -> u64 {
    checks.iter().filter_map(Check::length_min).max().unwrap_or(1).min(LENGTH_MAX)
}

/// Appends a text that `pattern` matches, repeating what may repeat `more` times where that is allowed.
fn matching(pattern: &Hir, more: u32, text: &mut String) -> Option<()> {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => (),
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => text.push(class.ranges().last()?.start()),
        HirKind::Class(Class::Bytes(class)) => text.push(class.ranges().last()?.start().into()),
        HirKind::Repetition(repetition) => {
            let n = repetition.min.max(repetition.max.map_or(more, |max| more.min(max)));
            for _ in 0..n {
                matching(&repetition.sub, more, text)?;
            }
        }
        HirKind::Capture(capture) => matching(&capture.sub, more, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                matching(part, more, text)?;
            }
        }
        HirKind::Alternation(parts) => matching(parts.first()?, more, text)?,
    }
    Some(())
}

/// A literal as a value of a field's type, when it fits.
fn typed(kind: &Kind, literal: &Literal<'_>) -> Option<Value> {
    let value = match literal {
        Literal::Text(text) => Value::String(text.as_ref().to_owned()),
        Literal::Bytes(bytes) => Value::Bytes(bytes.to_vec().into()),
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Number(number) => return typed_number(kind, *number),
    };
    value.is_valid(kind).then_some(value)
}

fn typed_number(kind: &Kind, number: Number) -> Option<Value> {
    let int = match number {
        Number::Int(int) => Some(int),
        Number::Float(_) | Number::Span(_) | Number::Time(_) => None,
    };
    match kind {
        Kind::Double => Some(Value::F64(number.as_f64())),
        Kind::Float => Some(Value::F32(number.as_f64() as f32)),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Some(Value::I32(int?.try_into().ok()?)),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Some(Value::I64(int?.try_into().ok()?)),
        Kind::Uint32 | Kind::Fixed32 => Some(Value::U32(int?.try_into().ok()?)),
        Kind::Uint64 | Kind::Fixed64 => Some(Value::U64(int?.try_into().ok()?)),
        Kind::Enum(_) => Some(Value::EnumNumber(int?.try_into().ok()?)),
        Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) => None,
    }
}
