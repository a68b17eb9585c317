//! The source to which UserInfo may leave claims (OpenID Connect Core §5.6.2.2): as another server would be it, by a token that is
//! only for it.
//!
//! ```text
//! the client                                               the source
//!   GET /oauth/claims, Authorization: Bearer …           →
//!                                                        ←  a JWT: iss, email, email_verified
//! ```

use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use valetkey_core::{Request, Response};

use crate::Sandbox;
use crate::ground::answer;
use crate::ground::keys::Claims;
use crate::wrong::hostile::sources;

impl Sandbox {
    pub(crate) fn claims_of_source(&self, request: &Request) -> Response {
        let credential = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = credential.and_then(|value| value.strip_prefix("Bearer "));
        let subject = token.and_then(|token| token.strip_prefix(sources::TOKEN));
        let user = subject
            .and_then(|subject| self.users.iter().find(|user| self.user_id(&user.username) == subject));
        let Some(user) = user else {
            let refused =
                answer::error(StatusCode::UNAUTHORIZED, "permission-denied", "This token is not for here");
            return answer::challenged(refused, "Bearer error=\"invalid_token\"");
        };
        let claims = [("email", user.email.as_str().into()), ("email_verified", true.into())];
        let claims: Claims = claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let jwt = sources::signed(&claims, self.keys.all(&self.random));
        let mut response = http::Response::new(jwt.into_bytes());
        answer::set(&mut response, CONTENT_TYPE, "application/jwt");
        response
    }
}
