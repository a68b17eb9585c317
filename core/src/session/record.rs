//! A session as it is stored: [`SessionRecord`].
//!
//! Longer than most files: each member stands beside what reads and writes it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::client::dpop::Dpop;
use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::subject::Subject;
use crate::ground::time::UnixTime;
use crate::ground::token_type::TokenType;
use crate::identity::known::KnownLogin;
use crate::identity::login::Identity;
use crate::session::kept::Kept;
use crate::session::renewal::failure::{Failure, Intent};
use crate::store::index::Index;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::{AccessToken, RefreshToken, exposed};
use crate::token::response::TokenResponse;
use crate::wire::digest::digest;
use crate::wire::version::RecordVersion;

/// What a [`Session`](crate::Session) is worth storing of: written and read with any serde format.
///
/// Version 2 has the members `version` (2), `client_id`, `issuer`, `token_endpoint`, `whose` (what the program said in its
/// [`StoreKey`](crate::store::key::StoreKey), the owner as a digest; absent outside a store), `purpose` (a digest of the
/// audience and its like), `login` (a digest that names the login
/// its tokens descend from), `other_login` (of a tombstone: another that ended with it), `id_token` (what the ID token of a renewal is compared with: `iss`, `sub`, `aud` as a list, `azp`,
/// `auth_time` in milliseconds since 1970, `nonce`, `sid`), `generation` (how many tokens there were before this one), `subject` (`application` or `user`), `scope`, `resources` (a list), `access_token`, `token_type` (`DPoP`, or absent for `Bearer`), `dpop_jkt` (the thumbprint of the key that
/// was proven when they were issued), `issued_at` and `expires_at`
/// (milliseconds since 1970), `refresh_token`, `intent` (a renewal that was begun and whose outcome was not written),
/// `failure` (why the last renewal failed, and until when none is tried), `indexes` (a list of digests by which a store
/// finds it), `kept` (`for` how long after its last use it is kept, in milliseconds, and `until` when it is, since 1970), `ended_at` (when the session was ended: the record is a tombstone, and has no tokens); all but the first two
/// may be absent. It holds secrets: keep it where only its owner reads it.
///
/// Version 1 lacks `whose` and `purpose`. It is taken up for the application's own session or for that of the only user;
/// where there are more users they must log in again ([ST-4](crate::Rule::St4)).
#[derive(Clone, Serialize, Deserialize)]
pub struct SessionRecord {
    pub(crate) version: RecordVersion,
    pub(crate) client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_endpoint: Option<String>,
    /// Whose it is, as the program said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) whose: Option<String>,
    /// The audience and its like, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
    /// A digest that names the login that its tokens descend from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login: Option<String>,
    /// Of a tombstone: another login that ended with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) other_login: Option<Box<str>>,
    /// Who logged in, as far as the ID token of a renewal is compared with it.
    #[serde(default, rename = "id_token", skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<Box<KnownLogin>>,
    #[serde(default)]
    pub(crate) generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<Resource>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<AccessToken>,
    #[serde(default, skip_serializing_if = "TokenType::is_bearer")]
    pub(crate) token_type: TokenType,
    /// Of the key that was proven when the tokens were issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_jkt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issued_at: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<UnixTime>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<RefreshToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<Intent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Box<Failure>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) indexes: Vec<Index>,
    /// How long it is kept when nobody uses it; none: until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<Kept>,
    /// When it was ended: it is a tombstone then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<UnixTime>,
    /// Whether it is known to have been in the session's store: no part of the record.
    #[serde(skip)]
    pub(crate) was_stored: bool,
}

impl SessionRecord {
    /// A record without tokens.
    pub(crate) fn new(client: &Client, subject: Option<Subject>) -> Self {
        Self {
            version: RecordVersion::Two,
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            token_endpoint: client.server().token_endpoint.as_ref().map(ToString::to_string),
            whose: None,
            purpose: None,
            login: None,
            other_login: None,
            known: None,
            generation: 0,
            subject,
            scope: None,
            resources: Vec::new(),
            access_token: None,
            token_type: TokenType::Bearer,
            dpop_jkt: None,
            issued_at: None,
            expires_at: None,
            refresh_token: None,
            intent: None,
            failure: None,
            indexes: Vec::new(),
            kept: None,
            ended_at: None,
            was_stored: false,
        }
    }

    /// The record after these tokens came. Without a new refresh token the old one stays ([TR-13](crate::Rule::Tr13)). A token
    /// that is not for an API is not held ([TR-16](crate::Rule::Tr16)).
    pub(crate) fn with_tokens(&self, tokens: &TokenResponse) -> Self {
        Self {
            generation: self.generation.saturating_add(1),
            scope: tokens.scope().or(self.scope.as_ref()).cloned(),
            resources: match tokens.resources() {
                [] => self.resources.clone(),
                resources => resources.to_vec(),
            },
            access_token: tokens.is_for_apis().then(|| tokens.access_token().clone()),
            token_type: tokens.token_type(),
            dpop_jkt: tokens.thumbprint().map(str::to_owned),
            issued_at: Some(tokens.issued_at()),
            expires_at: tokens.expires_at(),
            refresh_token: tokens.refresh_token().or(self.refresh_token.as_ref()).cloned(),
            intent: None,
            failure: None,
            ..self.clone()
        }
    }

    /// The record of a login: the tokens that a person or an administrator just gave.
    pub(crate) fn of_login(client: &Client, tokens: &TokenResponse) -> Self {
        // Of all that tells two logins apart: a server may give the same access token to both.
        let issued_at = tokens.issued_at().as_millis().to_string();
        let refresh_token = tokens.refresh_token().map(RefreshToken::expose);
        let parts = [Some(tokens.access_token().expose()), refresh_token, Some(&issued_at)];
        let login = Some(digest("login", parts));
        let purpose = tokens.purpose();
        let known = tokens.login().map(|login| Box::new(KnownLogin::of(login)));
        Self { login, known, purpose, ..Self::new(client, tokens.subject()) }.with_tokens(tokens)
    }

