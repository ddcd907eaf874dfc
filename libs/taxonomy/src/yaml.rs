//! Reading one YAML text so that every value knows its line.

use std::{fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_saphyr::Spanned;

use crate::error::{Error, Problem};

/// One file of the data: its name as an error shows it, and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

/// A mapping in the order of the file, each key with its line.
#[derive(Debug)]
pub(crate) struct Pairs<T>(pub(crate) Vec<(Spanned<String>, T)>);

impl Source<'_> {
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_saphyr::from_str(self.text).map_err(|err| {
            let line = err.location().map(|it| it.line());
            // The first line only: the rest is a picture of the text.
            let message = err.without_snippet().to_string();
            let message = message.lines().next().unwrap_or_default().to_owned();
            Error { file: self.file.to_owned(), line, problem: Problem::Unreadable(message) }
        })
    }

    /// An error of the whole file: something is missing from it.
    pub(crate) fn broken(&self, problem: Problem) -> Error {
        Error { file: self.file.to_owned(), line: None, problem }
    }

    /// An error at the place of a value.
    pub(crate) fn broken_at<T>(&self, at: &Spanned<T>, problem: Problem) -> Error {
        self.broken_line(at.referenced.line(), problem)
    }

    pub(crate) fn broken_line(&self, line: u64, problem: Problem) -> Error {
        Error { file: self.file.to_owned(), line: Some(line), problem }
    }
}

impl<T> Default for Pairs<T> {
    fn default() -> Pairs<T> {
        Pairs(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<T>, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
    type Value = Pairs<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
