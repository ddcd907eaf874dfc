//! Prints a configuration as it is in effect.

use std::fmt::{Debug, Write as _};

use figment::{
    Figment,
    value::{Dict, Value},
};

use super::refusal::source;

const MASK: &str = "\"********\"";

/// One line per key, in order of keys.
///
/// What `config` does not show of itself is masked: a secret is a type that hides its value, so no
/// list of secret keys can be out of date.
pub(super) fn render(figment: &Figment, config: &impl Debug) -> anyhow::Result<String> {
    let values: Dict = figment.extract()?;
    let page = Page { figment, shown: format!("{config:?}").to_lowercase() };
    let mut text = String::new();
    for (key, value) in &values {
        page.write(&mut text, key, value);
    }
    Ok(text)
}

struct Page<'f> {
    figment: &'f Figment,
    /// In lower case, for an enum shows its variants in another case than their names in a file.
    shown: String,
}

impl Page<'_> {
    fn write(&self, text: &mut String, key: &str, value: &Value) {
        if let Value::Dict(_, values) = value {
            for (name, value) in values {
                self.write(text, &format!("{key}.{name}"), value);
            }
            return;
        }
        let source = self.figment.find_metadata(key).map(source).unwrap_or_default();
        writeln!(text, "{key} = {}  # {source}", self.show(value))
            .expect("a String takes everything");
    }

    fn show(&self, value: &Value) -> String {
        match value {
            Value::String(_, text) => self.show_text(text),
            Value::Char(_, letter) => self.show_text(&letter.to_string()),
            Value::Bool(_, truth) => truth.to_string(),
            Value::Num(_, number) => number
                .to_i128()
                .map(|number| number.to_string())
                .or_else(|| number.to_u128().map(|number| number.to_string()))
                .or_else(|| number.to_f64().map(|number| number.to_string()))
                .unwrap_or_default(),
            Value::Empty(..) => "\"\"".to_owned(),
            Value::Array(_, values) => {
                let values: Vec<String> = values.iter().map(|value| self.show(value)).collect();
                format!("[{}]", values.join(", "))
            }
            Value::Dict(_, values) => {
                let pairs =
                    values.iter().map(|(key, value)| format!("{key} = {}", self.show(value)));
                format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn show_text(&self, text: &str) -> String {
        let quoted = format!("{text:?}");
        let bare = quoted.trim_matches('"').to_lowercase();
        if self.shown.contains(&bare) { quoted } else { MASK.to_owned() }
    }
}
