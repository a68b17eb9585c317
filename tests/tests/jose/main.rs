//! ID, and the proofs of CA and DP: JWTs, their keys and who signs them.

mod claims;
mod edges;
mod jwe;
mod jwe_keys;
mod jwe_recipients;
mod jwe_round_trips;
mod jwe_vectors;
mod jwe_written;
mod jwe_wycheproof;
mod key_sets;
mod key_uses;
mod kinds;
mod numbers;
mod proofs;
mod round_trips;
mod rules;
mod secrets;
mod shown;
mod signature_lengths;
mod signers;
mod small_order;
mod vectors;
mod wycheproof;
