//! What is on the wire stays on the wire, and every part of the contract says what it promises.
//!
//! `wire.txt` lists every field, enum value and RPC that a released client may use. Adding is free: run with
//! `UPDATE_EXPECT=1`. A line that disappears or changes is a break: add a `v2` instead.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{collections::HashSet, fs, path::Path};

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FileDescriptor, MessageDescriptor,
    MethodDescriptor, Value,
};

/// RPCs that services of the mesh call on each other and nobody else does, so that HTTP is of no use to them.
const MESH_INTERNAL: &[&str] = &[
    "llamamapper.mapper.v1.EventService.Record",
    "llamamapper.orchestration.v1.IdentityService.Authenticate",
];

#[test]
fn no_released_line_is_gone() {
    let current = dump(&pool());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("wire.txt");
    let released = fs::read_to_string(&file).unwrap_or_default();

    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, current.join("\n") + "\n").unwrap();
        return;
    }
    let current: HashSet<&str> = current.iter().map(String::as_str).collect();
    let released: HashSet<&str> = released.lines().collect();
    let mut gone: Vec<_> = released.difference(&current).collect();
    gone.sort();
    assert!(gone.is_empty(), "the wire breaks; these lines are gone:\n{gone:#?}");
    let mut new: Vec<_> = current.difference(&released).collect();
    new.sort();
    assert!(new.is_empty(), "new lines, run with UPDATE_EXPECT=1:\n{new:#?}");
}

#[test]
fn every_rpc_says_who_may_call_it_and_what_twice_means() {
    let pool = pool();
    let broken: Vec<String> = rpcs(&pool)
        .filter(|rpc| permission(&pool, rpc).is_none() || idempotency(&pool, rpc).is_none())
        .map(|rpc| rpc.full_name().to_owned())
        .collect();
    assert!(broken.is_empty(), "without permission or idempotency: {broken:#?}");
}

#[test]
fn every_unary_rpc_is_reached_over_http() {
    let pool = pool();
    let broken: Vec<String> = rpcs(&pool)
        .filter(|rpc| !rpc.is_client_streaming() && !rpc.is_server_streaming())
        .filter(|rpc| http(&pool, rpc).is_empty() != MESH_INTERNAL.contains(&rpc.full_name()))
        .map(|rpc| rpc.full_name().to_owned())
        .collect();
    assert!(broken.is_empty(), "HTTP is missing, or there for a call inside the mesh: {broken:#?}");
}

#[test]
fn no_get_changes_anything() {
    let pool = pool();
    let broken: Vec<String> = rpcs(&pool)
        .filter(|rpc| http(&pool, rpc).iter().any(|it| it.starts_with("get ")))
        .filter(|rpc| idempotency(&pool, rpc) != Some(1))
        .map(|rpc| rpc.full_name().to_owned())
        .collect();
    assert!(broken.is_empty(), "GET, but not IDEMPOTENCY_SAFE: {broken:#?}");
}

#[test]
fn every_part_has_a_comment() {
    let pool = pool();
    let mut broken = Vec::new();
    for file in pool.files().filter(|it| it.package_name().starts_with("llamamapper.")) {
        let comments = comments(&file);
        let mut need = |path: &[i32], name: &str| {
            if !comments.contains(path) {
                broken.push(name.to_owned());
            }
        };
        for service in file.services() {
            need(service.path(), service.full_name());
            for rpc in service.methods() {
                need(rpc.path(), rpc.full_name());
            }
        }
        for message in messages(file.messages()) {
            need(message.path(), message.full_name());
            for field in message.fields() {
                need(field.path(), field.full_name());
            }
        }
        for list in enums(&file) {
            need(list.path(), list.full_name());
            for value in list.values() {
                need(value.path(), value.full_name());
            }
        }
    }
    assert!(broken.is_empty(), "without a comment: {broken:#?}");
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTORS).unwrap()
}

