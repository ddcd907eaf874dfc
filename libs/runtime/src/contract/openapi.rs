//! The OpenAPI 3.1 document of the services served here, from the same descriptors that are enforced.
//!
//! `schema.rs` writes messages as JSON Schema, `comment.rs` finds what the `.proto` says about them.

mod comment;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::{
    Idempotency, Rpc,
    rpc::{Binding, Body},
    rule::Rules,
};
use crate::status::ErrorCode;
use comment::Comments;
use schema::Schemas;

const ERROR: &str = "#/components/responses/Error";

pub(super) fn document(rpcs: &BTreeMap<String, Rpc>, rules: &Rules) -> Value {
    let mut schemas = Schemas::new(rules);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for rpc in rpcs.values() {
        for (index, binding) in rpc.bindings.iter().enumerate() {
            let operation = operation(&mut schemas, rpc, index, binding);
            let method = binding.method.as_str().to_lowercase();
            paths.entry(binding.template.openapi()).or_default().insert(method, operation);
        }
    }
    let tags: BTreeSet<String> =
        rpcs.values().map(|rpc| rpc.method.parent_service().name().to_owned()).collect();
    let tags: Vec<Value> = tags.iter().map(|tag| json!({ "name": tag })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Llama Mapper",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": { "key": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "lmk_<key id>_<secret>",
            } },
            "responses": { "Error": error() },
            "schemas": schemas.finish(),
        },
    })
}

fn operation(schemas: &mut Schemas<'_>, rpc: &Rpc, index: usize, binding: &Binding) -> Value {
    let mut id = format!("{}_{}", rpc.method.parent_service().name(), rpc.method.name());
    if 0 < index {
        id.push_str(&format!("_{}", index + 1));
    }
    let mut operation = json!({
        "operationId": id,
        "tags": [rpc.method.parent_service().name()],
        "parameters": parameters(schemas, rpc, binding),
        "responses": responses(schemas, rpc, binding),
        "x-permission": rpc.permission,
        "x-idempotency": match rpc.idempotency {
            Idempotency::Safe => "safe",
            Idempotency::Natural => "natural",
            Idempotency::Keyed => "keyed",
        },
    });
    let comments = Comments::of(&rpc.method.parent_file());
    if let Some(text) = comments.at(rpc.method.path()) {
        operation["summary"] = comment::first_sentence(&text).into();
        operation["description"] = text.into();
    }
    if let Some(schema) = body(schemas, rpc, binding) {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
    }
    operation
}

fn body(schemas: &mut Schemas<'_>, rpc: &Rpc, binding: &Binding) -> Option<Value> {
    let input = rpc.method.input();
    match &binding.body {
        Body::Nothing => None,
        Body::Field(field) => Some(schemas.field(&input.get_field_by_name(field)?)),
        Body::Rest => {
            let taken: Vec<&str> = binding.template.variables().collect();
            if taken.is_empty() {
                Some(schemas.message(&input))
            } else {
                Some(schemas.inline(&input, &taken))
            }
        }
    }
}

fn parameters(schemas: &mut Schemas<'_>, rpc: &Rpc, binding: &Binding) -> Vec<Value> {
    let input = rpc.method.input();
    let mut parameters = Vec::new();
    for variable in binding.template.variables() {
        let Some(field) = resolve(&input, variable) else { continue };
        let schema = schemas.field(&field);
        parameters.push(json!({
            "name": variable, "in": "path", "required": true, "schema": schema,
        }));
    }
    let in_body = match &binding.body {
        Body::Rest => return with_key(parameters, rpc),
        Body::Field(field) => Some(field.as_str()),
        Body::Nothing => None,
    };
    let taken: Vec<String> = binding.template.variables().map(str::to_owned).collect();
    for field in input.fields().filter(|field| Some(field.name()) != in_body) {
        let names = (field.json_name().to_owned(), field.name().to_owned());
        query(schemas, &field, names, &taken, &mut parameters);
    }
    with_key(parameters, rpc)
}

