//! Asking the server what a token is worth: [`Introspection`] (RFC 7662).
//!
//! ```text
//!  API                                          authorization server
//!     │ Introspection::new(&client, &token)             │
//!     ├── POST introspection endpoint: token, client ──▶│
//!     │◀─ 200 {"active": true, "exp": …, "aud": …} ─────┤  Introspected::Active, or a reason why not
//!     │◀─ 200 {"active": false, …} ─────────────────────┤  Introspected::Inactive, the rest unread
//! ```
//!
//! One round, or two where the answer is to be signed: see `signed_introspection.rs`. The client is the API that was handed the token. That the server calls it active is half of the answer: its
//! times are compared with the clock, and what it is for with what the API expects.

use std::fmt;

use http::HeaderValue;
use http::header::ACCEPT;

use crate::client::Client;
use crate::client::encrypted::Message;
use crate::client::post::Post;
use crate::client::security_profile::SecurityProfile;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::jose::jwe::received::ReceivedJwt;
use crate::server::keys::KeySearch;
use crate::status::expectations::Expectations;
use crate::status::introspected::Introspected;
use crate::status::revocation::token_form;
use crate::status::signed_introspection;
use crate::terms::secret::{AccessToken, RefreshToken};

/// A flow that asks what an access token is worth.
///
/// ```
/// use valetkey_core::{AccessToken, AuthorizationServer, Client, ClientSecret};
/// use valetkey_core::server::Endpoint;
/// use valetkey_core::status::{Expectations, Introspection};
///
/// let server = AuthorizationServer::new().endpoint(Endpoint::Introspection, "https://as.example/introspect")?;
/// let api = Client::new(server, "calendar-api").secret("gX1fBAt3bV")?;
/// let expected = Expectations::new().audience("https://calendar.example").scope("calendar")?;
/// let flow = Introspection::new(&api, &AccessToken::new("mF_9.B5f-4.1JqM")?)?.expect(expected);
/// # let _ = flow;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct Introspection {
    post: Post,
    token: Wiped,
    hint: &'static str,
    expected: Expectations,
    /// The search for the key of a signed answer, if one is asked for, and the answer.
    signed: Option<KeySearch>,
    jwt: Option<ReceivedJwt>,
}

/// What the server answered.
enum Answer {
    Plain(Introspected),
    Signed(Wiped),
}

impl Introspection {
    /// Asks about this token, which is sent with the hint `access_token`. A client that is held to
    /// [message signing](crate::client::SecurityProfile::Fapi2MessageSigning) asks for a [signed](Self::signed) answer.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no introspection endpoint, or lists authentication methods for it without the
    /// client's ([CA-3](crate::Rule::Ca3)), or algorithms ([CA-4](crate::Rule::Ca4)); or if the client is not as its
    /// [profile](Client::security_profile) wants it ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2),
    /// [FA-4](crate::Rule::Fa4)).
    pub fn new(client: &Client, token: &AccessToken) -> Result<Self, Error> {
        Self::of(Post::new(client, Endpoint::Introspection)?, token.expose(), "access_token")
    }

    /// Asks about this refresh token, which is sent with the hint `refresh_token`: whether a stored session can still be
    /// renewed, for example. Servers answer that to the client that it was issued to, if at all.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn refresh_token(client: &Client, token: &RefreshToken) -> Result<Self, Error> {
        Self::of(Post::new(client, Endpoint::Introspection)?, token.expose(), "refresh_token")
    }

    fn of(post: Post, token: &str, hint: &'static str) -> Result<Self, Error> {
        let token = Wiped::new(token.to_owned());
        let is_signed = post.client().held_to() == Some(SecurityProfile::Fapi2MessageSigning);
        let asking = Self { post, token, hint, expected: Expectations::new(), signed: None, jwt: None };
        if is_signed { asking.signed() } else { Ok(asking) }
    }

    /// Authorizes the question by an access token of this API's own, and not by the client's authentication (RFC 7662
    /// §2.1): for servers that want a token with a scope of theirs for it. Nothing that the client authenticates with is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no introspection endpoint.
    pub fn authorized_by(mut self, token: &AccessToken) -> Result<Self, Error> {
        self.post = Post::authorized_by(self.post.client(), Endpoint::Introspection, token)?;
        Ok(self)
    }

    /// Asks for an answer that the server signs, and takes no other (RFC 9701, [IN-2](crate::Rule::In2)). It is verified
    /// with the [keys of the server](crate::AuthorizationServer::keys), which are fetched if need be.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([IN-2](crate::Rule::In2)) if the issuer or the keys of the client's server are not known.
    pub fn signed(mut self) -> Result<Self, Error> {
        let server = self.post.client().server();
        let (Some(_), Some(keys)) = (&server.issuer, &server.keys) else {
            let what = "a signed introspection needs a server whose issuer and keys are known: discover the \
                        server, and fetch its keys by `ServerKeys`";
            return Err(misuse_of(Rule::In2, what));
        };
        self.signed = Some(keys.search(server.quirks()));
        Ok(self)
    }

    /// What the token must be for. Without it, an active token of any kind is active.
    #[must_use]
    pub fn expect(mut self, expected: Expectations) -> Self {
        self.expected = expected;
        self
    }
}

