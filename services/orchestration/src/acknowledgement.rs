//! What a pushing detector is told about each finding and run report. Pure.

use crate::finding::Fault;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Position in the stream or batch.
    pub index: u64,
    /// The finding's or report's own id, as sent.
    pub id: String,
    pub status: Status,
    /// Why it was refused or is malformed.
    pub error: Option<ItemError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Committed.
    Accepted,
    /// Committed to the inbox; the mapper gets it when it is back.
    Queued,
    /// Committed before.
    Duplicate,
    /// Committed as an event of its own kind, because its values make no sense.
    Malformed,
    /// Nothing was stored.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemError {
    pub code: Code,
    pub message: String,
    /// Empty where no field is at fault.
    pub field: String,
}

/// As much of the closed set of errors as one item can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    DetectorNotFound,
    UpstreamUnavailable,
    Internal,
}

/// The answers to one delivery, in the order of what was delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledgements {
    pub findings: Vec<Acknowledgement>,
    pub reports: Vec<Acknowledgement>,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Accepted => "accepted",
            Status::Queued => "queued",
            Status::Duplicate => "duplicate",
            Status::Malformed => "malformed",
            Status::Refused => "refused",
        }
    }
}

impl ItemError {
    /// The fault of an entry; `list` is the field it stands in, `index` its place in the stream or batch.
    pub fn fault(fault: &Fault, list: &str, index: u64) -> ItemError {
        let field = format!("{list}[{index}].{}", fault.field);
        ItemError { code: Code::InvalidRequest, message: fault.message.clone(), field }
    }

    pub fn unknown_detector(list: &str, index: u64) -> ItemError {
        ItemError {
            code: Code::DetectorNotFound,
            message: "neither the mesh nor the tenant has such a detector".to_owned(),
            field: format!("{list}[{index}].detector"),
        }
    }

    pub fn unavailable(what: &str) -> ItemError {
        let message = format!("{what}, try again later");
        ItemError { code: Code::UpstreamUnavailable, message, field: String::new() }
    }

    pub fn internal() -> ItemError {
        ItemError {
            code: Code::Internal,
            message: "internal error".to_owned(),
            field: String::new(),
        }
    }
}
