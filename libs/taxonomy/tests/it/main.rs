//! What the whole of the shipped data promises.

#![expect(clippy::unwrap_used, reason = "test code")]

mod broken_data;
mod resolve;
