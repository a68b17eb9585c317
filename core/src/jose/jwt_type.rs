//! What kind of JWT is expected, by the header's `typ`: [`JwtType`] (RFC 8725 §3.11).
//!
//! A server signs many kinds of JWT with one key: authorization responses, access tokens, logout tokens, introspections.
//! What keeps one from being taken for another is `typ`. So nothing reads a payload without saying which it expects:
//! [`Jws::verify`](crate::jose::jws::Jws::verify) takes one of these.

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;

/// The type of JWT that is expected ([ID-24](crate::Rule::Id24)).
///
/// Types are media types: letters of either case are the same, and a leading `application/` may be left out
/// (RFC 7515 §4.1.9).
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// # use std::sync::Arc;
/// # use valetkey_core::{Entropy, Rule};
/// # use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair, PrivateJwk, RustCrypto, Signer as _};
/// use valetkey_core::jose::{Jws, JwtType, VerificationKeys};
/// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// # let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?);
/// # let keys = VerificationKeys::one(&RustCrypto, &[Algorithm::Es256], key.public_key().unwrap())?;
/// # let jwt = JwtSigner::new(key, Some("at+jwt")).write(&serde_json::json!({}))?.sign()?.ready()?;
///
/// // An access token is an access token, and nothing else.
/// assert!(Jws::parse(jwt.expose())?.verify(&keys, JwtType::Explicit("at+jwt")).is_ok());
/// let refused = Jws::parse(jwt.expose())?.verify(&keys, JwtType::Generic).unwrap_err();
/// assert_eq!(refused.rule(), Some(Rule::Id24));
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtType<'a> {
    /// The specification of its use names no type: `typ` is absent or `JWT`, and not that of another use.
    Generic,
    /// The specification names this one, such as `at+jwt`: `typ` is there, and is it.
    Explicit(&'a str),
}

impl JwtType<'_> {
    /// Whether a JWT with this `typ` is of the type.
    #[must_use]
    pub fn admits(self, typ: Option<&str>) -> bool {
        match (self, typ) {
            (Self::Generic, None) => true,
            (Self::Generic, Some(typ)) => short(typ).eq_ignore_ascii_case("JWT"),
            (Self::Explicit(_), None) => false,
            (Self::Explicit(expected), Some(typ)) => short(typ).eq_ignore_ascii_case(short(expected)),
        }
    }

    pub(crate) fn require(self, typ: Option<&str>) -> Result<(), Error> {
        if self.admits(typ) {
            return Ok(());
        }
        Err(malformed(
            Rule::Id24,
            match self {
                Self::Generic => {
                    "the JWT is of a type that is for another use: its typ is not JWT".to_owned()
                }
                Self::Explicit(expected) => format!("the JWT is not of the type {expected}"),
            },
        ))
    }
}

/// The type without the `application/` that may be left out, which it may be only where nothing after it has a slash.
fn short(typ: &str) -> &str {
    match typ.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
        _ => typ,
    }
}
