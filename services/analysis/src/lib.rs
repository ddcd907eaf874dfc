//! The analysis service.
