//! The nonces that servers gave (RFC 9449 §8): [`Nonces`].

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, Uri};

use crate::client::dpop::audience::Audience;
use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::wire::uri::Origin;

/// The header that a server gives a nonce in.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// The longest nonce that is taken, in bytes: it comes back in every proof.
const MAX_NONCE: usize = 1024;
/// Of how many servers one is remembered.
const MAX_SERVERS: usize = 64;

/// The newest nonce of each server, the last one heard of at the end. A server that has not been heard of for the longest time
/// is forgotten first, and asks again.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Vec<Known>>);

struct Known {
    audience: Audience,
    origin: Origin,
    nonce: Arc<str>,
}

impl Nonces {
    /// The nonce for the next proof there.
    pub(super) fn newest(&self, audience: Audience, uri: &Uri) -> Option<Arc<str>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return None;
        }
        let origin = Origin::of(uri)?;
        known.iter().find(|known| known.is_of(audience, &origin)).map(|known| Arc::clone(&known.nonce))
    }

    /// Keeps the nonce in the place of an earlier one.
    pub(super) fn keep(&self, audience: Audience, uri: &Uri, nonce: &str) -> Arc<str> {
        let Some(origin) = Origin::of(uri) else { return nonce.into() };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|known| known.is_of(audience, &origin));
        let earlier = at.map(|at| known.remove(at).nonce).filter(|earlier| **earlier == *nonce);
        if known.len() >= MAX_SERVERS {
            known.remove(0);
        }
        let nonce = earlier.unwrap_or_else(|| nonce.into());
        known.push(Known { audience, origin, nonce: Arc::clone(&nonce) });
        nonce
    }
}

impl Known {
    fn is_of(&self, audience: Audience, origin: &Origin) -> bool {
        self.audience == audience && self.origin == *origin
    }
}

/// The nonce in an answer's headers: one, and of its characters ([DP-4](crate::Rule::Dp4)).
pub(super) fn read(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let mut nonces = headers.get_all(DPOP_NONCE).iter();
    let Some(nonce) = nonces.next() else { return Ok(None) };
    if nonces.next().is_some() {
        return Err(malformed(Rule::Dp4, "the answer has more than one header DPoP-Nonce"));
    }
    match nonce.to_str() {
        Ok(nonce) if text::is_nqchar(nonce) && nonce.len() <= MAX_NONCE => Ok(Some(nonce)),
        _ => Err(malformed(
            Rule::Dp4,
            "the header DPoP-Nonce is not a nonce: it is too long, or has characters that are not allowed",
        )),
    }
}
