//! How a raw label came to its canonical label. Every canonical event says which route was taken.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// A mapping rule of the detector holds, exactly or normalised.
    Rule,
    /// The raw label is a known alias of one canonical label.
    Alias,
    /// The embedded model decided.
    Model,
    /// A language model decided.
    Llm,
    /// Nothing decided; the general label of the group, or an `OTHER` label.
    Fallback,
}

impl Route {
    /// Every value, in order.
    pub const ALL: [Route; 5] =
        [Route::Rule, Route::Alias, Route::Model, Route::Llm, Route::Fallback];

    pub fn as_str(self) -> &'static str {
        match self {
            Route::Rule => "rule",
            Route::Alias => "alias",
            Route::Model => "model",
            Route::Llm => "llm",
            Route::Fallback => "fallback",
        }
    }
}

impl FromStr for Route {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Route, Invalid> {
        let known = Route::ALL.into_iter().find(|it| it.as_str() == text);
        known.ok_or_else(|| Invalid::Route(text.to_owned()))
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back_from_its_name() {
        for it in Route::ALL {
            assert_eq!(it.as_str().parse(), Ok(it));
        }
        assert_eq!("Rule".parse::<Route>(), Err(Invalid::Route("Rule".to_owned())));
    }
}
