//! The limits of fields, `buf.validate` in the `.proto`: compiled once, then walked over decoded messages.
//!
//! A rule that is not enforced here is an error at start-up, never a limit that silently does not hold. There is no
//! CEL. `read.rs` and `value.rs` compile, `check.rs` holds
//! single limits.

mod check;
mod read;
mod value;

use std::{collections::HashMap, fmt::Write as _};

use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, OneofDescriptor, ReflectMessage as _, Value,
};

use super::violation::Violation;

pub(super) use check::{Check, Form, Literal, Number, Unit};

/// More than these are not listed: whoever gets that many wrong has a bug, not a typo.
const VIOLATIONS_MAX: usize = 20;

/// The rules of all messages that a request may hold, by full name.
#[derive(Debug, Default)]
pub(super) struct Rules {
    messages: HashMap<String, MessageRules>,
}

#[derive(Debug, Default)]
pub(super) struct MessageRules {
    pub(super) fields: Vec<FieldRules>,
    /// One of whose fields must be there.
    pub(super) oneofs: Vec<OneofDescriptor>,
    /// Names of fields of which at most one may be there, and whether one must.
    pub(super) groups: Vec<Group>,
    /// Whether there is anything to check, here or further down.
    checked: bool,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) fields: Vec<FieldDescriptor>,
    pub(super) required: bool,
}

#[derive(Debug)]
pub(super) struct FieldRules {
    pub(super) field: FieldDescriptor,
    pub(super) required: bool,
    /// Rules do not apply to a value that is nothing: `IGNORE_IF_ZERO_VALUE`.
    pub(super) ignore_zero: bool,
    pub(super) shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    One(ValueRules),
    List { items_min: Option<u64>, items_max: Option<u64>, unique: bool, items: ValueRules },
    Map { pairs_min: Option<u64>, pairs_max: Option<u64>, keys: ValueRules, values: ValueRules },
}

/// What holds for a value by itself.
#[derive(Debug, Default)]
pub(super) struct ValueRules {
    pub(super) checks: Vec<Check>,
    pub(super) ignore_zero: bool,
    /// The message whose own rules hold for it, too.
    pub(super) message: Option<String>,
}

impl Rules {
    /// The rules of one message, by full name.
    pub(super) fn of(&self, message: &str) -> Option<&MessageRules> {
        self.messages.get(message)
    }

    /// Says whether a message of that name can break any rule.
    pub(super) fn has_any(&self, message: &str) -> bool {
        self.of(message).is_some_and(|rules| rules.checked)
    }

    pub(super) fn violations(&self, message: &DynamicMessage) -> Vec<Violation> {
        let mut walk = Walk { rules: self, path: Vec::new(), found: Vec::new() };
        walk.message(message);
        walk.found
    }
}

/// Where a value stands.
enum Step {
    Field(FieldDescriptor),
    Index(usize),
    /// Not the key itself: it is content.
    Key,
    Value,
}

struct Walk<'a> {
    rules: &'a Rules,
    path: Vec<Step>,
    found: Vec<Violation>,
}

impl<'a> Walk<'a> {
    fn message(&mut self, message: &DynamicMessage) {
        let Some(rules) = self.rules.of(message.descriptor().full_name()) else { return };
        if !rules.checked {
            return;
        }
        for oneof in &rules.oneofs {
            if !oneof.fields().any(|field| message.has_field(&field)) {
                let names: Vec<String> =
                    oneof.fields().map(|field| format!("`{}`", field.name())).collect();
                let message = format!("needs one of {}", names.join(", "));
                self.add_at(oneof.name(), message);
            }
        }
        for group in &rules.groups {
            let n = group.fields.iter().filter(|field| message.has_field(field)).count();
            if 1 < n || (group.required && n == 0) {
                let names: Vec<String> =
                    group.fields.iter().map(|field| format!("`{}`", field.name())).collect();
                let at_most = if group.required { "exactly" } else { "at most" };
                self.add(format!("needs {at_most} one of {}", names.join(", ")), None, None);
            }
        }
        for field in &rules.fields {
            if VIOLATIONS_MAX <= self.found.len() {
                return;
            }
            self.path.push(Step::Field(field.field.clone()));
            self.field(message, field);
            self.path.pop();
        }
    }

