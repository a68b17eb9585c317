//! What the server says of the person of a session: the question, with the session's own client and identity.

use http::HeaderMap;

use crate::ground::error::{Error, misuse_of};
use crate::ground::refused::Refused;
use crate::ground::rule::Rule;
use crate::ground::token_type::TokenType;
use crate::openid::user_info_request::UserInfoRequest;
use crate::session::Session;
use crate::session::credential::Credential;

impl Session {
    /// A flow that asks the server about the person who logged in (OpenID Connect Core §5.3), with a credential of this session.
    /// What comes is about the session's [identity](Self::identity), or an error ([UI-5](crate::Rule::Ui5)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([UI-5](crate::Rule::Ui5)) if nobody is known to have logged in; and as for
    /// [`UserInfoRequest::about`].
    pub fn user_info(&self, credential: &Credential) -> Result<UserInfoRequest, Error> {
        let (Some(client), Some(identity)) = (&self.client, self.identity()) else {
            let what = "nobody is known to have logged in by this session, so that UserInfo cannot be compared with a login: \
                        log in with the scope openid";
            return Err(misuse_of(Rule::Ui5, what));
        };
        let token_type = if credential.is_bound() { TokenType::Dpop } else { TokenType::Bearer };
        UserInfoRequest::about(client, identity, credential.access_token(), token_type)
    }
}

impl Credential {
    /// Whether UserInfo was refused since this token is not good any more: by a 401 (RFC 6750 §3.1). The next question needs
    /// another credential: [`Session::refuse`] says so to all who share it.
    #[must_use]
    pub fn is_refused_with(&self, error: &Error) -> bool {
        let status = error.refused().and_then(Refused::status);
        status.is_some_and(|status| self.is_refused_by(status, &HeaderMap::new()))
    }
}
