//! The Authorization Playground: OAuth, one request at a time, at a server that you name or at a sandbox that is built in.
//! The methods are those of JetBrains Space's page. How a program does the same is told in
//! [the guide](https://docs.rs/valetkey-async/latest/valetkey_async/guide/).
//!
//! [`play`] is the engine, a value without I/O; [`page`] serves it on a loopback port.

pub mod page;
pub mod play;
