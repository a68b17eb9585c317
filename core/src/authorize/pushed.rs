//! Pushed authorization requests (RFC 9126, PAR): [`PushedAuthorizationRequest`].
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ AuthorizationRequest::push                                   │
//!     ├── POST pushed_authorization_request_endpoint: the request, client ▶│
//!     │◀─ 201 {"request_uri": …, "expires_in": …} ───────────────────┤
//!     ├── BrowserUrl ────────────▶├── GET /authorize?client_id…request_uri ▶│
//!     │ (PendingAuthorization     │                                  │
//!     │  is kept)
//! ```
//!
//! One round, in which the client authenticates as it does everywhere. What is asked for reaches the server past the
//! browser, which can neither read nor change it; a request that the server would refuse is refused before any person
//! has seen it.

use std::fmt;

use form_urlencoded::Serializer;
use http::StatusCode;

use crate::authorize::front_channel::FrontChannel;
use crate::authorize::pending::PendingAuthorization;
use crate::authorize::request::{AuthorizationRequest, own};
use crate::authorize::request_object::RequestObject;
use crate::authorize::response::session_digest;
use crate::client::post::{Post, Sent};
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, malformed, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::wire::answer::Reader;
use crate::wire::uri;
use crate::wire::uri::BrowserUrl;

/// A flow that hands an authorization request to the server itself, and ends with what
/// [`AuthorizationRequest::begin`] gives at once: the URL for the browser, which only names the request, and what the program
/// keeps.
///
/// ```
/// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, Flow, Step, UnixTime};
/// use valetkey_core::server::Endpoint;
///
/// let server = AuthorizationServer::new()
///     .authorization_endpoint("https://as.example/authorize")?
///     .endpoint(Endpoint::PushedAuthorization, "https://as.example/par")?
///     .token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3");
/// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
///
/// # let entropy = || Entropy::from_seed([7; 32]);
/// # let now = UnixTime::from_secs(1_700_000_000);
/// let mut flow = request.push("the value of the session cookie", entropy(), now)?;
/// let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
/// assert_eq!(request.uri(), "https://as.example/par");
/// # let answer = http::Response::builder().status(201).header("content-type", "application/json");
/// # let answer = answer.body(br#"{"request_uri":"urn:example:bwc4JK","expires_in":60}"#.to_vec()).unwrap();
/// let Step::Done((url, pending)) = flow.step(Some(answer), now)? else { unreachable!() };
/// assert_eq!(url.as_str(), "https://as.example/authorize?client_id=s6BhdRkqt3&request_uri=urn%3Aexample%3Abwc4JK");
/// # let _ = pending;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct PushedAuthorizationRequest {
    front: FrontChannel,
    content: Content,
    pending: Option<PendingAuthorization>,
    post: Post,
}

/// What is pushed.
enum Content {
    /// The parameters, encoded.
    Form(Wiped),
    /// The request as an object, which is made first.
    Object(Box<RequestObject>),
}

impl AuthorizationRequest {
    /// Begins one authorization by pushing the request (RFC 9126), for the session of the browser that will come back
    /// ([AR-14](crate::Rule::Ar14)), as [`begin`](Self::begin) does. A server that takes nothing else says so
    /// (`require_pushed_authorization_requests`); [`start`](Self::start) looks.
    ///
    /// `state` and the PKCE verifier come from `entropy`, which is used up. How long the person may take is counted from
    /// `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`begin`](Self::begin), and if the server has no endpoint for pushed requests, or lists
    /// authentication methods without the client's ([CA-3](crate::Rule::Ca3)), or algorithms ([CA-4](crate::Rule::Ca4)).
    pub fn push(
        &self,
        session: &str,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<PushedAuthorizationRequest, Error> {
        self.past_browser(entropy, now, Some(session_digest(session)?))
    }

    /// The same without a session, as [`begin_unbound`](Self::begin_unbound) is.
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push).
    pub fn push_unbound(&self, entropy: Entropy, now: UnixTime) -> Result<PushedAuthorizationRequest, Error> {
        self.past_browser(entropy, now, None)
    }

    pub(crate) fn past_browser(
        &self,
        entropy: Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<PushedAuthorizationRequest, Error> {
        let front = &self.front;
        let post = Post::new(&front.client, Endpoint::PushedAuthorization)?;
        let post = if front.key_by_thumbprint { post.without_proof() } else { post };
        front.require_profile(true)?;
        // Looked for now, so that nothing is pushed in vain.
        front.client.server().require_authorization_endpoint()?;
        let (state, verifier) = self.fresh(&entropy)?;
        let challenge = verifier.as_ref().map(|verifier| front.client.server().challenge_of(verifier));
        let login = self.login(&entropy, now)?;
        let own = own(challenge.as_deref(), login.as_ref());
        let expected = front.expect(state, now, session)?;
        let content = match front.object(expected.state.expose(), &own, &entropy, now)? {
            Some(object) => Content::Object(Box::new(object)),
            None => {
                let mut form = Serializer::new(String::new());
                // The client names itself once, here or in `own`.
                let own_name = front.client.server().client_id_name();
                let lasting = front.lasting().into_iter().filter(|(name, _)| *name != own_name);
                form.extend_pairs(lasting)
                    .append_pair("state", expected.state.expose())
                    .extend_pairs(own.into_iter().flatten());
                Content::Form(Wiped::new(form.finish()))
            }
        };
        let pending = Some(self.pending(expected, verifier, login)?);
        Ok(PushedAuthorizationRequest { front: front.clone(), content, pending, post })
    }
}

impl Flow for PushedAuthorizationRequest {
    type Output = (BrowserUrl, PendingAuthorization);