    fn field(&mut self, message: &DynamicMessage, rules: &'a FieldRules) {
        let is_set = message.has_field(&rules.field);
        if rules.required && !is_set {
            self.add("is required".to_owned(), None, None);
            return;
        }
        if !is_set && (rules.field.supports_presence() || rules.ignore_zero) {
            return;
        }
        let value = message.get_field(&rules.field);
        if rules.ignore_zero && value.is_default_for_field(&rules.field) {
            return;
        }
        match (&rules.shape, value.as_ref()) {
            (Shape::One(one), value) => self.value(value, one),
            (Shape::List { items_min, items_max, unique, items }, Value::List(list)) => {
                self.count(list.len(), *items_min, *items_max, "items");
                if *unique && has_duplicates(list) {
                    self.add("must not repeat an item".to_owned(), None, None);
                }
                for (index, item) in list.iter().enumerate() {
                    if VIOLATIONS_MAX <= self.found.len() {
                        return;
                    }
                    self.path.push(Step::Index(index));
                    self.value(item, items);
                    self.path.pop();
                }
            }
            (Shape::Map { pairs_min, pairs_max, keys, values }, Value::Map(map)) => {
                self.count(map.len(), *pairs_min, *pairs_max, "entries");
                for (key, value) in map {
                    if VIOLATIONS_MAX <= self.found.len() {
                        return;
                    }
                    self.path.push(Step::Key);
                    self.value(&Value::from(key.clone()), keys);
                    self.path.pop();
                    self.path.push(Step::Value);
                    self.value(value, values);
                    self.path.pop();
                }
            }
            // A decoded list field holds a list, a map field a map.
            (Shape::List { .. } | Shape::Map { .. }, _) => (),
        }
    }

    fn value(&mut self, value: &Value, rules: &'a ValueRules) {
        if rules.ignore_zero && is_zero(value) {
            return;
        }
        for check in &rules.checks {
            if let Some((size, limit)) = check.breaks(value) {
                self.add(check.to_string(), limit, size);
            }
        }
        if let (Some(name), Value::Message(message)) = (&rules.message, value)
            && self.rules.has_any(name)
        {
            self.message(message);
        }
    }

    fn count(&mut self, n: usize, min: Option<u64>, max: Option<u64>, of: &str) {
        let n = n as u64;
        if let Some(min) = min.filter(|min| n < *min) {
            let message = format!("must have at least {min} {of}");
            self.add(message, Some(min.to_string()), Some(n.to_string()));
        }
        if let Some(max) = max.filter(|max| *max < n) {
            let message = format!("must have at most {max} {of}");
            self.add(message, Some(max.to_string()), Some(n.to_string()));
        }
    }

    fn add_at(&mut self, oneof: &str, message: String) {
        let path = self.path_text();
        let dot = if path.is_empty() { "" } else { "." };
        self.found.push(Violation::new(format!("{path}{dot}{oneof}"), message));
    }

    fn add(&mut self, message: String, limit: Option<String>, size: Option<String>) {
        self.found.push(Violation { field: self.path_text(), message, limit, size });
    }

    fn path_text(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            let dot = if text.is_empty() { "" } else { "." };
            match step {
                Step::Field(field) => {
                    text.push_str(dot);
                    text.push_str(field.name());
                }
                Step::Index(index) => {
                    write!(text, "[{index}]").expect("a String never fails to grow");
                }
                Step::Key => text.push_str("{key}"),
                Step::Value => text.push_str("{value}"),
            }
        }
        text
    }
}

fn has_duplicates(list: &[Value]) -> bool {
    let mut seen = std::collections::HashSet::new();
    list.iter().filter_map(Literal::of).any(|literal| !seen.insert(literal.key()))
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Message(message) => message.fields().next().is_none(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => match Literal::of(value) {
            Some(Literal::Text(text)) => text.is_empty(),
            Some(Literal::Bytes(bytes)) => bytes.is_empty(),
            Some(Literal::Bool(flag)) => !flag,
            Some(Literal::Number(number)) => number.as_f64() == 0.0,
            None => false,
        },
    }
}

/// Says whether an enum knows `number`.
fn is_defined(descriptor: &EnumDescriptor, number: i32) -> bool {
    descriptor.get_value(number).is_some()
}
