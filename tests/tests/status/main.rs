//! IN and RV: what a token is worth, said plainly or signed, and its end.

mod introspection;
mod revocation;
mod signed_introspection;

#[allow(
    dead_code,
    reason = "it is set up for the authorization requests' tests, and serves a part of it here"
)]
#[path = "../authorize/support.rs"]
mod support;
