//! CA, DP and FA: how a client proves who it is, the key that its tokens are bound to, and the profiles that it is held to.

mod adjusted;
mod authentication;
mod dpop;
mod fapi;
