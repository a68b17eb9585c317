//! The JWTs by which a request shows that it comes from the holder of the token's key: [`DpopKey`] (RFC 9449 §4.2).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Uri};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::jti::JtiSource;
use crate::jose::jwt::{JwtSigner, UnsignedJwt};
use crate::jose::signer::Signer;
use crate::terms::secret::AccessToken;
use crate::wire::uri::Origin;

/// A key that tokens are bound to, with the header of its proofs prepared. Clones share the count of what was written.
#[derive(Clone)]
pub(crate) struct DpopKey {
    signer: JwtSigner,
    jtis: Arc<JtiSource>,
    thumbprint: Arc<str>,
}

/// What a proof says beside which request it is for.
#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl DpopKey {
    /// Takes a key. The entropy is for the proofs' identifiers, and for nothing else; fresh whenever the key is made.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-1](crate::Rule::Dp1)) if it is a secret, which has no public part to show.
    pub(crate) fn new(signer: Arc<dyn Signer>, entropy: Entropy) -> Result<Self, Error> {
        let Some(public) = signer.public_key() else {
            return Err(misuse_of(
                Rule::Dp1,
                "a DPoP key must be a key pair: a shared secret cannot bind a token",
            ));
        };
        let thumbprint = public.thumbprint().into();
        let signer = JwtSigner::showing_key(signer, "dpop+jwt")?;
        Ok(Self { signer, jtis: Arc::new(JtiSource::new(entropy)), thumbprint })
    }

    /// The thumbprint of the public key: `dpop_jkt`, and the `jkt` of a bound token (RFC 9449 §6.1, §10).
    #[must_use]
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The algorithm that the proofs are signed with; a server may list those it takes.
    #[must_use]
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.signer.signer().algorithm()
    }

    /// A proof for one request: at an API with the token that goes with it, and with the nonce that this very server
    /// gave, where it gave one. `htu` is the request's URI as it is sent, without query and fragment.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-1](crate::Rule::Dp1)) if the URI is not absolute, names a user, or has a host or port that the
    /// URL standard does not take.
    pub(crate) fn proof_with(
        &self,
        method: &Method,
        uri: &Uri,
        now: UnixTime,
        token: Option<&AccessToken>,
        nonce: Option<&str>,
    ) -> Result<UnsignedJwt, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(misuse_of(
                Rule::Dp1,
                "the URI of the request is not absolute, and a DPoP proof names an absolute one",
            ));
        };
        // What a proof says to be for must be where the request goes.
        if Origin::of(uri).is_none() {
            let what = "the URI of the request has a user, or a host not in its usual form: a DPoP proof \
                        cannot name it";
            return Err(misuse_of(Rule::Dp1, what));
        }
        let ath = token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose().as_bytes())));
        self.signer.write(&Claims {
            jti: &self.jtis.next(),
            htm: method.as_str(),
            htu: &format!("{scheme}://{authority}{}", uri.path()),
            iat: now.as_secs(),
            ath: ath.as_deref(),
            nonce,
        })
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}