fn with_key(mut parameters: Vec<Value>, rpc: &Rpc) -> Vec<Value> {
    if rpc.idempotency == Idempotency::Keyed {
        parameters.push(json!({
            "name": "idempotency-key",
            "in": "header",
            "description": "The same key with the same body has the effect of one call, for 24 hours.",
            "schema": { "type": "string" },
        }));
    }
    parameters
}

/// A field that is a text, or the fields of one that is a message.
fn query(
    schemas: &mut Schemas<'_>,
    field: &FieldDescriptor,
    (name, path): (String, String),
    taken: &[String],
    parameters: &mut Vec<Value>,
) {
    if taken.contains(&path) || field.is_map() {
        return;
    }
    let kind = field.kind();
    let held = kind.as_message().filter(|it| !it.full_name().starts_with("google.protobuf."));
    match held {
        None => {
            let mut schema = schemas.field(field);
            let mut parameter = json!({ "name": name, "in": "query" });
            if let Some(description) =
                schema.as_object_mut().and_then(|it| it.remove("description"))
            {
                parameter["description"] = description;
            }
            parameter["schema"] = schema;
            parameters.push(parameter);
        }
        // A list of messages does not fit into a query, nor does a message that holds itself.
        Some(_) if field.is_list() || 2 < path.split('.').count() => (),
        Some(held) => {
            for inner in held.fields() {
                let names =
                    (format!("{name}.{}", inner.json_name()), format!("{path}.{}", inner.name()));
                query(schemas, &inner, names, taken, parameters);
            }
        }
    }
}

fn responses(schemas: &mut Schemas<'_>, rpc: &Rpc, binding: &Binding) -> Value {
    let output = rpc.method.output();
    let field = binding.response_body.as_ref().and_then(|it| output.get_field_by_name(it));
    let schema = match field {
        Some(field) => schemas.field(&field),
        None => schemas.message(&output),
    };
    let (description, content) = if rpc.method.is_server_streaming() {
        let content = json!({
            "application/x-ndjson": { "schema": schema },
            "text/event-stream": { "schema": schema },
        });
        ("One JSON object per line or event; a last one with `error` when it ends badly.", content)
    } else {
        ("The answer.", json!({ "application/json": { "schema": schema } }))
    };
    let mut responses = Map::new();
    responses.insert("2XX".to_owned(), json!({ "description": description, "content": content }));
    let codes: BTreeSet<u16> = ErrorCode::ALL.into_iter().map(ErrorCode::http).collect();
    for code in codes {
        responses.insert(code.to_string(), json!({ "$ref": ERROR }));
    }
    responses.into()
}

fn error() -> Value {
    let reasons: BTreeSet<&str> = ErrorCode::ALL.into_iter().map(ErrorCode::reason).collect();
    json!({
        "description": "Why there is no answer, as `google.rpc.Status`.",
        "headers": { "Retry-After": {
            "description": "With 429 and 503: seconds until it is worth trying again.",
            "schema": { "type": "integer" },
        } },
        "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": { "type": "integer", "description": "The code of gRPC." },
                "message": { "type": "string", "description": "For people." },
                "details": { "type": "array", "items": {
                    "type": "object",
                    "required": ["@type"],
                    "properties": {
                        "@type": { "type": "string" },
                        "reason": { "type": "string", "enum": reasons },
                        "domain": { "type": "string" },
                        "metadata": {
                            "type": "object",
                            "description": "`request_id`, and `field`, `limit`, `size`, `resource` where they apply.",
                            "additionalProperties": { "type": "string" },
                        },
                    },
                } },
            },
        } } },
    })
}

fn resolve(input: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let mut message = input.clone();
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    for part in parents.split('.').filter(|it| !it.is_empty()) {
        message = message.get_field_by_name(part)?.kind().as_message()?.clone();
    }
    message.get_field_by_name(last)
}
