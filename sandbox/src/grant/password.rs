//! `grant_type=password` (RFC 6749 §4.3), and whether a password is the user's.

use super::{Granted, allowed};
use crate::ground::refusal::Refusal;
use crate::proof::client_auth::same;
use crate::proof::client_request::ClientRequest;
use crate::{Dialect, FlowKind, Rights, Sandbox, Subject};

impl Sandbox {
    /// The Resource Owner Password flow: a client with the password has all that the user may do.
    pub(crate) fn password_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, .. } = asked;
        allowed(client, FlowKind::Password)?;
        let username = parameters.get("username").ok_or(("invalid_request", "username is missing"))?;
        let password = parameters.get("password").ok_or(("invalid_request", "password is missing"))?;
        let standard = self.settings.dialect == Dialect::Standard;
        let scope = match parameters.get("scope") {
            None if !standard => return Err(("invalid_scope", "scope is missing")),
            scope => Rights::parse(scope.unwrap_or("**")).ok_or(("invalid_scope", "scope is malformed"))?,
        };
        let offline = match parameters.get("access_type") {
            None => standard,
            Some("online") => false,
            Some("offline") => true,
            Some(_) => return Err(("invalid_request", "access_type has an unknown value")),
        };
        let username = self
            .logged_in(username, password)
            .ok_or(("invalid_grant", "The username or the password is wrong"))?;
        let rights = self.user(&username).map_or_else(Rights::none, |user| user.rights.clone());
        let scope = scope.intersect(&rights);
        if scope.is_empty() {
            return Err(("invalid_scope", "The user has none of the requested rights"));
        }
        let grant = self.new_grant(client, Subject::User(username), scope);
        let refresh = offline.then(|| grant.clone());
        Ok(Granted { grant, refresh })
    }

    /// The username, if the password is that user's.
    pub(crate) fn logged_in(&self, username: &str, password: &str) -> Option<String> {
        let user = self.users.iter().find(|user| user.username == username)?;
        same(&user.password, password).then(|| user.username.clone())
    }
}
