//! Why a key is not taken, or does not sign.

use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{CryptoProvider, KeyRejected, PrivateKey, Sign, SignerError, Verify};
use crate::jose::jwk;
use crate::jose::public_key::Curve;
use crate::jose::public_key::PublicKey;

pub(super) fn failed<E>(_: E) -> SignerError {
    SignerError::new("the arithmetic failed")
}

pub(super) fn rejected<E>(_: E) -> KeyRejected {
    KeyRejected::new("its numbers are not those of such a key")
}
