//! What a refresh token was granted for, which a refresh does not go beyond ([TR-14](crate::Rule::Tr14), [TR-22](crate::Rule::Tr22)).

use crate::ground::among::Among;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::terms::access::Access;
use crate::terms::resource::Resource;
use crate::token::grant::Grant;

impl Grant {
    /// Says what its refresh token was granted for, as far as that is known: scope, resources, types of authorization details. A
    /// request for more is then refused before it is sent, and an answer with a wider scope when it comes.
    ///
    /// ```
    /// use valetkey_core::terms::Access;
    /// use valetkey_core::{AuthorizationServer, Client, Grant, RefreshToken, TokenRequest};
    ///
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    /// # let client = Client::new(server, "s6BhdRkqt3");
    /// # let token = RefreshToken::new("8xLOxBtZp8")?;
    /// let granted = Access::new().scope("calendar mail")?.resource("https://api.example/calendar")?;
    /// let grant = Grant::refresh_token(&token).granted(&granted);
    /// assert!(TokenRequest::new(&client, grant.clone().scope("mail")?).is_ok());
    /// assert!(TokenRequest::new(&client, grant.resource("https://api.example/mail")?).is_err());
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// It changes nothing of any other grant.
    #[must_use]
    pub fn granted(self, access: impl Into<Access>) -> Self {
        if !self.is_refresh_token() {
            return self;
        }
        let access = access.into();
        let limit = self.limit().or(access.scope.as_ref()).cloned();
        Self { granted: Some(Box::new(access)), ..self }.limited_to(limit)
    }

    /// Refuses a refresh that asks for more than was granted.
    pub(crate) fn require_granted(&self) -> Result<(), Error> {
        let Some(granted) = &self.granted else { return Ok(()) };
        if let (Some(scope), Some(granted)) = (self.requested_scope(), &granted.scope)
            && !scope.is_within(granted)
        {
            return Err(misuse_of(
                Rule::Tr14,
                "the refresh asks for a wider scope than was granted: ask for less, or have the user log in again",
            ));
        }
        if !granted.resources.is_empty() {
            let known = Among::new(granted.resources.iter().map(Resource::as_str));
            if !known.have_all(self.resources().iter().map(Resource::as_str)) {
                return Err(other_resources());
            }
        }
        if let (Some(details), Some(granted)) = (self.details(), &granted.details)
            && !Among::new(granted.types()).have_all(details.types())
        {
            return Err(misuse_of(
                Rule::Tr22,
                "the refresh asks for authorization details of a type that was not granted: ask for less, or have the user log \
                 in again",
            ));
        }
        Ok(())
    }
}

/// A refresh names an API that the user was not asked for.
pub(crate) fn other_resources() -> Error {
    misuse_of(
        Rule::Tr22,
        "the refresh names a resource that was not granted: name those of the login, or have the user log in again",
    )
}
