//! Whose part the sandbox plays: that of the server which is asked, at the URLs which that one has.

use http::Uri;

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

/// Makes the sandbox the server that this URL leads to, and returns the path and query there.
pub(super) fn play(sandbox: &mut Sandbox, url: &Uri) -> String {
    let settings = sandbox.settings_mut();
    let (host, path) = (url.host().unwrap_or_default(), url.path());
    let endpoint = ENDPOINTS.into_iter().find(|(end, own)| path.ends_with(end) && path != *own);
    if let Some(issuer) = issuer_path(path) {
        let authority = url.authority().map_or("", |authority| authority.as_str());
        settings.dialect = Dialect::Standard;
        settings.issuer = Some(format!("https://{authority}{issuer}"));
    } else if host.ends_with(".jetbrains.space") {
        settings.dialect = Dialect::Space;
        settings.issuer = None;
    } else if endpoint.is_some() {
        settings.issuer = None;
    }
    let path = endpoint.map_or(path, |(_, own)| own);
    url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// The path of the issuer whose metadata are at this path.
fn issuer_path(path: &str) -> Option<&str> {
    let after = path.strip_prefix(AUTHORIZATION_SERVER).or_else(|| path.strip_prefix(OPENID));
    after.or_else(|| path.strip_suffix(OPENID))
}
