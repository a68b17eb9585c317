//! JetBrains' dialects: Space and Hub.

mod errors;
mod hub;
mod space;
