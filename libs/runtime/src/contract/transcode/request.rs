//! From the path, the query and the body of an HTTP request to the message of the RPC.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde::de::DeserializeSeed as _;
use serde_json::{Map, Value};
use tonic::{Status, body::Body};

use super::{Failure, rpc, violation};
use crate::{
    contract::{Violation, explain, rpc::Binding},
    status::{self, ErrorCode},
};

/// No deadline runs yet when the body is read, and a client may be slow on purpose.
const BODY_TIME_MAX: Duration = Duration::from_secs(30);

/// A query may name this many fields.
const PARAMETERS_MAX: usize = 256;

/// Everything an HTTP request says.
pub(super) struct Source<'a> {
    pub(super) binding: &'a Binding,
    pub(super) variables: Vec<(String, String)>,
    pub(super) query: Option<&'a str>,
    pub(super) body: Bytes,
}

/// Reads the body, if the RPC takes one.
pub(super) async fn body(
    takes: &rpc::Body,
    headers: &HeaderMap,
    body: Body,
    request_bytes_max: usize,
) -> Result<Bytes, Failure> {
    if *takes == rpc::Body::Nothing {
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        let message = "this method takes no body";
        return Err(status::refuse(ErrorCode::InvalidRequest, message).into());
    }
    let is_empty = body.is_end_stream();
    if !is_json(headers) && !is_empty {
        let message = "the body must be `application/json`";
        let mut failure = Failure::from(status::refuse(ErrorCode::InvalidRequest, message));
        failure.http = Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return Err(failure);
    }
    let declared = headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if let Some(size) = declared.filter(|size| request_bytes_max < *size) {
        return Err(violation::refuse(Violation::too_long(request_bytes_max, Some(size))).into());
    }
    let whole = Limited::new(body, request_bytes_max).collect();
    match tokio::time::timeout(BODY_TIME_MAX, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(err)) if err.is::<LengthLimitError>() => {
            Err(violation::refuse(Violation::too_long(request_bytes_max, None)).into())
        }
        Ok(Err(err)) => Err(Status::from_error(err).into()),
        Err(_) => {
            let message = "the body did not come in time";
            Err(status::refuse(ErrorCode::RequestTimeout, message).into())
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let Some(kind) = kind else { return false };
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |part: &str| match part.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        Some(_) | None => true,
    };
    is_json && parts.all(is_utf8)
}

impl Source<'_> {
    /// The message it all makes.
    pub(super) fn message(self, input: MessageDescriptor) -> Result<DynamicMessage, Failure> {
        self.read(&input).map_err(|violation| violation::refuse(violation).into())
    }

    fn read(self, input: &MessageDescriptor) -> Result<DynamicMessage, Violation> {
        let Source { binding, variables, query, body } = self;
        let query = query.filter(|it| !it.is_empty());
        let is_plain = binding.body == rpc::Body::Rest && variables.is_empty() && query.is_none();
        if is_plain && !body.is_empty() {
            let mut json = serde_json::Deserializer::from_slice(&body);
            let message = input.clone().deserialize(&mut json);
            if let Ok(message) = message
                && json.end().is_ok()
            {
                return Ok(message);
            }
        }

        let value: Option<Value> = if body.is_empty() {
            None
        } else {
            Some(serde_json::from_slice(&body).map_err(|err| explain::syntax(&err))?)
        };
        let mut object = match (&binding.body, value) {
            (rpc::Body::Field(field), Some(value)) => Map::from_iter([(field.clone(), value)]),
            (rpc::Body::Rest, Some(Value::Object(object))) => object,
            (rpc::Body::Rest, Some(_)) => return Err(Violation::new("", "must be a JSON object")),
            (_, None) | (rpc::Body::Nothing, Some(_)) => Map::new(),
        };
        if let Some(query) = query {
            parameters(binding, input, query, &mut object)?;
        }
        for (path, text) in variables {
            let field = resolve(input, &path).ok_or_else(|| unknown(&path))?;
            let value = leaf(&field.kind(), text);
            insert(input, &mut object, &path, value).ok_or_else(|| unknown(&path))?;
        }
        let value = Value::Object(object);
        let read = input.clone().deserialize(value.clone());
        read.map_err(|_: serde_json::Error| explain::message(input, &value))
    }
}

