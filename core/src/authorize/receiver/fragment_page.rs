//! The page that hands a fragment on to the server: [`fragment_page`].
//!
//! ```text
//!  browser                                        web application
//!     │ redirect_uri#code…id_token…state           only the browser sees what is after the #
//!     ├── GET redirect_uri ────────────────────────────▶│
//!     │◀─ 200 fragment_page ────────────────────────────┤
//!     │ clears the fragment
//!     ├── POST redirect_uri, fragment=code%3D… ────────▶│ AuthorizationResponse::from_request
//! ```

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::Response;

/// The one field of the form that the page posts.
pub(crate) const FRAGMENT: &str = "fragment";

/// Takes the fragment out of the address bar and the history, and posts it to where the page came from.
const SCRIPT: &str = "\"use strict\";\
    const form=document.createElement(\"form\"),field=document.createElement(\"input\");\
    form.method=\"post\";form.action=location.pathname+location.search;\
    field.type=\"hidden\";field.name=\"fragment\";field.value=location.hash.slice(1);\
    form.append(field);document.body.append(form);\
    history.replaceState(null,\"\",form.action);\
    form.submit();";

/// The page for a login by the response mode [`fragment`](crate::authorize::ResponseMode::Fragment): the answer to a GET of the
/// redirect URI. Its script posts the fragment, which a browser sends to no server, back to the redirect URI, where
/// [`AuthorizationResponse::from_request`](crate::AuthorizationResponse::from_request) reads it
/// ([AR-26](crate::Rule::Ar26), OpenID Connect Core §3.2.2.7).
///
/// It is a status, headers and a body in HTML, for a web framework to send as they are. The script runs by a nonce in its
/// `Content-Security-Policy`, and nothing else does; the page has nothing else in it, and the same for everybody. `entropy` is used
/// up. A framework that sets a policy of its own must not replace this one.
///
/// The POST comes from the application's own page, so that its session cookie comes with it whatever its `SameSite` is. A response by
/// `form_post` comes from the server's page: the cookie that is to come with that one needs `SameSite=None; Secure`
/// ([AR-22](crate::Rule::Ar22)). The page sends no `Referer`, and browsers then give `null` for the `Origin` of the POST: the `state` of
/// the response is what a check against forged requests goes by here. Some browsers hold the redirect that answers the POST to the page's policy too: lead it to
/// a page of the application's own origin.
///
/// ```
/// use http::Method;
/// use valetkey_core::authorize::receiver::fragment_page;
/// use valetkey_core::{AuthorizationResponse, Entropy, Error, Request, Response};
///
/// /// `GET /callback` and `POST /callback`: the page, or the response.
/// fn callback(request: &Request, entropy: Entropy) -> Result<Result<AuthorizationResponse, Response>, Error> {
///     match *request.method() {
///         Method::GET => fragment_page(entropy).map(Err),
///         _ => AuthorizationResponse::from_request("https://app.example/callback", request).map(Ok),
///     }
/// }
/// # let _ = callback;
/// ```
///
/// # Errors
///
/// None that a program meets: [`Error::Misuse`] if the header could not be written.
pub fn fragment_page(entropy: Entropy) -> Result<Response, Error> {
    let nonce = entropy.text("nonce of a page");
    drop(entropy);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).map_err(|_| misuse("the page's policy cannot be written"))?;
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Logging in</title></head><body>\
         <script nonce=\"{nonce}\">{SCRIPT}</script></body></html>\n"
    );
    let mut page = Response::new(body.into_bytes());
    *page.status_mut() = StatusCode::OK;
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    page.headers_mut().extend(headers);
    Ok(page)
}
