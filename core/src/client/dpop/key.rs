//! The JWTs by which a request shows that it comes from the holder of the token's key: [`DpopKey`] (RFC 9449 §4.2).

use std::fmt;
use std::sync::Arc;

use http::{Method, Uri};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::base64::Base64;
use crate::jose::jti::JtiSource;
use crate::jose::jwt::{JwtSigner, UnsignedJwt};
use crate::jose::signer::Signer;
use crate::terms::secret::AccessToken;
use crate::wire::authority::Authority;

/// A key that tokens are bound to, with the header of its proofs prepared. Clones share the count of what was written.
#[derive(Clone)]
pub(crate) struct DpopKey {
    signer: JwtSigner,
    jtis: Arc<JtiSource>,
    thumbprint: Arc<str>,
    /// Named where a key is made and nowhere else: a program that makes none has none of this in it, though every client may
    /// have a key.
    write: Write,
}

type Write = fn(&DpopKey, &Request<'_>) -> Result<UnsignedJwt, Error>;

/// What a proof is for.
struct Request<'a> {
    method: &'a Method,
    uri: &'a Uri,
    now: UnixTime,
    token: Option<&'a AccessToken>,
    nonce: Option<&'a str>,
}

/// What a proof says beside which request it is for.
#[derive(Serialize)]
struct Claims<'a> {
    jti: Base64<22>,
    htm: &'a str,
    #[serde(serialize_with = "as_text")]
    htu: fmt::Arguments<'a>,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<Base64<43>>,
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
        Ok(Self { signer, jtis: Arc::new(JtiSource::new(entropy)), thumbprint, write: Self::written })
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
        (self.write)(self, &Request { method, uri, now, token, nonce })
    }

    fn written(&self, request: &Request<'_>) -> Result<UnsignedJwt, Error> {
        let Request { method, uri, now, token, nonce } = *request;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(misuse_of(
                Rule::Dp1,
                "the URI of the request is not absolute, and a DPoP proof names an absolute one",
            ));
        };
        // What a proof says to be for must be where the request goes.
        if !has_origin(scheme, authority.as_str()) {
            let what = "the URI of the request has a user, or a host not in its usual form: a DPoP proof \
                        cannot name it";
            return Err(misuse_of(Rule::Dp1, what));
        }
        self.signer.write(&Claims {
            jti: self.jtis.next(),
            htm: method.as_str(),
            htu: format_args!("{scheme}://{authority}{}", uri.path()),
            iat: now.as_secs(),
            ath: token.map(|token| Base64::of(&Sha256::digest(token.expose()))),
            nonce,
        })
    }
}

/// Whether there is an [`Origin`](crate::wire::uri::Origin) of this scheme and authority.
fn has_origin(scheme: &str, authority: &str) -> bool {
    let has_port = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    Authority::read(authority).is_some_and(|authority| has_port || authority.port.is_some())
}

/// Writes a text into the JSON without a copy of its own.
fn as_text<S: Serializer>(text: &fmt::Arguments<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(text)
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}
