//! How a client proves its identity to the authorization server (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::{Error, misuse};
use crate::jose::ClientAssertion;
use crate::secret::ClientSecret;

/// A client authentication method. One is used in a request, never two (CA-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthenticationMethod {
    /// A public client: `client_id` in the body, no proof (RFC 6749 §3.2.1).
    None,
    /// HTTP Basic (RFC 6749 §2.3.1): the parts form-encoded, then base64.
    SecretBasic,
    /// `client_id` and `client_secret` in the body (RFC 6749 §2.3.1).
    SecretPost,
    /// A JWT that is signed by a secret (OpenID Connect Core §9), which is not sent.
    SecretJwt,
    /// A JWT that is signed by a private key (OpenID Connect Core §9).
    PrivateKeyJwt,
}

impl AuthenticationMethod {
    /// The registered name, as in RFC 7591 §2: `client_secret_basic`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// The proof, prepared once: it is the same in every request, or is what writes a new one for each.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    None,
    Basic { header: HeaderValue, secret: ClientSecret },
    Post { secret: ClientSecret },
    Assertion(ClientAssertion),
}

impl Proof {
    /// Prepares the `Authorization` header. `raw` leaves out the form-encoding (CA-2), under its quirk.
    pub(crate) fn basic(id: &str, secret: ClientSecret, raw: bool) -> Result<Self, Error> {
        let encode = |part: &str| {
            Zeroizing::new(if raw { part.to_owned() } else { byte_serialize(part.as_bytes()).collect() })
        };
        if raw && id.contains(':') {
            return Err(misuse("raw Basic credentials cannot carry a client identifier with a colon"));
        }
        let pair = Zeroizing::new(format!("{}:{}", *encode(id), *encode(secret.expose())));
        let value = Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(pair.as_bytes()))));
        let mut header =
            HeaderValue::from_str(&value).map_err(|_| misuse("Basic credentials do not fit a header"))?;
        header.set_sensitive(true);
        Ok(Self::Basic { header, secret })
    }

    pub(crate) fn method(&self) -> AuthenticationMethod {
        match self {
            Self::None => AuthenticationMethod::None,
            Self::Basic { .. } => AuthenticationMethod::SecretBasic,
            Self::Post { .. } => AuthenticationMethod::SecretPost,
            Self::Assertion(assertions) if assertions.algorithm().is_symmetric() => {
                AuthenticationMethod::SecretJwt
            }
            Self::Assertion(_) => AuthenticationMethod::PrivateKeyJwt,
        }
    }

    /// The secret, for keeping it out of what a server echoes. One that signs is not sent.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::None | Self::Assertion(_) => None,
            Self::Basic { secret, .. } | Self::Post { secret } => Some(secret.expose()),
        }
    }

    /// The Basic credentials as they are sent, which are the secret in another spelling.
    pub(crate) fn basic_text(&self) -> Option<&str> {
        match self {
            Self::Basic { header, .. } => header.to_str().ok()?.strip_prefix("Basic "),
            Self::None | Self::Post { .. } | Self::Assertion(_) => None,
        }
    }
}
