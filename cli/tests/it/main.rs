//! The program as a person or a script uses it: the real binary, three real service processes, a real Postgres.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test code")]

mod collector;
mod offline;
mod up;
mod world;
