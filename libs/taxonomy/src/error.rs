//! Why data does not load. Every error names the file, the line and the rule that is broken.

use std::{fmt, ops::RangeInclusive};

#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    pub file: String,
    /// Counted from 1. None where the whole file is meant: something is missing from it.
    pub line: Option<u64>,
    pub problem: Problem,
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { file, line, problem } = self;
        match line {
            Some(line) => write!(f, "{file}:{line}: {problem}"),
            None => write!(f, "{file}: {problem}"),
        }
    }
}

/// The broken rule. Names are those of the data, which is ours and public.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    #[error("not readable: {0}")]
    Unreadable(String),
    #[error("`{0}` stands here twice")]
    Duplicate(String),
    #[error("made for taxonomy `{found}`, this is `{expected}`")]
    OtherVersion { found: String, expected: String },

    #[error("not a label name: `{0}`")]
    NotALabelName(String),
    #[error("the parent of `{label}` must be `{expected}`, not `{found}`")]
    WrongParent { label: String, found: String, expected: String },
    #[error("label `{label}` stands under category `{category}`")]
    WrongCategory { label: String, category: String },
    #[error("unknown severity `{0}`")]
    UnknownSeverity(String),
    #[error("label `{0}` must exist")]
    MissingLabel(&'static str),
    #[error("unknown label `{0}`")]
    UnknownLabel(String),
    #[error("unknown label group `{0}`")]
    UnknownGroup(String),
    #[error(
        "general label `{label}` lies outside group `{group}`, or the group has a label `Other`"
    )]
    NotGeneral { label: String, group: String },

    #[error("unknown action `{0}`")]
    UnknownAction(String),
    #[error("`{0}`: targets, default or rule do not fit the action")]
    WrongMove(String),
    #[error("label `{0}` must be either the target of a move or new, not both or neither")]
    NoOrigin(String),

    #[error("the file is named after detector `{expected}`, its content says `{found}`")]
    OtherDetector { found: String, expected: String },
    #[error("raw label must have {} to {} bytes, has {bytes}", allowed.start(), allowed.end())]
    RawLabelSize { bytes: usize, allowed: RangeInclusive<usize> },
    #[error("`acceptable` names `{0}`, which `maps` does not")]
    NotMapped(String),
    #[error("`acceptable` of `{0}` repeats its primary label")]
    AcceptableIsPrimary(String),

    #[error("unknown source `{0}`")]
    UnknownSource(String),
    #[error("unknown verification level `{0}`")]
    UnknownVerification(String),
    #[error("not a date: `{0}`")]
    NotADate(String),
    #[error("unknown framework `{0}`")]
    UnknownFramework(String),
    #[error("unknown control `{control}` of framework `{framework}`")]
    UnknownControl { framework: String, control: String },
    #[error(
        "control `{control}` of framework `{framework}` is unverified and must not be evidence"
    )]
    UnverifiedControl { framework: String, control: String },

    #[error("not a fact id: `{0}`")]
    NotAFactId(String),
    #[error("unknown fact `{0}`")]
    UnknownFact(String),
    #[error("unknown fact scope `{0}`")]
    UnknownScope(String),
    #[error("condition `{0}` needs either facts or a day")]
    WrongCondition(String),
    #[error("condition `{0}` is not in the list of conditions")]
    UnknownCondition(String),
    #[error("nothing uses `{0}`")]
    Unused(String),

    #[error("unknown `relation` `{0}`")]
    UnknownRelation(String),
    #[error("unknown `when` `{0}`")]
    UnknownWhen(String),
    #[error("`why` must have 1 to 90 characters, has {0}")]
    WhyLength(usize),
    #[error("pattern `{0}` matches no label")]
    PatternMatchesNothing(String),
    #[error("label `{label}` must resolve to one group, resolves to {groups:?}")]
    GroupOfLabel { label: String, groups: Vec<String> },
    #[error("group `{0}` extends an unknown group, or itself")]
    WrongParentGroup(String),
    #[error("no clear answer for framework `{0}`: give rows or say that it is not applicable")]
    NoClearAnswer(String),
    #[error(
        "label `{label}` differs from the taxonomy's alignment: lost {lost:?}, extra {extra:?}"
    )]
    Alignment { label: String, lost: Vec<String>, extra: Vec<String> },
    #[error("legacy label `{0}` differs from the migration")]
    LegacyLabel(String),

    #[error("weight must be in 0..=1, got {0}")]
    WeightRange(f64),
    #[error("no base weight for framework `{0}`")]
    NoBaseWeight(String),
    #[error("unknown disposition `{0}`")]
    UnknownDisposition(String),
}
