//! The bodies of the fuzz targets: plain functions, so that every build compiles them and `cargo test` replays their
//! corpora.

mod documents;
mod jose;
mod operations;
mod parsers;

pub use documents::{device, introspection, metadata};
pub use jose::{jwk_set, jwt};
pub use operations::operations;
pub use parsers::{challenge, error_response, loopback_request, persisted_state, redirect, token_response};

/// A target: it panics if an invariant is broken.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also its corpus's.
pub const TARGETS: [(&str, Target); 12] = [
    ("token_response", token_response),
    ("error_response", error_response),
    ("redirect", redirect),
    ("challenge", challenge),
    ("persisted_state", persisted_state),
    ("loopback_request", loopback_request),
    ("operations", operations),
    ("metadata", metadata),
    ("introspection", introspection),
    ("device", device),
    ("jwt", jwt),
    ("jwk_set", jwk_set),
];
