//! How a client proves who it is, by name: [`AuthenticationMethod`] (RFC 6749 §2.3).

/// A client authentication method. One is used in a request, never two ([CA-1](crate::Rule::Ca1)).
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
    /// Every method, the stronger choice first: one before another if the server, or a reader of what was sent, can do
    /// less harm with what it learns.
    ///
    /// | method | the server stores | who reads a request can |
    /// |---|---|---|
    /// | `private_key_jwt` | a public key | send that one request again, within a minute and at that server, if it forgets `jti`s |
    /// | `tls_client_auth`, `self_signed_tls_client_auth` | a name, a public key | do nothing; but a proxy that ends TLS for the server is believed, and the key is the HTTP client's |
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
