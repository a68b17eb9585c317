//! What a client proves: who it is, and which key or certificate it has.

pub(crate) mod assertion;
pub(crate) mod certificate;
pub(crate) mod client_auth;
pub(crate) mod client_request;
pub(crate) mod dpop;
mod request_object;
