//! DI and JK: what servers say of themselves, and where; and their keys.

mod adapters;
mod admission;
mod hosts;
mod keys;
mod metadata;
mod order;
mod profile_names;
mod profiles;
mod public_hosts;
mod signed_metadata;

#[allow(
    dead_code,
    reason = "it is set up for the authorization requests' tests, and serves a part of it here"
)]
#[path = "../authorize/support.rs"]
mod support;
