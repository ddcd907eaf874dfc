//! Limits of a finding, the same at every door it passes. Sizes are in bytes of UTF-8.

pub const FINDING_ID_BYTES_MAX: usize = 128;
pub const DETECTOR_BYTES_MAX: usize = 128;
pub const DETECTOR_VERSION_BYTES_MAX: usize = 128;
pub const RAW_LABEL_BYTES_MAX: usize = 512;
pub const RESOURCE_BYTES_MAX: usize = 1024;
/// Keys and values together.
pub const METADATA_BYTES_MAX: usize = 8 * 1024;
pub const REQUEST_ID_BYTES_MAX: usize = 64;
/// A `traceparent` of version 00 has 55.
pub const TRACE_PARENT_BYTES_MAX: usize = 64;
/// A detector's clock may be this far ahead of ours, in seconds; a later time makes no sense.
pub const FUTURE_SECONDS_MAX: i64 = 5 * 60;
