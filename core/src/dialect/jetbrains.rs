//! What JetBrains Space and Hub have in common: [`Application`], the door for each of their authorization methods.
//!
//! | method | call | on behalf of |
//! |---|---|---|
//! | permanent token | [`permanent_token`](Application::permanent_token) | application or user |
//! | Authorization Code | [`authorization_code`](Application::authorization_code) | user |
//! | Refresh Token | [`refresh_token`](Application::refresh_token), and by itself in every session | user |
//! | Client Credentials | [`client_credentials`](Application::client_credentials) | application |
//! | Implicit, deprecated | [`implicit`](Application::implicit) | user |
//! | Resource Owner Password Credentials, deprecated | [`password`](Application::password) | user |

use std::ops::Deref;

use crate::authorize::request::AuthorizationRequest;
use crate::client::Client;
use crate::ground::error::Error;
use crate::ground::subject::Subject;
use crate::session::Session;
use crate::terms::scope::Scope;
use crate::terms::secret::{AccessToken, ClientSecret, Password, RefreshToken};
use crate::token::grant::Grant;
use crate::token::request::TokenRequest;

/// An application that is registered at a Space or Hub service: what Space's page calls `SpaceHttpClient`. Each
/// authorization method of that page is one call of it.
///
/// It is a [`Client`], and goes wherever one goes.
#[derive(Clone, Debug)]
pub struct Application {
    client: Client,
    service: String,
}

impl Application {
    pub(crate) fn new(client: Client, service: String) -> Self {
        Self { client, service }
    }

    /// Authenticates with the client secret: by HTTP Basic, as these servers ask.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`Client::secret`].
    pub fn secret(mut self, secret: impl TryInto<ClientSecret, Error: Into<Error>>) -> Result<Self, Error> {
        self.client = self.client.secret(secret)?;
        Ok(self)
    }

    /// Names a further API that takes this application's tokens, such as that of another service of the same Hub.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)), as for [`Client::api`].
    pub fn api(mut self, url: &str) -> Result<Self, Error> {
        self.client = self.client.api(url)?;
        Ok(self)
    }

    /// The client that this application is.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// A permanent token, made by a person or an administrator. Not recommended: it never expires, so use it while
    /// an application is in development.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the token does not fit a header.
    pub fn permanent_token(&self, token: AccessToken, subject: Subject) -> Result<Session, Error> {
        let session = Session::from_permanent_token(&self.service, token, subject)?;
        Ok(session.admit_all(self.client.server().quirks()))
    }

    /// The Authorization Code flow, with PKCE: a person logs in and consents. With
    /// [`offline`](AuthorizationRequest::offline) a refresh token comes too.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-8](crate::Rule::Aq8)), as for [`AuthorizationRequest::new`].
    pub fn authorization_code(&self, redirect_uri: impl Into<String>) -> Result<AuthorizationRequest, Error> {
        AuthorizationRequest::new(&self.client, redirect_uri)
    }

    /// The Refresh Token flow: a session from a refresh token that was got before or elsewhere. What it was granted for is said by
    /// [`Session::with_scope`].
    #[must_use]
    pub fn refresh_token(&self, token: RefreshToken) -> Session {
        Session::from_refresh_token(&self.client, token)
    }

    /// The Client Credentials flow: a session on the application's own behalf, for what an administrator granted it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) for a text that is not a scope.
    pub fn client_credentials(
        &self,
        scope: impl TryInto<Scope, Error: Into<Error>>,
    ) -> Result<Session, Error> {
        Ok(Session::from_grant(&self.client, Grant::client_credentials().scope(scope)?))
    }

    /// The Implicit flow.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-8](crate::Rule::Aq8)), as for [`AuthorizationRequest::new`].
    #[deprecated(note = "the token passes through the browser's address bar: use authorization_code")]
    #[expect(deprecated, reason = "the one deprecated thing makes the other")]
    pub fn implicit(
        &self,
        redirect_uri: impl Into<String>,
    ) -> Result<crate::authorize::ImplicitRequest, Error> {
        crate::authorize::ImplicitRequest::new(&self.client, redirect_uri)
    }

    /// The Resource Owner Password Credentials flow.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`TokenRequest::new`].
    #[deprecated(note = "the person's password passes through the program: use authorization_code")]
    #[expect(deprecated, reason = "the one deprecated thing makes the other")]
    pub fn password(
        &self,
        username: &str,
        password: &Password,
        scope: impl TryInto<Scope, Error: Into<Error>>,
        access: AccessType,
    ) -> Result<TokenRequest, Error> {
        let grant = Grant::password(username, password).scope(scope)?.access_type(access);
        TokenRequest::new(&self.client, grant)
    }
}

impl Deref for Application {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// `access_type`: whether the application may act when the person is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessType {
    /// An access token only, good while the person is there: the server's default.
    #[default]
    Online,
    /// A refresh token beside it.
    Offline,
}

impl AccessType {
    /// The value on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// `request_credentials`: what a person who comes to the server's login is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestCredentials {
    /// The login page, unless the person is logged in: the server's default.
    #[default]
    Default,
    /// The login page in any case; who is logged in is logged out first.
    Required,
    /// Nothing: who is not logged in goes on as a guest. Documented, but Space's own SDKs dropped it as not supported.
    Skip,
    /// Nothing: who is not logged in comes back with an error. For Hub and YouTrack; Space's SDKs dropped it too.
    Silent,
}

impl RequestCredentials {
    /// The value on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Required => "required",
            Self::Skip => "skip",
            Self::Silent => "silent",
        }
    }
}

/// JetBrains Space and Hub.
impl AuthorizationRequest {
    /// Asks for a refresh token too: `access_type=offline`.
    #[must_use]
    pub fn offline(self) -> Self {
        self.access_type(AccessType::Offline)
    }

    /// Says whether the application may act when the person is away.
    #[must_use]
    pub fn access_type(mut self, access: AccessType) -> Self {
        self.front = self.front.known_parameter("access_type", access.name());
        self
    }

    /// Says what a person who comes to the server's login is shown.
    #[must_use]
    pub fn request_credentials(mut self, credentials: RequestCredentials) -> Self {
        self.front = self.front.known_parameter("request_credentials", credentials.name());
        self
    }
}

/// JetBrains Space and Hub.
#[expect(deprecated, reason = "the deprecated request takes this parameter too")]
impl crate::authorize::ImplicitRequest {
    /// Says what a person who comes to the server's login is shown.
    #[must_use]
    pub fn request_credentials(mut self, credentials: RequestCredentials) -> Self {
        self.front = self.front.known_parameter("request_credentials", credentials.name());
        self
    }
}

/// JetBrains Space and Hub.
impl Grant {
    /// Says, for the password grant, whether a refresh token is to come too: `access_type` in the body.
    #[must_use]
    pub fn access_type(self, access: AccessType) -> Self {
        self.known_parameter("access_type", access.name())
    }
}
