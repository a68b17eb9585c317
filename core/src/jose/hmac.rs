//! HMAC (RFC 2104) with the three hashes of JOSE (RFC 7518 §3.2).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384, Sha512};

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;

/// A keyed hash, ready to be copied for each message.
#[derive(Clone)]
pub(crate) enum Key {
    Hs256(Hmac<Sha256>),
    Hs384(Hmac<Sha384>),
    Hs512(Hmac<Sha512>),
}

/// Takes a secret as a key. One that is shorter than the hash is refused ([CA-5](crate::Rule::Ca5)).
pub(crate) fn key(algorithm: Algorithm, secret: &[u8]) -> Result<Key, Error> {
    let Some(length) = algorithm.signature_len().filter(|_| algorithm.is_symmetric()) else {
        return Err(misuse_of(Rule::Id4, format!("{algorithm} signs with a key pair, not with a secret")));
    };
    if secret.len() < length {
        return Err(misuse_of(Rule::Ca5, format!("{algorithm} needs a secret of {length} bytes or more")));
    }
    let key = match algorithm {
        Algorithm::Hs256 => Hmac::new_from_slice(secret).map(Key::Hs256),
        Algorithm::Hs384 => Hmac::new_from_slice(secret).map(Key::Hs384),
        _ => Hmac::new_from_slice(secret).map(Key::Hs512),
    };
    key.map_err(|_| misuse("the client secret cannot be used as the key of an HMAC"))
}

impl Key {
    pub(crate) fn tag(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Hs256(mac) => mac.clone().chain_update(message).finalize().into_bytes().to_vec(),
            Self::Hs384(mac) => mac.clone().chain_update(message).finalize().into_bytes().to_vec(),
            Self::Hs512(mac) => mac.clone().chain_update(message).finalize().into_bytes().to_vec(),
        }
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Hs256(mac) => mac.clone().chain_update(message).verify_slice(tag).is_ok(),
            Self::Hs384(mac) => mac.clone().chain_update(message).verify_slice(tag).is_ok(),
            Self::Hs512(mac) => mac.clone().chain_update(message).verify_slice(tag).is_ok(),
        }
    }
}
