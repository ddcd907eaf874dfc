//! Path templates of `google.api.http`: `/v1/tenants/{tenant_id}/keys/{key.id=**}:revoke`.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A pattern of paths, and which parts of a path are fields of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    segments: Vec<Segment>,
    variables: Vec<Variable>,
    verb: Option<String>,
}

/// What one segment of a path must be. In the order of precedence: a literal is more specific than a wildcard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    /// `*`
    Any,
    /// `**`, always last
    Rest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    /// A field, or a field of a field: `key.id`.
    field: String,
    /// The segments it spans.
    start: usize,
    end: usize,
}

impl Template {
    /// Reads a template; the error says in words what is wrong.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let rest = text.strip_prefix('/').ok_or("a path starts with `/`")?;
        let after_braces = rest.rfind('}').map_or(0, |at| at + 1);
        let last = rest.rfind('/').map_or(0, |at| at + 1).max(after_braces);
        let (path, verb) = match rest[last..].rfind(':') {
            Some(colon) => (&rest[..last + colon], Some(rest[last + colon + 1..].to_owned())),
            None => (rest, None),
        };
        if verb.as_deref() == Some("") {
            return Err("nothing follows the colon".to_owned());
        }
        let mut template = Template { segments: Vec::new(), variables: Vec::new(), verb };
        for part in split_outside_braces(path) {
            template.push(part)?;
        }
        let rest_at = template.segments.iter().position(|it| *it == Segment::Rest);
        if rest_at.is_some_and(|at| at + 1 != template.segments.len()) {
            return Err("`**` comes last".to_owned());
        }
        Ok(template)
    }

    fn push(&mut self, part: &str) -> Result<(), String> {
        let Some(variable) = part.strip_prefix('{') else {
            self.segments.push(segment(part)?);
            return Ok(());
        };
        let variable = variable.strip_suffix('}').ok_or("a brace is not closed")?;
        let (field, pattern) = variable.split_once('=').unwrap_or((variable, "*"));
        let is_path =
            |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !field.split('.').all(is_path) {
            return Err(format!("`{field}` is not a field"));
        }
        let start = self.segments.len();
        for part in pattern.split('/') {
            self.segments.push(segment(part)?);
        }
        let end = self.segments.len();
        self.variables.push(Variable { field: field.to_owned(), start, end });
        Ok(())
    }

    /// The fields it takes from the path.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.field.as_str())
    }

    /// The fields and their decoded values, if `path` fits.
    pub(super) fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut path = path.strip_prefix('/')?;
        if let Some(verb) = &self.verb {
            path = path.strip_suffix(verb.as_str())?.strip_suffix(':')?;
        }
        let parts: Vec<&str> = path.split('/').collect();
        let is_open = self.segments.last() == Some(&Segment::Rest);
        let enough = if is_open {
            self.segments.len() <= parts.len()
        } else {
            self.segments.len() == parts.len()
        };
        if !enough {
            return None;
        }
        for (segment, part) in self.segments.iter().zip(&parts) {
            let fits = match segment {
                Segment::Literal(literal) => decode(part)? == *literal,
                Segment::Any | Segment::Rest => !part.is_empty(),
            };
            if !fits {
                return None;
            }
        }
        let value = |variable: &Variable| {
            let is_last = variable.end == self.segments.len();
            let end = if is_last { parts.len() } else { variable.end };
            let parts: Option<Vec<String>> =
                parts[variable.start..end].iter().map(|part| decode(part)).collect();
            Some((variable.field.clone(), parts?.join("/")))
        };
        self.variables.iter().map(value).collect()
    }

    /// What it matches, whatever its fields are called. Sorts the specific before the general.
    pub(super) fn shape(&self) -> (bool, Vec<Segment>, Option<&str>) {
        (self.verb.is_none(), self.segments.clone(), self.verb.as_deref())
    }

    /// As OpenAPI writes it: `/v1/tenants/{tenant_id}:revoke`.
    pub(super) fn openapi(&self) -> String {
        let mut path = String::new();
        let mut at = 0;
        while at < self.segments.len() {
            path.push('/');
            if let Some(variable) = self.variables.iter().find(|it| it.start == at) {
                path.push_str(&format!("{{{}}}", variable.field));
                at = variable.end;
                continue;
            }
            match &self.segments[at] {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Any => path.push('*'),
                Segment::Rest => path.push_str("**"),
            }
            at += 1;
        }
        if let Some(verb) = &self.verb {
            path.push(':');
            path.push_str(verb);
        }
        path
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.openapi())
    }
}

