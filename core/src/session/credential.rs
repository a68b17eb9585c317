//! What one API request is authorized with: [`Credential`] and the headers of it, [`Authorization`].

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use crate::client::apis::Apis;
use crate::client::dpop::audience::Audience;
use crate::client::dpop::demand::is_demand_of_api;
use crate::client::dpop::proof::Proof;
use crate::client::dpop::{DPOP, Dpop};
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Request, Response};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::session::beside_token::require_plain;
use crate::terms::secret::AccessToken;

/// An access token, ready for use: its header is prepared once. Cloning is cheap (an `Arc`).
///
/// A token that is bound to a key is of no use by itself: each request with it carries a proof of its own. A
/// [`Call`](crate::session::Call) adds it; a program that sends by other means lets the credential [`sign`](Self::sign)
/// each request, and [`learn`](Self::learn) from each answer.
///
/// ```
/// # use valetkey_core::{Error, Request, Response, UnixTime};
/// # use valetkey_core::session::Credential;
/// fn call(
///     credential: &Credential,
///     request: Request,
///     mut send: impl FnMut(Request) -> Response,
///     mut now: impl FnMut() -> UnixTime,
/// ) -> Result<Response, Error> {
///     let mut signed = || {
///         let mut request = request.clone();
///         credential.sign(&mut request, now())?;
///         Ok::<_, Error>(request)
///     };
///     let response = send(signed()?);
///     // Once: an API that asks again is told nothing new.
///     Ok(if credential.learn(request.uri(), &response) { send(signed()?) } else { response })
/// }
/// ```
#[derive(Clone)]
pub struct Credential(Arc<Counted>);

/// What is prepared, with a count of its own for those who use it. By this alignment the count has a cache line for itself, what it
/// counts begins the next, and two counts are 128 bytes apart at least: so it is in nobody's way, of whom a processor may
/// fetch two lines at a time.
#[repr(align(64))]
struct Counted(Arc<Prepared>);

struct Prepared {
    token: AccessToken,
    header: HeaderValue,
    /// The key that the token is bound to; none for a bearer token.
    key: Option<Dpop>,
    /// Good until then without a thought; later it is time to renew it.
    fresh_until: Option<UnixTime>,
    expires_at: Option<UnixTime>,
    generation: u64,
    /// Where it may go.
    apis: Apis,
}

impl Credential {
    pub(crate) fn new(
        token: AccessToken,
        key: Option<Dpop>,
        expires_at: Option<UnixTime>,
        fresh_until: Option<UnixTime>,
        generation: u64,
        apis: Apis,
    ) -> Result<Self, Error> {
        let scheme = if key.is_some() { "DPoP" } else { "Bearer" };
        let (token, header) = token
            .in_header(scheme)
            .ok_or_else(|| misuse("the access token has characters that a header cannot carry"))?;
        let prepared = Prepared { token, header, key, fresh_until, expires_at, generation, apis };
        Ok(Self(Arc::new(Counted(Arc::new(prepared)))))
    }

    /// The same, for these APIs.
    pub(crate) fn admitting(&self, apis: &Apis) -> Self {
        let Prepared { token, header, key, fresh_until, expires_at, generation, .. } = &**self.0;
        let (token, header, key) = (token.clone(), header.clone(), key.clone());
        let (fresh_until, expires_at, generation) = (*fresh_until, *expires_at, *generation);
        let prepared =
            Prepared { token, header, key, fresh_until, expires_at, generation, apis: apis.clone() };
        Self(Arc::new(Counted(Arc::new(prepared))))
    }

    /// The same, counted apart from this one and its clones.
    pub(crate) fn counted_apart(&self) -> Self {
        Self(Arc::new(Counted(Arc::clone(&self.0.0))))
    }

