//! CA-1 to CA-6: a client authenticates by one method, alike at every endpoint, and proves anew who it is each time.

mod assertions;
mod certificates;
mod late_keys;
mod methods;
mod world;
