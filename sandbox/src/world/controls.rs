//! What happens on the server's side without a request: somebody logs in, a token is revoked, time runs out.

use std::fmt;

use serde_json::json;
use valetkey_core::UnixTime;

use super::ledger::Grant;
use crate::{Rights, Sandbox, Subject};

impl Sandbox {
    /// Logs a user in at the server: authorization requests are then granted without a page, as if the user had
    /// consented before, unless the request wants a fresh login. `request_credentials=required` logs the user out again.
    pub fn sign_in(&mut self, username: &str) {
        self.signed_in = Some(username.to_owned());
    }

    /// Ends the lifetime of every access token and authorization code. Permanent and refresh tokens stay.
    pub fn expire_all(&mut self) {
        self.ledger.expire_all();
    }

    /// Revokes one token of any kind and whatever was issued along with it. Returns whether there was such a token.
    pub fn revoke_token(&mut self, token: &str) -> bool {
        let refresh = self.ledger.refresh_tokens.get(token).map(|it| &it.grant);
        let Some(grant) = refresh.or_else(|| self.ledger.access(token).map(|it| &it.grant)) else {
            return false;
        };
        let family = grant.family.clone();
        self.ledger.revoke(&family);
        true
    }

    /// Revokes whatever was issued on behalf of a user, the user's permanent tokens included.
    pub fn revoke_user(&mut self, username: &str) {
        self.ledger.revoke_where(|grant| grant.subject == Subject::User(username.to_owned()));
    }

    /// Revokes whatever was issued to an application, its permanent tokens included.
    pub fn revoke_application(&mut self, client_id: &str) {
        self.ledger.revoke_where(|grant| grant.client_id.as_deref() == Some(client_id));
    }

    /// Issues the refresh token that Space sends to an application's own endpoint after a user approved a request
    /// that the application had started. `None` if there is no such application or user, or if the user has none of
    /// the rights.
    pub fn push_refresh_token(
        &mut self,
        client_id: &str,
        username: &str,
        scope: &Rights,
    ) -> Option<PushedRefreshToken> {
        let requested = &self.application(client_id)?.requested;
        let scope = scope.intersect(requested).intersect(&self.user(username)?.rights);
        if scope.is_empty() {
            return None;
        }
        let authenticated = self.application(client_id)?.secret.is_some();
        let family = self.random.draw("family");
        let subject = Subject::User(username.to_owned());
        let grant = Grant::new(Some(client_id.to_owned()), subject, scope.clone(), family);
        let grant = Grant { authenticated, ..grant };
        Some(PushedRefreshToken {
            refresh_token: self.ledger.issue_refresh(&mut self.random, grant),
            scope: scope.to_string(),
            client_id: client_id.to_owned(),
            user_id: self.user_id(username),
        })
    }

    /// When a token stops being good; `None` if there is no such access token or it never does.
    #[must_use]
    pub fn expiry(&self, access_token: &str) -> Option<UnixTime> {
        self.ledger.access(access_token)?.expires
    }
}

/// A refresh token that the server hands to the application unasked (`RefreshTokenPayload` in Space).
#[derive(Clone, PartialEq, Eq)]
pub struct PushedRefreshToken {
    /// The refresh token, a secret.
    pub refresh_token: String,
    /// What it was granted for, as a `scope` parameter.
    pub scope: String,
    /// The application that it is for.
    pub client_id: String,
    /// The id of the user that it acts for, as in the API's answers.
    pub user_id: String,
}

impl PushedRefreshToken {
    /// The body that Space posts to the application.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({
            "className": "RefreshTokenPayload",
            "refreshToken": self.refresh_token,
            "scope": self.scope,
            "clientId": self.client_id,
            "userId": self.user_id,
        })
        .to_string()
    }
}

/// Without the token.
impl fmt::Debug for PushedRefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedRefreshToken")
            .field("scope", &self.scope)
            .field("client_id", &self.client_id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}
