//! Compliance frameworks and their controls: ids that an auditor can trace, and how each was verified.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    catalogue,
    error::{Error, Problem},
    yaml::{Pairs, Source},
};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

#[derive(Debug)]
pub struct Frameworks {
    as_of: String,
    frameworks: Vec<Framework>,
    by_id: HashMap<String, usize>,
}

#[derive(Debug)]
pub struct Framework {
    pub id: String,
    pub name: String,
    pub version: String,
    pub publisher: String,
    /// Law, certifiable standard, voluntary framework, …
    pub kind: String,
    pub scope: String,
    pub id_notes: String,
    pub controls: Vec<Control>,
    /// How a control is cited; `{id}` stands for its id.
    cite: String,
    by_id: HashMap<String, usize>,
}

#[derive(Debug)]
pub struct Control {
    pub id: String,
    /// In own words, not a quotation.
    pub title: String,
    pub verification: Verification,
    pub sources: Vec<String>,
    pub note: Option<String>,
    /// Whom the duty binds, where that matters.
    pub role: Option<String>,
    /// `principle` or `measure`, `technique` or `mitigation`: what kind of entry it is.
    pub kind: Option<String>,
    /// The first day on which the duty applies, with what else the source says of it.
    pub applies_from: Option<AppliesFrom>,
}

#[derive(Debug)]
pub struct AppliesFrom {
    pub day: Date,
    pub text: String,
}

/// How the id of a control was checked. Ordered from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verification {
    /// Not checked. Never shown to auditors, never evidence.
    Unverified,
    /// Agreed by other public sources.
    Secondary,
    /// Read in a third-party transcription of the standard.
    Transcription,
    /// Paragraph read in the pre-final text only.
    LegalTextPrefinal,
    /// Read in a copy of the legal text.
    LegalText,
    /// Read in the publisher's own data or a full copy of it.
    Publisher,
}

impl Frameworks {
    pub fn builtin() -> &'static Frameworks {
        catalogue::builtin().controls.frameworks()
    }

    /// The day of the state of the facts, as `YYYY-MM-DD`.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    pub fn all(&self) -> &[Framework] {
        &self.frameworks
    }

    pub fn find(&self, id: &str) -> Option<&Framework> {
        self.position(id).map(|it| &self.frameworks[it])
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn load(source: Source<'_>) -> Result<Frameworks, Error> {
        let file: File = source.read()?;
        let sources: HashSet<String> = file.sources.0.into_iter().map(|(id, _)| id.value).collect();
        let mut frameworks = Vec::new();
        let mut by_id = HashMap::new();
        for row in file.frameworks {
            let id = row.id.clone();
            if by_id.insert(id.value.clone(), frameworks.len()).is_some() {
                return Err(source.broken_at(&id, Problem::Duplicate(id.value.clone())));
            }
            frameworks.push(parse_framework(source, row, &sources)?);
        }
        Ok(Frameworks { as_of: file.as_of, frameworks, by_id })
    }
}

impl Framework {
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.control_position(id).map(|it| &self.controls[it])
    }

    pub(crate) fn control_position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// As an auditor writes it: `45 CFR 164.502(a)`.
    pub fn cite(&self, control: &Control) -> String {
        self.cite.replace("{id}", &control.id)
    }
}

impl Verification {
    pub const ALL: [Verification; 6] = [
        Verification::Unverified,
        Verification::Secondary,
        Verification::Transcription,
        Verification::LegalTextPrefinal,
        Verification::LegalText,
        Verification::Publisher,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Verification::Unverified => "unverified",
            Verification::Secondary => "secondary",
            Verification::Transcription => "transcription",
            Verification::LegalTextPrefinal => "legal-text-prefinal",
            Verification::LegalText => "legal-text",
            Verification::Publisher => "publisher",
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads a day from the start of a text: `2027-12-02 (Annex III)`.
pub(crate) fn parse_day(source: Source<'_>, text: &Spanned<String>) -> Result<Date, Error> {
    let problem = || source.broken_at(text, Problem::NotADate(text.value.clone()));
    let day = text.value.get(..10).ok_or_else(problem)?;
    Date::parse(day, DAY).map_err(|_| problem())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: String,
    sources: Pairs<IgnoredAny>,
    frameworks: Vec<FrameworkRow>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    #[serde(rename = "about")]
    _about: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkRow {
    id: Spanned<String>,
    name: String,
    version: String,
    publisher: String,
    kind: String,
    cite: String,
    scope: String,
    id_notes: String,
    controls: Vec<ControlRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlRow {
    id: Spanned<String>,
    title: String,
    verified: Spanned<String>,
    source: Vec<Spanned<String>>,
    note: Option<String>,
    role: Option<String>,
    #[serde(alias = "level_of")]
    item: Option<String>,
    applies_from: Option<Spanned<String>>,
}

fn parse_framework(
    source: Source<'_>,
    row: FrameworkRow,
    sources: &HashSet<String>,
) -> Result<Framework, Error> {
    let mut controls = Vec::new();
    let mut by_id = HashMap::new();
    for control in row.controls {
        let id = control.id.clone();
        if by_id.insert(id.value.clone(), controls.len()).is_some() {
            return Err(source.broken_at(&id, Problem::Duplicate(id.value.clone())));
        }
        controls.push(parse_control(source, control, sources)?);
    }
    let FrameworkRow { id, name, version, publisher, kind, cite, scope, id_notes, .. } = row;
    let id = id.value;
    Ok(Framework { id, name, version, publisher, kind, scope, id_notes, controls, cite, by_id })
}

fn parse_control(
    source: Source<'_>,
    row: ControlRow,
    known: &HashSet<String>,
) -> Result<Control, Error> {
    let ControlRow { id, title, verified, source: sources, note, role, item, applies_from } = row;
    let Some(verification) = Verification::ALL.into_iter().find(|it| it.as_str() == verified.value)
    else {
        let problem = Problem::UnknownVerification(verified.value.clone());
        return Err(source.broken_at(&verified, problem));
    };
    if let Some(unknown) = sources.iter().find(|it| !known.contains(&it.value)) {
        return Err(source.broken_at(unknown, Problem::UnknownSource(unknown.value.clone())));
    }
    let applies_from = match applies_from {
        Some(text) => Some(AppliesFrom { day: parse_day(source, &text)?, text: text.value }),
        None => None,
    };
    let sources = sources.into_iter().map(|it| it.value).collect();
    Ok(Control { id: id.value, title, verification, sources, note, role, kind: item, applies_from })
}
