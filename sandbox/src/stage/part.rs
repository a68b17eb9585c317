//! Whose part the sandbox plays: that of the server which is asked, at the URLs which that one has.

use http::Uri;
use http::uri::PathAndQuery;
use valetkey_core::Request;

use crate::{Dialect, Sandbox};

/// Where metadata are (RFC 8414 §3.1, §5), before the issuer's path or after it.
const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// How the paths of other servers' endpoints end, and what the sandbox's own are.
const ENDPOINTS: [(&str, &str); 4] = [
    ("/authorize", "/oauth/auth"),
    ("/access_token", "/oauth/token"),
    ("/token", "/oauth/token"),
    ("/device/code", "/oauth/device_authorization"),
];

/// Makes the sandbox the server at this origin, and a request to that server one to the sandbox.
pub(super) fn play(sandbox: &mut Sandbox, origin: &str, request: &mut Request) {
    let settings = sandbox.settings_mut();
    let path = request.uri().path();
    if let Some(issuer) = issuer_path(path) {
        settings.dialect = Dialect::Standard;
        settings.issuer = Some(format!("{origin}{issuer}"));
    } else if origin.ends_with(".jetbrains.space") {
        settings.dialect = Dialect::Space;
        settings.issuer = None;
    }
    if let Some(target) = target(request.uri()).parse::<PathAndQuery>().ok() {
        *request.uri_mut() = Uri::from(target);
    }
}

/// The path of the issuer whose metadata are at this path.
fn issuer_path(path: &str) -> Option<&str> {
    path.strip_prefix(AUTHORIZATION_SERVER)
        .or_else(|| path.strip_prefix(OPENID))
        .or_else(|| path.strip_suffix(OPENID))
}

/// The path and query at the sandbox for another server's.
pub(super) fn target(uri: &Uri) -> String {
    let path = uri.path();
    let known = ENDPOINTS.into_iter().find(|(end, _)| path.ends_with(end) && !path.starts_with("/oauth/"));
    let path = known.map_or(path, |(_, own)| own);
    uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}
