//! What a server wants in every token request besides what the RFCs say, and when it wants a renewal.

use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::sorted::sorted;
use crate::server::AuthorizationServer;
use crate::terms::parameter;
use crate::wire::digest::digest;

/// What a grant has a constructor for, whose rules it would escape here.
const OF_GRANTS: [&str; 5] = ["actor_token", "actor_token_type", "assertion", "device_code", "subject_token"];

/// Those that say how a token is got, and not which token it is.
const NOT_OF_PURPOSE: [&str; 2] = ["access_type", "action"];

impl AuthorizationServer {
    /// A further parameter that this server wants in every token request: of a code, a refresh, a device's poll, an exchange. A
    /// grant that has the parameter sends its own value. It is no place for secrets: what is sent here is not kept out of errors.
    ///
    /// It says which tokens this server gives, an audience for example, so it is a part of every
    /// [`StoreKey`](crate::store::StoreKey) of its clients, as the token endpoint is: with another value there is another session.
    /// Two names only say how a token is got, and are not in the key: `access_type` and `action`.
    ///
    /// ```
    /// use valetkey_core::AuthorizationServer;
    ///
    /// let server = AuthorizationServer::new()
    ///     .token_endpoint("https://as.example/token")?
    ///     .token_parameter("action", "requesttoken")?;
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends the parameter itself, it is one of a request's own, such as
    /// `scope` or `resource`, it was named before, its name is empty, or there are control characters; what the method for it
    /// refuses.
    pub fn token_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let is_set = self.token_parameters.iter().any(|(known, _)| known == name);
        let is_own = |name: &str| parameter::OF_TOKEN_REQUESTS.contains(&name) || OF_GRANTS.contains(&name);
        parameter::require_beside(name, value, |name| is_set || is_own(name))?;
        self.token_parameters.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// How long before its expiry a token of this server is renewed, where that is known of it: the margin of a session that is
    /// not given [one of its own](crate::Session::with_margin). Like every [`Margin`](crate::session::Margin) it is a tenth of the
    /// token's lifetime if that is less.
    ///
    /// ```
    /// use std::time::Duration;
    /// use valetkey_core::AuthorizationServer;
    ///
    /// let server = AuthorizationServer::new().renewed_before_expiry(Duration::from_secs(300));
    /// # let _ = server;
    /// ```
    #[must_use]
    pub const fn renewed_before_expiry(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// The further parameters of every token request.
    pub fn token_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.token_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Which tokens the further parameters ask for, as a digest; `None` if they say nothing of it.
    pub(crate) fn token_purpose(&self) -> Option<String> {
        let parts =
            sorted(self.token_parameters().filter(|(name, _)| !NOT_OF_PURPOSE.contains(name)).collect());
        let parts = parts.iter().flat_map(|(name, value)| [Some(*name), Some(*value)]);
        (parts.clone().count() > 0).then(|| digest("token parameters", parts))
    }
}
