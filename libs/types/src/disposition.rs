//! What became of a finding. Which control it is evidence for depends on it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// `Unknown` counts as not holding: no condition on a disposition is met by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Blocked, redacted or held.
    Contained,
    /// Reached an output, tool, log or third party.
    Exposed,
    /// Accepted into a prompt, store or training data.
    Ingested,
    /// An attack got past, or a forbidden action was done.
    Succeeded,
    Unknown,
}

impl Disposition {
    /// Every value, in order.
    pub const ALL: [Disposition; 5] = [
        Disposition::Contained,
        Disposition::Exposed,
        Disposition::Ingested,
        Disposition::Succeeded,
        Disposition::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Disposition::Contained => "contained",
            Disposition::Exposed => "exposed",
            Disposition::Ingested => "ingested",
            Disposition::Succeeded => "succeeded",
            Disposition::Unknown => "unknown",
        }
    }
}

impl FromStr for Disposition {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Disposition, Invalid> {
        let known = Disposition::ALL.into_iter().find(|it| it.as_str() == text);
        known.ok_or_else(|| Invalid::Disposition(text.to_owned()))
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back_from_its_name() {
        for it in Disposition::ALL {
            assert_eq!(it.as_str().parse(), Ok(it));
        }
        assert_eq!(
            "blocked".parse::<Disposition>(),
            Err(Invalid::Disposition("blocked".to_owned()))
        );
    }
}
