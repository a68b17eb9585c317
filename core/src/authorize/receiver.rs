//! Receiving an authorization response on a loopback address, as a parser: [`Receiver`] (RFC 8252 §7.3).
//!
//! ```text
//!  browser                                  receiver
//!     ├── GET /favicon.ico ─────────────────▶│ 404, and waits on
//!     ├── GET /callback?code…&state=forged ─▶│ 404, and waits on
//!     ├── GET /callback?code…&state… ───────▶│ has the response
//!     │◀─ 303 Location: /callback ───────────┤
//!     ├── the same again, by a reload ──────▶│ 200, and says that it has come already
//!     ├── GET /callback ────────────────────▶│ the page: nothing of the response is on it, nor in the address bar
//!     │◀─ 200 ───────────────────────────────┤ is over
//! ```
//!
//! The adapters' `Loopback` owns the sockets; every decision is here.

pub(crate) mod fragment_page;
mod incoming;
mod ipv6;
mod pages;

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use http::Uri;

use crate::authorize::expected::Expected;
use crate::authorize::pending::PendingAuthorization;
pub use crate::authorize::receiver::fragment_page::fragment_page;
pub use crate::authorize::receiver::incoming::{Incoming, Next};
pub use crate::authorize::receiver::ipv6::is_without_ipv6;
use crate::authorize::receiver::pages::{AGAIN, DONE, LATER, TOO_LARGE, answer, refusal};
use crate::authorize::response::AuthorizationResponse;
use crate::ground::error::{Error, misuse_of, too_late};
use crate::ground::response_mode::Place;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;

/// The most bytes of a request's head that a receiver reads: 32 KiB.
pub const MAX_HEAD: usize = 32 * 1024;

/// The most connections that a receiver hears at a time; [`Receiver::one_too_many`] says which makes room for another.
/// A browser opens a few.
pub const MAX_CONNECTIONS: usize = 32;

/// So many of those that came last are let be, whatever they have said: between a browser's connecting and its first
/// words others may come.
const NEWCOMERS: usize = 8;

/// Who has sent so many bytes of a response is as good as who has sent more: the longest is not always the browser's.
const ENOUGH: usize = 32;

/// How `Sec-Purpose` begins where nobody has gone to the page yet (Fetch standard, "`Sec-Purpose` header").
const PREFETCH: &[u8] = b"prefetch";

/// How long a receiver waits for the browser to fetch the page after the response.
const LINGER: Duration = Duration::from_secs(2);

/// Waits for the one request in which the browser brings a pending authorization's response.
pub struct Receiver {
    expected: Expected,
    /// What the request's `Host` must say, and its path.
    host: String,
    path: String,
    deadline: UnixTime,
    /// When the waiting began.
    began: OnceLock<UnixTime>,
    response: Option<AuthorizationResponse>,
    /// The browser came with the response, and with more than fits beside it.
    is_too_large: bool,
    is_over: bool,
}

/// What to do with a connection, by the bytes that it has brought so far.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// The request's head is not complete: read on, with what was read before.
    More,
    /// Write these bytes and close the connection.
    Answer(Vec<u8>),
}

