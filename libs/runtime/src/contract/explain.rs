//! Says what is wrong with the JSON of a request, by field and never by value.
//!
//! Runs only when reading has failed: serde's own words repeat what was sent, and that may be anything.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde::de::DeserializeSeed as _;
use serde_json::{Value, json};

use super::Violation;

/// A name that the contract does not know is the caller's own text, so it is cut.
const NAME_CHARACTERS_MAX: usize = 64;

/// Why `body` is not JSON at all.
pub(super) fn syntax(err: &serde_json::Error) -> Violation {
    let place = format!("line {}, column {}", err.line(), err.column());
    Violation::new("", format!("must be JSON, and is not at {place}"))
}

/// Why `value` is not a message of type `descriptor`.
pub(super) fn message(descriptor: &MessageDescriptor, value: &Value) -> Violation {
    blame(descriptor, value, "")
        .unwrap_or_else(|| Violation::new("", "must name each field once, and one of a oneof"))
}

fn blame(descriptor: &MessageDescriptor, value: &Value, path: &str) -> Option<Violation> {
    if descriptor.full_name().starts_with("google.protobuf.") {
        return Some(Violation::new(path, format!("must be {}", well_known(descriptor))));
    }
    let Value::Object(object) = value else {
        return Some(Violation::new(path, "must be a JSON object"));
    };
    for (key, value) in object {
        let name: String = key.chars().take(NAME_CHARACTERS_MAX).collect();
        let Some(field) = field(descriptor, key) else {
            return Some(Violation::new(join(path, &name), "is not a known field"));
        };
        if reads(descriptor, json!({ key: value })) {
            continue;
        }
        return Some(blame_field(descriptor, &field, value, &join(path, field.name())));
    }
    None
}

fn blame_field(
    descriptor: &MessageDescriptor,
    field: &FieldDescriptor,
    value: &Value,
    path: &str,
) -> Violation {
    let alone = |value: Value| json!({ field.json_name(): value });
    if field.is_list() {
        let Value::Array(items) = value else { return Violation::new(path, "must be a JSON list") };
        for (index, item) in items.iter().enumerate() {
            if !reads(descriptor, alone(json!([item]))) {
                return blame_value(&field.kind(), item, &format!("{path}[{index}]"));
            }
        }
    } else if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let Value::Object(pairs) = value else {
            return Violation::new(path, "must be a JSON object");
        };
        for (key, value) in pairs {
            if !reads(descriptor, alone(json!({ key: value }))) {
                let kind = entry.map_entry_value_field().kind();
                return blame_value(&kind, value, &format!("{path}{{value}}"));
            }
        }
    }
    blame_value(&field.kind(), value, path)
}

fn blame_value(kind: &Kind, value: &Value, path: &str) -> Violation {
    if let Some(violation) = kind.as_message().and_then(|message| blame(message, value, path)) {
        return violation;
    }
    Violation::new(path, format!("must be {}", words(kind)))
}

fn reads(descriptor: &MessageDescriptor, value: Value) -> bool {
    let read: Result<DynamicMessage, _> = descriptor.clone().deserialize(value);
    read.is_ok()
}

fn field(descriptor: &MessageDescriptor, key: &str) -> Option<FieldDescriptor> {
    descriptor.get_field_by_json_name(key).or_else(|| descriptor.get_field_by_name(key))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn words(kind: &Kind) -> String {
    match kind {
        Kind::Double | Kind::Float => "a number".to_owned(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "a whole number of 32 bits".to_owned(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "a whole number of 64 bits".to_owned(),
        Kind::Uint32 | Kind::Fixed32 => "a whole number of 32 bits, not negative".to_owned(),
        Kind::Uint64 | Kind::Fixed64 => "a whole number of 64 bits, not negative".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::String => "a string".to_owned(),
        Kind::Bytes => "a string in base64".to_owned(),
        Kind::Enum(descriptor) => {
            let names: Vec<String> =
                descriptor.values().skip(1).map(|it| format!("`{}`", it.name())).collect();
            format!("one of {}", names.join(", "))
        }
        Kind::Message(_) => "a JSON object".to_owned(),
    }
}

fn well_known(descriptor: &MessageDescriptor) -> &'static str {
    match descriptor.name() {
        "Timestamp" => "a time such as `2026-11-20T12:00:00Z`",
        "Duration" => "a duration such as `1.5s`",
        "FieldMask" => "a list of fields such as `name,roles`",
        "Struct" | "Empty" => "a JSON object",
        "ListValue" => "a JSON list",
        _ => "the canonical JSON of its type",
    }
}