fn dump(pool: &DescriptorPool) -> Vec<String> {
    let mut lines = Vec::new();
    for file in pool.files().filter(|it| it.package_name().starts_with("llamamapper.")) {
        for field in messages(file.messages()).iter().flat_map(MessageDescriptor::fields) {
            let oneof = field
                .containing_oneof()
                .filter(|_| !field.supports_presence() || !is_optional(&field));
            let oneof = oneof.map(|it| format!(" in {}", it.name())).unwrap_or_default();
            let (number, cardinality) = (field.number(), field.cardinality());
            lines.push(format!(
                "{} = {number} {cardinality:?} {:?}{oneof}",
                field.full_name(),
                field.kind()
            ));
        }
        for value in enums(&file).iter().flat_map(|list| list.values().collect::<Vec<_>>()) {
            lines.push(format!("{} = {}", value.full_name(), value.number()));
        }
    }
    for rpc in rpcs(pool) {
        let name = rpc.full_name();
        let stream = |streams: bool| if streams { "stream " } else { "" };
        lines.push(format!(
            "rpc {name} {}{} -> {}{}",
            stream(rpc.is_client_streaming()),
            rpc.input().full_name(),
            stream(rpc.is_server_streaming()),
            rpc.output().full_name()
        ));
        lines.push(format!("permission {name} {}", permission(pool, &rpc).unwrap_or_default()));
        lines.push(format!("idempotency {name} {}", idempotency(pool, &rpc).unwrap_or_default()));
        lines.extend(http(pool, &rpc).into_iter().map(|it| format!("http {name} {it}")));
    }
    lines.sort();
    lines
}

fn is_optional(field: &prost_reflect::FieldDescriptor) -> bool {
    field.field_descriptor_proto().proto3_optional()
}

/// These messages and the ones inside them, without the entries of maps, which nobody wrote.
fn messages(some: impl Iterator<Item = MessageDescriptor>) -> Vec<MessageDescriptor> {
    let written = some.filter(|it| !it.is_map_entry());
    written
        .flat_map(|message| {
            let inside = messages(message.child_messages());
            std::iter::once(message).chain(inside)
        })
        .collect()
}

fn enums(file: &FileDescriptor) -> Vec<EnumDescriptor> {
    let inside = messages(file.messages());
    let inside = inside.iter().flat_map(|it| it.child_enums().collect::<Vec<_>>());
    file.enums().chain(inside).collect()
}

fn rpcs(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> {
    let ours = pool.services().filter(|it| it.full_name().starts_with("llamamapper."));
    ours.flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// Paths of everything in `file` that a comment stands before.
fn comments(file: &FileDescriptor) -> HashSet<Vec<i32>> {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let locations = info.map(|it| it.location.as_slice()).unwrap_or_default();
    let is_comment = |text: &str| text.trim().ends_with(['.', '…']) || text.trim().contains(". ");
    locations
        .iter()
        .filter(|it| it.leading_comments.as_deref().is_some_and(is_comment))
        .map(|it| it.path.clone())
        .collect()
}

fn option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn permission(pool: &DescriptorPool, rpc: &MethodDescriptor) -> Option<String> {
    let value = option(pool, &rpc.options(), "llamamapper.common.v1.permission")?;
    value.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
}

fn idempotency(pool: &DescriptorPool, rpc: &MethodDescriptor) -> Option<i32> {
    let value = option(pool, &rpc.options(), "llamamapper.common.v1.idempotency")?;
    value.as_enum_number().filter(|it| *it != 0)
}

/// The ways to call an RPC over HTTP: `get /v1/events`, `post /v1/map body *`.
fn http(pool: &DescriptorPool, rpc: &MethodDescriptor) -> Vec<String> {
    let Some(Value::Message(rule)) = option(pool, &rpc.options(), "google.api.http") else {
        return Vec::new();
    };
    let text = |field: &str| {
        let value = rule.get_field_by_name(field)?;
        value.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
    };
    let body = text("body").map(|it| format!(" body {it}")).unwrap_or_default();
    let verbs = ["get", "put", "post", "delete", "patch"];
    verbs.iter().filter_map(|verb| Some(format!("{verb} {}{body}", text(verb)?))).collect()
}
