//! JetBrains Space: its endpoints, its rights, its errors.
//!
//! ```
//! use valetkey_core::dialect::space::{Permissions, Space};
//! use valetkey_core::ClientSecret;
//!
//! let space = Space::new("https://mycompany.jetbrains.space")?;
//! let app = space.application("client-id").secret("client-secret")?;
//!
//! let rights = Permissions::new().global("Project.View").project("ABC", "Project.Issues.View").scope()?;
//! let session = app.client_credentials(rights)?;
//! let absences = space.api("absences");
//! assert_eq!(absences, "https://mycompany.jetbrains.space/api/http/absences");
//! # let _ = session;
//! # Ok::<(), valetkey_core::Error>(())
//! ```

pub use crate::dialect::space_reason::Reason;

use std::fmt;

use serde::Deserialize;

use crate::client::Client;
use crate::dialect::jetbrains::Application;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::server::AuthorizationServer;
use crate::session::Session;
use crate::terms::scope::Scope;
use crate::terms::secret::{RefreshToken, exposed};

/// A Space service, by its URL.
#[derive(Clone, Debug)]
pub struct Space(Service);

impl Space {
    /// The service at this URL, with or without a slash at its end: `https://mycompany.jetbrains.space`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL, or has a query or a fragment.
    pub fn new(url: &str) -> Result<Self, Error> {
        Service::new(url, AuthorizationServer::new(), "/oauth").map(Self)
    }

    /// A service under plain http on a loopback address, for tests: the sandbox for one.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn on_loopback(url: &str) -> Result<Self, Error> {
        Service::new(url, AuthorizationServer::new().admit(Quirk::LoopbackHttp), "/oauth").map(Self)
    }

    /// An application that is registered there, public until it is given its secret. Its tokens go to this service.
    #[must_use]
    pub fn application(&self, client_id: &str) -> Application {
        self.0.application(client_id)
    }

    /// The URL of a resource of the HTTP API: `absences`, `team-directory/profiles/me`.
    #[must_use]
    pub fn api(&self, path: &str) -> String {
        self.0.at_path("/api/http/", path)
    }

    /// Where the keys are that Space signs its access tokens with.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        self.0.at_path("/oauth/", "jwks.json")
    }
}

/// A service of the family: its URL, and a client's registration at it.
#[derive(Clone, Debug)]
pub(super) struct Service {
    url: String,
    any_client: Client,
}

impl Service {
    pub(super) fn new(url: &str, server: AuthorizationServer, oauth: &str) -> Result<Self, Error> {
        let url = url.trim_end_matches('/');
        if url.contains(['?', '#']) {
            return Err(misuse_of(
                Rule::Di5,
                "the URL of the service must have neither a query nor a fragment: name its base, such as \
                 `https://example.jetbrains.space`",
            ));
        }
        let server = server
            // The documented answers have no `token_type`.
            .admit(Quirk::NoTokenType)
            .authorization_endpoint(&format!("{url}{oauth}/auth"))?
            .token_endpoint(&format!("{url}{oauth}/token"))?;
        let any_client = Client::new(server, "").api(url)?;
        Ok(Self { url: url.to_owned(), any_client })
    }

    pub(super) fn application(&self, client_id: &str) -> Application {
        Application::new(self.any_client.with_id(client_id), self.url.clone())
    }

    pub(super) fn at_path(&self, api: &str, path: &str) -> String {
        format!("{}{api}{}", self.url, path.trim_start_matches('/'))
    }
}

/// Rights in Space, each in its context, which together make a [`Scope`]: `global:Project.View`,
/// `project:key:ABC:Project.Issues.View`.
#[derive(Clone, Debug, Default)]
pub struct Permissions(Vec<String>);

impl Permissions {
    /// No rights yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that the application may: the scope `**`.
    #[must_use]
    pub fn all() -> Self {
        Self(vec!["**".to_owned()])
    }

    /// A right everywhere.
    #[must_use]
    pub fn global(self, right: &str) -> Self {
        self.with(format!("global:{right}"))
    }

    /// A right in the project with this key.
    #[must_use]
    pub fn project(self, key: &str, right: &str) -> Self {
        self.with(format!("project:key:{key}:{right}"))
    }

    /// A right in the project with this identifier.
    #[must_use]
    pub fn project_id(self, id: &str, right: &str) -> Self {
        self.with(format!("project:id:{id}:{right}"))
    }

    /// A right in a chat channel.
    #[must_use]
    pub fn channel(self, id: &str, right: &str) -> Self {
        self.with(format!("channel:{id}:{right}"))
    }

    /// A right in a package repository.
    #[must_use]
    pub fn package_repository(self, id: &str, right: &str) -> Self {
        self.with(format!("packageRepository:{id}:{right}"))
    }

    /// A scope token as it is: the older forms (`Project:*`) and whatever Space adds.
    #[must_use]
    pub fn raw(self, token: &str) -> Self {
        self.with(token.to_owned())
    }

    /// The scope of these rights.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) if there are no permissions, or one does not fit a scope token.
    pub fn scope(self) -> Result<Scope, Error> {
        Scope::new(self.0)
    }

    fn with(mut self, token: String) -> Self {
        self.0.push(token);
        self
    }
}

/// What Space pushes to an application's own endpoint when a person has approved what the application asked for: a
/// refresh token, and whom it is for.
///
/// Verify that the request is Space's before this is believed.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenPayload {
    #[serde(with = "exposed")]
    refresh_token: RefreshToken,
    scope: Scope,
    client_id: String,
    user_id: String,
}

impl RefreshTokenPayload {
    /// Reads the body of the request.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if it is not a strict JSON object with the four members in their
    /// documented form.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        crate::wire::json::read(body)
    }

    /// The person who approved, by Space's identifier.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// What was approved.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The session on that person's behalf.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-1](crate::Rule::St1)) if it was meant for another application.
    pub fn session(self, application: &Application) -> Result<Session, Error> {
        if self.client_id != application.id() {
            return Err(misuse_of(
                Rule::St1,
                "the refresh token that was pushed is for another application than this client",
            ));
        }
        application.refresh_token(self.refresh_token).with_scope(self.scope)
    }
}

impl fmt::Debug for RefreshTokenPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokenPayload")
            .field("scope", &self.scope)
            .field("client_id", &Short(&self.client_id))
            .field("user_id", &Short(&self.user_id))
            .finish_non_exhaustive()
    }
}
