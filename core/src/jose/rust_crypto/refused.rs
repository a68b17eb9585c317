//! Why a key is not taken, or does not sign.

use crate::jose::crypto::{KeyRejected, SignerError};

pub(super) fn failed<E>(_: E) -> SignerError {
    SignerError::new("the arithmetic failed")
}

pub(super) fn rejected<E>(_: E) -> KeyRejected {
    KeyRejected::new("its numbers are not those of such a key")
}
