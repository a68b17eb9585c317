//! Asking the server about the person who logged in: [`UserInfoRequest`], [`UnverifiedUserInfoRequest`] (OpenID Connect Core
//! §5.3).
//!
//! ```text
//!  program                                       authorization server
//!     │ UserInfoRequest::new(&client, &tokens)          │
//!     ├── GET userinfo endpoint, Authorization: token ─▶│   and a proof, for a bound token; once more for its nonce
//!     │◀─ 200 {"sub": …, "email": …}, or a JWT ─────────┤
//!     ├── GET jwks_uri, if no key that is held fits ───▶│   only for a JWT
//!     │◀─ 200 {"keys": […]} ────────────────────────────┤
//!     │ sub is that of the ID token ──▶ UserInfo
//! ```

use std::fmt;

use crate::client::Client;
use crate::ground::error::{Error, misuse_of};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::token_type::TokenType;
use crate::identity::login::Identity;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jwt_type::JwtType;
use crate::openid::answer::{self, Came, Told};
use crate::openid::asking::Asking;
use crate::openid::user_info::{UnverifiedUserInfo, UserInfo};
use crate::server::keys::KeySearch;
use crate::terms::secret::AccessToken;
use crate::token::response::TokenResponse;

/// A flow that asks the server what it says about the person of a login.
///
/// The token is sent in a header, as its type says ([UI-6](crate::Rule::Ui6)), to the alias for clients with a certificate
/// where the server has one. Whether the answer is JSON, [signed](Client::user_info_algorithm)
/// or also [encrypted](Client::user_info_encryption) is as the client is registered ([UI-3](crate::Rule::Ui3),
/// [ID-43](crate::Rule::Id43)).
///
/// ```
/// use valetkey_core::openid::UserInfoRequest;
/// use valetkey_core::token::TokenType;
/// use valetkey_core::{AccessToken, Client, Error};
/// # use valetkey_core::identity::Identity;
///
/// // A while after the login: the identity that the program has kept, and the access token of its session.
/// fn ask(client: &Client, identity: &Identity, token: &AccessToken) -> Result<UserInfoRequest, Error> {
///     UserInfoRequest::about(client, identity, token, TokenType::Bearer)
/// }
/// # let _ = ask;
/// ```
pub struct UserInfoRequest {
    conversation: Conversation,
    identity: Identity,
}

impl UserInfoRequest {
    /// Asks about the person who logged in by these tokens, with their access token.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([UI-5](crate::Rule::Ui5)) if nobody logged in by them (see [`TokenResponse::login`]); and as
    /// [`about`](Self::about).
    pub fn new(client: &Client, tokens: &TokenResponse) -> Result<Self, Error> {
        let Some(login) = tokens.login() else {
            let what = "nobody logged in by these tokens, so that UserInfo cannot be compared with a login: ask for the \
                        scope openid, or name the person by `UserInfoRequest::about`";
            return Err(misuse_of(Rule::Ui5, what));
        };
        Self::about(client, login.identity(), tokens.access_token(), tokens.token_type())
    }

    /// Asks about the person of an earlier login, with an access token of theirs.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`]:
    ///
    /// - if the server has no userinfo endpoint; [UI-5](crate::Rule::Ui5) if the person is another issuer's;
    /// - [UI-4](crate::Rule::Ui4) if the client is registered for a signature, and the issuer or the keys of its server are not
    ///   known;
    /// - [DP-7](crate::Rule::Dp7) if the token is bound to a key, and the client has none; [TR-16](crate::Rule::Tr16) if it is
    ///   not an access token; [CA-6](crate::Rule::Ca6) if the client shows a certificate, and the endpoint is plain http;
    /// - if the client, or the token, is not as its [profile](Client::security_profile) wants it ([FA-1](crate::Rule::Fa1),
    ///   [FA-2](crate::Rule::Fa2), [FA-4](crate::Rule::Fa4)).
    pub fn about(
        client: &Client,
        identity: &Identity,
        token: &AccessToken,
        token_type: TokenType,
    ) -> Result<Self, Error> {
        if !client.server().speaks_for(identity.issuer()) {
            let what = "the person is known by another issuer than that of this client's server, which cannot say anything \
                        about them";
            return Err(misuse_of(Rule::Ui5, what));
        }
        Ok(Self { conversation: Conversation::new(client, token, token_type)?, identity: identity.clone() })
    }
}

impl Flow for UserInfoRequest {
    type Output = UserInfo;

