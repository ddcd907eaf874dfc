//! From the options of fields, messages and oneofs to [`Rules`].

use std::collections::BTreeSet;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    Value,
};

use super::{
    FieldRules, Group, MessageRules, Rules, Shape, ValueRules,
    value::{Unsupported, checks, known_only},
};
use crate::contract::Invalid;

/// The three extensions of `buf.validate`; none when the descriptors do not import it.
struct Extensions {
    field: Option<ExtensionDescriptor>,
    message: Option<ExtensionDescriptor>,
    oneof: Option<ExtensionDescriptor>,
}

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

/// The value of an extension of `options`, when it is set.
fn set(
    options: &DynamicMessage,
    extension: Option<&ExtensionDescriptor>,
) -> Option<DynamicMessage> {
    let extension = extension.filter(|it| options.has_extension(it))?;
    options.get_extension(extension).as_message().cloned()
}
