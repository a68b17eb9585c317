//! What a program says of a server's answers: where the tokens are, and what refusals mean.

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse};
use crate::ground::error_code;
use crate::ground::refused::{Asked, Refused};
use crate::server::AuthorizationServer;
use crate::server::answers::Answers;
use crate::wire::pointer::Pointer;

/// The longest place of the tokens, in bytes.
const MAX_POINTER: usize = 1024;

impl AuthorizationServer {
    /// Where in a token response its members are, as a JSON pointer (RFC 6901): `/authed_user`, `/body`, `/data/0`. They are
    /// read there and nowhere else; an `error` is looked for there and at the top.
    /// [`TokenResponse::member`](crate::TokenResponse::member) goes on reading the whole answer.
    ///
    /// Each response that is read so reports [`Quirk::TokensElsewhere`](crate::Quirk::TokensElsewhere).
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationServer, TokenResponse, UnixTime};
    /// let server = AuthorizationServer::new().tokens_at("/body")?;
    /// # let body = br#"{"status":0,"body":{"access_token":"a075","token_type":"Bearer"}}"#.to_vec();
    /// # let response = http::Response::builder().header("content-type", "application/json").body(body).unwrap();
    /// // {"status":0,"body":{"access_token":"a075","token_type":"Bearer"}}
    /// let tokens = TokenResponse::parse(response, UnixTime::from_secs(1_700_000_000), &server)?;
    /// assert_eq!(tokens.access_token().expose(), "a075");
    /// assert_eq!(tokens.member::<u8>("status")?, Some(0));
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is not a JSON pointer to something within the answer, which begins with a slash, or is longer than
    /// 1 KiB.
    pub fn tokens_at(mut self, pointer: &str) -> Result<Self, Error> {
        let pointer = Pointer::parse(pointer).filter(|_| pointer.len() <= MAX_POINTER).ok_or_else(|| {
            misuse("the place of the tokens is not a JSON pointer: write the members on the way, as `/body`")
        })?;
        self.answers.place_tokens(pointer);
        Ok(self)
    }

    /// Says what a refusal in the server's own words means: if this member has this value, it means this registered code. The
    /// member is a name or a JSON pointer (RFC 6901); a number is compared as its digits, `true` and `false` as they are
    /// written. Of several that fit, the first counts.
    ///
    /// It holds for refusals of every endpoint and for the parameters of an authorization response that has no code; and a
    /// token response with such a value is a refusal whatever its status, for servers that answer everything with 200.
    ///
    /// What hangs on a code then follows the meaning: `invalid_grant` ends a session's refresh token,
    /// `authorization_pending`, `slow_down` and `expired_token` guide a device, `access_denied` is a person's no,
    /// `temporarily_unavailable` is tried again. [`Refused::code`](crate::error::Refused::code) stays as it came;
    /// [`Refused::meaning`](crate::error::Refused::meaning) has this.
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationServer, TokenResponse, UnixTime};
    /// let server = AuthorizationServer::new().refusal_means("status", "BAD_REFRESH_TOKEN", "invalid_grant")?;
    /// # let body = br#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#.to_vec();
    /// # let response = http::Response::builder().status(400).body(body).unwrap();
    /// // 400 {"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}
    /// let error = TokenResponse::parse(response, UnixTime::from_secs(1_700_000_000), &server).unwrap_err();
    /// assert!(error.is_invalid_grant());
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the member is neither a name nor a JSON pointer, or the code is not a registered one.
    pub fn refusal_means(mut self, member: &str, value: &str, code: &str) -> Result<Self, Error> {
        let member = Pointer::to_member(member).ok_or_else(|| {
            misuse("the member of a refusal is neither a name nor a JSON pointer, such as `/error/status`")
        })?;
        let code = error_code::known(code).ok_or_else(|| {
            misuse("a refusal can mean a registered error code only, such as `invalid_grant`")
        })?;
        self.answers.interpret(member, value, code);
        Ok(self)
    }

    /// The refusal with where it came from and what it means.
    pub(crate) fn told(&self, refused: Refused, endpoint: Endpoint) -> Refused {
        self.answers.interpreted(refused).of(Asked::Endpoint(endpoint))
    }

    pub(crate) const fn answers(&self) -> &Answers {
        &self.answers
    }
}
