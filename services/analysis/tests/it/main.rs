//! Analysis from the outside: a real server, a real database, the generated clients, scripted feeds.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test code")]

mod consume;
mod coverage;
mod gaps;
mod posture;
mod progress;
mod reports;
mod risks;
mod summary;
mod world;
