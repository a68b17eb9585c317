//! Sessions and their calls, in virtual time.

mod expiry;
mod failures;
mod headers;
mod kinds;
mod owners;
mod refusals;