impl Receiver {
    /// A receiver for this authorization, until `deadline`. The check of the response itself is
    /// [`PendingAuthorization::finish`]'s.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] unless the redirect URI is http on a loopback address with a port ([LB-1](crate::Rule::Lb1)), and
    /// the response mode is `query`, `jwt` or `query.jwt`: a fragment never reaches a server, and only GET is taken
    /// ([LB-2](crate::Rule::Lb2)).
    pub fn new(pending: &PendingAuthorization, deadline: UnixTime) -> Result<Self, Error> {
        let no = |what| Err(misuse_of(Rule::Lb2, what));
        let Ok(uri) = pending.redirect_uri().parse::<Uri>() else {
            return no("the redirect URI is not a loopback address");
        };
        let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return no("the redirect URI of a loopback receiver must be http: `http://127.0.0.1:PORT/…`");
        };
        if !crate::wire::uri::is_loopback(authority.host()) || authority.port_u16().is_none() {
            return no("the redirect URI of a loopback receiver must be a loopback address with a port: \
                       `http://127.0.0.1:PORT/…`");
        }
        if pending.response_mode().place() != Place::Query {
            return no(
                "a loopback receiver takes a response in the query only: ask for the response type `code` and the \
                       response mode `query`",
            );
        }
        Ok(Self {
            expected: pending.kept.expected.clone(),
            host: authority.as_str().to_owned(),
            path: uri.path().to_owned(),
            deadline,
            began: OnceLock::new(),
            response: None,
            is_too_large: false,
            is_over: false,
        })
    }

    /// Reads a request's head. `bytes` are all that the connection has brought, from its start.
    ///
    /// Never fails: whatever is not the response is answered with a refusal, and the receiver waits on. A browser that
    /// fetches ahead (`Sec-Purpose: prefetch`) is refused until the person goes there; one that brings the response once
    /// more is told that it has come.
    pub fn hear(&mut self, bytes: &[u8], now: UnixTime) -> Heard {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let target = match request.parse(bytes.get(..MAX_HEAD).unwrap_or(bytes)) {
            Ok(httparse::Status::Complete(_)) => self.target_of(&request),
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return Heard::More,
            Ok(httparse::Status::Partial) => return Heard::Answer(self.refuse_large(bytes)),
            Err(_) => return Heard::Answer(refusal("400 Bad Request")),
        };
        Heard::Answer(match target {
            Some(_) if is_prefetch(&request) => answer("503 Service Unavailable", "", LATER),
            Some(target) => self.receive(target, now),
            None => refusal("404 Not Found"),
        })
    }

    /// Which connection to close, because there are more than [`MAX_CONNECTIONS`]; `None` while there is room for all.
    /// `heard` is what each has brought so far, in the order in which they came; the answer is an index into it.
    ///
    /// The one that promises least goes: first who has sent nothing, then who has sent what cannot become the response,
    /// then who has sent a shorter part of its beginning; among equals the one that came first. The last few to come
    /// are let be. Who has sent the right `state` stays until the others have gone, so that nobody who does not know it
    /// pushes out the browser. Of the `state` all or nothing counts: who goes first tells nobody a part of it.
    #[must_use]
    pub fn one_too_many<'b>(&self, heard: impl IntoIterator<Item = &'b [u8]>) -> Option<usize> {
        let heard: Vec<&[u8]> = heard.into_iter().collect();
        if heard.len() <= MAX_CONNECTIONS {
            return None;
        }
        let settled = heard.iter().take(heard.len().saturating_sub(NEWCOMERS));
        let (index, _) = settled.enumerate().min_by_key(|(_, bytes)| self.promise(bytes))?;
        Some(index)
    }

    /// How long to listen from `now` on; `None` if it is over.
    #[must_use]
    pub fn wait(&self, now: UnixTime) -> Option<Duration> {
        let left = self.deadline.since(now);
        self.began.get_or_init(|| now);
        (!self.is_over && !left.is_zero()).then_some(left)
    }

    /// The response, once it is over.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if none came before the deadline ([AR-13](crate::Rule::Ar13)). It says so if the
    /// browser came, and sent more than [`MAX_HEAD`] bytes.
    pub fn finish(self) -> Result<AuthorizationResponse, Error> {
        if let Some(response) = self.response {
            return Ok(response);
        }
        let waited = self.began.get().map_or(Duration::ZERO, |began| self.deadline.since(*began));
        let (redirect_uri, seconds) = (self.expected.shown_redirect_uri(), waited.as_secs());
        let (host, _) = self.host.rsplit_once(':').unwrap_or((&self.host, ""));
        let what = match self.is_too_large {
            false => {
                format!("no browser brought the response to {redirect_uri} within {seconds} s: log in again")
            }
            true => format!(
                "the browser came to {redirect_uri} with more than {} KiB, most likely cookies that other programs of \
                 this computer have set: clear the browser's cookies for {host}, and log in again",
                MAX_HEAD / 1024
            ),
        };
        Err(too_late(Rule::Ar13, what))
    }

    /// How much a connection's bytes promise to become the response.
    fn promise(&self, bytes: &[u8]) -> Promise {
        if bytes.is_empty() {
            return Promise::Nothing;
        }
        let beginning = format!("GET {}?", self.path);
        let length = bytes.len().min(beginning.len());
        if bytes.get(..length) != beginning.as_bytes().get(..length) {
            return Promise::Another;
        }
        let length = bytes.len().min(beginning.len().saturating_add(ENOUGH));
        // What is there of the target, which ends with a space.
        let target = bytes.get("GET ".len()..).unwrap_or_default().split(|byte| *byte == b' ').next();
        let response =
            target.and_then(|target| std::str::from_utf8(target).ok()).and_then(|target| self.at(target));
        if response.is_some_and(|response| self.expected.recognizes(&response)) {
            return Promise::Ours;
        }
        Promise::Beginning(length)
    }

    /// The request's target, if it is a GET of our path at our host ([LB-2](crate::Rule::Lb2)).
    fn target_of<'r>(&self, request: &httparse::Request<'_, 'r>) -> Option<&'r str> {
        let target = request.path?;
        let path = target.split('?').next()?;
        let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
        let (host, second) = (hosts.next()?, hosts.next());
        let ours = request.method == Some("GET")
            && path == self.path
            && second.is_none()
            && host.value.eq_ignore_ascii_case(self.host.as_bytes());
        ours.then_some(target)
    }

    fn receive(&mut self, target: &str, now: UnixTime) -> Vec<u8> {
        if let Some(taken) = &self.response {
            if target == self.path {
                self.is_over = true;
                return answer("200 OK", "", DONE);
            }
            let again = self.at(target).filter(|again| self.expected.recognizes(again));
            let is_again = again.is_some_and(|again| again.query() == taken.query());
            return if is_again { answer("200 OK", "", AGAIN) } else { refusal("404 Not Found") };
        }
        match self.at(target) {
            Some(response) if self.expected.recognizes(&response) => {
                self.response = Some(response);
                self.deadline = now.after(LINGER);
                answer("303 See Other", &format!("Location: {}\r\n", self.path), "")
            }
            _ => refusal("404 Not Found"),
        }
    }

    /// Refuses a head that is too long. Who has sent the right `state` is the browser.
    fn refuse_large(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.is_too_large |= self.promise(bytes) == Promise::Ours;
        answer("431 Request Header Fields Too Large", "", TOO_LARGE)
    }

    /// The response of this target. It came to the redirect URI, as that is spelled: with or without the slash that an
    /// empty path means, and with the host that was registered, never the one that the request named.
    fn at(&self, target: &str) -> Option<AuthorizationResponse> {
        let base = self.expected.parties.redirect_uri().split('?').next().unwrap_or_default();
        let query = target.strip_prefix(&self.path).unwrap_or_default();
        AuthorizationResponse::from_url(&format!("{base}{query}")).ok()
    }
}

/// How much a connection's bytes promise to become the response, the least first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    Nothing,
    /// A request for something else, or none.
    Another,
    /// So many bytes of what may become the response, of which nothing is a secret.
    Beginning(usize),
    /// It has the `state`.
    Ours,
}

/// Whether the browser fetches this before the person has gone there. Then it asks again.
fn is_prefetch(request: &httparse::Request<'_, '_>) -> bool {
    let says_so = |header: &&httparse::Header<'_>| {
        ["sec-purpose", "purpose"].iter().any(|name| header.name.eq_ignore_ascii_case(name))
            && header.value.get(..PREFETCH.len()).is_some_and(|value| value.eq_ignore_ascii_case(PREFETCH))
    };
    request.headers.iter().find(says_so).is_some()
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("host", &self.host)
            .field("path", &self.path)
            .field("deadline", &self.deadline)
            .field("has_response", &self.response.is_some())
            .finish_non_exhaustive()
    }
}
