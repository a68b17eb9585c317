//! JSON Web Keys, signatures, encryption and tokens, as far as OAuth needs them (RFC 7515 to 7519, 7638, 8037).
//!
//! | to | use |
//! |---|---|
//! | verify what a server signed | [`JwkSet`] → [`VerificationKeys`]; [`Jws::parse`] → [`Jws::verify`], with the [`JwtType`] that is expected → [`Verified`] → [`Claims`], [`ClaimsCheck`] |
//! | fetch a server's keys, and again when need be | [`ServerKeys`](crate::server::ServerKeys), inside any flow that needs them; [`JwksCache::verifying`](crate::server::JwksCache::verifying), [`LookUp`](crate::server::LookUp) by hand |
//! | sign what a server will verify | [`PrivateJwk`] → [`KeyPair`] → [`JwtSigner`] → [`UnsignedJwt`] → [`SignedJwt`] |
//! | prove who a client is, or that it has a token's key | [`Client::assertion`](crate::Client::assertion), [`Client::dpop`](crate::Client::dpop); by hand, [`ClientAssertion`](crate::client::ClientAssertion), [`Dpop`](crate::Dpop) |
//! | decrypt what a server encrypted, encrypt what a server will decrypt | [`jwe`] |
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
//!   which keeps the JWT in a [`Once`] and so asks for the same signature again, returns [`Step::Wait`](crate::Step::Wait);
//!   the host waits, as it can already, and steps again. Asking twice is harmless in any flow, so this needs no new
//!   step, no new trait and no line in any host, and costs a key that answers at once one branch.
//!
//! Every flow of this library does so, wherever its client signs. All that a flow has to do is to keep what it has:
//!
//! ```
//! use valetkey_core::jose::{Once, Signed};
//! use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};
//!
//! /// Sends one signed JWT somewhere.
//! struct Introduction {
//!     jwt: Once,
//! }
//!
//! impl Flow for Introduction {
//!     type Output = Response;
//!
//!     fn step(&mut self, response: Option<Response>, _: UnixTime) -> Result<Step<Response>, Error> {
//!         if let Some(response) = response {
//!             return Ok(Step::Done(response));
//!         }
//!         Ok(match self.jwt.sign()? {
//!             Signed::Ready(jwt) => Step::Send(Request::new(jwt.expose().as_bytes().to_vec())),
//!             Signed::Pending(time) => Step::Wait(time),
//!         })
//!     }
//! }
//! ```
//!
//! A host that does not want to wait a fixed time need not: it holds the signer as well as the flow, so it may await its
//! own call and step when it is done, early as that is. [`DeferredSigner`] is that, ready made: it notes what is to be
//! signed and is handed the signature. It holds nothing of the key's, so a key that may not leave its thread, as in
//! WebCrypto, is no hindrance: the example `browser` has one.

pub(crate) mod algorithm;
#[cfg(feature = "aws-lc-rs")]
pub(crate) mod aws_lc;
pub(crate) mod base64;
pub(crate) mod built_in;
pub(crate) mod claims;
pub(crate) mod compact;
pub(crate) mod crypto;
pub(crate) mod deferred;
#[cfg(feature = "aws-lc-rs")]
pub(crate) mod der;
pub(crate) mod ed25519;
pub(crate) mod hmac;
pub(crate) mod jti;
pub mod jwe;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
pub(crate) mod jwt;
pub(crate) mod jwt_type;
pub(crate) mod kind;
pub(crate) mod once;
pub(crate) mod parts;
pub(crate) mod private_jwk;
pub(crate) mod public_key;
#[cfg(feature = "rust-crypto")]
pub(crate) mod rust_crypto;
pub(crate) mod signer;
pub(crate) mod verification_keys;

pub use crate::jose::algorithm::Algorithm;
#[cfg(feature = "aws-lc-rs")]
pub use crate::jose::aws_lc::AwsLc;
pub use crate::jose::claims::{Claims, ClaimsCheck};
pub use crate::jose::crypto::{
    Agree, CryptoProvider, EncryptionProvider, KeyRejected, OaepDecrypt, OaepEncrypt, OaepHash, PrivateKey,
    RsaPrivateKey, Sign, SignerError, Verify,
};
pub use crate::jose::deferred::DeferredSigner;
pub use crate::jose::jwk::Jwk;
pub use crate::jose::jwk_set::{JwkSet, MAX_KEYS};
pub use crate::jose::jws::{Jws, Verified};
pub use crate::jose::jwt::{JwtSigner, SignedJwt, UnsignedJwt};
pub use crate::jose::jwt_type::JwtType;
pub use crate::jose::once::Once;
pub use crate::jose::parts::MAX_JWT;
pub use crate::jose::private_jwk::PrivateJwk;
pub use crate::jose::public_key::Curve;
pub use crate::jose::public_key::PublicKey;
#[cfg(feature = "rust-crypto")]
pub use crate::jose::rust_crypto::RustCrypto;
pub use crate::jose::signer::{KeyPair, Signed, Signer};
pub use crate::jose::verification_keys::VerificationKeys;
