//! The Authorization Playground: every OAuth method of JetBrains Space, one request at a time.
//!
//! [`play`] is the engine, a value without I/O; [`page`] serves it on a loopback port.

pub mod page;
pub mod play;
