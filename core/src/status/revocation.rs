//! Ending a token at its server: [`Revocation`] (RFC 7009).
//!
//! ```text
//!  program                                     authorization server
//!     │ Revocation::refresh_token(&client, &token)      │
//!     ├── POST revocation endpoint: token, client ─────▶│
//!     │◀─ 200 ──────────────────────────────────────────┤  the token has ended, or never was one
//!     │◀─ 200 {"error": …} ─────────────────────────────┤  Error::Refused: the server says that it has not
//!     │◀─ 503 Retry-After ──────────────────────────────┤  Error::Refused: the token is still alive, try again
//!     │◀─ 400 unsupported_token_type ───────────────────┤  Error::Refused: it will never be revoked there
//! ```
//!
//! One round. What the program stored is deleted in any case: a server that is down is no reason to keep a token.

use std::fmt;

use form_urlencoded::Serializer;
use http::StatusCode;

use crate::client::Client;
use crate::client::post::Post;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::server::AuthorizationServer;
use crate::terms::secret::{AccessToken, RefreshToken};
use crate::wire::json::{Object, Value, unmarked};

/// A flow that asks the server to end a token. To end an authorization, revoke its refresh token: most servers end its
/// access tokens with it (RFC 7009 §2.1).
///
/// ```
/// use valetkey_core::{AuthorizationServer, Client, Flow, RefreshToken, Step, UnixTime};
/// use valetkey_core::server::Endpoint;
/// use valetkey_core::status::Revocation;
///
/// let server = AuthorizationServer::new().endpoint(Endpoint::Revocation, "https://as.example/revoke")?;
/// let client = Client::new(server, "s6BhdRkqt3");
/// let mut flow = Revocation::refresh_token(&client, &RefreshToken::new("45ghiukldjahdnhzdauz")?)?;
///
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.body(), b"token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token&client_id=s6BhdRkqt3");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct Revocation {
    post: Post,
    token: Wiped,
    hint: &'static str,
}

impl Revocation {
    /// Ends an access token.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no revocation endpoint, or lists authentication methods for it without the
    /// client's ([CA-3](crate::Rule::Ca3)), or algorithms ([CA-4](crate::Rule::Ca4)); or if the client is not as its
    /// [profile](Client::security_profile) wants it ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2),
    /// [FA-4](crate::Rule::Fa4)).
    pub fn access_token(client: &Client, token: &AccessToken) -> Result<Self, Error> {
        Self::new(client, token.expose(), "access_token")
    }

    /// Ends a refresh token, and with it the authorization it came from.
    ///
    /// # Errors
    ///
    /// As for [`access_token`](Self::access_token).
    pub fn refresh_token(client: &Client, token: &RefreshToken) -> Result<Self, Error> {
        Self::new(client, token.expose(), "refresh_token")
    }

    fn new(client: &Client, token: &str, hint: &'static str) -> Result<Self, Error> {
        let post = Post::new(client, Endpoint::Revocation)?;
        Ok(Self { post, token: Wiped::new(token.to_owned()), hint })
    }
}

/// The form of one token and its kind, of RFC 7009 §2.1 and of RFC 7662 §2.1. It has `room` for the client's part, so that
/// it is allocated once and the token is not left behind.
pub(crate) fn token_form(token: &str, hint: Option<&str>, room: usize) -> Serializer<'static, String> {
    let mut form = Serializer::new(String::with_capacity(3 * token.len() + room + 64));
    form.append_pair("token", token);
    if let Some(hint) = hint {
        form.append_pair("token_type_hint", hint);
    }
    form
}

/// Whether a success is an error after all, as at the token endpoint ([TR-4](crate::Rule::Tr4)).
fn tells_error(response: &Response, server: &AuthorizationServer) -> bool {
    let Ok(object) = Object::read(unmarked(response.body())) else { return false };
    let is_error = match object.get("error") {
        Some(Value::Text(error)) => !error.is_empty(),
        Some(Value::Object(_)) => true,
        _ => false,
    };
    is_error || server.answers().meaning(&object).is_some()
}

impl Flow for Revocation {
    type Output = ();

    /// # Errors
    ///
    /// - [`Error::Refused`] if the token was not revoked: the server's `unsupported_token_type`, a 503, and so on, or a success whose
    ///   body is a JSON object with an `error`, in a code or in words. Any other body of a success is ignored (RFC 7009 §2.2);
    /// - [`Error::Malformed`] for a redirect ([HT-1](crate::Rule::Ht1)), or ([RV-1](crate::Rule::Rv1)) for another success
    ///   than status 200, which [`Quirk::AnySuccessStatus`] admits;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<()>, Error> {
        let (token, hint) = (self.token.as_str(), self.hint);
        self.post.step(
            response,
            now,
            |room| token_form(token, Some(hint), room),
            |response, sent| {
                let status = response.status();
                if !status.is_success() || tells_error(&response, sent.client.server()) {
                    return Err(sent.refusal(&response, Some(token), now));
                }
                if status == StatusCode::OK {
                    return Ok(());
                }
                sent.client.server().quirks().require(Quirk::AnySuccessStatus, || {
                    let what = format!(
                        "the revocation was answered with status {}, and status 200 was expected",
                        status.as_u16()
                    );
                    malformed(Rule::Rv1, what)
                })
            },
        )
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.post.end()
    }
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation")
            .field("client", self.post.client())
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}