fn segment(part: &str) -> Result<Segment, String> {
    match part {
        "" => Err("a segment is empty".to_owned()),
        "*" => Ok(Segment::Any),
        "**" => Ok(Segment::Rest),
        literal if literal.contains(['{', '}', '*', ':', '?', '#']) => {
            Err(format!("`{literal}` is not a segment"))
        }
        literal => Ok(Segment::Literal(literal.to_owned())),
    }
}

fn split_outside_braces(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0u32);
    for (at, letter) in path.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                parts.push(&path[start..at]);
                start = at + 1;
            }
            _ => (),
        }
    }
    parts.push(&path[start..]);
    parts
}

/// A percent-encoded segment; none when it is not UTF-8 after that.
fn decode(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_literal_is_itself() {
        check("/v1/map", "/v1/map", expect!["fits"]);
        check("/v1/map", "/v1/map/", expect!["no"]);
        check("/v1/map", "/v1/maps", expect!["no"]);
    }

    #[test]
    fn a_field_is_one_segment() {
        check("/v1/tenants/{tenant_id}", "/v1/tenants/a", expect!["tenant_id=a"]);
        check("/v1/tenants/{tenant_id}", "/v1/tenants/a/b", expect!["no"]);
        check("/v1/tenants/{tenant_id}", "/v1/tenants/", expect!["no"]);
    }

    #[test]
    fn a_field_may_be_the_rest() {
        check("/v1/labels/{label=**}", "/v1/labels/a/b%20c", expect!["label=a/b c"]);
    }

    #[test]
    fn a_field_may_have_a_pattern() {
        check("/v1/{name=labels/*}/x", "/v1/labels/a/x", expect!["name=labels/a"]);
        check("/v1/{name=labels/*}/x", "/v1/other/a/x", expect!["no"]);
    }

    #[test]
    fn a_verb_follows_a_colon() {
        check("/v1/keys/{key.id}:revoke", "/v1/keys/7:revoke", expect!["key.id=7"]);
        check("/v1/keys/{key.id}:revoke", "/v1/keys/7", expect!["no"]);
        check("/v1/events:tail", "/v1/events:tail", expect!["fits"]);
        check("/v1/events:tail", "/v1/events", expect!["no"]);
    }

    #[test]
    fn a_field_is_decoded_once() {
        check("/v1/{name}", "/v1/a%2Fb%2520c", expect!["name=a/b%20c"]);
        check("/v1/{name}", "/v1/%ff", expect!["no"]);
    }

    #[test]
    fn a_broken_template_is_refused() {
        let errors = ["v1", "/v1//x", "/{a=**}/b", "/{a", "/{}", "/a*", "/v1:", "/{a b}"]
            .map(|it| format!("{it} -> {}", Template::parse(it).unwrap_err()));
        expect![[r#"
            v1 -> a path starts with `/`
            /v1//x -> a segment is empty
            /{a=**}/b -> `**` comes last
            /{a -> a brace is not closed
            /{} -> `` is not a field
            /a* -> `a*` is not a segment
            /v1: -> nothing follows the colon
            /{a b} -> `a b` is not a field"#]]
        .assert_eq(&errors.join("\n"));
    }

    proptest! {
        #[test]
        fn nothing_panics(template in "[/{}a*:=.]{0,16}", path in "[/a:%f0-9]{0,16}") {
            if let Ok(template) = Template::parse(&template) {
                template.matches(&path);
                let _ = template.to_string();
            }
        }
    }

    fn check(template: &str, path: &str, expected: Expect) {
        let found = match Template::parse(template).unwrap().matches(path) {
            None => "no".to_owned(),
            Some(variables) if variables.is_empty() => "fits".to_owned(),
            Some(variables) => {
                let pairs: Vec<_> = variables.iter().map(|(k, v)| format!("{k}={v}")).collect();
                pairs.join(" ")
            }
        };
        expected.assert_eq(&found);
    }
}
