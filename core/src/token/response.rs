//! What a token endpoint answers: [`TokenResponse`] (RFC 6749 §5).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::ground::error::Error;
use crate::ground::quirk::Quirks;
use crate::ground::rule::Checks;
use crate::ground::subject::Subject;
use crate::ground::time::UnixTime;
use crate::ground::token_type::TokenType;
use crate::ground::wiped::Wiped;
use crate::identity::login::Login;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::{AccessToken, IdToken, RefreshToken};
use crate::wire::digest::digest_of_any;
use crate::wire::json;
use crate::wire::pointer::Pointer;

/// A successful answer of a token endpoint, checked.
///
/// Every member of RFC 6749 has its accessor; [`member`](Self::member) reads any other, so nothing of the answer is
/// lost. What departed from the RFC and was let through is in [`quirks`](Self::quirks).
pub struct TokenResponse {
    pub(super) access_token: AccessToken,
    pub(super) token_type: TokenType,
    pub(super) dpop_jkt: Option<String>,
    pub(super) lifetime: Option<Duration>,
    pub(super) issued_at: UnixTime,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) scope: Option<Scope>,
    pub(super) id_token: Option<IdToken>,
    pub(super) login: Option<Box<Login>>,
    pub(super) issued_token_type: Option<String>,
    pub(super) resources: Vec<Resource>,
    pub(super) subject: Option<Subject>,
    pub(super) grant_type: Option<Cow<'static, str>>,
    pub(super) of_purpose: Vec<String>,
    pub(super) asked_scope: Option<Scope>,
    pub(super) quirks: Quirks,
    pub(super) checks: Checks,
    /// Where in the body it was read.
    pub(super) place: Option<Pointer>,
    pub(super) body: Wiped<Vec<u8>>,
}

impl TokenResponse {
    /// The access token.
    #[must_use]
    pub const fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// How the access token is used.
    #[must_use]
    pub const fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// The thumbprint of the key that the request showed a proof of. A token of the type DPoP is bound to it, and so is
    /// the refresh token of a client that does not authenticate (RFC 9449 §5).
    #[must_use]
    pub fn thumbprint(&self) -> Option<&str> {
        self.dpop_jkt.as_deref()
    }

    /// Whether an API may be called with the access token: all but what a token exchange issued as `N_A`
    /// ([TR-16](crate::Rule::Tr16)).
    #[must_use]
    pub fn is_for_apis(&self) -> bool {
        self.token_type != TokenType::NotApplicable
    }

    /// `expires_in`, at most ten years; none if the server did not say.
    #[must_use]
    pub const fn expires_in(&self) -> Option<Duration> {
        self.lifetime
    }

    /// When the access token expires, counted from when its request was asked for; none if the server did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.lifetime.map(|lifetime| self.issued_at.after(lifetime))
    }

    /// When the request for this answer was asked for.
    #[must_use]
    pub const fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The refresh token. None leaves the one that was used in place ([TR-13](crate::Rule::Tr13)).
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// What was granted: as the server said, or as asked for if it did not say (RFC 6749 §5.1).
    /// [`Scope::beyond`] compares it with what you asked for.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// Who logged in, proven by the ID token that came, if there was a login or its renewal: the scope had `openid`, and the code
    /// was that of a [pending authorization](crate::PendingAuthorization) or of a device. `None` if nobody was to log in, since
    /// the scope that was asked for or granted has no `openid`, or if the ID token is [not read](crate::Quirk::IdTokenUnread).
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.login.as_deref()
    }

    /// The ID token, for `id_token_hint`. What it says is in [`login`](Self::login), once it is proven. One that came encrypted
    /// is then the signed one that was inside, as a hint is to be ([AQ-20](crate::Rule::Aq20)).
    #[must_use]
    pub const fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// What kind of token a token exchange issued, as a URI: see
    /// [`TokenKind`](crate::token::TokenKind) (`issued_token_type`, RFC 8693 §2.2.1).
    #[must_use]
    pub fn issued_token_type(&self) -> Option<&str> {
        self.issued_token_type.as_deref()
    }

    /// The details that were granted, which may differ from those that were asked for (RFC 9396 §7); none if the server
    /// did not say.
    #[must_use]
    pub fn authorization_details(&self) -> Option<AuthorizationDetails> {
        // Its shape was checked when the answer was read (TR-15).
        let details = match &self.place {
            None => self.member::<serde_json::Value>("authorization_details").ok()??,
            Some(place) => {
                let body = json::read::<serde_json::Value>(json::unmarked(&self.body)).ok()?;
                body.pointer(place.as_str())?.get("authorization_details")?.clone()
            }
        };
        AuthorizationDetails::new(details).ok()
    }

    /// The APIs that the token was asked for (RFC 8707), if the grant is known.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// On whose behalf the token acts, if the grant is known.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// The grant that it was traded for, if that is known.
    pub(crate) fn grant_type(&self) -> Option<&str> {
        self.grant_type.as_deref()
    }

    /// Which of a user's tokens it is, beside scope and resources: see [`Grant::purpose`].
    pub(crate) fn purpose(&self) -> Option<String> {
        digest_of_any("purpose", &self.of_purpose)
    }

    /// The scope that was asked for, of a token that may be the application's own.
    pub(crate) const fn asked_scope(&self) -> Option<&Scope> {
        self.asked_scope.as_ref()
    }

    /// What departed from the RFC and was let through, by name: in the answer, and in the authorization response whose code was sent for
    /// it.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The checks that the answer passed. A failed one's are on the flow: [`TokenRequest::checks`].
    ///
    /// [`TokenRequest::checks`]: crate::TokenRequest::checks
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    /// The same after a login at which this was let through.
    pub(crate) fn after(mut self, before: Quirks) -> Self {
        self.quirks = self.quirks.and(before);
        self
    }

    /// Any member of the answer, read from its body into a type of yours; `None` if it has no such member.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if the member is not of that type.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
        json::member(&self.body, name)
    }
}

/// Shows everything that is no secret. Unknown members may be secrets.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_at", &self.expires_at())
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope)
            .field("subject", &self.subject)
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}
