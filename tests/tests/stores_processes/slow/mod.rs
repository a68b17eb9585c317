//! Stores in trouble, at length: a Redis that stalls, connections that die in each state, places that are full, a day of all that.

mod day;
mod deaths;
mod full;
mod stalls;
