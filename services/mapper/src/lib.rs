//! The mapper service.
