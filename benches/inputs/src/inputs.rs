//! What every side starts from.

/// The time at which ours looks. The peers look at the system's clock, so what is signed holds at both times.
pub const NOW: u64 = 1_700_000_000;
/// The authorization server.
pub const ISSUER: &str = "https://as.example";
/// Its authorization endpoint.
pub const AUTHORIZATION_ENDPOINT: &str = "https://as.example/oauth/authorize";
/// Its token endpoint.
pub const TOKEN_ENDPOINT: &str = "https://as.example/oauth/token";
/// Where the browser comes back to.
pub const REDIRECT_URI: &str = "https://app.example/oauth/callback";
/// The client.
pub const CLIENT_ID: &str = "s6BhdRkqt3";
/// Its secret.
pub const CLIENT_SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
/// What is asked for. There is no `openid` among it: with it, ours verifies the ID token before it gives out any tokens, and what that
/// costs is a job of its own.
pub const SCOPE: &str = "orders profile email offline_access";
/// What the server hands out.
pub const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA-SplxlOBeZQQYbYS6WxSbIA";
/// A `state` of 32 bytes, for sides that can be given one.
pub const STATE: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
/// A code verifier of 32 bytes, likewise.
pub const VERIFIER: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
/// What the ID token answers.
pub const NONCE: &str = "n-0S6_WzA2Mjn-0S6_WzA2Mjn-0S6_WzA2Mjn-0S6_W";
/// Whom the ID tokens are about.
pub const SUBJECT: &str = "248289761001";
/// The API that a DPoP proof is for.
pub const RESOURCE: &str = "https://resource.example.org/protectedresource?page=2";

/// ID tokens, by a key that was thrown away, and its public half as a JWK. `make` made them.
pub const RS256: (&str, &str) = (include_str!("../tokens/rs256.jwt"), include_str!("../tokens/rs256.jwk"));
/// The same by ES256.
pub const ES256: (&str, &str) = (include_str!("../tokens/es256.jwt"), include_str!("../tokens/es256.jwk"));
/// The same by Ed25519.
pub const EDDSA: (&str, &str) = (include_str!("../tokens/eddsa.jwt"), include_str!("../tokens/eddsa.jwk"));
/// By the key of [`ES256`]: run out in 2023.
pub const ES256_EXPIRED: &str = include_str!("../tokens/es256_expired.jwt");
/// By the key of [`ES256`]: with `sub` twice.
pub const ES256_DUPLICATE: &str = include_str!("../tokens/es256_duplicate.jwt");
/// By the key of [`ES256`]: for two audiences, without `azp`, one of them strange.
pub const ES256_SECOND_AUDIENCE: &str = include_str!("../tokens/es256_second_audience.jwt");
/// By the key of [`ES256`]: without `iat`.
pub const ES256_WITHOUT_IAT: &str = include_str!("../tokens/es256_without_iat.jwt");
/// A private P-256 key for DPoP proofs, as PKCS #8 in DER; it is used nowhere else.
pub const DPOP_KEY: &[u8] = include_bytes!("../tokens/dpop.p8");

/// The access token.
#[must_use]
pub fn access_token() -> String {
    "a".repeat(720)
}

/// The redirect to the application.
#[must_use]
pub fn arrival(state: &str) -> String {
    format!("{REDIRECT_URI}?code={CODE}&state={state}&iss=https%3A%2F%2Fas.example")
}

/// A token response of ten members in 1.7 KB.
#[must_use]
pub fn token_response() -> String {
    token_response_with(r#""token_type":"Bearer""#)
}

/// The same with something else in the place of the token type.
#[must_use]
pub fn token_response_with(token_type: &str) -> String {
    format!(
        r#"{{"access_token":"{}",{token_type},"expires_in":3600,"refresh_token":"{}","scope":"{SCOPE}","id_token":"{}","session_state":"6d1e3c3e-0c3f-4b67-9d3a-7f1d4d0f2b5a","not-before-policy":0,"ext_expires_in":3600,"foci":{{"a":[1,2,3],"b":null}}}}"#,
        access_token(),
        "r".repeat(160),
        RS256.0,
    )
}

/// The header fields that come with it.
pub const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/json;charset=UTF-8"),
    ("cache-control", "no-store"),
    ("date", "Tue, 14 Nov 2023 22:13:20 GMT"),
];