    /// Whether it is good at `now` and not yet within its [`Margin`](crate::session::Margin): nothing needs to be done before using it.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        self.0.fresh_until.is_none_or(|time| now < time)
    }

    pub(crate) fn fresh_until(&self) -> Option<UnixTime> {
        self.0.fresh_until
    }

    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_valid(&self, now: UnixTime) -> bool {
        self.0.expires_at.is_none_or(|time| now < time)
    }

    /// When it expires; none if it does not, or the server did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.0.expires_at
    }

    /// The access token.
    #[must_use]
    pub fn access_token(&self) -> &AccessToken {
        &self.0.token
    }

    /// Which one it is of its session, so that a refused one is not taken for a newer one.
    pub(crate) fn generation(&self) -> u64 {
        self.0.generation
    }

    /// Where it may go: the APIs of its session ([WA-5](crate::Rule::Wa5)).
    pub(crate) fn apis(&self) -> &Apis {
        &self.0.apis
    }

    /// Whether the token is bound to a key (RFC 9449), and goes with a proof of it.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.0.key.is_some()
    }

    /// Authorizes one request, to be sent once: puts the token into its `Authorization` (RFC 6750 §2.1, RFC 9449 §7.1), and
    /// for a bound token a new proof for this method and URI into its `DPoP`, both marked as sensitive and in the place of
    /// the one that is there. The request goes to an API of the session that the credential is from
    /// ([WA-5](crate::Rule::Wa5)); where its URI is a path alone, its `Host` is that of one of them, and without a `Host`
    /// either, where it goes is the caller's to know.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the token is bound and the key does not sign, or not at once: one that answers later is for a
    /// [`Call`](crate::session::Call); ([DP-1](crate::Rule::Dp1)) if the token is bound and the URI is not absolute;
    /// ([WA-5](crate::Rule::Wa5)) if the request goes to another origin than the session's APIs, or has a header that
    /// decides about the request itself, as for [`Call::new`](crate::session::Call::new): a `Host` that is not the URI's, a
    /// length that is not the body's, and so on; if it has several `Authorization` or `DPoP`, or a `DPoP` beside a token
    /// that is not bound.
    pub fn sign(&self, request: &mut Request, now: UnixTime) -> Result<(), Error> {
        if request.uri().authority().is_some() {
            self.apis().require(request.uri())?;
        }
        require_plain((&*request).into())?;
        if let (None, Some(host)) = (request.uri().authority(), request.headers().get(HOST)) {
            self.apis().require_host(host)?;
        }
        for (name, most) in [(AUTHORIZATION, 1), (DPOP, usize::from(self.is_bound()))] {
            if request.headers().get_all(&name).iter().count() > most {
                let what = format!(
                    "the request has a header `{name}`, which would replace the session's own: leave it out"
                );
                return Err(misuse_of(Rule::Wa5, what));
            }
        }
        let proof = match self.prove((request.method(), request.uri()), now)? {
            Some(mut proof) => Some(proof.header()?.ready()?),
            None => None,
        };
        self.with_proof(proof).apply(request.headers_mut());
        Ok(())
    }

    /// Learns the nonce that an API's answer to a request for this URI brings for the next proof (RFC 9449 §8.2, §9);
    /// whether the answer is nothing but a demand for it, so that the request is worth sending once more, signed anew.
    pub fn learn(&self, uri: &Uri, response: &Response) -> bool {
        self.demanded(uri, response.status(), response.headers()).is_some()
    }

    /// The nonce without which the API refused a proof. Any that the answer brings is learned.
    pub(crate) fn demanded(&self, uri: &Uri, status: StatusCode, headers: &HeaderMap) -> Option<Arc<str>> {
        let key = self.0.key.as_ref()?;
        // A malformed nonce is ignored, and the API's answer speaks for itself (DP-4).
        let nonce = key.learn(Audience::Api, uri, headers).ok().flatten()?;
        is_demand_of_api(status, headers, key.algorithm()).then_some(nonce)
    }

    /// The proof that goes with a request of this method and URI.
    pub(crate) fn prove(&self, target: (&Method, &Uri), now: UnixTime) -> Result<Option<Proof>, Error> {
        let prove = |key: &Dpop| key.prove(Audience::Api, target, Some(&self.0.token), now);
        self.0.key.as_ref().map(prove).transpose()
    }

    pub(crate) fn with_proof(&self, proof: Option<HeaderValue>) -> Authorization {
        Authorization { credential: self.0.header.clone(), proof }
    }
}

/// The headers that authorize one request, once: `Authorization` (RFC 6750 §2.1, RFC 9449 §7.1), and for a token that is
/// bound to a key its proof, `DPoP`. It is for the request that its [`Call`](crate::session::Call) was made for, and for no other.
#[must_use = "a request without it is not authorized"]
pub struct Authorization {
    credential: HeaderValue,
    proof: Option<HeaderValue>,
}

impl Authorization {
    /// Puts both into a request's headers, marked as sensitive, in the place of what an earlier one put there.
    pub fn apply(self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.credential);
        match self.proof {
            Some(proof) => headers.insert(DPOP, proof),
            None => headers.remove(DPOP),
        };
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.proof.is_some() { "DPoP" } else { "Bearer" };
        write!(f, "Authorization({scheme} <secret>)")
    }
}

impl Deref for Counted {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("expires_at", &self.0.expires_at).finish_non_exhaustive()
    }
}

/// A credential that somebody waits for: what [`Session::provide`](crate::Session::provide) fills.
#[derive(Debug, Default)]
pub struct AwaitedCredential {
    /// The session's count of settled renewals when one was first wanted.
    pub(crate) wanted: Option<u64>,
    /// Whether it is to be a new one, whatever is held.
    pub(crate) is_new: bool,
    /// The session's count of renewals that brought something new when it was first wanted.
    pub(crate) after: Option<u64>,
    /// The session's count of settled looks at its store when one was first wanted.
    pub(crate) looks: Option<u64>,
    pub(crate) credential: Option<Credential>,
}

impl AwaitedCredential {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { wanted: None, is_new: false, after: None, looks: None, credential: None }
    }

    /// None yet; it is to be a new one, of a renewal that ends after this was asked for first, however long the one that is
    /// held or stored is good. All who want a new one meanwhile share that renewal. One that fails takes nothing from
    /// those who are content with what is held.
    #[must_use]
    pub const fn renewed() -> Self {
        Self { wanted: None, is_new: true, after: None, looks: None, credential: None }
    }

    /// Whether nobody has waited for it yet.
    pub(crate) const fn is_first(&self) -> bool {
        self.wanted.is_none() && self.looks.is_none()
    }

    /// The credential, once the session was ready.
    #[must_use]
    pub fn take(&mut self) -> Option<Credential> {
        self.credential.take()
    }
}
