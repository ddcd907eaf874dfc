//! Words that two or more services share. Pure values: no IO, no wire formats.

pub mod limit;

mod disposition;
mod route;
mod severity;

use std::fmt;

use uuid::Uuid;

pub use disposition::Disposition;
pub use route::Route;
pub use severity::Severity;

/// Whose data this is. Every query and every cache key starts with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Uuid);

/// How sure someone is, from 0 to 1. Never NaN.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Invalid {
    #[error("not a tenant id: `{0}`")]
    TenantId(String),
    #[error("confidence must be in 0..=1, got {0}")]
    Confidence(f64),
    #[error("not a disposition: `{0}`")]
    Disposition(String),
    #[error("not a route: `{0}`")]
    Route(String),
    #[error("not a severity: `{0}`")]
    Severity(String),
}

impl From<Uuid> for TenantId {
    fn from(id: Uuid) -> TenantId {
        TenantId(id)
    }
}

impl TenantId {
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl std::str::FromStr for TenantId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<TenantId, Invalid> {
        Uuid::parse_str(text).map(TenantId).map_err(|_| Invalid::TenantId(text.to_owned()))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Confidence {
    pub const ZERO: Confidence = Confidence(0.0);
    pub const ONE: Confidence = Confidence(1.0);

    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Confidence {
    type Error = Invalid;

    fn try_from(value: f64) -> Result<Confidence, Invalid> {
        if !(0.0..=1.0).contains(&value) {
            return Err(Invalid::Confidence(value));
        }
        Ok(Confidence(value))
    }
}
