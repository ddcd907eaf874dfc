//! How bad a canonical label is. A property of the label in the taxonomy, never of one finding.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Ordered: `Info` is the least, `Critical` the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Every value, in order.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Severity, Invalid> {
        let known = Severity::ALL.into_iter().find(|it| it.as_str() == text);
        known.ok_or_else(|| Invalid::Severity(text.to_owned()))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back_from_its_name() {
        for it in Severity::ALL {
            assert_eq!(it.as_str().parse(), Ok(it));
        }
        assert_eq!("Critical".parse::<Severity>(), Err(Invalid::Severity("Critical".to_owned())));
    }

    #[test]
    fn critical_outranks_info() {
        assert_eq!(Severity::ALL.into_iter().max(), Some(Severity::Critical));
        assert!(Severity::ALL.is_sorted());
    }
}
