//! The plans for OpenID Connect: Basic, Implicit, Hybrid, Form Post, Config, Dynamic, refresh tokens.

pub(crate) mod modules;
pub(crate) mod plans;
mod provider;
