//! Grants of which a part is made anew for each request.

use crate::client::late::{Form, Late};
use crate::client::secret_source::SecretSource;
use crate::ground::error::Error;
use crate::ground::subject::Subject;
use crate::terms::access::Asks as _;
use crate::terms::parameter;
use crate::token::assertion::JWT_BEARER;
use crate::token::grant::Grant;

impl Grant {
    /// JWT assertions of a source (RFC 7523 §2.1), which is asked for one at each request: those that a platform writes into a file,
    /// for example. For those that this program signs there is [`JwtAssertions`](crate::token::JwtAssertions).
    ///
    /// On a user's behalf, unless [`on_behalf_of`](Self::on_behalf_of) says otherwise.
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationServer, Client};
    /// use valetkey_core::{Grant, Session, Subject};
    ///
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    /// # let client = Client::new(server, "s6BhdRkqt3");
    /// let grant = Grant::assertions_from(|| std::fs::read_to_string("/run/secrets/assertion"));
    /// let session = Session::from_grant(&client, grant.on_behalf_of(Subject::Application));
    /// # let _ = session;
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    #[must_use]
    pub fn assertions_from(source: impl SecretSource + 'static) -> Self {
        let late = Late::from_source("assertion", source, Form::Jwt);
        Self::new(JWT_BEARER, Subject::User, &[]).made_later(late)
    }

    /// A secret parameter whose value a source gives anew for each request: of a grant of the server's own, for example. It is a
    /// secret, and so no part of a [`StoreKey`](crate::store::StoreKey): that is told apart by its name.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends the parameter itself, or it was set before.
    pub fn parameter_from(
        self,
        name: impl Into<String>,
        source: impl SecretSource + 'static,
    ) -> Result<Self, Error> {
        let name = name.into();
        if Self::is_reserved(&name) || self.has_parameter(&name) {
            return Err(parameter::taken(&name));
        }
        Ok(self.made_later(Late::from_source(name, source, Form::Text)))
    }

    pub(crate) fn made_later(mut self, late: Late) -> Self {
        self.late.push(late);
        self
    }

    /// What of it is made for each request.
    pub(crate) fn late(&self) -> &[Late] {
        &self.late
    }
}
