//! Properties: what holds whatever the input.

mod flows;
mod forms;
mod owners;
mod round_trips;
mod state;
mod store_keys;
mod urls;
