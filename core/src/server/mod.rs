//! Who issues tokens: [`AuthorizationServer`].

pub(crate) mod admitted;
pub(crate) mod answer_setters;
pub(crate) mod answers;
pub(crate) mod asks;
pub(crate) mod challenge;
pub(crate) mod discovery;
pub(crate) mod document;
pub(crate) mod issuer;
pub(crate) mod joined;
pub(crate) mod jwks_cache;
pub(crate) mod jwks_fetch;
pub(crate) mod keys;
pub(crate) mod left_out;
pub(crate) mod listed;
pub(crate) mod login_setters;
pub(crate) mod logins;
pub(crate) mod look_up;
pub(crate) mod metadata;
pub(crate) mod names;
pub(crate) mod profile;
pub(crate) mod published;
pub(crate) mod requested;
mod said;
pub(crate) mod signed_metadata;
pub(crate) mod skew;
mod table;
pub(crate) mod tenant;
pub(crate) mod tenants;
pub(crate) mod unusable;

pub use crate::ground::endpoint::Endpoint;
pub use crate::server::issuer::require_distinct_issuers;
pub use crate::server::jwks_cache::JwksCache;
pub use crate::server::jwks_fetch::JwksFetch;
pub use crate::server::keys::ServerKeys;
pub use crate::server::look_up::LookUp;
pub use crate::server::metadata::Metadata;
pub use crate::server::profile::{Pkce, Profile};
pub use crate::server::signed_metadata::MetadataSigner;

use std::fmt;
use std::time::Duration;

use http::Uri;

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::quirk::{Quirks, admits};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::server::answers::Answers;
use crate::server::logins::Logins;
use crate::server::said::Said;
use crate::server::table::Table;
use crate::server::tenant::{Tenants, sample};
use crate::server::unusable::Unusable;
use crate::wire::uri;

/// An authorization server as a client knows it: its endpoints and what it announced about itself.
///
/// ```
/// use valetkey_core::AuthorizationServer;
///
/// let server = AuthorizationServer::new()
///     .issuer("https://as.example")?
///     .authorization_endpoint("https://as.example/authorize")?
///     .token_endpoint("https://as.example/token")?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// Issuer and endpoints are kept as the strings they came as, because OAuth compares them exactly. A server that
/// publishes its metadata is described by [`Discovery`](crate::Discovery).
#[derive(Clone, Default)]
pub struct AuthorizationServer {
    /// Whether a scope is asked for with commas.
    pub(crate) asks_with_commas: bool,
    /// How its answers differ.
    answers: Answers,
    pub(crate) authorization_endpoint: Option<String>,
    /// What every authorization request has beside its own.
    pub(crate) authorization_parameters: Vec<(String, String)>,
    /// Whether a code challenge is in hexadecimal.
    pub(crate) challenges_in_hex: bool,
    /// What it calls `client_id` and `code`, where it does otherwise.
    client_id_name: Option<String>,
    code_name: Option<String>,
    /// The endpoints but for the two that have fields of their own.
    endpoints: Table<Endpoint, Uri>,
    /// What is announced by a member that is true, by its name in the metadata.
    flags: Table<String, ()>,
    pub(crate) iss_advertised: bool,
    pub(crate) issuer: Option<String>,
    /// Whether an ID token names it without its scheme.
    pub(in crate::server) is_without_scheme: bool,
    /// What it signs with, where the program has said how to know.
    pub(crate) keys: Option<ServerKeys>,
    /// What is announced by a list, by its name in the metadata. One that is absent restricts nothing.
    lists: Table<String, Vec<String>>,
    /// How its logins differ.
    pub(in crate::server) logins: Logins,
    /// How long before a token's expiry it is renewed.
    pub(crate) margin: Option<Duration>,
    /// Where a client goes with its certificate (RFC 8705 §5).
    mtls_aliases: Table<Endpoint, Uri>,
    quirks: Quirks,
    /// Which of its addresses its own metadata say.
    said: Said,
    /// How far its clock may be from ours.
    pub(in crate::server) skew: Option<Duration>,
    /// Whose people may log in, if the issuer stands for many.
    pub(in crate::server) tenants: Option<Tenants>,
    /// Whether it gives access for while the person is away without asking them each time.
    pub(crate) offline_without_consent: bool,
    /// What a request at an endpoint calls its scope, if not that.
    scope_names: Table<Endpoint, String>,
    pub(crate) token_endpoint: Option<Uri>,
    /// What its metadata name by an address that cannot be used.
    pub(in crate::server) unusable: Table<Endpoint, Unusable>,
    pub(in crate::server) unusable_aliases: Table<Endpoint, Unusable>,
    /// What it wants in every token request.
    token_parameters: Vec<(String, String)>,
}

impl AuthorizationServer {
    /// A server of which nothing is known yet, to be met strictly.
    #[must_use]
    pub fn new() -> Self {
        Self { quirks: Quirks::STRICT, ..Self::default() }
    }

    admits! {
        /// Admits one departure from the RFCs, before or after what it is about is named: a URL under plain http on loopback,
        /// for example, is refused when the server is used ([DI-5](crate::Rule::Di5)), unless
        /// [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) has been admitted by then.
    }

    /// The issuer identifier (RFC 8414 §2): compared as this string with every `iss`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL, or has a query or a fragment. Plain http on
    /// loopback is refused when the server is used, unless it is [admitted](Self::admit).
    pub fn issuer(mut self, issuer: &str) -> Result<Self, Error> {
        uri::endpoint(&sample(issuer), Quirks::WHEN_NAMED)?;
        if issuer.contains('?') {
            return Err(misuse_of(
                Rule::Di5,
                "the issuer has a query, which an issuer never has: leave out the `?` and what follows",
            ));
        }
        self.issuer = Some(issuer.to_owned());
        Ok(self)
    }

