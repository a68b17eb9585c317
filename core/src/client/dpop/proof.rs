//! A proof for one request, from its text to its signature: [`Proof`].

use std::sync::Arc;

use http::HeaderValue;

use crate::ground::error::{Error, misuse};
use crate::jose::jwt::{SignedJwt, UnsignedJwt};
use crate::jose::once::Once;
use crate::jose::signer::Signed;
use crate::terms::secret::sensitive_header;

/// Written once and signed once: who asks for the same request again gets the same proof.
pub(crate) struct Proof {
    header: Once<HeaderValue>,
    nonce: Option<Arc<str>>,
}

impl Proof {
    pub(super) const fn new(unsigned: UnsignedJwt, nonce: Option<Arc<str>>) -> Self {
        Self { header: Once::made_into(unsigned, header), nonce }
    }

    /// The header's value, marked as sensitive, once the key has signed it.
    pub(crate) fn header(&mut self) -> Result<Signed<HeaderValue>, Error> {
        Ok(match self.header.sign()? {
            Signed::Ready(header) => Signed::Ready(header.clone()),
            Signed::Pending(time) => Signed::Pending(time),
        })
    }

    /// The same, if it is signed.
    pub(crate) const fn signed(&self) -> Option<&HeaderValue> {
        self.header.signed()
    }

    /// Whether this nonce is another than the one it was refused with: a proof is not repeated for the same
    /// ([DP-5](crate::Rule::Dp5)).
    pub(crate) fn is_answered_by(&self, nonce: &str) -> bool {
        self.nonce.as_deref() != Some(nonce)
    }
}

fn header(jwt: SignedJwt) -> Result<HeaderValue, Error> {
    sensitive_header(&[jwt.expose()])
        .ok_or_else(|| misuse("the DPoP proof has characters that a header cannot carry"))
}
