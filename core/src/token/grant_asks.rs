//! What a [`Grant`] asks for, in the words of all requests.

use crate::ground::error::Error;
use crate::ground::wiped::Wiped;
use crate::terms::access::{Asks, asks};
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::parameter::OF_TOKEN_REQUESTS;
use crate::terms::scope::Scope;
use crate::token::grant::Grant;

asks!(Grant);

impl Asks for Grant {
    fn is_reserved(name: &str) -> bool {
        OF_TOKEN_REQUESTS.contains(&name)
    }

    fn has(&self, name: &str) -> bool {
        self.has_parameter(name)
    }

    fn put(&mut self, name: &str, value: &str) {
        self.append(name, value);
    }

    fn put_scope(&mut self, scope: Scope) {
        self.scope = Some(scope);
    }

    /// Whether the server supports them is for the token request to see ([AQ-10](crate::Rule::Aq10)), which knows it.
    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error> {
        if self.has_parameter("authorization_details") {
            let others = |pair: &&str| !pair.starts_with("authorization_details=");
            let form = Wiped::new(self.form.split('&').filter(others).collect::<Vec<_>>().join("&"));
            self.form = form;
        }
        self.append("authorization_details", details.as_str());
        self.details = Some(details);
        Ok(())
    }
}
