//! A user with another device (RFC 8628).

pub(crate) mod authorization;
pub(crate) mod poll;
pub(crate) mod request;
