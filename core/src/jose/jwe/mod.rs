//! Encrypted JWTs (JWE, RFC 7516, with the algorithms of RFC 7518 §4 and §5 and of RFC 8037 §3.2): what a server encrypts
//! to a client, and what a client encrypts to a server. Compact form only, around a signed JWT (RFC 7519 §11.2).
//!
//! | to | use |
//! |---|---|
//! | say what was registered | [`Encryption`]: one [`KeyAlgorithm`], one [`ContentAlgorithm`] |
//! | have keys that servers encrypt to, publish and replace them | [`DecryptionKeys`], [`PrivateJwk::generate_for_encryption`](crate::jose::PrivateJwk::generate_for_encryption) |
//! | have every flow of a client decrypt what it is registered for | [`Client::decryption_keys`](crate::Client::decryption_keys), [`Client::id_token_encryption`](crate::Client::id_token_encryption) and its like |
//! | encrypt a request to a server | [`AuthorizationRequest::encrypted`](crate::AuthorizationRequest::encrypted) |
//! | read a message, whether it is encrypted or not, as was registered | [`Decryption::open`] → [`Opened::jws`] → [`Jws::verify`](crate::jose::Jws::verify) |
//! | decrypt by hand | [`Jwe::parse`] → [`Jwe::decrypt`] → [`Decrypted`] |
//! | encrypt to a server | [`EncryptionKey`] → [`EncryptedJwt`] |
//!
//! Decrypting proves nothing of the sender: anybody can encrypt with a public key. So what comes out is a JWS, which is
//! verified like any other ([ID-51](crate::Rule::Id51)).
//!
//! # What an attacker learns
//!
//! What anybody can see in the text is refused by name: its form, its header, the lengths of its parts. From the moment
//! that a private key is used there is one error, [ID-46](crate::Rule::Id46), for a key that does not unwrap, a wrong tag
//! and a wrong padding, and no step is left out for any of them: a key that does not unwrap is replaced by one that nobody
//! knows, and the content is decrypted with that.
//!
//! # Algorithms
//!
//! Both of core's providers have ECDH-ES on P-256, P-384, P-521 and X25519, with and without key wrap, and all six ways to
//! encrypt content. Both encrypt by RSA-OAEP; only `AwsLc` decrypts by it: the crate of RSA in pure Rust has told its private
//! key by the time that it takes (RUSTSEC-2023-0071), and calls its work against that unfinished. `RSA1_5`, `dir`, key wrap
//! by shared secrets, passwords and compression are refused ([ID-45](crate::Rule::Id45), [ID-50](crate::Rule::Id50)).
//!
//! ```
//! # #[cfg(feature = "rust-crypto")] {
//! use std::sync::Arc;
//! use valetkey_core::Entropy;
//! use valetkey_core::jose::jwe::{
//!     AgreementCurve, ContentAlgorithm, Decryption, DecryptionKeys, Encryption, EncryptionKey, KeyAlgorithm,
//! };
//! use valetkey_core::jose::{
//!     Algorithm, JwtSigner, JwtType, KeyPair, PrivateJwk, RustCrypto, Signer, VerificationKeys,
//! };
//!
//! // The client: a private key, its public half for the world, and what was registered.
//! let entropy = Entropy::from_seed([1; 32]);
//! let key = PrivateJwk::generate_for_encryption(&RustCrypto, AgreementCurve::X25519, entropy)?;
//! let keys = DecryptionKeys::new(&RustCrypto, &[key.with_key_id("2026-11")], &[])?;
//! let registered = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);
//!
//! // The server signs, and encrypts what it signed.
//! let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([2; 32]))?;
//! let signing = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?);
//! let claims = serde_json::json!({ "iss": "https://as.example", "sub": "248289761001" });
//! let signed = JwtSigner::new(signing.clone(), None).write(&claims)?.sign()?.ready()?;
//! let to_client = EncryptionKey::choose(&RustCrypto, registered, &keys.published())?;
//! let message = to_client.encrypt(&signed, Entropy::from_seed([3; 32]))?;
//!
//! // The client opens it as it registered it, and verifies what is inside.
//! let decryption = Decryption::new(keys, registered);
//! let opened = Decryption::open(Some(&decryption), message.expose())?;
//! let issuer = VerificationKeys::one(&RustCrypto, &[Algorithm::Es256], signing.public_key().unwrap())?;
//! let claims = opened.jws()?.verify(&issuer, JwtType::Generic)?.claims()?;
//! assert_eq!(claims.issuer(), Some("https://as.example"));
//! # }
//! # Ok::<(), valetkey_core::Error>(())
//! ```

pub(crate) mod algorithm;
pub(crate) mod content;
pub(crate) mod decrypted;
pub(crate) mod decryption;
pub(crate) mod encrypted;
pub(crate) mod fresh;
pub(crate) mod header;
pub(crate) mod kdf;
pub(crate) mod keys;
pub(crate) mod message;
pub(crate) mod received;
pub(crate) mod replicated;

pub use crate::jose::jwe::algorithm::{AgreementCurve, ContentAlgorithm, Encryption, KeyAlgorithm};
pub use crate::jose::jwe::decrypted::Decrypted;
pub use crate::jose::jwe::decryption::{Decryption, Opened};
pub use crate::jose::jwe::encrypted::{EncryptedJwt, EncryptionKey};
pub use crate::jose::jwe::keys::DecryptionKeys;
pub use crate::jose::jwe::message::{Jwe, MAX_JWE};
