//! The wire: every message and service of the mesh, generated from `proto/llamamapper`.
//!
//! Nothing here is written by hand. To change it, edit a `.proto` file and run
//! `UPDATE_EXPECT=1 cargo test -p proto`.

#![expect(clippy::large_enum_variant, reason = "generated code is as prost writes it")]

/// Every `.proto` file with its options and comments, as an encoded `google.protobuf.FileDescriptorSet`.
///
/// `runtime::contract` derives permissions, validation, HTTP paths and the OpenAPI document from it.
pub const DESCRIPTORS: &[u8] = include_bytes!("gen/descriptors.bin");

pub mod common {
    pub mod v1 {
        include!("gen/llamamapper.common.v1.rs");
    }
}

pub mod detector {
    pub mod v1 {
        include!("gen/llamamapper.detector.v1.rs");
    }
}

pub mod orchestration {
    pub mod v1 {
        include!("gen/llamamapper.orchestration.v1.rs");
    }
}

pub mod mapper {
    pub mod v1 {
        include!("gen/llamamapper.mapper.v1.rs");
    }
}

pub mod analysis {
    pub mod v1 {
        include!("gen/llamamapper.analysis.v1.rs");
    }
}
