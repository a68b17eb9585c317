//! What a run is begun with: [`Setup`], plain text that a form fills in and a transcript keeps.

use std::fmt;

use serde::{Deserialize, Serialize};
use valetkey_core::{AuthorizationServer, Client, ClientSecret, Error, Quirk, Request, Scope, Subject};

use super::Method;

/// A method, a server, a client, and what the method needs beside them. An empty text is an absent value.
#[derive(Clone, Serialize, Deserialize)]
pub struct Setup {
    /// How to get a token.
    pub method: Method,
    /// Where a person's browser goes.
    pub authorization_endpoint: String,
    /// Where grants are traded for tokens.
    pub token_endpoint: String,
    /// The server's issuer identifier.
    pub issuer: String,
    /// Whether the server announces that it sends `iss` (RFC 9207 §3).
    pub advertises_iss: bool,
    /// Whether an answer without `token_type` is met as Space's documented ones are.
    pub no_token_type: bool,
    /// The client identifier.
    pub client_id: String,
    /// The client secret; none for a public client.
    pub client_secret: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// What to ask for.
    pub scope: String,
    /// Whether to ask for a refresh token too (`access_type=offline`).
    pub offline: bool,
    /// Whose password it is.
    pub username: String,
    /// The password of the password method.
    pub password: String,
    /// The permanent token, or the refresh token that was got before.
    pub token: String,
    /// On whose behalf a permanent token acts.
    pub subject: Subject,
    /// The API request that is made with the token.
    pub call: ApiCall,
}

/// A request of the API, without its credential.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiCall {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// A JSON body, or nothing.
    pub body: String,
}

impl ApiCall {
    /// The request; `None` if method or URL is not valid.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let mut builder = http::Request::builder()
            .method(self.method.as_str())
            .uri(self.url.as_str())
            .header("accept", JSON);
        if !self.body.is_empty() {
            builder = builder.header("content-type", JSON);
        }
        builder.body(self.body.clone().into_bytes()).ok()
    }
}

const JSON: &str = "application/json";

impl Setup {
    /// The client at its server, with everything about it checked that core checks.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for an endpoint, an issuer or an API that is neither https nor http on loopback
    /// ([DI-5](valetkey_core::Rule::Di5)).
    pub fn client(&self) -> Result<Client, Error> {
        let mut server = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
        if self.no_token_type {
            server = server.admit(Quirk::NoTokenType);
        }
        if !self.issuer.is_empty() {
            server = server.issuer(&self.issuer)?;
        }
        if self.advertises_iss {
            server = server.advertises_iss();
        }
        if !self.authorization_endpoint.is_empty() {
            server = server.authorization_endpoint(&self.authorization_endpoint)?;
        }
        if !self.token_endpoint.is_empty() {
            server = server.token_endpoint(&self.token_endpoint)?;
        }
        let mut client = Client::new(server, self.client_id.as_str());
        if !self.client_secret.is_empty() {
            client = client.secret(ClientSecret::new(self.client_secret.as_str())?)?;
        }
        if !self.call.url.is_empty() {
            client = client.api(&self.call.url)?;
        }
        Ok(client)
    }

    /// The scope, if one is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](valetkey_core::Rule::Tr11)) if it is not a list of scope tokens.
    pub fn scope(&self) -> Result<Option<Scope>, Error> {
        if self.scope.is_empty() { Ok(None) } else { self.scope.parse().map(Some) }
    }

    /// Every value in it that is a secret.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let secrets = [&self.client_secret, &self.password, &self.token];
        secrets.into_iter().filter(|secret| !secret.is_empty()).cloned().collect()
    }
}

/// Without query and body.
impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiCall({} {})", self.method, self.url.split(['?', '#']).next().unwrap_or_default())
    }
}

/// Without the secrets.
impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("method", &self.method)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
