//! How a client proves its identity to the authorization server (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::AuthorizationServer;
use crate::error::{Error, misuse};
use crate::jose::ClientAssertion;
use crate::secret::{ClientSecret, sensitive_header};

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
    /// A certificate that an authority has signed (RFC 8705 §2.1): `client_id` in the body.
    TlsClientAuth,
    /// A certificate that the server knows (RFC 8705 §2.2): `client_id` in the body.
    SelfSignedTlsClientAuth,
}

impl AuthenticationMethod {
    /// Every method, the stronger choice first: one before another if the server, or whoever reads what was sent, can do
    /// less harm with what it learns.
    ///
    /// | method | the server stores | who reads a request can |
    /// |---|---|---|
    /// | `private_key_jwt` | a public key | send that one request again, within a minute and at that server, if it forgets `jti`s |
    /// | `tls_client_auth`, `self_signed_tls_client_auth` | a name, a public key | do nothing; but whoever ends TLS for the server is believed, and the key is the agent's |
    /// | `client_secret_jwt` | the secret | as for `private_key_jwt` |
    /// | `client_secret_basic` | the secret, or its hash | be the client; a header that is known to be secret |
    /// | `client_secret_post` | the secret, or its hash | be the client; a body that gets logged |
    /// | `none` | nothing | be the client, as anybody can |
    pub const ALL: &[Self] = &[
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::SecretJwt,
        Self::SecretBasic,
        Self::SecretPost,
        Self::None,
    ];

    /// The method to use at a server, of those that this client was registered for or has what it takes to be: the first
    /// of [`ALL`](Self::ALL) that the server lists (`token_endpoint_auth_methods_supported`).
    ///
    /// A server that lists none takes `client_secret_basic` (RFC 8414 §2); where that is not offered, how the client was
    /// registered counts, and the first that is offered is used. Nothing is tried out (CA-3): `None` means that the two
    /// have no method in common.
    ///
    /// ```
    /// use valetkey_core::AuthenticationMethod::{PrivateKeyJwt, SecretBasic, SecretPost};
    /// use valetkey_core::{AuthenticationMethod, AuthorizationServer};
    ///
    /// let server = AuthorizationServer::new().authentication_methods(["client_secret_post", "private_key_jwt"]);
    /// let method = AuthenticationMethod::preferred(&server, &[SecretBasic, SecretPost, PrivateKeyJwt]);
    /// assert_eq!(method, Some(PrivateKeyJwt));
    /// assert_eq!(AuthenticationMethod::preferred(&server, &[SecretBasic]), None);
    /// ```
    #[must_use]
    pub fn preferred(server: &AuthorizationServer, offered: &[Self]) -> Option<Self> {
        let mut best_first = Self::ALL.iter().copied().filter(|method| offered.contains(method));
        match server.listed("token_endpoint_auth_methods_supported") {
            Some(listed) => best_first.find(|method| listed.iter().any(|name| name == method.name())),
            None if offered.contains(&Self::SecretBasic) => Some(Self::SecretBasic),
            None => best_first.next(),
        }
    }

    /// The registered name, as in RFC 7591 §2: `client_secret_basic`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }
}

/// The proof, prepared once: it is the same in every request, or is what writes a new one for each.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    None,
    Basic {
        header: HeaderValue,
        secret: ClientSecret,
    },
    Post {
        secret: ClientSecret,
    },
    Assertion(ClientAssertion),
    /// The agent's, by one of the two methods of RFC 8705 §2.
    Certificate(AuthenticationMethod),
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
        let pair = Zeroizing::new([&**encode(id), ":", &**encode(secret.expose())].concat());
        let value = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        let header = sensitive_header(&["Basic ", &value])
            .ok_or_else(|| misuse("Basic credentials do not fit a header"))?;
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
            Self::Certificate(method) => *method,
        }
    }

    /// The secret, for keeping it out of what a server echoes. One that signs is not sent.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::None | Self::Assertion(_) | Self::Certificate(_) => None,
            Self::Basic { secret, .. } | Self::Post { secret } => Some(secret.expose()),
        }
    }

    /// The Basic credentials as they are sent, which are the secret in another spelling.
    pub(crate) fn basic_text(&self) -> Option<&str> {
        match self {
            Self::Basic { header, .. } => header.to_str().ok()?.strip_prefix("Basic "),
            Self::None | Self::Post { .. } | Self::Assertion(_) | Self::Certificate(_) => None,
        }
    }
}
