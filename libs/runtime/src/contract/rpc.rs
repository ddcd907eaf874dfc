//! One RPC and the options its `.proto` gives it.

use http::Method;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use super::{Invalid, Template, is_permission};

const PERMISSION: &str = "llamamapper.common.v1.permission";
const IDEMPOTENCY: &str = "llamamapper.common.v1.idempotency";
const HTTP: &str = "google.api.http";

/// One RPC with what it promises.
#[derive(Debug)]
pub struct Rpc {
    /// As gRPC spells it: `/llamamapper.mapper.v1.MappingService/Map`.
    pub path: String,
    /// The permission its caller needs.
    pub permission: String,
    pub idempotency: Idempotency,
    pub streaming: Streaming,
    pub method: MethodDescriptor,
    pub(super) bindings: Vec<Binding>,
}

/// What happens when the same call arrives twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing.
    Safe,
    /// It carries its own identity, so twice is once.
    Natural,
    /// Twice is once under the same `idempotency-key`.
    Keyed,
}

/// Which sides send more than one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streaming {
    Unary,
    Client,
    Server,
    Both,
}

/// One way to call an RPC over HTTP.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) method: Method,
    pub(super) template: Template,
    pub(super) body: Body,
    /// The field of the response that is the whole answer.
    pub(super) response_body: Option<String>,
}

/// What of the request message the body of an HTTP request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    Nothing,
    Field(String),
    /// Everything that is not in the path.
    Rest,
}

impl Rpc {
    /// `MappingService.Map`, as people and OpenAPI call it.
    pub fn name(&self) -> String {
        format!("{}.{}", self.method.parent_service().name(), self.method.name())
    }

    /// The ways to call it over HTTP, as `POST /v1/map`.
    pub fn http(&self) -> impl Iterator<Item = String> {
        self.bindings.iter().map(|it| format!("{} {}", it.method, it.template))
    }
}

impl Streaming {
    fn of(method: &MethodDescriptor) -> Streaming {
        match (method.is_client_streaming(), method.is_server_streaming()) {
            (false, false) => Streaming::Unary,
            (true, false) => Streaming::Client,
            (false, true) => Streaming::Server,
            (true, true) => Streaming::Both,
        }
    }

    /// Says whether the caller sends exactly one message.
    pub fn has_one_request(self) -> bool {
        matches!(self, Streaming::Unary | Streaming::Server)
    }
}

/// Reads the options of `method`.
pub(super) fn read(pool: &DescriptorPool, method: MethodDescriptor) -> Result<Rpc, Invalid> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let name = || method.full_name().to_owned();
    let options = method.options();

    let permission = match option(pool, &options, PERMISSION) {
        Some(Value::String(permission)) if !permission.is_empty() => permission,
        Some(_) | None => return Err(Invalid::NoPermission { rpc: name() }),
    };
    if !is_permission(&permission) {
        return Err(Invalid::UnknownPermission { rpc: name(), permission });
    }
    let idempotency = match option(pool, &options, IDEMPOTENCY) {
        Some(Value::EnumNumber(1)) => Idempotency::Safe,
        Some(Value::EnumNumber(2)) => Idempotency::Natural,
        Some(Value::EnumNumber(3)) => Idempotency::Keyed,
        Some(_) | None => return Err(Invalid::NoIdempotency { rpc: name() }),
    };
    let streaming = Streaming::of(&method);
    let bindings = match option(pool, &options, HTTP) {
        Some(Value::Message(rule)) => bindings(&method, streaming, &rule)
            .map_err(|reason| Invalid::Http { rpc: name(), reason })?,
        Some(_) | None => Vec::new(),
    };
    Ok(Rpc { path, permission, idempotency, streaming, method, bindings })
}

/// The value of an option, when it is set.
fn option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn bindings(
    method: &MethodDescriptor,
    streaming: Streaming,
    rule: &DynamicMessage,
) -> Result<Vec<Binding>, String> {
    if !streaming.has_one_request() {
        return Err("the client streams".to_owned());
    }
    let mut bindings = vec![binding(method, rule)?];
    for other in messages(rule, "additional_bindings") {
        if !messages(&other, "additional_bindings").is_empty() {
            return Err("an additional binding has additional bindings".to_owned());
        }
        bindings.push(binding(method, &other)?);
    }
    Ok(bindings)
}

fn binding(method: &MethodDescriptor, rule: &DynamicMessage) -> Result<Binding, String> {
    let verbs = [
        ("get", Method::GET),
        ("put", Method::PUT),
        ("post", Method::POST),
        ("delete", Method::DELETE),
        ("patch", Method::PATCH),
    ];
    let (verb, pattern) = verbs
        .into_iter()
        .find_map(|(field, verb)| Some((verb, text(rule, field)?)))
        .ok_or("it needs one of get, put, post, delete, patch")?;
    let template = Template::parse(&pattern)?;
    let (input, output) = (method.input(), method.output());
    for variable in template.variables() {
        let mut message = Some(input.clone());
        for part in variable.split('.') {
            let field = message.as_ref().and_then(|it| it.get_field_by_name(part));
            let field = field.filter(|it| !it.is_list() && !it.is_map());
            let field = field.ok_or_else(|| format!("there is no field `{variable}`"))?;
            message = field.kind().as_message().cloned();
        }
        if message.is_some() {
            return Err(format!("`{variable}` is a message"));
        }
    }
    let body = match text(rule, "body") {
        None => Body::Nothing,
        Some(body) if body == "*" => Body::Rest,
        Some(body) if input.get_field_by_name(&body).is_some() => Body::Field(body),
        Some(body) => return Err(format!("there is no field `{body}` to be the body")),
    };
    let response_body = text(rule, "response_body");
    if let Some(field) = &response_body
        && output.get_field_by_name(field).is_none()
    {
        return Err(format!("there is no field `{field}` to be the response"));
    }
    Ok(Binding { method: verb, template, body, response_body })
}

fn text(message: &DynamicMessage, field: &str) -> Option<String> {
    let value = message.get_field_by_name(field)?;
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn messages(message: &DynamicMessage, field: &str) -> Vec<DynamicMessage> {
    let Some(value) = message.get_field_by_name(field) else { return Vec::new() };
    let items = value.as_list().unwrap_or_default().iter();
    items.filter_map(|item| item.as_message().cloned()).collect()
}
