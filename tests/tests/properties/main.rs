//! Properties: what holds whatever the input.

mod flows;
mod owners;
mod round_trips;
mod state;
mod store_keys;
mod urls;
