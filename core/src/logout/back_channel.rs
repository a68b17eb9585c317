//! What the server itself posts when a login ends there: [`BackChannel`] (OpenID Connect Back-Channel Logout §2.5).
//!
//! ```text
//!  authorization server                 program
//!     ├── POST logout_token ────────────────▶│ BackChannel::receive ──▶ LogoutTokenVerification
//!     │                                      ├── GET jwks_uri, if no key that is held fits
//!     │                                      │ LogoutNotice ──▶ RemoteLogout: the sessions end, in the store
//!     │◀─ 200, or 400 {"error": …} ──────────┤ accepted, refused
//! ```

use std::fmt;
use std::time::Duration;

use crate::client::Client;
use crate::client::encrypted::Message;
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::rule::Rule;
use crate::identity::verifiable::{keys_by, require_agreed};
use crate::jose::jwt_type::JwtType;
use crate::logout::held::Held;
use crate::logout::token::LogoutTokenVerification;
use crate::wire::received_form::{Form, is_form};

/// The longest logout token, in bytes, as an ID token's is; and the largest form with one, which may escape each of its bytes.
const MAX_TOKEN: usize = 64 * 1024;
const MAX_BODY: usize = 4 * 64 * 1024;

/// How old a logout token may be, unless the program says otherwise.
const OLDEST: Duration = Duration::from_secs(10 * 60);

/// Receives logout tokens of one client's server, at the `backchannel_logout_uri` that the client is registered with. Make it
/// once, and keep it.
///
/// A program that lets people log in by several servers has one for each, at an address of its own each: a token of another
/// server is refused by its `iss`.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// # use std::sync::Arc;
/// # use valetkey_core::{AuthorizationServer, Client, Rule};
/// # use valetkey_core::jose::{Algorithm, RustCrypto};
/// # use valetkey_core::server::{Endpoint, ServerKeys};
/// use valetkey_core::logout::{BackChannel, refused};
///
/// # let server = AuthorizationServer::new()
/// #     .issuer("https://as.example")?
/// #     .endpoint(Endpoint::Jwks, "https://as.example/jwks")?;
/// # let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256])?;
/// # let client = Client::new(server.keys(keys), "s6BhdRkqt3");
/// let receiver = BackChannel::new(&client)?;
///
/// let request = http::Request::get("/logout/back-channel").body("").unwrap();
/// let error = receiver.receive(&request).unwrap_err();
/// assert_eq!(error.rule(), Some(Rule::Lo8));
/// assert_eq!(refused(&error).status(), 400);
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct BackChannel(Held);

impl BackChannel {
    /// For the logout tokens of this client.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the issuer ([ID-9](crate::Rule::Id9)) or the keys ([ID-8](crate::Rule::Id8)) of the client's server
    /// are not known, or its issuer stands for many tenants and nobody has said for which
    /// ([ID-55](crate::Rule::Id55)).
    pub fn new(client: &Client) -> Result<Self, Error> {
        let server = client.server();
        if server.issuer.is_none() {
            return Err(misuse_of(
                Rule::Id9,
                "a logout token names its issuer, and that of the server is not known: discover the server, or name its \
                 `issuer`",
            ));
        }
        if server.lacks_tenants() {
            return Err(misuse_of(
                Rule::Id55,
                "the issuer of the server stands for many tenants (`{tenantid}`): say whose log-outs are heard, by \
                 `AuthorizationServer::tenants`, or by `any_tenant`",
            ));
        }
        let keys = keys_by(client, client.registered_id_token_algorithm())?.ok_or_else(|| {
            let what = "a logout token is verified by keys, and those of the server are not known: discover the server, or \
                        name its keys by `AuthorizationServer::keys`";
            misuse_of(Rule::Id8, what)
        })?;
        Ok(Self(Held { client: client.clone(), keys, needs_session: false, oldest: OLDEST }))
    }