    /// # Errors
    ///
    /// - [`Error::Refused`] if the server refuses: 401 and `invalid_token` for a token that is no longer good, 403 and
    ///   `insufficient_scope` for one without the scope `openid`;
    /// - [`Error::Malformed`]: [UI-1](crate::Rule::Ui1) for another status than 200, [HT-1](crate::Rule::Ht1) for a redirect,
    ///   [UI-3](crate::Rule::Ui3) for another form than the registered one, [ID-43](crate::Rule::Id43) for one that is encrypted
    ///   and should not be, or the other way about, [TR-2](crate::Rule::Tr2) for what is no strict JSON
    ///   object, [UI-5](crate::Rule::Ui5) if it is about another person or does not say about whom, [UI-10](crate::Rule::Ui10)
    ///   if claims are said to be of a source that is not there;
    /// - of an encrypted answer also [ID-44](crate::Rule::Id44) to [ID-52](crate::Rule::Id52);
    /// - of a signed answer also [UI-4](crate::Rule::Ui4) for its algorithm, `iss` and `aud`, [ID-1](crate::Rule::Id1) to
    ///   [ID-10](crate::Rule::Id10), [ID-24](crate::Rule::Id24) or [JK-2](crate::Rule::Jk2) for a JWT that is not good,
    ///   [ID-12](crate::Rule::Id12), [ID-13](crate::Rule::Id13), [ID-14](crate::Rule::Id14) and [ID-25](crate::Rule::Id25) for its
    ///   times, and whatever the fetch of the keys fails by;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<UserInfo>, Error> {
        let admitted = self.conversation.client.server().quirks();
        match self.conversation.step(response, now)? {
            Step::Done(told) => UserInfo::about(&self.identity, told, admitted).map(Step::Done),
            Step::Send(request) => Ok(Step::Send(request)),
            Step::Wait(time) => Ok(Step::Wait(time)),
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.conversation.unanswered(now)
    }
}

impl fmt::Debug for UserInfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoRequest")
            .field("client", &self.conversation.client)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// A flow that asks the server what it says about somebody, where no login says who it is: for a token that was granted
/// without the scope `openid` at a server that answers all the same. What comes of it has a type of its own.
pub struct UnverifiedUserInfoRequest(Conversation);

impl UnverifiedUserInfoRequest {
    /// Asks with this access token.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`UserInfoRequest::about`].
    pub fn new(client: &Client, token: &AccessToken, token_type: TokenType) -> Result<Self, Error> {
        Conversation::new(client, token, token_type).map(Self)
    }
}

impl Flow for UnverifiedUserInfoRequest {
    type Output = UnverifiedUserInfo;

    /// # Errors
    ///
    /// As for [`UserInfoRequest`], but that the subject is compared with nothing: one that is missing is refused by
    /// [UI-1](crate::Rule::Ui1).
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<UnverifiedUserInfo>, Error> {
        let admitted = self.0.client.server().quirks();
        match self.0.step(response, now)? {
            Step::Done(told) => UnverifiedUserInfo::of(told, admitted).map(Step::Done),
            Step::Send(request) => Ok(Step::Send(request)),
            Step::Wait(time) => Ok(Step::Wait(time)),
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.0.unanswered(now)
    }
}

impl fmt::Debug for UnverifiedUserInfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedUserInfoRequest").field("client", &self.0.client).finish_non_exhaustive()
    }
}

/// What both have: the question, and the search for the key of a signed answer.
struct Conversation {
    client: Client,
    asking: Asking,
    signed: Option<(ReceivedJwt, Box<KeySearch>)>,
}

impl Conversation {
    fn new(client: &Client, token: &AccessToken, token_type: TokenType) -> Result<Self, Error> {
        answer::require_verifiable(client)?;
        let accepted = match client.registered_user_info_algorithm() {
            Some(_) => answer::JWT,
            None => answer::JSON,
        };
        let asking = Asking::new(client, token, token_type, accepted)?;
        Ok(Self { client: client.clone(), asking, signed: None })
    }

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Told>, Error> {
        if self.signed.is_none() {
            let response = match self.asking.step(response, now)? {
                Step::Done(response) => response,
                Step::Send(request) => return Ok(Step::Send(request)),
                Step::Wait(time) => return Ok(Step::Wait(time)),
            };
            match answer::admit(response, &self.client, self.asking.secret(), now)? {
                Came::Told(told) => return Ok(Step::Done(told)),
                Came::Jwt(jwt, search) => self.signed = Some((jwt, search)),
            }
            return self.verify(None, now);
        }
        self.verify(response, now)
    }

    fn verify(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Told>, Error> {
        let Some((jwt, search)) = &mut self.signed else { return self.step(None, now) };
        let outcome = match search.verify(jwt, JwtType::Generic, response, now) {
            Ok(Step::Send(request)) => return Ok(Step::Send(request)),
            Ok(Step::Wait(time)) => return Ok(Step::Wait(time)),
            // An answer to what was not asked is the program's mistake, and ends nothing.
            Err(error @ Error::Misuse(_)) => return Err(error),
            Ok(Step::Done(verified)) => answer::of_verified(jwt, verified, &self.client, now),
            Err(error) => Err(error),
        };
        self.signed = None;
        outcome.map(Step::Done)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        let goes_on = self.signed.as_mut().is_some_and(|(_, search)| search.unanswered(now));
        if !goes_on {
            self.signed = None;
            self.asking.end();
        }
        goes_on
    }
}
