//! What a described server lists of itself, and what a request is held to by that.

use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::server::AuthorizationServer;
use crate::terms::authorization_details::AuthorizationDetails;

/// The list of how clients authenticate at the token endpoint, and wherever an endpoint has no list of its own.
const TOKEN_ENDPOINT_METHODS: &str = "token_endpoint_auth_methods_supported";

impl AuthorizationServer {
    /// The client authentication methods that the server announced (`token_endpoint_auth_methods_supported`). A client that
    /// authenticates otherwise is then refused ([CA-3](crate::Rule::Ca3)); a public client, which does not authenticate, is
    /// let through whatever they are. In the place of a list that a discovered server has.
    ///
    /// An endpoint may have a list of its own: see
    /// [`revocation_authentication_methods`](Self::revocation_authentication_methods).
    #[must_use]
    pub fn authentication_methods<T: Into<String>>(self, methods: impl IntoIterator<Item = T>) -> Self {
        self.list("token_endpoint_auth_methods_supported", methods)
    }

    /// The client authentication methods of the revocation endpoint, where they are not those of the token endpoint
    /// (`revocation_endpoint_auth_methods_supported`). A client that has a secret shows it as they say, in the header or in the
    /// body; one that authenticates otherwise than both is refused there ([CA-3](crate::Rule::Ca3)).
    #[must_use]
    pub fn revocation_authentication_methods<T: Into<String>>(
        self,
        methods: impl IntoIterator<Item = T>,
    ) -> Self {
        self.list("revocation_endpoint_auth_methods_supported", methods)
    }

    /// A list that the server announced, by its name in RFC 8414 and the registry of it.
    #[must_use]
    pub fn list<T: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.lists.insert(name.to_owned(), values.into_iter().map(Into::into).collect());
        self
    }

    /// Something that the server announced to be so, by its name in RFC 8414 and the registry of it.
    #[must_use]
    pub fn flag(mut self, name: &str) -> Self {
        if name == "authorization_response_iss_parameter_supported" {
            self.iss_advertised = true;
        }
        self.flags.insert(name.to_owned(), ());
        self
    }

    /// A list that the server announced; `None` if it did not.
    #[must_use]
    pub fn listed(&self, name: &str) -> Option<&[String]> {
        self.lists.get(name).map(Vec::as_slice)
    }

    /// Whether the server announced this to be so.
    #[must_use]
    pub fn announces(&self, name: &str) -> bool {
        self.flags.get(name).is_some()
    }

    /// The method to use at this server, of those that this client was registered for or has what it takes to be: the first
    /// of [`AuthenticationMethod::ALL`] that the server lists (`token_endpoint_auth_methods_supported`).
    ///
    /// A public client authenticates by none, listed or not: that is the choice where nothing that is offered is listed and
    /// [`AuthenticationMethod::None`] is offered. A server that lists no methods takes `client_secret_basic` (RFC 8414 §2); where that is not offered, how the client was
    /// registered counts, and the first that is offered is used. Nothing is tried out ([CA-3](crate::Rule::Ca3)): `None`
    /// means that the two have no method in common.
    ///
    /// ```
    /// use valetkey_core::AuthorizationServer;
    /// use valetkey_core::client::AuthenticationMethod::{PrivateKeyJwt, SecretBasic, SecretPost};
    ///
    /// let server = AuthorizationServer::new().authentication_methods(["client_secret_post", "private_key_jwt"]);
    /// let method = server.preferred_method(&[SecretBasic, SecretPost, PrivateKeyJwt]);
    /// assert_eq!(method, Some(PrivateKeyJwt));
    /// assert_eq!(server.preferred_method(&[SecretBasic]), None);
    /// ```
    #[must_use]
    pub fn preferred_method(&self, offered: &[AuthenticationMethod]) -> Option<AuthenticationMethod> {
        let mut best_first =
            AuthenticationMethod::ALL.iter().copied().filter(|method| offered.contains(method));
        match self.listed(TOKEN_ENDPOINT_METHODS) {
            Some(listed) => best_first
                .find(|method| listed.iter().any(|name| name == method.name()))
                .or_else(|| offered.iter().copied().find(|method| *method == AuthenticationMethod::None)),
            None if offered.contains(&AuthenticationMethod::SecretBasic) => {
                Some(AuthenticationMethod::SecretBasic)
            }
            None => best_first.next(),
        }
    }

    /// Whether the list of this name has the value, or there is no such list.
    pub(crate) fn admits(&self, name: &str, value: &str) -> bool {
        self.listed(name).is_none_or(|listed| listed.iter().any(|one| one == value))
    }

    /// Whether its own metadata say its issuer, and where this endpoint is, for clients that show a certificate too.
    pub(crate) fn is_said(&self, endpoint: Option<Endpoint>) -> bool {
        let has = |endpoint| {
            self.said.has(endpoint, self.url_of(endpoint).as_deref())
                && self.said.has(endpoint, self.mtls_url_of(endpoint).as_deref())
        };
        self.said.is_by(self.issuer_identifier()) && endpoint.is_none_or(has)
    }

    /// Whether the server supports every type, where it says which it does
    /// (`authorization_details_types_supported`, RFC 9396 §10).
    pub(crate) fn require_details(&self, details: &AuthorizationDetails) -> Result<(), Error> {
        if details.types().all(|one| self.admits("authorization_details_types_supported", one)) {
            return Ok(());
        }
        Err(misuse_of(
            Rule::Aq10,
            "the server lists its types of authorization details, and lacks one that is asked for",
        ))
    }

    /// Where the endpoint has no list of its own, the token endpoint's counts ([CA-3](crate::Rule::Ca3)). The lists are of
    /// authentication methods (RFC 8414 §2): a public client uses none, and names itself (RFC 6749 §3.2.1) whether a server
    /// has thought of listing `none` or not.
    pub(crate) fn require_method_at(
        &self,
        endpoint: Endpoint,
        method: AuthenticationMethod,
    ) -> Result<(), Error> {
        let own = endpoint.authentication_methods().filter(|name| self.listed(name).is_some());
        let list = own.unwrap_or(TOKEN_ENDPOINT_METHODS);
        let name = method.name();
        if method == AuthenticationMethod::None || self.admits(list, name) {
            return Ok(());
        }
        let way_through = match own {
            None => format!("`AuthorizationServer::authentication_methods([\"{name}\"])`"),
            Some(_) => format!("`AuthorizationServer::list(\"{list}\", [\"{name}\"])`"),
        };
        let what = format!(
            "the server does not list the client authentication method {name}, but {} ({list}): use one of these, or, \
             if the server takes {name} all the same, describe it so by {way_through}",
            self.listed(list).unwrap_or_default().join(", ")
        );
        Err(misuse_of(Rule::Ca3, what))
    }

    /// Likewise for the algorithms of client assertions ([CA-4](crate::Rule::Ca4)).
    pub(crate) fn require_algorithm_at(&self, endpoint: Endpoint, algorithm: Algorithm) -> Result<(), Error> {
        let own = endpoint.authentication_algorithms().filter(|name| self.listed(name).is_some());
        if self.admits(own.unwrap_or("token_endpoint_auth_signing_alg_values_supported"), algorithm.name()) {
            return Ok(());
        }
        Err(misuse_of(
            Rule::Ca4,
            format!(
                "the server does not list {algorithm} for client assertions: sign with an algorithm from its list"
            ),
        ))
    }
}
