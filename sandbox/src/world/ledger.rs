//! What has been issued: codes, access tokens, refresh tokens, and which of them belong together.

use std::time::Duration;

use serde_json::Value;
use valetkey_core::UnixTime;

use super::login::Login;
use super::telling::Telling;
use crate::ground::bounded::Bounded;
use crate::ground::random::Random;
use crate::{Rights, Subject};

/// Everything issued from one grant of rights: revoking it revokes all of them.
pub(crate) type Family = String;

/// What a token may do and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The application, or `None` for a user's personal token.
    pub(crate) client_id: Option<String>,
    pub(crate) subject: Subject,
    pub(crate) scope: Rights,
    pub(crate) family: Family,
    /// Whether the client authenticated when the grant was made: if so, it must do so to renew it.
    pub(crate) authenticated: bool,
    pub(crate) revoked: bool,
    /// What the token's user must have.
    pub(crate) binding: Option<Binding>,
    /// The resources that it is for (RFC 8707); all of them, if there are none.
    pub(crate) resources: Vec<String>,
    /// What was granted in detail (RFC 9396), beside the scope.
    pub(crate) details: Vec<Value>,
    /// How the user logged in, where the server saw it.
    pub(crate) login: Option<Login>,
    /// What the application is told about the person, if it asked who that is.
    pub(crate) telling: Option<Telling>,
    /// Who acts for the subject, by name (RFC 8693 §4.1).
    pub(crate) actor: Option<String>,
}

/// What a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// The key with this thumbprint (RFC 9449).
    Key(String),
    /// The certificate with this thumbprint (RFC 8705).
    Certificate(String),
}

impl Binding {
    /// The thumbprint of a key.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(thumbprint) => Some(thumbprint),
            Self::Certificate(_) => None,
        }
    }
}

impl Grant {
    /// How a token of this grant is presented.
    pub(crate) fn token_type(&self) -> &'static str {
        if self.binding.as_ref().is_some_and(|binding| binding.key().is_some()) { "DPoP" } else { "Bearer" }
    }

    /// A grant by a client that did not authenticate.
    pub(crate) const fn new(
        client_id: Option<String>,
        subject: Subject,
        scope: Rights,
        family: Family,
    ) -> Self {
        Self {
            client_id,
            subject,
            scope,
            family,
            authenticated: false,
            revoked: false,
            binding: None,
            resources: Vec::new(),
            details: Vec::new(),
            login: None,
            telling: None,
            actor: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) grant: Grant,
    /// `None` for a permanent token, which is made outside of any request.
    pub(crate) issued: Option<UnixTime>,
    /// `None` for a permanent token without an expiry date.
    pub(crate) expires: Option<UnixTime>,
}

#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) grant: Grant,
    /// When it was first replaced by a new one, if it was.
    pub(crate) replaced: Option<UnixTime>,
}

#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    /// The thumbprint of the key that must be proven along with it (RFC 9449 §10).
    pub(crate) key: Option<String>,
    pub(crate) offline: bool,
    pub(crate) expires: UnixTime,
    pub(crate) used: bool,
}

/// A PKCE code challenge.
#[derive(Clone, Debug)]
pub(crate) enum Challenge {
    Plain(String),
    Sha256(String),
}

/// All that is live, bounded.
#[derive(Clone)]
pub(crate) struct Ledger {
    pub(crate) codes: Bounded<Code>,
    pub(crate) access_tokens: Bounded<AccessToken>,
    pub(crate) refresh_tokens: Bounded<RefreshToken>,
    pub(crate) permanent_tokens: Bounded<AccessToken>,
}

impl Ledger {
    pub(crate) const fn new() -> Self {
        Self {
            codes: Bounded::new(),
            access_tokens: Bounded::new(),
            refresh_tokens: Bounded::new(),
            permanent_tokens: Bounded::new(),
        }
    }

    pub(crate) fn issue_access(
        &mut self,
        random: &mut Random,
        grant: Grant,
        now: UnixTime,
        lifetime: Duration,
    ) -> String {
        let token = random.draw("access");
        let record = AccessToken { grant, issued: Some(now), expires: Some(now.after(lifetime)) };
        self.access_tokens.insert(token.clone(), record);
        token
    }

    pub(crate) fn issue_refresh(&mut self, random: &mut Random, grant: Grant) -> String {
        let token = random.draw("refresh");
        self.refresh_tokens.insert(token.clone(), RefreshToken { grant, replaced: None });
        token
    }

    pub(crate) fn access(&self, token: &str) -> Option<&AccessToken> {
        self.access_tokens.get(token).or_else(|| self.permanent_tokens.get(token))
    }

    pub(crate) fn revoke(&mut self, family: &str) {
        self.revoke_where(|grant| grant.family == family);
    }

    /// Revokes whatever was issued from a grant that `chosen` picks. Nothing is forgotten by it: a revoked token can
    /// still be told why it is refused.
    pub(crate) fn revoke_where(&mut self, chosen: impl Fn(&Grant) -> bool) {
        let codes = self.codes.values_mut().map(|code| &mut code.grant);
        let refresh_tokens = self.refresh_tokens.values_mut().map(|token| &mut token.grant);
        let access_tokens = self.access_tokens.values_mut().chain(self.permanent_tokens.values_mut());
        for grant in codes.chain(refresh_tokens).chain(access_tokens.map(|token| &mut token.grant)) {
            grant.revoked |= chosen(grant);
        }
    }

    /// Ends the lifetime of every code and every access token that has one.
    pub(crate) fn expire_all(&mut self) {
        for token in self.access_tokens.values_mut() {
            token.expires = Some(UnixTime::default());
        }
        for code in self.codes.values_mut() {
            code.expires = UnixTime::default();
        }
    }
}
