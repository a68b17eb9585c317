//! The parts of the sandbox, by name: [`Endpoint`].

/// A part of the sandbox that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/oauth/auth`, where a person decides.
    Authorization,
    /// `/oauth/token`.
    Token,
    /// Everything under `/api/http/`.
    Api,
    /// `/oauth/jwks.json`, the server's public keys.
    Jwks,
    /// The authorization server's metadata (RFC 8414), under `/.well-known/`.
    Metadata,
    /// The API's metadata (RFC 9728), under `/.well-known/oauth-protected-resource`.
    ResourceMetadata,
    /// `/oauth/par` (RFC 9126).
    PushedAuthorization,
    /// `/oauth/device_authorization` (RFC 8628).
    DeviceAuthorization,
    /// `/oauth/device`, where a person enters what a device shows (RFC 8628 §3.3).
    DeviceVerification,
    /// `/oauth/introspect` (RFC 7662).
    Introspection,
    /// `/oauth/revoke` (RFC 7009).
    Revocation,
    /// `/oauth/userinfo` (OpenID Connect Core §5.3).
    Userinfo,
    /// `/.well-known/webfinger`, by which a person's issuer is found (OpenID Connect Discovery §2).
    WebFinger,
    /// `/oauth/claims`, the source that [`UserinfoDistributed`](crate::Misbehaviour::UserinfoDistributed) leaves claims to (OpenID
    /// Connect Core §5.6.2).
    Claims,
    /// Every path where there is nothing.
    Other,
}
