//! What is wrong with a request, and how the caller is told.

use tonic::Status;
use tonic_types::{FieldViolation, StatusExt as _};

use crate::status::{self, ErrorCode};

/// One limit that a message does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// `findings[3].raw_label`; empty for the message as a whole.
    pub field: String,
    /// What must hold, in words. Never what was sent.
    pub message: String,
    /// The limit, where it is a number.
    pub limit: Option<String>,
    /// What was counted against the limit: a length, or the number itself.
    pub size: Option<String>,
}

impl Violation {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Violation {
        Violation { field: field.into(), message: message.into(), limit: None, size: None }
    }

    pub(super) fn undecodable() -> Violation {
        Violation::new("", "must be a protobuf message of its type, with strings in UTF-8")
    }

    pub(super) fn too_long(limit: usize, size: Option<usize>) -> Violation {
        Violation {
            field: String::new(),
            message: format!("must have at most {limit} bytes"),
            limit: Some(limit.to_string()),
            size: size.map(|size| size.to_string()),
        }
    }

    fn sentence(&self) -> String {
        let Violation { field, message, size, .. } = self;
        let subject =
            if field.is_empty() { "the request".to_owned() } else { format!("`{field}`") };
        let got = size.as_ref().map(|size| format!(", got {size}")).unwrap_or_default();
        format!("{subject} {message}{got}")
    }
}

/// INVALID_REQUEST because of one violation.
pub(super) fn refuse(violation: Violation) -> Status {
    status_of(&violation, std::slice::from_ref(&violation))
}

/// INVALID_REQUEST naming the first violation in words, all of them in `BadRequest`. Nothing when there is none.
pub(super) fn refuse_all(violations: &[Violation]) -> Option<Status> {
    Some(status_of(violations.first()?, violations))
}

fn status_of(first: &Violation, violations: &[Violation]) -> Status {
    let mut answer = status::Answer::from(ErrorCode::InvalidRequest);
    if !first.field.is_empty() {
        answer = answer.with("field", &first.field);
    }
    if let Some(limit) = &first.limit {
        answer = answer.with("limit", limit);
    }
    if let Some(size) = &first.size {
        answer = answer.with("size", size);
    }
    let mut message = first.sentence();
    if 1 < violations.len() {
        message.push_str(&format!(" (and {} more)", violations.len() - 1));
    }
    let bare = status::refuse(answer, message);

    let field_violations: Vec<FieldViolation> =
        violations.iter().map(|it| FieldViolation::new(&it.field, it.sentence())).collect();
    let mut details = bare.get_error_details();
    details.set_bad_request(field_violations);
    Status::with_error_details(bare.code(), bare.message(), details)
}
