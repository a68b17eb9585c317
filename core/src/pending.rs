//! What waits at home for the person to come back: [`PendingAuthorization`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, malformed, misuse_of};
use crate::expected::{Expected, require_bounded};
use crate::redirect::require_no_token;
use crate::secret::{AuthorizationCode, exposed};
use crate::version::Version;
use crate::{
    AuthorizationDetails, AuthorizationResponse, Checks, Client, CodeVerifier, Dpop, Grant, Resource,
    ResponseMode, Rule, Scope, SignedResponse, TokenRequest, UnixTime,
};

/// What stays at home while the person is at the server: plain data that expires, is used once, and serializes.
///
/// The JSON form is versioned and has these members: `version` (1), `client_id`, `issuer`, `token_endpoint`,
/// `redirect_uri`, `response_mode`, `state`, `expires_at` (milliseconds since 1970), `session` (a digest), `spent`,
/// `code_verifier`, `scope`, `resources` (a list), `authorization_details` (JSON in a string), `audience`,
/// `dpop_jkt` (the thumbprint of the client's key), `request_expires_at` (milliseconds since 1970). It holds secrets: keep
/// it on the server side, or encrypted and authenticated.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingAuthorization {
    pub(crate) version: Version,
    #[serde(flatten)]
    pub(crate) expected: Expected,
    #[serde(rename = "code_verifier", with = "exposed")]
    pub(crate) verifier: CodeVerifier,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<Resource>,
    #[serde(default, rename = "authorization_details", skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<AuthorizationDetails>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_jkt: Option<String>,
    /// Until when the server keeps the request that was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_expires_at: Option<UnixTime>,
}

impl PendingAuthorization {
    /// Opens a response: verifies its signature, if a signed one was asked for (JM-1), with the keys of the client's
    /// server; hands any other back as it is. What comes of it is for [`finish`](Self::finish), which makes every other
    /// check.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] for a response that is not as it was asked for: in another mode (AR-11), a parameter twice
    ///   (AR-1), plain where it should be signed or the other way about (AR-2), encrypted (JM-1), no JWT (ID-1 to ID-3);
    /// - [`Error::Misuse`] if this is another client's (TR-17), or the issuer or the keys of the client's server are not
    ///   known (JM-1).
    pub fn open(&self, client: &Client, response: &AuthorizationResponse) -> Result<SignedResponse, Error> {
        SignedResponse::new(&self.expected, client, response)
    }

    /// Checks the response, and turns its code into the request for tokens. This is the only way to one.
    ///
    /// A response that is not proven to be the server's (wrong place, `iss`, `state` or session) changes nothing: the
    /// right one may still come. Any other outcome uses the pending authorization up (AR-12).
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] for whatever breaks AR-1 to AR-11, or JM-2 to JM-4 if it is a signed one, or arrived in
    ///   another session (AR-14);
    /// - [`Error::Refused`] if the server or the person said no;
    /// - [`Error::AuthorizationRequired`] if it came too late (AR-13);
    /// - [`Error::Misuse`] if this was used before (AR-12), is another client's (TR-17), is bound to a session and none
    ///   was given (AR-14), named another key than the client has (DP-8), or the response is a signed one and was not
    ///   [opened](Self::open) (JM-1).
    pub fn finish(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<TokenRequest, Error> {
        if self.dpop_jkt.is_some() && self.dpop_jkt.as_deref() != client.bound_to().map(Dpop::thumbprint) {
            return Err(misuse_of(Rule::Dp8, "the client's key is another than the one its request named"));
        }
        let parameters = self.expected.admit(client, response, now)?;
        require_no_token(&parameters)?;
        self.expected.checks.pass(Rule::Ar9);
        let code = parameters
            .get("code")
            .ok_or_else(|| malformed(Rule::Ar7, "the response has neither a code nor an error"))?;
        self.expected.checks.pass(Rule::Ar7);
        require_bounded(code)?;
        let code = AuthorizationCode::admit(code.to_owned())?;
        self.expected.checks.pass(Rule::Ar8);
        let mut grant = Grant::authorization_code(&code, &self.expected.redirect_uri, &self.verifier);
        if let Some(scope) = &self.scope {
            grant = grant.scope(scope.clone());
        }
        grant = self.resources.iter().fold(grant, Grant::resource);
        if let Some(details) = &self.details {
            grant = grant.expecting_details(details.clone());
        }
        grant = grant.for_audience(self.audience.clone());
        TokenRequest::new(client, grant)
    }

    /// Whether the response answers this request, so that a receiver knows what to keep waiting for. The checks are
    /// [`finish`](Self::finish)'s.
    #[must_use]
    pub fn recognizes(&self, response: &AuthorizationResponse) -> bool {
        self.expected.recognizes(response)
    }

    /// Whether it has been used up.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.expected.is_spent()
    }

    /// The checks that the response of the last [`finish`](Self::finish) passed, whether it then failed or not; none
    /// before it.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.expected.checks
    }

    /// Where the response is to arrive.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.expected.redirect_uri
    }

    /// Where in it the response's parameters are to be.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.expected.response_mode
    }

    /// Until when the browser must have opened the URL: the server keeps a pushed request no longer (AQ-13). `None` if
    /// the request was not pushed.
    #[must_use]
    pub const fn request_expires_at(&self) -> Option<UnixTime> {
        self.request_expires_at
    }

    /// `state`, under which a web application may store this value.
    #[must_use]
    pub fn state(&self) -> &str {
        self.expected.state.expose()
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("redirect_uri", &self.redirect_uri())
            .field("scope", &self.scope)
            .field("is_spent", &self.is_spent())
            .finish_non_exhaustive()
    }
}
