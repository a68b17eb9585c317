//! The servers that people use, as they are documented: [`Persona`], and one that answers, [`Provider`].
//!
//! A persona is data: a line of the table for each profile of `valetkey_core::server::Profile`, with the answers that the
//! server's own documentation shows. One engine reads it.

mod api;
mod authorization;
mod client;
mod data;
mod devices;
mod identity;
mod kind;
mod provider;
mod revocation;
mod token;

pub use identity::WrittenSecret;
pub use kind::Persona;
pub use provider::Provider;
