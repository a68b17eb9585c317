//! The page without a browser, and browsers at it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;
use valetkey_playground::page::router;
use valetkey_playground::play::Method;

/// Nobody listens there: the router is asked directly.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:9";

/// The page, and the links to it that were told.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) router: Router,
    pub(crate) told: Arc<Mutex<Vec<String>>>,
}

/// A browser's session at the page.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) page: Page,
    pub(crate) cookie: String,
    pub(crate) root: String,
    pub(crate) csrf: String,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The run whose page the script goes on to.
    pub(crate) fn onward(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        between(&self.body, "data-onward=\"", "#latest")
    }
}

pub(crate) fn to(path: &str) -> axum::http::request::Builder {
    Request::get(path).header("host", "127.0.0.1:9")
}

impl Page {
    pub(crate) fn new() -> Self {
        let told = Arc::default();
        let list: Arc<Mutex<Vec<String>>> = Arc::clone(&told);
        let tell = move |url: &str| list.lock().unwrap().push(url.to_owned());
        Self { router: router(SocketAddr::from(([127, 0, 0, 1], 9)), tell).unwrap(), told }
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 4 << 20).await.unwrap();
        Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        let mut request = to(path);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// The link that was told last, as a path.
    pub(crate) fn link(&self) -> String {
        self.told.lock().unwrap().last().unwrap().strip_prefix(ORIGIN).unwrap().to_owned()
    }
}

impl Browser {
    pub(crate) async fn new() -> Self {
        Self::at(&Page::new()).await
    }

    /// Another browser at the same page.
    pub(crate) async fn at(page: &Page) -> Self {
        let opened = page.get(&page.link(), None).await;
        assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
        let cookie = opened.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let home = page.get(opened.location(), Some(&cookie)).await;
        let csrf = between(&home.body, "name=\"csrf\" value=\"", "\"");
        let root = opened.location().trim_end_matches('/').to_owned();
        Self { page: page.clone(), cookie, root, csrf }
    }

    /// A path of the session's own, but for where browsers come back to.
    pub(crate) fn path(&self, path: &str) -> String {
        if path.starts_with("/callback") { path.to_owned() } else { format!("{}{path}", self.root) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.page.get(&self.path(path), Some(&self.cookie)).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &self.csrf)
            .extend_pairs(form)
            .finish();
        let request = Request::post(self.path(path))
            .header("host", "127.0.0.1:9")
            .header("origin", ORIGIN)
            .header("cookie", &self.cookie)
            .body(Body::from(body));
        self.page.ask(request.unwrap()).await
    }

    /// The run that an answer sends the browser to.
    pub(crate) fn run_of(&self, answer: &Answer) -> String {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let path = answer.location().strip_prefix(&self.root).unwrap();
        path.split('#').next().unwrap().to_owned()
    }

    /// Begins a run, and says where its page is.
    pub(crate) async fn begin(&self, form: &[(&str, &str)]) -> String {
        self.run_of(&self.post("/runs", form).await)
    }

    /// Steps a run until there is a token, a person's part too.
    pub(crate) async fn to_a_token(&self, method: Method, form: &[(&str, &str)]) -> String {
        let form: Vec<_> = [("method", method.name())].into_iter().chain(form.iter().copied()).collect();
        let run = self.begin(&form).await;
        if method.has_browser() {
            self.post(&format!("{run}/consent"), &[]).await;
        }
        if method.has_token_request() {
            self.post(&format!("{run}/send"), &[]).await;
        }
        run
    }
}

pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let from = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    from.split_once(after).unwrap().0.to_owned()
}
