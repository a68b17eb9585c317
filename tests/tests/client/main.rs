//! CA and DP: how a client proves who it is, and the key that its tokens are bound to.

mod adjusted;
mod authentication;
mod dpop;
