//! The cookies that this crate reads and writes: [`Cookies`].

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// The largest cookie that browsers keep, name and value, is 4 KiB (RFC 6265 §6.1); the attributes are beside it.
pub(crate) const MOST: usize = 4096;

/// How the cookies are named and marked.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    /// `__Host-`, or nothing on loopback http; then the application's own, if it has one.
    prefix: String,
    session: String,
    is_secure: bool,
}

impl Cookies {
    pub(crate) fn new(is_secure: bool, own: &str) -> Self {
        let prefix = format!("{}{own}", if is_secure { "__Host-" } else { "" });
        Self { session: format!("{prefix}session"), prefix, is_secure }
    }

    /// The name of the cookie that has the session.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// The name of the cookie by which tower-sessions knows its session.
    #[cfg(feature = "tower-sessions")]
    pub(crate) fn id(&self) -> String {
        format!("{}id", self.prefix)
    }

    #[cfg(feature = "tower-sessions")]
    pub(crate) const fn are_secure(&self) -> bool {
        self.is_secure
    }

    /// How the cookies of logins under way begin.
    pub(crate) fn waiting(&self) -> String {
        format!("{}login-", self.prefix)
    }

    /// A cookie for all of the host, which scripts do not see and other sites' forms do not bring. It goes with the browser.
    pub(crate) fn set(&self, headers: &mut HeaderMap, name: &str, value: &str) {
        self.write(headers, name, value, "");
    }

    /// The same, for this long at most.
    pub(crate) fn set_for(&self, headers: &mut HeaderMap, name: &str, value: &str, time: Duration) {
        self.write(headers, name, value, &format!("; Max-Age={}", time.as_secs()));
    }

    pub(crate) fn clear(&self, headers: &mut HeaderMap, name: &str) {
        self.write(headers, name, "", "; Max-Age=0");
    }

    fn write(&self, headers: &mut HeaderMap, name: &str, value: &str, end: &str) {
        let cookie = Cookie::build((name, value))
            .path("/")
            .secure(self.is_secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .build();
        if let Ok(value) = HeaderValue::try_from(format!("{cookie}{end}")) {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// All cookies of a request, name and value: HTTP/2 may send them in several fields. One that is not UTF-8 is no cookie of ours, and
/// the others beside it count: a sibling's cookie may have any bytes.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| std::str::from_utf8(pair.trim_ascii()).ok()?.split_once('='))
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers).find(|(known, _)| *known == name).map(|(_, value)| value)
}
