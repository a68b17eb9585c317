//! The server of a [`Profile`], as the profile describes it.

use crate::ground::error::Error;
use crate::server::AuthorizationServer;
use crate::server::discovery::Discovery;
use crate::server::profile::kind::{BLANK, Profile};

impl Profile {
    /// The server, where its endpoints are fixed; `None` for a family that publishes metadata.
    #[must_use]
    pub fn server(&self) -> Option<AuthorizationServer> {
        if self.endpoints.is_empty() {
            return None;
        }
        // A test says of every profile that it can be described.
        self.described().ok()
    }

    /// Looks for the metadata of one server of the family. Where these are known to name another issuer than the one that is
    /// asked, as [`naming`](Self::naming) has it, that one is expected.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-1](crate::Rule::Di1)), as for [`Discovery::new`].
    pub fn discovery(&self, issuer: &str) -> Result<Discovery, Error> {
        let discovery = Discovery::new(issuer)?.knowing(&self.described()?);
        match self.naming().iter().find(|(asked, _)| *asked == issuer) {
            Some((_, named)) => discovery.naming_issuer(named),
            None => Ok(discovery),
        }
    }

    /// Everything that is known of a server of the family.
    fn described(&self) -> Result<AuthorizationServer, Error> {
        let mut server = AuthorizationServer::new().admit_all(self.quirks());
        if self.iss != BLANK.iss {
            server = server.issuer(self.iss)?;
        }
        for (endpoint, url) in self.endpoints {
            server = server.endpoint(*endpoint, url)?;
        }
        for (name, value) in self.parameters {
            server = server.authorization_parameter(name, value)?;
        }
        if !self.methods.is_empty() {
            server = server.authentication_methods(self.methods.iter().copied());
        }
        if self.has_commas {
            server = server.scope_with_commas();
        }
        if self.consents_once {
            server = server.offline_without_consent();
        }
        if !self.revocation_methods.is_empty() {
            server = server.revocation_authentication_methods(self.revocation_methods.iter().copied());
        }
        for (endpoint, name) in self.scope_in {
            server = server.scope_as(*endpoint, name)?;
        }
        if self.has_hex_challenge {
            server = server.code_challenge_in_hex();
        }
        if let Some(margin) = self.margin() {
            server = server.renewed_before_expiry(margin);
        }
        for (name, value) in self.token_parameters {
            server = server.token_parameter(name, value)?;
        }
        if self.id_in != BLANK.id_in {
            server = server.client_id_as(self.id_in)?;
        }
        if self.tokens_at != BLANK.tokens_at {
            server = server.tokens_at(self.tokens_at)?;
        }
        for (member, value, code) in self.means {
            server = server.refusal_means(member, value, code)?;
        }
        if self.is_without_scheme {
            server = server.issuer_without_scheme();
        }
        if self.has_secret_id_tokens {
            server = server.id_tokens_by_secret();
        }
        server = self.limited_by.iter().fold(server, |server, name| server.login_limited_by(*name));
        server = self.form_post_for.iter().fold(server, |server, scope| server.form_post_for(*scope));
        if !self.signed_by.is_empty() {
            server = server.list("id_token_signing_alg_values_supported", self.signed_by.iter().copied());
        }
        // Of a server that is yet to be discovered, nothing says where they are.
        Ok(server.with_published_keys())
    }
}
