//! DV: a person with another device.

mod answers;
mod polling;
