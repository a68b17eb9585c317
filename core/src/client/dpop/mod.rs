//! Tokens that are bound to a key (RFC 9449): [`Dpop`], the key with what the servers ask of its proofs.
//!
//! ```text
//!  program                                  authorization server                API
//!     ├── POST /token, DPoP: proof ───────────────▶│                             │
//!     │◀─ 400 use_dpop_nonce, DPoP-Nonce: a ───────┤                             │
//!     ├── POST /token, DPoP: new proof, with a ───▶│                             │
//!     │◀─ 200 token_type DPoP ─────────────────────┤                             │
//!     ├── GET /me, Authorization: DPoP token, DPoP: proof with the token's hash ▶│
//!     │◀─ 401 DPoP error="use_dpop_nonce", DPoP-Nonce: b ────────────────────────┤
//!     ├── GET /me, …, DPoP: new proof, with b ──────────────────────────────────▶│
//! ```
//!
//! A nonce is remembered for the server that gave it, so that only the first proof of all has to be repeated. A server that
//! asks for the same nonce again, or for one that it does not give, has its refusal told ([DP-5](crate::Rule::Dp5)).

pub(crate) mod audience;
pub(crate) mod demand;
pub(crate) mod key;
pub(crate) mod nonces;
pub(crate) mod proof;

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method, Uri};

use crate::client::dpop::nonces::Nonces;
pub(crate) use crate::client::dpop::proof::Proof;

use crate::client::dpop::audience::Audience;
use crate::client::dpop::key::DpopKey;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::CryptoProvider;
use crate::jose::jwt::UnsignedJwt;
use crate::jose::private_jwk::PrivateJwk;
use crate::jose::signer::{KeyPair, Signer};
use crate::server::AuthorizationServer;
use crate::terms::secret::AccessToken;

/// The header of a request that a proof is in (RFC 9449 §4.1).
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A key that a client's tokens are bound to, and the nonces that servers gave for its proofs. Clones share them.
///
/// Give it to a client by [`Client::dpop`](crate::Client::dpop): its token requests, and the calls of its sessions, then
/// carry proofs. The key must live as long as the tokens do: a session that outlives the process needs the same one, made
/// with fresh entropy, so that no proof's identifier is given twice.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use valetkey_core::jose::{Algorithm, RustCrypto};
/// use valetkey_core::{AuthorizationServer, Client, Dpop, Entropy};
///
/// # let entropy = Entropy::from_seed([7; 32]);
/// let dpop = Dpop::generate(&RustCrypto, Algorithm::Es256, entropy)?;
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3").dpop(dpop)?;
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Dpop(Arc<Inner>);

struct Inner {
    key: DpopKey,
    nonces: Nonces,
    /// How a proof is made and a nonce read: pointers, so that a program that makes no key is linked without either.
    prove: Prove,
    read_nonce: ReadNonce,
}

type Prove = fn(&Inner, Audience, (&Method, &Uri), Option<&AccessToken>, UnixTime) -> Result<Proof, Error>;
type ReadNonce = fn(&Inner, Audience, &Uri, &HeaderMap) -> Result<Option<Arc<str>>, Error>;

impl Dpop {
    /// A new key, for tokens that live no longer than this process. The key and its proofs' identifiers come from
    /// `entropy`, which is used up. One that is to be stored is a [`PrivateJwk`](crate::jose::PrivateJwk) and goes through
    /// [`of`](Self::of).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for an algorithm whose keys are not made here (RSA), or that the provider lacks.
    pub fn generate(
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
        entropy: Entropy,
    ) -> Result<Self, Error> {
        let proofs = Entropy::from_seed(entropy.derive("dpop proofs"));
        let key = PrivateJwk::generate(provider, algorithm, entropy)?;
        Self::of(Arc::new(KeyPair::new(provider, algorithm, &key)?), proofs)
    }

    /// Proofs that this key signs, with no nonce known yet. `entropy` is for their identifiers.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-1](crate::Rule::Dp1)) if the key is a secret, which has no public part to show.
    pub fn of(key: Arc<dyn Signer>, entropy: Entropy) -> Result<Self, Error> {
        let key = DpopKey::new(key, entropy)?;
        Ok(Self(Arc::new(Inner { key, nonces: Nonces::default(), prove, read_nonce })))
    }

    /// A proof for a request to an authorization server, which has no token yet: for a program that writes its requests
    /// by hand. A client's flows write theirs by themselves.
    ///
    /// # Errors
    ///
    /// As [`proof_with`](Self::proof_with).
    pub fn proof(&self, method: &Method, uri: &Uri, now: UnixTime) -> Result<UnsignedJwt, Error> {
        self.proof_with(method, uri, now, None, None)
    }

    /// A proof for one request by hand: at an API with the token that goes with it, and with the nonce that this very
    /// server gave, where it gave one. `htu` is the request's URI as it is sent, without query and fragment.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-1](crate::Rule::Dp1)) if the URI is not absolute, names a user, or has a host or port that the
    /// URL standard does not take.
    pub fn proof_with(
        &self,
        method: &Method,
        uri: &Uri,
        now: UnixTime,
        token: Option<&AccessToken>,
        nonce: Option<&str>,
    ) -> Result<UnsignedJwt, Error> {
        self.0.key.proof_with(method, uri, now, token, nonce)
    }

    /// The thumbprint of the public key: `dpop_jkt`, and the `jkt` of a bound token (RFC 9449 §6.1, §10).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        self.0.key.thumbprint()
    }

    /// The algorithm that the proofs are signed with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.key.algorithm()
    }

    /// The server lists this algorithm, or none at all ([DP-2](crate::Rule::Dp2)).
    pub(crate) fn require_supported(&self, server: &AuthorizationServer) -> Result<(), Error> {
        let algorithm = self.algorithm();
        if server.admits("dpop_signing_alg_values_supported", algorithm.name()) {
            return Ok(());
        }
        Err(misuse_of(
            Rule::Dp2,
            format!("the server does not list {algorithm} for DPoP proofs: use a key of a listed algorithm"),
        ))
    }

    /// Writes the proof for one request, with the newest nonce of its server.
    pub(crate) fn prove(
        &self,
        audience: Audience,
        (method, uri): (&Method, &Uri),
        token: Option<&AccessToken>,
        now: UnixTime,
    ) -> Result<Proof, Error> {
        (self.0.prove)(&self.0, audience, (method, uri), token, now)
    }

    /// Remembers the nonce that an answer brings, if it brings one. Any answer may, a success too (RFC 9449 §8.2).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([DP-4](crate::Rule::Dp4)) if there are two, or it is malformed. It is not remembered, and does
    /// no harm to an answer that is good without it.
    pub(crate) fn learn(
        &self,
        audience: Audience,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<Arc<str>>, Error> {
        (self.0.read_nonce)(&self.0, audience, uri, headers)
    }
}

fn prove(
    dpop: &Inner,
    audience: Audience,
    (method, uri): (&Method, &Uri),
    token: Option<&AccessToken>,
    now: UnixTime,
) -> Result<Proof, Error> {
    let nonce = dpop.nonces.newest(audience, uri);
    let unsigned = dpop.key.proof_with(method, uri, now, token, nonce.as_deref())?;
    Ok(Proof::new(unsigned, nonce))
}

fn read_nonce(
    dpop: &Inner,
    audience: Audience,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Option<Arc<str>>, Error> {
    let Some(nonce) = nonces::read(headers)? else { return Ok(None) };
    Ok(Some(dpop.nonces.keep(audience, uri, nonce)))
}

impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop").field("thumbprint", &self.thumbprint()).finish_non_exhaustive()
    }
}
