//! A family of servers, as data: [`Profile`].

use std::time::Duration;

use crate::ground::endpoint::Endpoint;
use crate::ground::quirk::{Quirk, Quirks};
use crate::server::profile::pkce::Pkce;

/// A family of servers: where it is found, and how it is met, each departure with a page that shows it.
///
/// A profile is data and nothing more: whatever it turns on, any server can be met with, by the methods of
/// [`AuthorizationServer`](crate::AuthorizationServer) that its own methods name. All of it is said as of a date, and a server may have
/// changed since: a login that a profile spoils is made by an [`AuthorizationServer`](crate::AuthorizationServer) of one's own.
///
#[doc = include_str!("table.md")]
///
/// ```
/// use valetkey_core::Client;
/// use valetkey_core::server::Profile;
///
/// let server = Profile::GITHUB.server().expect("GitHub's endpoints are fixed");
/// let client = Client::new(server, "Iv1.8a61f9b3a7aba766").api("https://api.github.com")?;
/// # let _ = client;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// and where a family publishes metadata, its issuer leads there:
///
/// ```
/// use valetkey_core::server::Profile;
///
/// let flow = Profile::AUTH0.discovery("https://tenant.eu.auth0.com/")?;
/// # let _ = flow;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) issuer: &'static str,
    pub(super) iss: &'static str,
    pub(super) endpoints: &'static [(Endpoint, &'static str)],
    pub(super) quirks: &'static [(Quirk, &'static str)],
    pub(super) parameters: &'static [(&'static str, &'static str)],
    pub(super) token_parameters: &'static [(&'static str, &'static str)],
    pub(super) methods: &'static [&'static str],
    pub(super) revocation_methods: &'static [&'static str],
    pub(super) scope_in: &'static [(Endpoint, &'static str)],
    pub(super) id_in: &'static str,
    pub(super) tokens_at: &'static str,
    pub(super) means: &'static [(&'static str, &'static str, &'static str)],
    pub(super) has_commas: bool,
    pub(super) has_pkce: bool,
    pub(super) consents_once: bool,
    pub(super) has_hex_challenge: bool,
    pub(super) margin: u64,
    /// Whether its servers tell who logged in, by OpenID Connect.
    pub(super) is_openid: bool,
    pub(super) is_without_scheme: bool,
    pub(super) has_secret_id_tokens: bool,
    /// The algorithms of its ID tokens, where its endpoints are fixed; RS256 by default.
    pub(super) signed_by: &'static [&'static str],
    pub(super) limited_by: &'static [&'static str],
    pub(super) form_post_for: &'static [&'static str],
    /// The issuers whose metadata name another, and which.
    pub(super) naming: &'static [(&'static str, &'static str)],
    pub(super) remark: &'static str,
    pub(super) source: &'static str,
    pub(super) as_of: &'static str,
}

/// What a line of the table leaves out.
pub(super) const BLANK: Profile = Profile {
    name: "",
    title: "",
    issuer: "none",
    iss: "",
    endpoints: &[],
    quirks: &[],
    parameters: &[],
    token_parameters: &[],
    methods: &[],
    revocation_methods: &[],
    scope_in: &[],
    id_in: "client_id",
    tokens_at: "",
    means: &[],
    has_commas: false,
    has_pkce: false,
    consents_once: false,
    has_hex_challenge: false,
    margin: 0,
    is_openid: false,
    is_without_scheme: false,
    has_secret_id_tokens: false,
    signed_by: &[],
    limited_by: &[],
    form_post_for: &[],
    naming: &[],
    remark: "",
    source: "",
    as_of: "2026-11-27",
};

