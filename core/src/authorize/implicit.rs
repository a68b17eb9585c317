//! The Implicit flow, deprecated (RFC 6749 §4.2): here because JetBrains Space documents it.
//!
//! ```text
//!  program                     browser                      authorization server
//!     │ ImplicitRequest::begin                                       │
//!     ├── BrowserUrl ────────────▶├── GET /authorize?response_type=token…state ▶│
//!     │ (PendingImplicit stays)   │        the person logs in and says yes
//!     │◀─ redirect_uri#access_token…state ◀──────────────────────────┤
//!     │ PendingImplicit::finish: iss, state, session, token          │
//!     └── TokenResponse                                              │
//! ```

#![expect(deprecated, reason = "the deprecated types are defined here")]

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorize::expected::{Expected, require_deleted};
use crate::authorize::front_channel::{FrontChannel, Own};
use crate::authorize::kept::says_what_it_expects;
use crate::authorize::response::{AuthorizationResponse, session_digest};
use crate::client::Client;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of, response_refused};
use crate::ground::quirk::Quirks;
use crate::ground::response_mode::ResponseMode;
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::terms::access::asks;
use crate::terms::scope::Scope;
use crate::token::response::TokenResponse;
use crate::wire::uri::BrowserUrl;
use crate::wire::version::Version;

/// A request for a token in the front channel, by the implicit flow ([AQ-1](crate::Rule::Aq1)).
#[derive(Clone, Debug)]
#[deprecated(
    note = "the token passes through the browser's address bar and history, is bound to nothing, and cannot \
                     be renewed (RFC 9700 §2.1.2): use AuthorizationRequest"
)]
pub struct ImplicitRequest {
    pub(crate) front: FrontChannel,
}

asks!(ImplicitRequest.front);

impl ImplicitRequest {
    /// A request that answers to `redirect_uri`, in its fragment.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-8](crate::Rule::Aq8)), as for [`AuthorizationRequest::new`](crate::AuthorizationRequest::new);
    /// ([TR-7](crate::Rule::Tr7)) if the client binds its tokens to a key, of which this request shows no proof.
    pub fn new(client: &Client, redirect_uri: impl Into<String>) -> Result<Self, Error> {
        if client.bound_to().is_some() {
            return Err(misuse_of(
                Rule::Tr7,
                "an implicit request cannot get a token that is bound to a key: use `AuthorizationRequest`",
            ));
        }
        FrontChannel::new(client, redirect_uri.into(), "token", ResponseMode::Fragment)
            .map(|front| Self { front })
    }

    /// How long the user may take; ten minutes by default ([AR-13](crate::Rule::Ar13)).
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.front = self.front.valid_for(time);
        self
    }

    /// Begins one authorization, for the session of the browser that will come back ([AR-14](crate::Rule::Ar14)): the URL
    /// for the browser, and what stays behind until it does. `entropy` is used up: one seed is one conversation.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no authorization endpoint, or the client is held to a
    /// [profile](Client::security_profile), none of which has this request ([FA-1](crate::Rule::Fa1), [FA-4](crate::Rule::Fa4)).
    pub fn begin(
        &self,
        session: &str,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingImplicit), Error> {
        self.start(entropy, now, Some(session_digest(session)?))
    }

    /// The same without a session, for a program with one user who waits in front of it.
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin).
    pub fn begin_unbound(
        &self,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, PendingImplicit), Error> {
        self.start(entropy, now, None)
    }

    fn start(
        &self,
        entropy: Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<(BrowserUrl, PendingImplicit), Error> {
        let (url, expected) = self.front.begin(&entropy, now, session, &Own::default())?;
        Ok((
            url,
            PendingImplicit {
                kept: Kept { version: Version, expected, begun_at: now, scope: self.front.scope.clone() },
            },
        ))
    }
}

/// What the program keeps while the person is at the server: used once, and the only one of its kind. Serializes like
/// [`PendingAuthorization`](crate::PendingAuthorization), with `begun_at` in the place of `code_verifier`; what is read
/// back is a [`StoredImplicit`].
#[derive(Serialize)]
#[serde(transparent)]
#[deprecated(note = "use AuthorizationRequest and its PendingAuthorization")]
pub struct PendingImplicit {
    kept: Kept,
}

/// The record, of which a program holds one at a time.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: Version,
    #[serde(flatten)]
    expected: Expected,
    begun_at: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
}

/// A [`PendingImplicit`] as it is read from a store: it is deleted there, and then [`taken_out`](Self::taken_out), as
/// [`StoredAuthorization`](crate::authorize::StoredAuthorization) shows it.
#[derive(Deserialize)]
#[serde(transparent)]
#[deprecated(note = "use AuthorizationRequest and its StoredAuthorization")]
pub struct StoredImplicit {
    kept: Kept,
}

impl StoredImplicit {
    /// `state`, under which it is stored, and by which it is deleted.
    #[must_use]
    pub fn state(&self) -> &str {
        self.kept.expected.state.expose()
    }

    /// The pending authorization, to be finished. `deleted` is whether the program's own delete removed the record.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AR-12](crate::Rule::Ar12)) if it removed nothing: another request was first.
    pub fn taken_out(self, deleted: bool) -> Result<PendingImplicit, Error> {
        require_deleted(deleted)?;
        Ok(PendingImplicit { kept: self.kept })
    }
}

impl fmt::Debug for StoredImplicit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredImplicit")
            .field("is_spent", &self.kept.expected.is_spent())
            .finish_non_exhaustive()
    }
}

impl PendingImplicit {
    /// Checks the response and reads the token in it: the URL with its fragment, which only the page in the browser
    /// sees.
    ///
    /// The fragment has the members of a token response and passes the same checks. A refresh token is never
    /// accepted there (RFC 6749 §4.2.2). The lifetime is counted from now, because the token may have been made
    /// whenever the person got to it.
    ///
    /// # Errors
    ///
    /// As for [`PendingAuthorization::finish`](crate::PendingAuthorization::finish), and [`Error::Malformed`] for a token
    /// that breaks [TR-5](crate::Rule::Tr5) to [TR-11](crate::Rule::Tr11).
    pub fn finish(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<TokenResponse, Error> {
        let parameters = self.kept.expected.admit(client, response, false, now)?;
        if ["code", "refresh_token", "id_token"].iter().any(|name| parameters.get(name).is_some()) {
            return Err(response_refused(
                Rule::Ar9,
                "the response to the implicit request has more in it than an access token",
            ));
        }
        self.kept.expected.checks.pass(Rule::Ar9);
        let quirks = client.server().quirks();
        TokenResponse::from_fragment(
            |name| parameters.get(name),
            self.kept.scope.as_ref(),
            quirks,
            now,
            &mut self.kept.expected.checks,
        )
        .map(|tokens| tokens.after(self.kept.expected.quirks))
    }

    says_what_it_expects!();
}

impl fmt::Debug for PendingImplicit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingImplicit")
            .field("redirect_uri", &self.redirect_uri())
            .field("scope", &self.kept.scope)
            .field("is_spent", &self.is_spent())
            .finish_non_exhaustive()
    }
}
