//! How heavy a violation indicator weighs in the regulatory part of a risk score.
//!
//! A judgement kept as data. It says nothing about fines.

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Spanned;
use types::Disposition;

use crate::{
    error::{Error, Problem},
    framework::Frameworks,
    label::Label,
    taxonomy::{Taxonomy, matches},
    yaml::{Pairs, Source},
};

#[derive(Debug)]
pub(crate) struct Weights {
    /// By position of the framework.
    base: Vec<f64>,
    raise: Vec<Line>,
    cap: Vec<Line>,
}

/// One weight and what it is for: everything given must fit.
#[derive(Debug)]
struct Line {
    weight: f64,
    frameworks: Option<Vec<usize>>,
    controls: Option<Vec<String>>,
    labels: Option<Vec<String>>,
    disposition: Option<Disposition>,
    incident: Option<bool>,
    applies: Option<bool>,
}

/// A violation indicator whose conditions hold, as far as its weight depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indicator<'a> {
    /// Position of the framework.
    pub(crate) framework: usize,
    pub(crate) control: &'a str,
    pub(crate) label: Label,
    pub(crate) disposition: Disposition,
    pub(crate) incident: bool,
    /// False before the first day of the duty.
    pub(crate) applies: bool,
}

impl Weights {
    pub(crate) fn weigh(&self, indicator: &Indicator<'_>) -> f64 {
        let base = self.base[indicator.framework];
        let raised = fitting(&self.raise, indicator).fold(base, f64::max);
        fitting(&self.cap, indicator).fold(raised, f64::min)
    }

    pub(crate) fn load(
        source: Source<'_>,
        frameworks: &Frameworks,
        taxonomy: &Taxonomy,
    ) -> Result<Weights, Error> {
        let file: File = source.read()?;
        let mut base = vec![None; frameworks.all().len()];
        for (id, weight) in file.base.0 {
            let position = parse_framework(source, &id, frameworks)?;
            base[position] = Some(parse_weight(source, &weight)?);
        }
        let with_id = base.iter().zip(frameworks.all());
        if let Some((_, missing)) = with_id.clone().find(|(weight, _)| weight.is_none()) {
            return Err(source.broken(Problem::NoBaseWeight(missing.id.clone())));
        }
        let parse = |lines: Vec<LineRow>| {
            let lines = lines.into_iter().map(|it| parse_line(source, it, frameworks, taxonomy));
            lines.collect::<Result<Vec<_>, _>>()
        };
        Ok(Weights {
            base: base.into_iter().flatten().collect(),
            raise: parse(file.raise)?,
            cap: parse(file.cap)?,
        })
    }
}

impl Line {
    fn fits(&self, indicator: &Indicator<'_>) -> bool {
        let Line { weight: _, frameworks, controls, labels, disposition, incident, applies } = self;
        frameworks.as_ref().is_none_or(|it| it.contains(&indicator.framework))
            && disposition.is_none_or(|it| it == indicator.disposition)
            && incident.is_none_or(|it| it == indicator.incident)
            && applies.is_none_or(|it| it == indicator.applies)
            && controls.as_ref().is_none_or(|it| it.iter().any(|it| starts(it, indicator.control)))
            && labels.as_ref().is_none_or(|it| it.iter().any(|it| matches(it, indicator.label)))
    }
}

fn fitting<'a>(lines: &'a [Line], indicator: &'a Indicator<'_>) -> impl Iterator<Item = f64> + 'a {
    lines.iter().filter(|it| it.fits(indicator)).map(|it| it.weight)
}

/// A control id, or its beginning with `*` at the end.
fn starts(pattern: &str, control: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => control.starts_with(beginning),
        None => control == pattern,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    base: Pairs<Spanned<f64>>,
    raise: Vec<LineRow>,
    cap: Vec<LineRow>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    #[serde(rename = "as_of")]
    _as_of: IgnoredAny,
    #[serde(rename = "about")]
    _about: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRow {
    weight: Spanned<f64>,
    frameworks: Option<Vec<Spanned<String>>>,
    controls: Option<Vec<Spanned<String>>>,
    labels: Option<Vec<Spanned<String>>>,
    disposition: Option<Spanned<String>>,
    incident: Option<bool>,
    applies: Option<bool>,
    /// For the reader of the file.
    #[serde(rename = "why")]
    _why: IgnoredAny,
}

fn parse_line(
    source: Source<'_>,
    row: LineRow,
    known: &Frameworks,
    taxonomy: &Taxonomy,
) -> Result<Line, Error> {
    let LineRow { weight, frameworks, controls, labels, disposition, incident, applies, .. } = row;
    let frameworks = match frameworks {
        Some(ids) => {
            let ids = ids.iter().map(|it| parse_framework(source, it, known));
            Some(ids.collect::<Result<Vec<_>, _>>()?)
        }
        None => None,
    };
    for pattern in controls.iter().flatten() {
        let all = 0..known.all().len();
        let named = frameworks.clone().unwrap_or_else(|| all.collect());
        let mut ids = named.iter().flat_map(|&it| &known.all()[it].controls);
        if !ids.any(|it| starts(&pattern.value, &it.id)) {
            let framework = named.iter().map(|&it| known.all()[it].id.as_str()).collect::<Vec<_>>();
            let problem = Problem::UnknownControl {
                framework: framework.join(", "),
                control: pattern.value.clone(),
            };
            return Err(source.broken_at(pattern, problem));
        }
    }
    for pattern in labels.iter().flatten() {
        if taxonomy.matching(&pattern.value).next().is_none() {
            let problem = Problem::PatternMatchesNothing(pattern.value.clone());
            return Err(source.broken_at(pattern, problem));
        }
    }
    let disposition = match disposition {
        Some(text) => {
            let problem =
                || source.broken_at(&text, Problem::UnknownDisposition(text.value.clone()));
            Some(text.value.parse().map_err(|_| problem())?)
        }
        None => None,
    };
    let plain =
        |it: Option<Vec<Spanned<String>>>| it.map(|it| it.into_iter().map(|it| it.value).collect());
    let weight = parse_weight(source, &weight)?;
    let (controls, labels) = (plain(controls), plain(labels));
    Ok(Line { weight, frameworks, controls, labels, disposition, incident, applies })
}

fn parse_weight(source: Source<'_>, weight: &Spanned<f64>) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&weight.value) {
        return Ok(weight.value);
    }
    Err(source.broken_at(weight, Problem::WeightRange(weight.value)))
}

pub(crate) fn parse_framework(
    source: Source<'_>,
    id: &Spanned<String>,
    frameworks: &Frameworks,
) -> Result<usize, Error> {
    let problem = || source.broken_at(id, Problem::UnknownFramework(id.value.clone()));
    frameworks.position(&id.value).ok_or_else(problem)
}