/// Puts the query's fields into `object`. Whatever is in the body or unknown is refused by name.
fn parameters(
    binding: &Binding,
    input: &MessageDescriptor,
    query: &str,
    object: &mut Map<String, Value>,
) -> Result<(), Violation> {
    if percent_decode_str(query).decode_utf8().is_err() {
        return Err(Violation::new("", "must have a query in UTF-8"));
    }
    let mut repeated: Vec<(String, Vec<Value>)> = Vec::new();
    for (at, (path, text)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
        if PARAMETERS_MAX <= at {
            return Err(Violation::new(
                "",
                format!("must have at most {PARAMETERS_MAX} parameters"),
            ));
        }
        let elsewhere = binding.template.variables().any(|variable| variable == path)
            || match &binding.body {
                rpc::Body::Rest => true,
                rpc::Body::Field(field) => path.split('.').next() == Some(field.as_str()),
                rpc::Body::Nothing => false,
            };
        let field = resolve(input, &path).filter(|_| !elsewhere).ok_or_else(|| unknown(&path))?;
        let value = leaf(&field.kind(), text.into_owned());
        match repeated.iter_mut().find(|(known, _)| *known == path) {
            Some((_, values)) if field.is_list() => values.push(value),
            Some(_) => return Err(Violation::new(path, "must be given once")),
            None => repeated.push((path.into_owned(), vec![value])),
        }
    }
    for (path, mut values) in repeated {
        let is_list = resolve(input, &path).is_some_and(|field| field.is_list());
        let value = if is_list { Value::Array(values) } else { values.swap_remove(0) };
        insert(input, object, &path, value).ok_or_else(|| unknown(&path))?;
    }
    Ok(())
}

fn unknown(path: &str) -> Violation {
    let path: String = path.chars().take(64).collect();
    Violation::new(path, "is not a parameter of this method")
}

/// The field that `a.b` or its JSON spelling names, if one text can be its value.
fn resolve(input: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let mut message = input.clone();
    let mut parts = path.split('.').peekable();
    loop {
        let field = step(&message, parts.next()?)?;
        if field.is_map() {
            return None;
        }
        let kind = field.kind();
        let Some(held) = kind.as_message().filter(|it| !is_leaf(it)) else {
            return parts.peek().is_none().then_some(field);
        };
        if field.is_list() {
            return None;
        }
        message = held.clone();
    }
}

fn step(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message.get_field_by_name(name).or_else(|| message.get_field_by_json_name(name))
}

/// Well-known messages whose JSON is a string, a number or a flag.
fn is_leaf(message: &MessageDescriptor) -> bool {
    let name = message.full_name().strip_prefix("google.protobuf.");
    name.is_some_and(|name| {
        matches!(name, "Timestamp" | "Duration" | "FieldMask")
            || (name.ends_with("Value") && name != "ListValue" && name != "Value")
    })
}

/// A text as the JSON that its field reads. Numbers are read from strings, too; the rest wants its own type.
fn leaf(kind: &Kind, text: String) -> Value {
    let wrapper = kind.as_message().map(MessageDescriptor::full_name);
    if *kind == Kind::Bool || wrapper == Some("google.protobuf.BoolValue") {
        return match text.parse() {
            Ok(flag) => Value::Bool(flag),
            Err(_) => Value::String(text),
        };
    }
    match text.parse::<i32>() {
        Ok(number) if kind.as_enum().is_some() => number.into(),
        Ok(_) | Err(_) => Value::String(text),
    }
}

/// Sets the field at `path`, under its JSON name, whatever was there under either name.
fn insert(
    input: &MessageDescriptor,
    object: &mut Map<String, Value>,
    path: &str,
    value: Value,
) -> Option<()> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let field = step(input, first)?;
    let by_name = object.remove(field.name());
    let old = object.remove(field.json_name()).or(by_name);
    let new = match rest {
        None => value,
        Some(rest) => {
            let mut inner = match old {
                Some(Value::Object(inner)) => inner,
                Some(_) | None => Map::new(),
            };
            insert(field.kind().as_message()?, &mut inner, rest, value)?;
            Value::Object(inner)
        }
    };
    object.insert(field.json_name().to_owned(), new);
    Some(())
}
