//! The assertions of a service account, one written for each request: [`JwtAssertions`] (RFC 7523 §2.1, §3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::client::assertion_writer::AssertionWriter;
use crate::client::late::Late;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::ground::subject::Subject;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signer;
use crate::token::assertion::JWT_BEARER;
use crate::token::grant::Grant;

/// How long an assertion is good by default, and at most.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
const MAX_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The claims that are written here.
const OWN: [&str; 6] = ["iss", "sub", "aud", "jti", "iat", "exp"];

/// Writes assertions that this program signs with a key which the server knows: a new one for each request, good for five minutes,
/// so that a session which renews by them lives for ever. It becomes a [`Grant`] by `Grant::from`.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// # use std::sync::Arc;
/// # use valetkey_core::{AuthorizationServer, Client, Entropy};
/// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
/// use valetkey_core::token::JwtAssertions;
/// use valetkey_core::{Grant, Session, Subject};
///
/// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// # let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?);
/// # let entropy = Entropy::from_seed([8; 32]);
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "");
/// let account = "robot@project.example";
/// let assertions = JwtAssertions::new(key, entropy, account, account, "https://as.example/token")
///     .claim("scope", "calendar")?;
/// let session = Session::from_grant(&client, Grant::from(assertions).on_behalf_of(Subject::Application));
/// assert!(session.renews());
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// A key that answers later, such as a cloud's, makes the request wait ([`DeferredSigner`](crate::jose::DeferredSigner)).
#[derive(Clone)]
pub struct JwtAssertions {
    writer: AssertionWriter,
    issuer: String,
    subject: String,
    claims: Map<String, Value>,
}

impl JwtAssertions {
    /// Assertions of this issuer about this subject for this audience (RFC 7523 §3): the server's issuer or its token endpoint, as
    /// its documentation says. For a service account issuer and subject are the same, as a rule. The entropy is for the identifiers
    /// of the assertions, and for nothing else.
    #[must_use]
    pub fn new(
        signer: Arc<dyn Signer>,
        entropy: Entropy,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        audience: impl Into<String>,
    ) -> Self {
        Self {
            writer: AssertionWriter::new(signer, entropy, audience.into(), LIFETIME),
            issuer: issuer.into(),
            subject: subject.into(),
            claims: Map::new(),
        }
    }

    /// A further claim, such as the scope where a server wants it there.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is one that is written anyway (`iss`, `sub`, `aud`, `jti`, `iat`, `exp`), was set before, or does
    /// not serialize.
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        if OWN.contains(&name) || self.claims.contains_key(name) {
            return Err(misuse(format!("the claim {name:?} is the library's own, or was set before")));
        }
        // The library's message may quote a value.
        let value =
            serde_json::to_value(value).map_err(|_| misuse("the claim does not serialize as JSON"))?;
        self.claims.insert(name.to_owned(), value);
        Ok(self)
    }

    /// How long each is good: five minutes if this is not said.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is less than a second or more than an hour.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        if !(Duration::from_secs(1)..=MAX_LIFETIME).contains(&lifetime) {
            return Err(misuse("the lifetime of an assertion must be from one second to one hour"));
        }
        self.writer.lifetime = lifetime;
        Ok(self)
    }

    /// One for each request, under this name.
    fn made_as(self, name: &'static str) -> Late {
        let lifetime = self.writer.lifetime;
        let write = move |now: UnixTime| {
            let Self { writer, issuer, subject, claims } = &self;
            writer.write(issuer, subject, Some(claims), now)
        };
        Late::jwt(name, write, lifetime)
    }
}

/// On a user's behalf, unless [`Grant::on_behalf_of`] says otherwise: a service account's assertion stands for itself. Which account
/// it is, a [`StoreKey`](crate::store::StoreKey) is told by its name.
impl From<JwtAssertions> for Grant {
    fn from(assertions: JwtAssertions) -> Self {
        Self::new(JWT_BEARER, Subject::User, &[]).made_later(assertions.made_as("assertion"))
    }
}

impl Client {
    /// Authenticates by a secret that is a JWT of the program's own, a new one for each request: what is written by these assertions
    /// is sent as `client_secret` (`client_secret_post`). Some servers want this in the place of a secret that is stored, and let
    /// one be good for months; this one is good for minutes.
    ///
    /// ```
    /// # #[cfg(feature = "rust-crypto")] {
    /// # use std::sync::Arc;
    /// # use valetkey_core::{AuthorizationServer, Client, Entropy};
    /// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
    /// use valetkey_core::token::JwtAssertions;
    ///
    /// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
    /// # let entropy = Entropy::from_seed([8; 32]);
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    /// let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?.with_key_id("ABC123DEFG"));
    /// let secret = JwtAssertions::new(key, entropy, "TEAM123456", "com.example.app", "https://as.example");
    /// let client = Client::new(server, "com.example.app").secret_written_by(secret)?;
    /// assert_eq!(client.method().name(), "client_secret_post");
    /// # }
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the client already authenticates ([CA-1](crate::Rule::Ca1)).
    pub fn secret_written_by(self, assertions: JwtAssertions) -> Result<Self, Error> {
        self.secret_made(assertions.made_as("client_secret"))
    }
}

/// Without the claims.
impl fmt::Debug for JwtAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAssertions").field("writer", &self.writer).finish_non_exhaustive()
    }
}