    /// Waits for a key that answers later, its own or the client's; and fetches the server's keys first, if the request is
    /// [encrypted](AuthorizationRequest::encrypted) and none that is held is for that.
    ///
    /// # Errors
    ///
    /// - [`Error::Refused`] if the server refuses the request or the client ([PA-2](crate::Rule::Pa2)): with its status, 413
    ///   for one that is too large, and when to try again, for a 429;
    /// - [`Error::Malformed`] ([PA-1](crate::Rule::Pa1), [HT-1](crate::Rule::Ht1), [TR-2](crate::Rule::Tr2)) for an answer
    ///   that is not status 201 with a `request_uri` and a lifetime;
    /// - [`Error::Malformed`] ([AQ-29](crate::Rule::Aq29)) if it is to be encrypted and the server has no key for that, and
    ///   whatever the fetch of its keys fails by;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, mut response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        if let Content::Object(object) = &mut self.content
            && object.text().is_none()
            && !self.post.has_ended()
        {
            match object.step(response.take(), now) {
                Ok(Step::Done(())) => {}
                Ok(Step::Send(request)) => return Ok(Step::Send(request)),
                Ok(Step::Wait(time)) => return Ok(Step::Wait(time)),
                // A mistake of the program's, or of the key that signs, ends nothing.
                Err(error @ Error::Misuse(_)) => return Err(error),
                Err(error) => {
                    self.post.end();
                    return Err(error);
                }
            }
        }
        let (content, front, kept) = (&self.content, &self.front, &mut self.pending);
        self.post.step(
            response,
            now,
            |room| form(content, front, room),
            |response, sent| {
                let pending = kept.as_ref().ok_or_else(|| misuse("this flow has ended: make another"))?;
                let (url, expires_at, quirks) = read(&response, sent, front, pending, now)?;
                let mut pending = kept.take().ok_or_else(|| misuse("this flow has ended: make another"))?;
                pending.kept.request_expires_at = Some(expires_at);
                pending.kept.expected.pushed_with(quirks);
                Ok((url, pending))
            },
        )
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        if let Content::Object(object) = &mut self.content
            && object.text().is_none()
            && object.unanswered(now)
        {
            return true;
        }
        self.post.end()
    }
}

impl fmt::Debug for PushedAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedAuthorizationRequest").field("front", &self.front).finish_non_exhaustive()
    }
}

/// The form but for the client's part: the parameters, or the object that has them. Nothing is ever pushed by reference
/// ([PA-3](crate::Rule::Pa3)).
fn form(content: &Content, front: &FrontChannel, room: usize) -> Serializer<'static, String> {
    let (form, object) = match content {
        Content::Form(form) => (form.as_str(), None),
        // It was made before, and all its characters stand for themselves in a form.
        Content::Object(object) => ("", object.text()),
    };
    let client = &front.client;
    // Allocated once, so that what the client proves itself with is not left behind: the client's part has room for its
    // identifier, which the content or the client writes, and the names of parameters have 32 bytes.
    let mut body = String::with_capacity(form.len() + object.map_or(0, str::len) + room + 32);
    body.push_str(form);
    let mut form = Serializer::for_suffix(body, 0);
    form.extend_pairs(object.map(|object| ("request", object)));
    // The request is this client's, whether its credentials say so or not (RFC 9126 §2.1).
    if !client.names_itself() {
        form.append_pair(client.server().client_id_name(), client.id());
    }
    form
}

fn read(
    response: &Response,
    sent: &Sent<'_>,
    front: &FrontChannel,
    pending: &PendingAuthorization,
    now: UnixTime,
) -> Result<(BrowserUrl, UnixTime, Quirks), Error> {
    if !response.status().is_success() {
        return Err(sent.refusal(response, Some(pending.state()), now));
    }
    let mut reader = Reader::new(sent.client.server().quirks());
    let mut object = reader.object_of(response, StatusCode::CREATED, Rule::Pa1)?;
    if reader.tells_error(&mut object)? {
        return Err(sent.refusal(response, Some(pending.state()), now));
    }
    let what = "request_uri is missing, or not a URI";
    let request_uri = reader
        .text(object.take("request_uri"), Rule::Pa1, "request_uri")?
        .filter(|request_uri| uri::is_absolute(request_uri))
        .ok_or_else(|| malformed(Rule::Pa1, what))?;
    let what = "expires_in is missing, or not a whole number of seconds from 1";
    let lifetime = reader
        .seconds(object.take("expires_in"), Rule::Pa1, "expires_in")?
        .filter(|lifetime| !lifetime.is_zero())
        .ok_or_else(|| malformed(Rule::Pa1, what))?;
    let quirks = sent.and_adjusted(reader.seen);
    Ok((front.naming(&request_uri)?, sent.at.after(lifetime), quirks))
}
