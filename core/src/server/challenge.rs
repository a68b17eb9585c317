//! Whether an authorization has a code challenge at a server (PKCE, RFC 7636).

use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::terms::code_verifier::CodeVerifier;

const METHODS: &str = "code_challenge_methods_supported";

impl AuthorizationServer {
    /// The PKCE methods that the server announced (`code_challenge_methods_supported`). A list without `S256` is refused
    /// when an authorization begins ([AQ-3](crate::Rule::Aq3)).
    #[must_use]
    pub fn code_challenge_methods<T: Into<String>>(self, methods: impl IntoIterator<Item = T>) -> Self {
        self.list(METHODS, methods)
    }

    /// A code challenge is written in hexadecimal here, and not in BASE64URL as RFC 7636 §4.2 has it: the same SHA-256 of the same
    /// verifier, announced as `S256` still. Each request that is written so reports
    /// [`Quirk::HexCodeChallenge`](crate::Quirk::HexCodeChallenge).
    ///
    /// ```
    /// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, UnixTime};
    ///
    /// let server = AuthorizationServer::new()
    ///     .authorization_endpoint("https://as.example/authorize")?
    ///     .token_endpoint("https://as.example/token")?
    ///     .code_challenge_in_hex();
    /// let request = AuthorizationRequest::new(&Client::new(server, "aw7d"), "http://127.0.0.1:8080/callback")?;
    /// let (url, _pending) = request.begin_unbound(Entropy::from_seed([7; 32]), UnixTime::from_secs(1_700_000_000))?;
    /// let challenge = url.as_str().split_once("code_challenge=").and_then(|(_, rest)| rest.split('&').next());
    /// assert!(challenge.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())));
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    #[must_use]
    pub const fn code_challenge_in_hex(mut self) -> Self {
        self.challenges_in_hex = true;
        self
    }

    /// The challenge of a verifier, as this server wants it written.
    pub(crate) fn challenge_of(&self, verifier: &CodeVerifier) -> String {
        if self.challenges_in_hex { verifier.challenge_in_hex() } else { verifier.challenge() }
    }

    /// Whether an authorization has a challenge, which is by S256 ([AQ-3](crate::Rule::Aq3)). It may go without one where
    /// [`Quirk::NoCodeChallenge`] is admitted and the client has a secret: a code without either is anybody's who finds it
    /// (RFC 9700 §2.1.1).
    pub(crate) fn challenges(&self, has_secret: bool) -> Result<bool, Error> {
        if has_secret && self.quirks().contains(Quirk::NoCodeChallenge) {
            return Ok(false);
        }
        if self.admits(METHODS, "S256") {
            return Ok(true);
        }
        let lacking = "the server lists its PKCE methods (code_challenge_methods_supported), and S256 is not among them";
        Err(if has_secret {
            misuse_of(Rule::Aq3, lacking).unless_admitted(Quirk::NoCodeChallenge)
        } else {
            let what = format!(
                "{lacking}: a client without a secret never goes without PKCE, so register one that has a secret, or, if \
                 the server takes S256 all the same, describe it so by \
                 `AuthorizationServer::code_challenge_methods([\"S256\"])`"
            );
            misuse_of(Rule::Aq3, what)
        })
    }
}
