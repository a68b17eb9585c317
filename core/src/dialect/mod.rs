//! What a named server family does differently: endpoints, parameters and error codes, as data and typed helpers.
//!
//! - [`space`]: JetBrains Space, the page that this library set out from;
//! - [`hub`]: JetBrains Hub, and YouTrack with it: the same family, alive;
//! - [`jetbrains`]: what the two have in common.

pub mod hub;
pub mod jetbrains;
pub mod space;
pub(crate) mod space_reason;
