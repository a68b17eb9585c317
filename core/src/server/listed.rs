//! What a described server lists of itself, and what a request is held to by that.

use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::server::AuthorizationServer;
use crate::terms::authorization_details::AuthorizationDetails;

impl AuthorizationServer {
    /// The method to use at this server, of those that this client was registered for or has what it takes to be: the first
    /// of [`AuthenticationMethod::ALL`] that the server lists (`token_endpoint_auth_methods_supported`).
    ///
    /// A server that lists none takes `client_secret_basic` (RFC 8414 §2); where that is not offered, how the client was
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
        match self.listed("token_endpoint_auth_methods_supported") {
            Some(listed) => best_first.find(|method| listed.iter().any(|name| name == method.name())),
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

    /// Whether PKCE by S256 may be used ([AQ-3](crate::Rule::Aq3)).
    pub(crate) fn require_s256(&self) -> Result<(), Error> {
        if self.admits("code_challenge_methods_supported", "S256") {
            return Ok(());
        }
        Err(misuse_of(
            Rule::Aq3,
            "the server lists its PKCE methods (code_challenge_methods_supported), and S256 is not among \
             them",
        ))
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

    /// Where the endpoint has no list of its own, the token endpoint's counts ([CA-3](crate::Rule::Ca3)).
    pub(crate) fn require_method_at(
        &self,
        endpoint: Endpoint,
        method: AuthenticationMethod,
    ) -> Result<(), Error> {
        let own = endpoint.authentication_methods().filter(|name| self.listed(name).is_some());
        if self.admits(own.unwrap_or("token_endpoint_auth_methods_supported"), method.name()) {
            return Ok(());
        }
        let what = format!(
            "the server does not list the client authentication method {}: use one that it lists",
            method.name()
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
            format!("the server does not list {algorithm} for client assertions: sign by one that it lists"),
        ))
    }
}
