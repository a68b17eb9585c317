//! The page without a browser: its routes asked one by one.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and plays the world"
)]

mod asking;
mod bounds;
mod held;
mod runs;
mod sessions;
mod world;
