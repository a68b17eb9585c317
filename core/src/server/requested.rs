//! What a server wants of every authorization request: further parameters, and a scope in its own way.

use std::borrow::Cow;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::terms::parameter;
use crate::terms::scope::Scope;

/// What a device sends under a name of its own.
const OF_DEVICES: [&str; 2] = ["device_code", "user_code"];

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

    /// A request at this endpoint has its scope under another name: an authorization request, pushed ones too, where the server
    /// keeps `scope` for something else, as Slack does for the tokens of its application; or a device's, whose polls repeat the
    /// scope under that name then, as Twitch wants (`scopes`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends a parameter of this name for something else, or the
    /// endpoint is another than [`Endpoint::Authorization`] and [`Endpoint::DeviceAuthorization`].
    pub fn scope_as(mut self, endpoint: Endpoint, name: &str) -> Result<Self, Error> {
        if !matches!(endpoint, Endpoint::Authorization | Endpoint::DeviceAuthorization) {
            let what = format!("no request at the {} has a scope under another name", endpoint.spoken());
            return Err(misuse_of(Rule::Aq6, what));
        }
        let is_own = parameter::OF_AUTHORIZATION_REQUESTS.contains(&name)
            || parameter::OF_TOKEN_REQUESTS.contains(&name)
            || OF_DEVICES.contains(&name);
        if name.is_empty() || is_own {
            let what = format!("the parameter {name:?} is the library's own");
            return Err(misuse_of(Rule::Aq6, what));
        }
        self.scope_names.insert(endpoint, name.to_owned());
        Ok(self)
    }

    /// The name that a request at this endpoint has its scope under, if it is another.
    pub(crate) fn other_name_of_scope(&self, endpoint: Endpoint) -> Option<&str> {
        self.scope_names.get(&endpoint).map(String::as_str)
    }

    /// The name that a request at this endpoint has its scope under.
    pub(crate) fn name_of_scope(&self, endpoint: Endpoint) -> &str {
        self.other_name_of_scope(endpoint).unwrap_or("scope")
    }

    /// A scope as an authorization request here spells it.
    pub(crate) fn spelled<'s>(&self, scope: &'s Scope) -> Cow<'s, str> {
        match self.asks_with_commas {
            true => Cow::Owned(scope.as_str().replace(' ', ",")),
            false => Cow::Borrowed(scope.as_str()),
        }
    }
}
