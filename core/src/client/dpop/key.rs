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
/// [`Dpop`](crate::Dpop) makes a client use it.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// # use std::sync::Arc;
/// # use valetkey_core::{Entropy, UnixTime};
/// # use valetkey_core::client::DpopKey;
/// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
/// let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?;
/// let key = DpopKey::new(Arc::new(key), Entropy::from_seed([8; 32]))?;
///
/// let now = UnixTime::from_secs(1_700_000_000);
/// let token_endpoint = "https://as.example/token".parse().unwrap();
/// let proof = key.proof(&http::Method::POST, &token_endpoint, now)?.sign()?.ready()?;
/// assert_eq!(proof.expose().split('.').count(), 3);
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct DpopKey {
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
    /// [`Error::Misuse`] (DP-1) if it is a secret, which has no public part to show.
    pub fn new(signer: Arc<dyn Signer>, entropy: Entropy) -> Result<Self, Error> {
        let Some(public) = signer.public_key() else {
            return Err(misuse_of(Rule::Dp1, "a secret cannot bind a token"));
        };
        let thumbprint = public.thumbprint().into();
        let signer = JwtSigner::showing_key(signer, "dpop+jwt")?;
        Ok(Self { signer, jtis: Arc::new(JtiSource::new(entropy)), thumbprint })
    }

    /// The thumbprint of the public key: `dpop_jkt`, and the `jkt` of a bound token (RFC 9449 §6.1, §10).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The algorithm that the proofs are signed with; a server may list those it takes.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.signer.signer().algorithm()
    }

    /// A proof for a request to an authorization server, which has no token yet.
    ///
    /// # Errors
    ///
    /// As [`proof_with`](Self::proof_with).
    pub fn proof(&self, method: &Method, uri: &Uri, now: UnixTime) -> Result<UnsignedJwt, Error> {
        self.proof_with(method, uri, now, None, None)
    }

    /// A proof for one request: at an API with the token that goes with it, and with the nonce that this very server
    /// gave, where it gave one. `htu` is the request's URI as it is sent, without query and fragment.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DP-1) if the URI is not absolute, names a user, or has a host or port that the URL standard does
    /// not take.
    pub fn proof_with(
        &self,
        method: &Method,
        uri: &Uri,
        now: UnixTime,
        token: Option<&AccessToken>,
        nonce: Option<&str>,
    ) -> Result<UnsignedJwt, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(misuse_of(Rule::Dp1, "a DPoP proof is for an absolute URI"));
        };
        // What a proof says to be for must be where the request goes.
        if Origin::of(uri).is_none() {
            let what =
                "a DPoP proof is for a URI whose host and port are in their usual form, without a user";
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
