//! Messages and enums as JSON Schema, in the canonical JSON of protobuf, with the limits of their fields.

use std::collections::{BTreeMap, HashMap};

use prost_reflect::{EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comment::Comments;
use crate::contract::rule::{
    Check, FieldRules, Form, Literal, Number, Rules, Shape, Unit, ValueRules,
};

/// The schemas that operations refer to, collected while they do.
pub(super) struct Schemas<'a> {
    rules: &'a Rules,
    comments: HashMap<String, Comments>,
    done: BTreeMap<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(rules: &'a Rules) -> Schemas<'a> {
        Schemas { rules, comments: HashMap::new(), done: BTreeMap::new() }
    }

    pub(super) fn finish(self) -> BTreeMap<String, Value> {
        self.done
    }

    /// A reference to the schema of a message.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = well_known(message) {
            return schema;
        }
        let name = message.full_name().to_owned();
        if !self.done.contains_key(&name) {
            // Held open, for a message that holds itself.
            self.done.insert(name.clone(), Value::Null);
            let schema = self.inline(message, &[]);
            self.done.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// The schema of a message without the fields `taken`, which come from elsewhere.
    pub(super) fn inline(&mut self, message: &MessageDescriptor, taken: &[&str]) -> Value {
        let mut properties = Map::new();
        for field in message.fields().filter(|field| !taken.contains(&field.name())) {
            properties.insert(field.json_name().to_owned(), self.field(&field));
        }
        let mut schema =
            json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if let Some(text) = self.comment(&message.parent_file(), message.path()) {
            schema["description"] = text.into();
        }
        let Some(rules) = self.rules.of(message.full_name()) else { return schema };
        let required: Vec<&str> = rules
            .fields
            .iter()
            .filter(|it| it.required && !taken.contains(&it.field.name()))
            .map(|it| it.field.json_name())
            .collect();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if let [oneof] = rules.oneofs.as_slice() {
            let one: Vec<Value> =
                oneof.fields().map(|field| json!({ "required": [field.json_name()] })).collect();
            schema["oneOf"] = one.into();
        }
        schema
    }

    /// The schema of a field with its comment and its limits.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let rules = self.rules.of(field.parent_message().full_name());
        let rules = rules.and_then(|it| it.fields.iter().find(|it| it.field == *field));
        let mut schema = self.shape(field, rules);
        if let Some(text) = self.comment(&field.parent_file(), field.path()) {
            schema["description"] = text.into();
        }
        schema
    }

    fn shape(&mut self, field: &FieldDescriptor, rules: Option<&FieldRules>) -> Value {
        let shape = rules.map(|it| &it.shape);
        let kind = field.kind();
        if field.is_list() {
            let mut schema = json!({ "type": "array", "items": self.kind(&kind) });
            if let Some(Shape::List { items_min, items_max, unique, items }) = shape {
                limit(&mut schema["items"], items);
                put(&mut schema, "minItems", items_min.map(Value::from));
                put(&mut schema, "maxItems", items_max.map(Value::from));
                put(&mut schema, "uniqueItems", unique.then_some(Value::Bool(true)));
            }
            return schema;
        }
        if let (true, Some(entry)) = (field.is_map(), kind.as_message()) {
            let values = self.kind(&entry.map_entry_value_field().kind());
            let mut schema = json!({ "type": "object", "additionalProperties": values });
            if let Some(Shape::Map { pairs_min, pairs_max, keys, values }) = shape {
                limit(&mut schema["additionalProperties"], values);
                put(&mut schema, "minProperties", pairs_min.map(Value::from));
                put(&mut schema, "maxProperties", pairs_max.map(Value::from));
                if !keys.checks.is_empty() {
                    let mut names = json!({ "type": "string" });
                    limit(&mut names, keys);
                    schema["propertyNames"] = names;
                }
            }
            return schema;
        }
        let mut schema = self.kind(&kind);
        if let Some(Shape::One(value)) = shape {
            limit(&mut schema, value);
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(descriptor) => self.enumeration(descriptor),
            Kind::Double | Kind::Float => json!({ "type": "number" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({ "type": "integer", "format": "int32" })
            }
            Kind::Uint32 | Kind::Fixed32 => {
                json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
            }
            // JSON has no numbers of 64 bits: they are written as strings and read as either.
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({ "type": ["string", "integer"], "format": "int64" })
            }
            Kind::Uint64 | Kind::Fixed64 => {
                json!({ "type": ["string", "integer"], "format": "uint64" })
            }
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        }
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor) -> Value {
        let name = descriptor.full_name().to_owned();
        if !self.done.contains_key(&name) {
            let names: Vec<String> = descriptor.values().map(|it| it.name().to_owned()).collect();
            let mut schema = json!({ "type": "string", "enum": names });
            if let Some(text) = self.comment(&descriptor.parent_file(), descriptor.path()) {
                schema["description"] = text.into();
            }
            self.done.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn comment(&mut self, file: &FileDescriptor, path: &[i32]) -> Option<String> {
        let comments =
            self.comments.entry(file.name().to_owned()).or_insert_with(|| Comments::of(file));
        comments.at(path)
    }
}

fn put(schema: &mut Value, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        schema[key] = value;
    }
}

/// Writes the limits of a value into its schema, as far as JSON Schema has words for them.
fn limit(schema: &mut Value, rules: &ValueRules) {
    let is_number = |schema: &Value| matches!(schema["type"].as_str(), Some("number" | "integer"));
    for check in &rules.checks {
        match check {
            Check::Length { unit: Unit::Characters, min, max } => {
                put(schema, "minLength", min.map(Value::from));
                put(schema, "maxLength", max.map(Value::from));
            }
            // A character has a byte or more, so this holds, and is not all that must.
            Check::Length { unit: Unit::Bytes, min, max } => {
                if schema.get("contentEncoding").is_none() {
                    put(schema, "maxLength", max.map(Value::from));
                }
                put(schema, "x-bytes-min", min.map(Value::from));
                put(schema, "x-bytes-max", max.map(Value::from));
            }
            Check::Pattern(pattern) => schema["pattern"] = pattern.as_str().into(),
            Check::Form(Form::Uuid) => schema["format"] = "uuid".into(),
            Check::Form(Form::Email) => schema["format"] = "email".into(),
            Check::Form(Form::Ip) => schema["format"] = "ip".into(),
            Check::Equal(literal) => put(schema, "const", json(literal)),
            Check::In(literals) if schema.get("$ref").is_none() => {
                schema["enum"] = literals.iter().filter_map(json).collect();
            }
            Check::NotIn(literals) if schema.get("$ref").is_none() => {
                let none: Vec<Value> = literals.iter().filter_map(json).collect();
                schema["not"] = json!({ "enum": none });
            }
            Check::Below { limit, inclusive } if is_number(schema) => {
                let key = if *inclusive { "maximum" } else { "exclusiveMaximum" };
                schema[key] = number(*limit);
            }
            Check::Above { limit, inclusive } if is_number(schema) => {
                let key = if *inclusive { "minimum" } else { "exclusiveMinimum" };
                schema[key] = number(*limit);
            }
            // JSON Schema has no word for these; the description of the field and the error do.
            Check::Prefix(_)
            | Check::Suffix(_)
            | Check::Contains(_)
            | Check::NotContains(_)
            | Check::In(_)
            | Check::NotIn(_)
            | Check::Below { .. }
            | Check::Above { .. }
            | Check::Finite
            | Check::Defined(_) => (),
        }
    }
}

fn json(literal: &Literal<'_>) -> Option<Value> {
    match literal {
        Literal::Text(text) => Some(text.as_ref().into()),
        Literal::Number(it) => Some(number(*it)),
        Literal::Bool(flag) => Some((*flag).into()),
        Literal::Bytes(_) => None,
    }
}

fn number(number: Number) -> Value {
    match number {
        Number::Int(it) => i64::try_from(it).map_or_else(|_| (it as f64).into(), Value::from),
        Number::Float(it) => it.into(),
        Number::Span(_) | Number::Time(_) => number.to_string().into(),
    }
}

/// Messages whose JSON is not an object of their fields.
fn well_known(message: &MessageDescriptor) -> Option<Value> {
    Some(match message.full_name().strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Duration" => json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$" }),
        "FieldMask" => json!({ "type": "string" }),
        "Struct" | "Empty" | "Any" => json!({ "type": "object" }),
        "ListValue" => json!({ "type": "array" }),
        "Value" => json!({}),
        "BoolValue" => json!({ "type": ["boolean", "null"] }),
        "StringValue" | "BytesValue" => json!({ "type": ["string", "null"] }),
        "DoubleValue" | "FloatValue" => json!({ "type": ["number", "null"] }),
        "Int32Value" | "UInt32Value" => json!({ "type": ["integer", "null"] }),
        "Int64Value" | "UInt64Value" => json!({ "type": ["string", "integer", "null"] }),
        _ => return None,
    })
}
