//! Properties: what holds whatever the input.

mod challenges;
mod flows;
mod forms;
mod games;
mod json;
mod owners;
mod round_trips;
mod state;
mod store_keys;
mod urls;