    /// The client is registered with `backchannel_logout_session_required`: a logout token without `sid` is refused
    /// ([LO-12](crate::Rule::Lo12)).
    #[must_use]
    pub fn session_required(self) -> Self {
        Self(Held { needs_session: true, ..self.0 })
    }

    /// How long ago a logout token may have been issued: ten minutes, if this is not said ([LO-10](crate::Rule::Lo10)). So long
    /// at most it is remembered that one was used.
    #[must_use]
    pub fn oldest(self, age: Duration) -> Self {
        Self(Held { oldest: age, ..self.0 })
    }

    /// Takes the logout token out of a request, as a web server has it, and begins its verification. Of the request's URI nothing
    /// is read: which request comes here is decided where this is called.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [LO-8](crate::Rule::Lo8) if it is not the POST of a form with exactly one `logout_token` of 64 KiB
    /// at most; [ID-1](crate::Rule::Id1) to [ID-3](crate::Rule::Id3) if that is not a signed JWT;
    /// [ID-28](crate::Rule::Id28) if it is signed by another algorithm than was agreed on for ID tokens, `none` above all;
    /// [ID-43](crate::Rule::Id43) if it is encrypted and ID tokens are not [registered](Client::id_token_encryption) to be, or
    /// the other way about, [ID-44](crate::Rule::Id44) to [ID-51](crate::Rule::Id51) if it is encrypted in another way, or does
    /// not open; [LO-9](crate::Rule::Lo9) if it is a JWT of another type.
    pub fn receive<B: AsRef<[u8]>>(
        &self,
        request: &http::Request<B>,
    ) -> Result<LogoutTokenVerification, Error> {
        let no = |what: &'static str| malformed(Rule::Lo8, what);
        if request.method() != http::Method::POST || !is_form(request.headers()) {
            return Err(no("what came in the back channel is not the POST of a form"));
        }
        let body = request.body().as_ref();
        if body.len() > MAX_BODY {
            return Err(no("the form with the logout token is larger than 256 KiB"));
        }
        let form =
            std::str::from_utf8(body).map_err(|_| no("the form with the logout token is not in UTF-8"))?;
        let form = Form::read(form)
            .ok_or_else(|| no("a parameter beside the logout token comes twice, or it does itself"))?;
        let token = form.get("logout_token").ok_or_else(|| no("the form has no logout_token"))?;
        self.verify(token)
    }

    /// The same of a logout token that was taken out of its request.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive).
    pub fn verify(&self, logout_token: &str) -> Result<LogoutTokenVerification, Error> {
        let is_compact = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if logout_token.len() > MAX_TOKEN || !logout_token.bytes().all(is_compact) {
            return Err(malformed(
                Rule::Lo8,
                "the logout token is longer than 64 KiB, or has other characters than a compact JWT",
            ));
        }
        // The server encrypts it as it does ID tokens, and signs it so.
        let jwt = self.0.client.opened(Message::IdToken, logout_token)?;
        if let Err(error) = require_agreed(&self.0.client, jwt.parts().algorithm()) {
            let what = "the logout token is signed by another algorithm than was agreed on for ID tokens: if the client is \
                        registered for that one, say so by `Client::id_token_algorithm`";
            return Err(error.rule().map_or(error, |rule| malformed(rule, what)));
        }
        let own = JwtType::Explicit("logout+jwt");
        let expected = [own, JwtType::Generic].into_iter().find(|one| one.admits(jwt.parts().typ()));
        let Some(expected) = expected else {
            return Err(malformed(Rule::Lo9, "the logout token is a JWT of another type"));
        };
        Ok(LogoutTokenVerification::new(&self.0, jwt, expected))
    }
}

impl fmt::Debug for BackChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackChannel")
            .field("client", &self.0.client)
            .field("needs_session", &self.0.needs_session)
            .field("oldest", &self.0.oldest)
            .finish_non_exhaustive()
    }
}
