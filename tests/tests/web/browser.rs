//! A browser that keeps cookies, and follows nothing by itself.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;

/// What it was answered.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// Where it is sent, by a 303.
    pub(crate) fn to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[LOCATION].to_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookies as they were set.
    pub(crate) fn set(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Goes to a page of the application.
    pub(crate) async fn goes(&mut self, web: &Router, path: &str) -> Page {
        self.sends(web, Method::GET, path, &[("accept", "text/html"), ("sec-fetch-mode", "navigate")], "")
            .await
    }

    /// Posts a form of a page of ours.
    pub(crate) async fn posts(&mut self, web: &Router, path: &str, form: &str) -> Page {
        self.sends(web, Method::POST, path, &[("sec-fetch-site", "same-origin")], form).await
    }

    pub(crate) async fn sends(
        &mut self,
        web: &Router,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        let mut request = Request::builder().method(method.clone()).uri(path);
        // One field for each, as HTTP/2 may send them.
        for (name, value) in &self.cookies {
            request = request.header(COOKIE, format!("{name}={value}"));
        }
        let is_said = headers.iter().any(|(name, _)| *name == CONTENT_TYPE.as_str());
        if method == Method::POST && !is_said {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = web.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let page = Page { status: parts.status, headers: parts.headers, body };
        for cookie in page.set() {
            let (pair, rest) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    pub(crate) fn session(&self) -> Option<&String> {
        self.cookies.get("__Host-session")
    }

    /// The names of the logins under way.
    pub(crate) fn waiting(&self) -> Vec<String> {
        self.cookies.keys().filter(|name| name.starts_with("__Host-login-")).cloned().collect()
    }
}
