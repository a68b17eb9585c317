//! A proof for one request, from its text to its signature: [`Proof`].

use std::sync::Arc;

use http::HeaderValue;

use crate::ground::error::{Error, misuse};
use crate::jose::jwt::UnsignedJwt;
use crate::jose::signer::Signed;
use crate::terms::secret::sensitive_header;

/// Written once and signed once: who asks for the same request again gets the same proof.
pub(crate) struct Proof {
    unsigned: UnsignedJwt,
    nonce: Option<Arc<str>>,
    signed: Option<HeaderValue>,
}

impl Proof {
    pub(super) const fn new(unsigned: UnsignedJwt, nonce: Option<Arc<str>>) -> Self {
        Self { unsigned, nonce, signed: None }
    }

    /// The header's value, marked as sensitive, once the key has signed it.
    pub(crate) fn header(&mut self) -> Result<Signed<HeaderValue>, Error> {
        if let Some(header) = &self.signed {
            return Ok(Signed::Ready(header.clone()));
        }
        let jwt = match self.unsigned.sign()? {
            Signed::Ready(jwt) => jwt,
            Signed::Pending(time) => return Ok(Signed::Pending(time)),
        };
        let header = sensitive_header(&[jwt.expose()])
            .ok_or_else(|| misuse("the DPoP proof has characters that a header cannot carry"))?;
        self.signed = Some(header.clone());
        Ok(Signed::Ready(header))
    }

    /// The same, if it is signed.
    pub(crate) const fn signed(&self) -> Option<&HeaderValue> {
        self.signed.as_ref()
    }

    /// Whether this nonce is another than the one it was refused with: a proof is not repeated for the same (DP-5).
    pub(crate) fn is_answered_by(&self, nonce: &str) -> bool {
        self.nonce.as_deref() != Some(nonce)
    }
}