impl Profile {
    /// A stable lower-case name, for configuration files.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the servers call themselves.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What an issuer of the family looks like, for people to read; `none` where the endpoints are fixed.
    #[must_use]
    pub const fn issuer(&self) -> &'static str {
        self.issuer
    }

    /// The issuer of a server of fixed endpoints, which its ID tokens name, or its authorization responses, as `iss` (RFC 9207):
    /// see [`AuthorizationServer::issuer`](crate::AuthorizationServer::issuer). `None` where it is not known to name one.
    #[must_use]
    pub fn iss(&self) -> Option<&'static str> {
        Some(self.iss).filter(|issuer| !issuer.is_empty())
    }

    /// What is worth knowing before the first request, for people to read: what to set where the client is registered.
    #[must_use]
    pub const fn remark(&self) -> &'static str {
        self.remark
    }

    /// The page of the family's own that the profile follows.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The date as of which all this is said: `2026-11-27`. A server may have changed since.
    #[must_use]
    pub const fn as_of(&self) -> &'static str {
        self.as_of
    }

    /// The quirks that are admitted beside the harmless, each with the page that shows it.
    pub fn admitted(&self) -> impl Iterator<Item = (Quirk, &'static str)> {
        self.quirks.iter().copied()
    }

    /// The quirks that the family is met with.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.admitted().fold(Quirks::STRICT, |quirks, (quirk, _)| quirks.with(quirk))
    }

    /// What an authorization request has beside the usual: see [`AuthorizationServer::authorization_parameter`](crate::AuthorizationServer::authorization_parameter).
    #[must_use]
    pub const fn authorization_parameters(&self) -> &'static [(&'static str, &'static str)] {
        self.parameters
    }

    /// What a token request has beside the usual: see [`AuthorizationServer::token_parameter`](crate::AuthorizationServer::token_parameter).
    #[must_use]
    pub const fn token_parameters(&self) -> &'static [(&'static str, &'static str)] {
        self.token_parameters
    }

    /// How a client with a secret authenticates, by the registered names: see
    /// [`AuthorizationServer::authentication_methods`](crate::AuthorizationServer::authentication_methods). Empty where the metadata says so, or any will do.
    #[must_use]
    pub const fn authentication_methods(&self) -> &'static [&'static str] {
        self.methods
    }

    /// How a client with a secret authenticates at the revocation endpoint, where that is another way: see
    /// [`AuthorizationServer::revocation_authentication_methods`](crate::AuthorizationServer::revocation_authentication_methods). Empty where it is not.
    #[must_use]
    pub const fn revocation_authentication_methods(&self) -> &'static [&'static str] {
        self.revocation_methods
    }

    /// The parameter that the client identifier is sent in: see [`AuthorizationServer::client_id_as`](crate::AuthorizationServer::client_id_as).
    #[must_use]
    pub const fn client_id_parameter(&self) -> &'static str {
        self.id_in
    }

    /// Where the members of a token response are, if not at the top: see [`AuthorizationServer::tokens_at`](crate::AuthorizationServer::tokens_at).
    #[must_use]
    pub fn tokens_at(&self) -> Option<&'static str> {
        Some(self.tokens_at).filter(|pointer| !pointer.is_empty())
    }

    /// What refusals mean that are not in OAuth's words: member, value, code. See [`AuthorizationServer::refusal_means`](crate::AuthorizationServer::refusal_means).
    #[must_use]
    pub const fn meanings(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        self.means
    }

    /// Where a request has its scope under another name, and which: see [`AuthorizationServer::scope_as`](crate::AuthorizationServer::scope_as).
    #[must_use]
    pub const fn scope_parameters(&self) -> &'static [(Endpoint, &'static str)] {
        self.scope_in
    }

    /// Whether the scope is asked for with commas: see [`AuthorizationServer::scope_with_commas`](crate::AuthorizationServer::scope_with_commas).
    #[must_use]
    pub const fn asks_with_commas(&self) -> bool {
        self.has_commas
    }

    /// What the family does with a code challenge (RFC 7636), by its documentation.
    #[must_use]
    pub fn pkce(&self) -> Pkce {
        match (self.quirks().contains(Quirk::NoCodeChallenge), self.has_pkce) {
            (true, _) => Pkce::Refused,
            (false, true) => Pkce::Known,
            (false, false) => Pkce::Ignored,
        }
    }

    /// Whether a code challenge is in hexadecimal: see [`AuthorizationServer::code_challenge_in_hex`](crate::AuthorizationServer::code_challenge_in_hex).
    #[must_use]
    pub const fn challenges_in_hex(&self) -> bool {
        self.has_hex_challenge
    }

    /// How long before its expiry a token is renewed, where the documentation tells: see
    /// [`AuthorizationServer::renewed_before_expiry`](crate::AuthorizationServer::renewed_before_expiry).
    #[must_use]
    pub fn margin(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.margin)).filter(|margin| !margin.is_zero())
    }

    /// Whether a login with `offline_access` asks for no consent beside the one that the family remembers: see
    /// [`AuthorizationServer::offline_without_consent`](crate::AuthorizationServer::offline_without_consent).
    #[must_use]
    pub const fn consents_once(&self) -> bool {
        self.consents_once
    }
}
