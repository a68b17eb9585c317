//! The organisation: who and what there is, what was issued to them, and how the server is set up.

pub(crate) mod application;
pub(crate) mod asked;
pub(crate) mod claims;
pub(crate) mod controls;
pub(crate) mod demo;
pub(crate) mod details;
pub(crate) mod encryption;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod login;
mod misbehaving;
pub(crate) mod people;
pub(crate) mod rights;
pub(crate) mod sandbox;
pub(crate) mod served;
mod server_keys;
pub(crate) mod settings;
pub(crate) mod telling;
pub(crate) mod waiting;
