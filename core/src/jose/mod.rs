//! JSON Web Keys, signatures and tokens, as far as OAuth needs them (RFC 7515, 7517, 7518, 7519, 7638, 8037).
//!
//! | to | use |
//! |---|---|
//! | verify what a server signed | [`JwkSet`] → [`VerificationKeys`]; [`Jws::parse`] → [`Jws::verify`], with the [`JwtType`] that is expected → [`Verified`] → [`Claims`], [`ClaimsCheck`] |
//! | fetch a server's keys, and again when need be | [`ServerKeys`], inside any flow that needs them; [`JwksCache::verifying`](crate::JwksCache::verifying), [`LookUp`] by hand |
//! | sign what a server will verify | [`PrivateJwk`] → [`KeyPair`] → [`JwtSigner`] → [`UnsignedJwt`] → [`SignedJwt`] |
//! | prove who a client is, or that it has a token's key | [`Client::assertion`](crate::Client::assertion), [`Client::dpop`](crate::Client::dpop); by hand, [`ClientAssertion`], [`DpopKey`] |
//! | keep the key elsewhere | implement [`Signer`] |
//! | bring other cryptography | implement [`CryptoProvider`] |
//!
//! Core does no arithmetic of keys itself. A program picks who does: `AwsLc` (feature `aws-lc-rs`), `RustCrypto`
//! (feature `rust-crypto`, which compiles for WASM), or a provider of its own. A key is parsed once, into a value that
//! is used any number of times.
//!
//! ```
//! # #[cfg(feature = "rust-crypto")] {
//! use std::sync::Arc;
//! use valetkey_core::jose::{
//!     Algorithm, ClaimsCheck, JwkSet, Jws, JwtSigner, JwtType, KeyPair, PrivateJwk, RustCrypto, Signer,
//!     VerificationKeys,
//! };
//! use valetkey_core::{Entropy, UnixTime};
//!
//! // Who signs: a key, with the header of its JWTs.
//! let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
//! let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?.with_key_id("2026-11"));
//! let signer = JwtSigner::new(key.clone(), Some("JWT"));
//! let claims = serde_json::json!({ "iss": "https://as.example", "exp": 1_700_000_060 });
//! let jwt = signer.write(&claims)?.sign()?.ready()?;
//!
//! // Who verifies: the keys of an issuer, pinned to the algorithms agreed on with it, and the type that is expected.
//! let published = serde_json::to_vec(&JwkSet::of(key.public_key().cloned())).unwrap();
//! let keys = VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &JwkSet::parse(&published)?)?;
//! let claims = Jws::parse(jwt.expose())?.verify(&keys, JwtType::Generic)?.claims()?;
//! ClaimsCheck::at(UnixTime::from_secs(1_700_000_000)).issuer("https://as.example").expires().check(&claims)?;
//! # }
//! # Ok::<(), valetkey_core::Error>(())
//! ```
//!
//! # Keys that answer later
//!
//! A key in a cloud's key service or in WebCrypto signs by a call that must be awaited, and a flow never awaits. Three
//! answers were thought through:
//!
//! - A step `Sign(message)` beside `Send` and `Wait`. Every host on earth would have to carry it out: each adapter's
//!   `run`, each user's own loop gets an arm for keys that almost none of them has.
//! - An async or callback twin of [`Signer`]. Every flow that signs would exist twice, or be async.
//! - [`Signed::Pending`], which is what we do. [`Signer::sign`] starts its call and says when to ask again; the flow,
//!   which keeps the [`UnsignedJwt`] and so asks for the same signature again, returns [`Step::Wait`](crate::Step::Wait);
//!   the host waits, as it can already, and steps again. Asking twice is harmless in any flow, so this needs no new
//!   step, no new trait and no line in any host, and costs a key that answers at once one branch.
//!
//! Every flow of this library does so, wherever its client signs. All that a flow has to do is to keep what it has:
//!
//! ```
//! use valetkey_core::jose::{Signed, SignedJwt, UnsignedJwt};
//! use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};
//!
//! /// Sends one signed JWT somewhere.
//! struct Introduction {
//!     unsigned: UnsignedJwt,
//!     signed: Option<SignedJwt>,
//! }
//!
//! impl Flow for Introduction {
//!     type Output = Response;
//!
//!     fn step(&mut self, response: Option<Response>, _: UnixTime) -> Result<Step<Response>, Error> {
//!         if let Some(response) = response {
//!             return Ok(Step::Done(response));
//!         }
//!         let jwt = match self.signed.take() {
//!             Some(jwt) => jwt,
//!             None => match self.unsigned.sign()? {
//!                 Signed::Ready(jwt) => jwt,
//!                 Signed::Pending(time) => return Ok(Step::Wait(time)),
//!             },
//!         };
//!         let body = self.signed.insert(jwt).expose().as_bytes().to_vec();
//!         Ok(Step::Send(Request::new(body)))
//!     }
//! }
//! ```
//!
//! A host that does not want to wait a fixed time need not: it holds the signer as well as the flow, so it may await its
//! own call and step when it is done, early as that is. [`DeferredSigner`] is that, ready made: it notes what is to be
//! signed and is handed the signature. It holds nothing of the key's, so a key that may not leave its thread, as in
//! WebCrypto, is no hindrance.

mod algorithm;
#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
mod claims;
mod client_assertion;
mod crypto;
mod deferred;
#[cfg(feature = "aws-lc-rs")]
mod der;
mod dpop_key;
mod ed25519;
mod hmac;
mod jti;
mod jwk;
mod jwk_set;
mod jwks;
mod jws;
mod jwt;
mod jwt_type;
mod private_jwk;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;
#[cfg(feature = "rust-crypto")]
mod rust_crypto_rsa;
mod server_keys;
mod signer;
mod verification_keys;

pub use algorithm::Algorithm;
#[cfg(feature = "aws-lc-rs")]
pub use aws_lc::AwsLc;
pub use claims::{Claims, ClaimsCheck};
pub use client_assertion::{CLIENT_ASSERTION_TYPE, ClientAssertion};
pub use crypto::{
    CryptoProvider, Curve, KeyRejected, PrivateKey, PublicKey, RsaPrivateKey, Sign, SignerError, Verify,
};
pub use deferred::DeferredSigner;
pub use dpop_key::DpopKey;
pub use jwk::Jwk;
pub use jwk_set::{JwkSet, MAX_KEYS};
pub use jwks::LookUp;
pub use jws::{Jws, MAX_JWT, Verified};
pub use jwt::{JwtSigner, SignedJwt, UnsignedJwt};
pub use jwt_type::JwtType;
pub use private_jwk::PrivateJwk;
#[cfg(feature = "rust-crypto")]
pub use rust_crypto::RustCrypto;
pub(crate) use server_keys::KeySearch;
pub use server_keys::ServerKeys;
pub use signer::{KeyPair, Signed, Signer};
pub use verification_keys::VerificationKeys;
