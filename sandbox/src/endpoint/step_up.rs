//! Step-up (RFC 9470): the API that wants more of a login than there was.
//!
//! ```text
//! the client                                          the API
//!   GET … Authorization: Bearer T                   →
//!                                                   ←  401 insufficient_user_authentication, acr_values, max_age
//!                                                     the server
//!   GET /oauth/auth?…&acr_values=…&max_age=…        →
//!                                                   ←  the form, even for a user who is logged in
//! ```

use http::StatusCode;
use valetkey_core::{Response, UnixTime};

use crate::ground::answer;
use crate::world::ledger::Grant;
use crate::{Sandbox, Subject};

impl Sandbox {
    /// The API's answer to a user's token, if that user should log in otherwise or anew.
    pub(crate) fn login_refused(&self, grant: &Grant, path: &str, now: UnixTime) -> Option<Response> {
        let acr_values = self.settings.api_acr_values.as_deref();
        let max_age = self.settings.api_max_age.map(|age| age.as_secs());
        let asks = self.settings.modern() && (acr_values.is_some() || max_age.is_some());
        let is_users = matches!(grant.subject, Subject::User(_));
        let satisfied = || grant.login.as_ref().is_some_and(|it| it.satisfies(acr_values, max_age, now));
        if !asks || !is_users || satisfied() {
            return None;
        }
        let mut challenge = format!("{} error=\"insufficient_user_authentication\"", grant.token_type());
        if let Some(acr_values) = acr_values {
            challenge.push_str(&format!(", acr_values=\"{acr_values}\""));
        }
        if let Some(max_age) = max_age {
            challenge.push_str(&format!(", max_age=\"{max_age}\""));
        }
        let description = "The user must log in otherwise or anew";
        let response = answer::error(StatusCode::UNAUTHORIZED, "authentication-required", description);
        Some(answer::challenged(response, &self.challenge(path, &challenge)))
    }
}