    /// Says that the server announces `iss` in its authorization responses
    /// (`authorization_response_iss_parameter_supported`, RFC 9207 §3): one without it is then refused
    /// ([AR-3](crate::Rule::Ar3)).
    #[must_use]
    pub const fn advertises_iss(mut self) -> Self {
        self.iss_advertised = true;
        self
    }

    /// The authorization endpoint (RFC 6749 §3.1): where the person's browser goes. A query of its own is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5), [AQ-6](crate::Rule::Aq6)) if it is not an https URL of plain characters,
    /// or has a fragment. Plain http on loopback is refused when the server is used, unless it is [admitted](Self::admit).
    pub fn authorization_endpoint(self, url: &str) -> Result<Self, Error> {
        self.endpoint(Endpoint::Authorization, url)
    }

    /// The token endpoint (RFC 6749 §3.2).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5), [AQ-6](crate::Rule::Aq6)), as for
    /// [`authorization_endpoint`](Self::authorization_endpoint).
    pub fn token_endpoint(self, url: &str) -> Result<Self, Error> {
        self.endpoint(Endpoint::Token, url)
    }

    /// Any of the server's endpoints.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5), [AQ-6](crate::Rule::Aq6)), as for
    /// [`authorization_endpoint`](Self::authorization_endpoint).
    pub fn endpoint(mut self, endpoint: Endpoint, url: &str) -> Result<Self, Error> {
        let uri = uri::endpoint(url, Quirks::WHEN_NAMED)?;
        self.unusable.remove(&endpoint);
        match endpoint {
            Endpoint::Authorization => self.authorization_endpoint = Some(url.to_owned()),
            Endpoint::Token => self.token_endpoint = Some(uri),
            _ => {
                self.endpoints.insert(endpoint, uri);
            }
        }
        Ok(self)
    }

    /// Where this endpoint is for a client that shows a certificate (`mtls_endpoint_aliases`, RFC 8705 §5).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5), [AQ-6](crate::Rule::Aq6)), as for
    /// [`authorization_endpoint`](Self::authorization_endpoint).
    pub fn mtls_alias(mut self, endpoint: Endpoint, url: &str) -> Result<Self, Error> {
        self.mtls_aliases.insert(endpoint, uri::endpoint(url, Quirks::WHEN_NAMED)?);
        self.unusable_aliases.remove(&endpoint);
        Ok(self)
    }

    /// The keys that the server signs with: some that are known, or those that it publishes
    /// ([`ServerKeys::published`]). Whatever comes signed by it is verified with them: ID tokens, UserInfo, authorization
    /// responses, introspections. A server that was [discovered](crate::Discovery) knows those that it publishes already, where
    /// the library is built with cryptography (feature `aws-lc-rs` or `rust-crypto`), for the algorithms that it lists for ID
    /// tokens, or RS256.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<ServerKeys>) -> Self {
        self.keys = Some(keys.into());
        self
    }

    /// The departures that are admitted.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The issuer identifier, where it is known.
    #[must_use]
    pub fn issuer_identifier(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The URL of an endpoint, if the server has it.
    #[must_use]
    pub fn url_of(&self, endpoint: Endpoint) -> Option<String> {
        match endpoint {
            Endpoint::Authorization => self.authorization_endpoint.clone(),
            _ => self.uri_of(endpoint).map(ToString::to_string),
        }
    }

    /// The URL of an endpoint for clients that show a certificate, if it is another.
    #[must_use]
    pub fn mtls_url_of(&self, endpoint: Endpoint) -> Option<String> {
        self.mtls_alias_of(endpoint).map(ToString::to_string)
    }

    pub(crate) fn mtls_alias_of(&self, endpoint: Endpoint) -> Option<&Uri> {
        self.mtls_aliases.get(&endpoint)
    }

    fn uri_of(&self, endpoint: Endpoint) -> Option<&Uri> {
        match endpoint {
            Endpoint::Token => self.token_endpoint.as_ref(),
            _ => self.endpoints.get(&endpoint),
        }
    }

    /// An endpoint that the program asks for, other than the authorization endpoint.
    pub(crate) fn require(&self, endpoint: Endpoint) -> Result<&Uri, Error> {
        self.require_admitted()?;
        self.require_usable(endpoint)?;
        self.uri_of(endpoint).ok_or_else(|| {
            misuse(format!("the server has no {}: describe it with one, or discover it", endpoint.name()))
        })
    }

    pub(crate) fn require_authorization_endpoint(&self) -> Result<&str, Error> {
        self.require_admitted()?;
        self.require_usable(Endpoint::Authorization)?;
        self.authorization_endpoint.as_deref().ok_or_else(|| {
            misuse("the server has no authorization_endpoint: describe it with one, or discover it")
        })
    }
}

/// Shows who it is and which endpoints it has. What it lists may be long.
impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token_endpoint = self.token_endpoint.as_ref().map(ToString::to_string);
        f.debug_struct("AuthorizationServer")
            .field("issuer", &short::option(self.issuer.as_deref()))
            .field("authorization_endpoint", &short::option(self.authorization_endpoint.as_deref()))
            .field("token_endpoint", &short::option(token_endpoint.as_deref()))
            .field(
                "other_endpoints",
                &self.endpoints.iter().map(|(endpoint, _)| endpoint).collect::<Vec<_>>(),
            )
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}
