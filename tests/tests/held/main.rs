//! Attacks that a hostile reading of the whole project tried and that were refused, bounded or harmless, kept as tests.
//! Which attack is held by which test, here and in the other suites, is told in `tests/HELD.md`; `table` holds that page
//! to the tests.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests play the world: its files, its servers and its clock"
)]

mod challenge;
mod front_channel;
mod json;
mod keys;
mod model;
mod origins;
mod receiver;
mod redis;
mod renewal;
mod signatures;
mod sizes;
mod stores;
mod table;
