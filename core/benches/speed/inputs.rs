//! What both sides start from.

use valetkey_core::{Response, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const AUTHORIZATION_ENDPOINT: &str = "https://as.example/oauth/authorize";
pub(crate) const TOKEN_ENDPOINT: &str = "https://as.example/oauth/token";
pub(crate) const REDIRECT_URI: &str = "https://app.example/oauth/callback";
pub(crate) const CLIENT_ID: &str = "s6BhdRkqt3";
pub(crate) const CLIENT_SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
pub(crate) const SCOPE: &str = "profile email calendar offline_access";
pub(crate) const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA-SplxlOBeZQQYbYS6WxSbIA";

/// The redirect to the application.
pub(crate) fn arrival(state: &str) -> String {
    format!("{REDIRECT_URI}?code={CODE}&state={state}&iss=https%3A%2F%2Fas.example")
}

/// A token response of ten members in 1.7 KB, as a host hands it over.
pub(crate) fn answer() -> Response {
    let body = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":3600,"refresh_token":"{}","scope":"{SCOPE}","id_token":"{}.{}.{}","session_state":"{}","not-before-policy":0,"ext_expires_in":3600,"foci":{{"a":[1,2,3],"b":null}}}}"#,
        "a".repeat(720),
        "r".repeat(160),
        "h".repeat(80),
        "p".repeat(350),
        "s".repeat(342),
        "6d1e3c3e-0c3f-4b67-9d3a-7f1d4d0f2b5a",
    );
    http::Response::builder()
        .header("content-type", "application/json;charset=UTF-8")
        .header("cache-control", "no-store")
        .header("date", "Tue, 14 Nov 2023 22:13:20 GMT")
        .body(body.into_bytes())
        .expect("a response")
}
