//! What a request says of itself: who it comes from, and what for.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, ORIGIN};
use http::{Method, Request};

/// Whether nobody has gone to the page yet (`Sec-Purpose`, and `Purpose` of older browsers).
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .any(|name| headers.get_all(*name).iter().any(|value| value.as_bytes().starts_with(b"prefetch")))
}

/// Where the page that made this request is, as the browser says: `same-origin`, `same-site`, `cross-site`, or `none` for the
/// person's own doing. Older browsers do not say it, and none says it to a plain http address.
pub(crate) fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    text(headers, "sec-fetch-site")
}

/// What the answer is for, as the browser says: `document`, `iframe`, `image`.
pub(crate) fn fetch_dest(headers: &HeaderMap) -> Option<&str> {
    text(headers, "sec-fetch-dest")
}

/// The origin of the page that made it, if it is said once.
pub(crate) fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(ORIGIN).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// Whether a person looks at what comes, and not a script: a page that is gone to.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    match text(headers, "sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => text(headers, ACCEPT.as_str()).is_some_and(|accepts| accepts.contains("text/html")),
    }
}

/// The parameters of a request: of a POST those of its form, else those of its query. One that comes twice counts as the first.
pub(crate) fn parameter(request: &Request<Vec<u8>>, name: &str) -> Option<String> {
    let text = match *request.method() {
        Method::POST if is_form(request.headers()) => request.body().as_slice(),
        Method::POST => &[],
        _ => request.uri().query().unwrap_or_default().as_bytes(),
    };
    form_urlencoded::parse(text).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Whether a body is said to be a form, once and not several times, as core's receivers want it.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else { return false };
    let essence = one.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