    /// Whether it is of a version that does not say whose it is.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.version == RecordVersion::One
    }

    pub(crate) const fn holds_tokens(&self) -> bool {
        self.access_token.is_some() || self.refresh_token.is_some()
    }

    /// Whether this one, which is stored, is known to descend from a later login than the other.
    pub(crate) fn another_login(&self, other: &Self) -> bool {
        self.login.is_some() && self.login != other.login
    }

    /// Whether this one, which is stored, descends from the same login as the other, or is a tombstone of that.
    pub(crate) fn same_login(&self, other: &Self) -> bool {
        let logins = [self.login.as_deref(), self.other_login.as_deref()];
        other.login.is_some() && logins.contains(&other.login.as_deref())
    }

    /// Whether it was stored for this client at this server ([ST-1](crate::Rule::St1)).
    #[must_use]
    pub fn belongs_to(&self, client: &Client) -> bool {
        self.client_id == client.id()
            && self.issuer == client.server().issuer
            && self.token_endpoint == client.server().token_endpoint.as_ref().map(ToString::to_string)
    }

    /// The record as this client may use it: without a bearer token if the client binds its tokens to a key by now, and
    /// without waiting after a failure that is admitted by now.
    pub(crate) fn admitted(self, client: &Client) -> Result<Self, Error> {
        self.require_client(client)?;
        self.require_key(client)?;
        let quirks = client.server().quirks();
        let failure = self.failure.clone().map(|failure| Box::new(failure.admitted(quirks)));
        let access_token = self.access_token.clone().filter(|_| self.key(client).is_ok());
        Ok(Self { access_token, failure, ..self })
    }

    pub(crate) fn require_client(&self, client: &Client) -> Result<(), Error> {
        match self.belongs_to(client) {
            true => Ok(()),
            false => Err(misuse_of(
                Rule::St1,
                "the stored session belongs to another client or server: use a `StoreKey` of this client",
            )),
        }
    }

    /// The key that its tokens are bound to is the client's ([DP-7](crate::Rule::Dp7)).
    pub(crate) fn require_key(&self, client: &Client) -> Result<(), Error> {
        if self.dpop_jkt.is_none() || self.dpop_jkt.as_deref() == client.bound_to().map(Dpop::thumbprint) {
            return Ok(());
        }
        Err(misuse_of(
            Rule::Dp7,
            "the stored tokens are bound to another DPoP key than the client's: load that key, or log in \
             again",
        ))
    }

    /// The key that its access token goes with; none for a bearer token.
    pub(crate) fn key(&self, client: &Client) -> Result<Option<Dpop>, Error> {
        self.require_key(client)?;
        match (self.token_type, client.bound_to()) {
            (TokenType::Dpop, Some(key)) if self.dpop_jkt.is_some() => Ok(Some(key.clone())),
            (TokenType::Dpop, _) => Err(misuse_of(
                Rule::Dp7,
                "the stored token is bound to a DPoP key, and the client has no key: give it that one by \
                 `Client::dpop`",
            )),
            (_, Some(_)) if !client.server().quirks().contains(Quirk::BearerForDpop) => Err(misuse_of(
                Rule::Dp7,
                "the stored token is a bearer token, and the client has a DPoP key: log in for a bound one",
            )
            .unless_admitted(Quirk::BearerForDpop)),
            (_, _) => client.require_bound(self.token_type).map(|()| None),
        }
    }

    /// The record for a client whose key was replaced by another: without the access token, which is bound to the old one
    /// (RFC 9449 §5). A store has it under the old [`StoreKey::thumbprint`](crate::store::key::StoreKey::thumbprint).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-1](crate::Rule::St1)) if it was stored for another client or server;
    /// ([DP-9](crate::Rule::Dp9)) if the client does not authenticate, so that its refresh token is bound to the old key
    /// too: somebody must authorize again.
    pub fn with_key_of(self, client: &Client) -> Result<Self, Error> {
        self.require_client(client)?;
        let dpop_jkt = client.bound_to().map(|key| key.thumbprint().to_owned());
        if self.dpop_jkt.is_none() || self.dpop_jkt == dpop_jkt {
            return self.admitted(client);
        }
        if client.method() == AuthenticationMethod::None {
            return Err(misuse_of(
                Rule::Dp9,
                "the stored refresh token is bound to the old DPoP key, since this client is public: load \
                 that key, or log in again",
            ));
        }
        Self { dpop_jkt, access_token: None, token_type: TokenType::Bearer, ..self }.admitted(client)
    }

    /// Who logged in, if the tokens came of a login whose ID token was verified.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.known.as_ref().map(|known| &known.identity)
    }

    /// The login's session at the server, `sid`, if its ID token named one.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.known.as_ref()?.session_id.as_deref()
    }

    /// The thumbprint of the key that was proven when its tokens were issued, and that a bound one goes with.
    #[must_use]
    pub fn thumbprint(&self) -> Option<&str> {
        self.dpop_jkt.as_deref()
    }

    /// On whose behalf its tokens act, where that is known.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// What its tokens may do, where that is known.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// When its access token expires, where that is known.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// Whether it has a refresh token.
    #[must_use]
    pub const fn has_refresh_token(&self) -> bool {
        self.refresh_token.is_some()
    }

    /// Whether both hold the same tokens.
    pub(crate) fn same_tokens(&self, other: &Self) -> bool {
        self.access_token == other.access_token && self.refresh_token == other.refresh_token
    }
}

impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("client_id", &self.client_id)
            .field("generation", &self.generation)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
