//! The program as a person and a script meet it: a real process, its two outputs, its exit code, its terminal; against
//! the sandbox on a loopback port.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and stands for the world"
)]

mod accounts;
mod admitted;
mod call;
mod columns;
mod config;
mod described;
mod dialect;
mod elsewhere;
mod exits;
mod fapi;
mod held;
mod help;
mod hostile;
mod inspect;
#[cfg(target_os = "linux")]
mod keyring;
mod keys;
mod list;
mod login;
mod logout;
mod methods;
mod named;
mod network;
mod openid;
#[cfg(unix)]
mod pipes;
mod providers;
mod sandbox;
mod secrets;
#[cfg(unix)]
mod terminal;
mod terms;
mod token;
#[cfg(unix)]
mod tour;
#[cfg(unix)]
mod trust;
mod verified;
#[cfg(unix)]
mod visible;
mod whoami;
mod world;
