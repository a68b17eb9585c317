//! DP: tokens that are bound to a key, from the proof in a token request to the session that outlives the process.
//! The sandbox verifies every proof by code of its own, in virtual time; both adapters run the same over HTTP.

mod adapters;
mod calls;
mod demands;
mod proofs;
mod properties;
mod pushed;
mod sessions;
mod signers;
mod tokens;
mod world;
