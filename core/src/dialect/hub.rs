//! JetBrains Hub, and YouTrack with its built-in Hub.
//!
//! The flows are Space's; the endpoints are under `<hub>/api/rest/oauth2/`, and scopes are the identifiers of the
//! services that a token is for.

use crate::dialect::jetbrains::Application;
use crate::dialect::space::Service;
use crate::ground::error::Error;
use crate::server::AuthorizationServer;
use crate::terms::scope::Scope;

/// A Hub service, by its URL: `https://youtrack.example/hub`.
///
/// ```
/// use valetkey_core::dialect::hub::Hub;
///
/// let hub = Hub::new("https://youtrack.example/hub")?;
/// let app = hub.application("f8d9e2a4-0000-4000-8000-6f1f3c9b2a10");
/// # let _ = app;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hub(Service);

impl Hub {
    /// The service at this URL, with or without a slash at its end.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL, or has a query or a fragment.
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::at(url, AuthorizationServer::new())
    }

    /// A service under plain http on a loopback address, for tests.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn on_loopback(url: &str) -> Result<Self, Error> {
        Self::at(url, AuthorizationServer::new().admit(crate::Quirk::LoopbackHttp))
    }

    fn at(url: &str, server: AuthorizationServer) -> Result<Self, Error> {
        Service::new(url, server, "/api/rest/oauth2").map(Self)
    }

    /// An application that is registered there, without a secret until it is given one. Its tokens go to the origin of
    /// the service; name the APIs of other services by [`Application::api`].
    #[must_use]
    pub fn application(&self, client_id: &str) -> Application {
        self.0.application(client_id)
    }

    /// The URL of a resource of Hub's REST API: `users/me`.
    #[must_use]
    pub fn api(&self, path: &str) -> String {
        self.0.at_path("/api/rest/", path)
    }

    /// A scope for these services, by their identifiers; Hub's own is `0-0-0-0-0`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)), as for [`Scope::new`].
    pub fn scope<T: AsRef<str>>(services: impl IntoIterator<Item = T>) -> Result<Scope, Error> {
        Scope::new(services)
    }
}
