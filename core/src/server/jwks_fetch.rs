//! One fetch of a server's keys: [`JwksFetch`] (RFC 7517 §5).

use std::fmt;
use std::sync::Arc;

use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::refused::{Asked, Refused};
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::wire::answer::{Reader, is_type};
use crate::wire::document::get;
use crate::wire::json::{Value, unmarked};
use crate::wire::round::Round;
use crate::wire::{freshness, uri};

/// The most keys of one document.
const MAX_KEYS: usize = 256;

/// How a document of keys is parsed.
pub(super) type Parse<K> = Arc<dyn Fn(&[u8]) -> Result<K, Error> + Send + Sync>;

/// Keys, and when they came.
pub(super) struct Held<K> {
    pub(super) keys: Arc<K>,
    pub(super) fetch: u64,
    pub(super) fetched_at: UnixTime,
    pub(super) fresh_until: UnixTime,
}

impl<K> Held<K> {
    pub(super) fn is_fresh(&self, now: UnixTime) -> bool {
        now.is_within(self.fetched_at, self.fresh_until)
    }
}

/// One fetch of keys, from a [`JwksCache`](crate::server::JwksCache) and back to it. It keeps its own outcome, so it is run and then settled in any
/// case.
pub struct JwksFetch<K> {
    pub(super) place: String,
    pub(super) quirks: Quirks,
    pub(super) parse: Parse<K>,
    pub(super) number: u64,
    pub(super) round: Round,
    pub(super) outcome: Option<Result<Held<K>, Error>>,
}

impl<K> JwksFetch<K> {
    /// The same, with these quirks too.
    pub(super) fn admitting(self, quirks: Quirks) -> Self {
        Self { quirks: self.quirks.and(quirks), ..self }
    }

    fn read(&self, response: &Response, now: UnixTime) -> Result<Held<K>, Error> {
        let no = |what| Err(malformed(Rule::Jk1, what));
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            return Err(Error::Refused(Box::new(
                Refused::read(response, &[], now)?.of(Asked::Endpoint(Endpoint::Jwks)),
            )));
        }
        if status != StatusCode::OK {
            return no("the answer of jwks_uri has another status than 200");
        }
        let is_json = ["application/json", "application/jwk-set+json"]
            .iter()
            .any(|essence| is_type(response.headers(), essence));
        let mut reader = Reader::new(self.quirks);
        if !is_json {
            reader.admit(Quirk::AnyContentType, || {
                let what = "the answer of jwks_uri is neither application/json nor application/jwk-set+json";
                malformed(Rule::Jk1, what)
            })?;
        }
        match reader.parse(response.body())?.take("keys") {
            Some(Value::Array(keys)) if keys.len() <= MAX_KEYS => {}
            _ => return no("keys of jwks_uri's answer is not an array of at most 256 elements"),
        }
        Ok(Held {
            keys: Arc::new((self.parse)(unmarked(response.body()))?),
            fetch: self.number,
            fetched_at: now,
            fresh_until: now.after(freshness::lifetime(response.headers(), now)),
        })
    }
}

impl<K> Flow for JwksFetch<K> {
    type Output = ();

    /// Ends without an error of the server's: the outcome is told when it is settled.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after the end, and ([DI-5](crate::Rule::Di5)) for a place under plain http that is not admitted.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<()>, Error> {
        let mut round = self.round;
        let request = || {
            uri::endpoint(&self.place, self.quirks)?;
            let mut request = get(&self.place)?;
            let accepted = HeaderValue::from_static("application/jwk-set+json, application/json");
            request.headers_mut().insert(ACCEPT, accepted);
            Ok(request)
        };
        let step = round.step(response, now, request, |response, _| Ok(self.read(&response, now)))?;
        self.round = round;
        Ok(match step {
            Step::Done(outcome) => {
                self.outcome = Some(outcome);
                Step::Done(())
            }
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
        })
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.round.end()
    }
}

impl<K> fmt::Debug for JwksFetch<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksFetch").field("place", &Short(&self.place)).finish_non_exhaustive()
    }
}
