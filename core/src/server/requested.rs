//! What a server wants of every authorization request: further parameters, and a scope in its own way.

use std::borrow::Cow;

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::terms::parameter;
use crate::terms::scope::Scope;

impl AuthorizationServer {
    /// A parameter that every authorization request at this server has, such as `access_type` of servers that issue a
    /// refresh token only to who asks so. A request's own of the same name stands in its place.
    ///
    /// ```
    /// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, UnixTime};
    ///
    /// let server = AuthorizationServer::new()
    ///     .authorization_endpoint("https://as.example/authorize")?
    ///     .token_endpoint("https://as.example/token")?
    ///     .authorization_parameter("access_type", "offline")?;
    /// let client = Client::new(server, "s6BhdRkqt3");
    /// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
    /// let (url, _pending) = request.begin_unbound(Entropy::from_seed([7; 32]), UnixTime::from_secs(1_700_000_000))?;
    /// assert!(url.as_str().contains("&access_type=offline&"));
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends the parameter itself, or it was set before; what the
    /// method for it at the request refuses.
    pub fn authorization_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        parameter::require(name, value)?;
        let is_known = self.authorization_parameters.iter().any(|(known, _)| known == name);
        if is_known || parameter::OF_AUTHORIZATION_REQUESTS.contains(&name) {
            return Err(parameter::taken(name));
        }
        self.authorization_parameters.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// An authorization request has commas between the tokens of its scope, and not the spaces of RFC 6749 §3.3. This is
    /// how the request is written, and nothing else: the program names its scope with spaces, as everywhere. How the server
    /// spells a scope in its answers is another matter:
    /// [`Quirk::ScopeWithCommas`](crate::Quirk::ScopeWithCommas).
    #[must_use]
    pub const fn scope_with_commas(mut self) -> Self {
        self.asks_with_commas = true;
        self
    }

    /// An authorization request has its scope under this name, where the server keeps `scope` for something else: Slack, for
    /// the tokens of its application.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends a parameter of this name for something else.
    pub fn scope_as(mut self, name: &str) -> Result<Self, Error> {
        if name.is_empty() || parameter::OF_AUTHORIZATION_REQUESTS.contains(&name) {
            let what = format!("the parameter {name:?} is the library's own");
            return Err(misuse_of(Rule::Aq6, what));
        }
        self.scope_name = Some(name.to_owned());
        Ok(self)
    }

    /// A login with the scope `offline_access` does not ask for consent each time at this server. Without this it does, by
    /// `prompt=consent` ([AQ-25](crate::Rule::Aq25), OpenID Connect Core §11), unless the program says what the person is to be
    /// asked for. For servers that remember a consent, or whose administrators give it.
    #[must_use]
    pub const fn offline_without_consent(mut self) -> Self {
        self.offline_without_consent = true;
        self
    }

    /// The name that an authorization request here has its scope under.
    pub(crate) fn name_of_scope(&self) -> &str {
        self.scope_name.as_deref().unwrap_or("scope")
    }

    /// A scope as an authorization request here spells it.
    pub(crate) fn spelled<'s>(&self, scope: &'s Scope) -> Cow<'s, str> {
        match self.asks_with_commas {
            true => Cow::Owned(scope.as_str().replace(' ', ",")),
            false => Cow::Borrowed(scope.as_str()),
        }
    }
}
