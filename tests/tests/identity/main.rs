//! Who logged in: ID tokens, held to everything (OpenID Connect Core §2, §3.1.3.7, §12.2).

mod algorithms;
mod allocations;
mod asked;
mod claims;
mod device;
mod encrypted;
mod exits;
mod flags;
mod keys;
mod renewal;
mod renewed_token;
mod shown;
mod standard;
mod tenants;
mod vouched;
