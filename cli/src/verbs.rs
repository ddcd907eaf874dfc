//! One file per group of verbs: decode the arguments, call the mesh, show the answer.

pub(crate) mod analyse;
pub(crate) mod detect;
pub(crate) mod events;
pub(crate) mod ingest;
pub(crate) mod map;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod taxonomy;
pub(crate) mod tenancy;