impl Flow for Introspection {
    type Output = Introspected;

    /// # Errors
    ///
    /// - [`Error::Refused`] if the server did not answer the question;
    /// - [`Error::Malformed`], as [`Introspected::parse`] says; for a signed answer, [IN-2](crate::Rule::In2) for what is
    ///   not as it was asked for, and [ID-1](crate::Rule::Id1) to [ID-10](crate::Rule::Id10), [ID-25](crate::Rule::Id25) or
    ///   [JK-2](crate::Rule::Jk2) for a JWT that is not good, [ID-43](crate::Rule::Id43) to [ID-52](crate::Rule::Id52) for one
    ///   that is not encrypted as the client is [registered](Client::introspection_encryption);
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Introspected>, Error> {
        if self.jwt.is_some() {
            let step = self.verify(response, now);
            match &step {
                // An answer to what was not asked is the program's mistake, and ends nothing.
                Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_)) => {}
                Ok(Step::Done(_)) | Err(_) => self.jwt = None,
            }
            return step;
        }
        let (token, hint, expected) = (self.token.as_str(), self.hint, &self.expected);
        let is_signed = self.signed.is_some();
        let step = self.post.step(
            response,
            now,
            |room| token_form(token, Some(hint), room),
            |response, sent| {
                if !response.status().is_success() {
                    return Err(sent.refusal(&response, Some(token), now));
                }
                if is_signed {
                    return signed_introspection::jwt(response).map(Answer::Signed);
                }
                let quirks = sent.and_adjusted(Quirks::default());
                match Introspected::read(&response, expected, sent.client.server(), quirks, now) {
                    Err(_) if Introspected::is_refusal(&response) => {
                        Err(sent.refusal(&response, Some(token), now))
                    }
                    read => read.map(Answer::Plain),
                }
            },
        )?;
        match step {
            Step::Send(mut request) => {
                if is_signed {
                    let wanted = HeaderValue::from_static(signed_introspection::MEDIA_TYPE);
                    request.headers_mut().insert(ACCEPT, wanted);
                }
                Ok(Step::Send(request))
            }
            Step::Wait(time) => Ok(Step::Wait(time)),
            Step::Done(Answer::Plain(introspected)) => Ok(Step::Done(introspected)),
            Step::Done(Answer::Signed(jwt)) => {
                self.jwt = Some(self.post.client().opened(Message::Introspection, &jwt)?);
                self.step(None, now)
            }
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        let goes_on = self.jwt.is_some() && self.signed.as_mut().is_some_and(|search| search.unanswered(now));
        if !goes_on {
            self.jwt = None;
            self.post.end();
        }
        goes_on
    }
}

impl Introspection {
    /// Finds the key for the signed answer that came, and reads it.
    fn verify(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Introspected>, Error> {
        let (Some(jwt), Some(search)) = (&mut self.jwt, &mut self.signed) else {
            return Err(misuse("this flow has ended: make another"));
        };
        match search
            .verify(jwt, signed_introspection::TYPE, response, now)
            .map_err(signed_introspection::told)?
        {
            Step::Done(verified) => {
                signed_introspection::read(verified, self.post.client(), &self.expected, now).map(Step::Done)
            }
            Step::Send(request) => Ok(Step::Send(request)),
            Step::Wait(time) => Ok(Step::Wait(time)),
        }
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("client", self.post.client())
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}
