//! A client's secret at an endpoint that takes it in another place than the token endpoint does.

use crate::client::Client;
use crate::client::authentication::Authentication;
use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::ground::quirk::Quirk;

impl Client {
    /// This client as the endpoint wants it. An endpoint that has a list of its own (RFC 8414 §2) may take the secret in the
    /// header alone where the token endpoint takes it in the body, or the other way about: it is one secret, of one server, and
    /// goes where the list says ([CA-3](crate::Rule::Ca3)). Nothing else is changed, and nothing is tried out.
    pub(crate) fn fitting(&self, endpoint: Endpoint) -> Result<Self, Error> {
        let listed = endpoint.authentication_methods().and_then(|name| self.server().listed(name));
        let lists = |method: AuthenticationMethod| {
            listed.is_some_and(|listed| listed.iter().any(|name| name == method.name()))
        };
        if listed.is_none() || lists(self.method()) {
            return Ok(self.clone());
        }
        let proof = match &self.0.proof {
            Authentication::Post { secret } if lists(AuthenticationMethod::SecretBasic) => {
                let is_raw = self.server().quirks().contains(Quirk::RawBasic);
                Authentication::basic(self.id(), secret.clone(), is_raw)?
            }
            Authentication::Basic { secret, .. }
                if lists(AuthenticationMethod::SecretPost) && !secret.expose().is_empty() =>
            {
                Authentication::Post { secret: secret.clone() }
            }
            _ => return Ok(self.clone()),
        };
        Ok(self.clone().change(|registration| registration.proof = proof))
    }
}
