//! A browser for the user who is played: it follows redirects and keeps cookies ([`Browser`]).

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use http::HeaderValue;
use http::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use valetkey_core::host::ProxyRules;
use valetkey_core::{Request, Response};

use super::place::Place;

/// More redirects than any login needs, the largest page in bytes, and how long one may take.
const MAX_REDIRECTS: usize = 10;
const MAX_PAGE: u64 = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the browser shows.
pub(super) struct Page {
    pub(super) url: String,
    pub(super) is_good: bool,
    pub(super) html: String,
}

/// What an answer does with a browser.
pub(super) enum Next {
    /// It is sent on.
    Goes(Request),
    Stays(Page),
}

/// It speaks plain http to this computer, and finds every https server on the stage.
pub(super) struct Browser {
    place: Place,
    /// Host, name, value.
    cookies: Vec<(String, String, String)>,
    /// Cookies that scripts can read, or that come with other sites' forms.
    pub(super) careless: Vec<String>,
}

impl Browser {
    pub(super) const fn new(place: Place) -> Self {
        Self { place, cookies: Vec::new(), careless: Vec::new() }
    }

    /// The values of its cookies.
    pub(super) fn cookies(&self) -> Vec<String> {
        self.cookies.iter().map(|(.., value)| value.clone()).collect()
    }

    /// Takes back the cookies that it had before.
    pub(super) fn replay(&mut self, cookies: Vec<(String, String, String)>) {
        self.cookies = cookies;
    }

    /// All of its cookies, to be replayed.
    pub(super) fn all(&self) -> Vec<(String, String, String)> {
        self.cookies.clone()
    }

    /// Opens a URL.
    pub(super) fn open(&mut self, url: &str) -> io::Result<Page> {
        self.follow(get(url)?)
    }

    /// Sends a request, a form say, and follows where the answer leads.
    pub(super) fn follow(&mut self, mut request: Request) -> io::Result<Page> {
        for _ in 0..MAX_REDIRECTS {
            match self.send(request)? {
                Next::Goes(next) => request = next,
                Next::Stays(page) => return Ok(page),
            }
        }
        Err(io::Error::other("the browser is sent on and on"))
    }

    /// Sends one request.
    pub(super) fn send(&mut self, mut request: Request) -> io::Result<Next> {
        let url = self.place.of(request.uri());
        *request.uri_mut() = url.parse().map_err(io::Error::other)?;
        let response = self.exchange(request)?;
        match response.headers().get(LOCATION).filter(|_| response.status().is_redirection()) {
            Some(to) => Ok(Next::Goes(get(&resolved(&url, to.to_str().map_err(io::Error::other)?))?)),
            None => {
                let html = self.fetched(&url, String::from_utf8_lossy(response.body()).into_owned())?;
                Ok(Next::Stays(Page { url, is_good: response.status().is_success(), html }))
            }
        }
    }

    /// The host and port of the sandbox.
    pub(super) fn address(&self) -> &str {
        self.place.front.trim_start_matches("http://")
    }

    /// A page as its script leaves it: what its element `main` has is what the path says that the element names, if anything.
    fn fetched(&mut self, url: &str, page: String) -> io::Result<String> {
        const MAIN: &str = "<main data-from=\"";
        let parts = page.split_once(MAIN).and_then(|(before, rest)| {
            let (path, rest) = rest.split_once("\">")?;
            Some((before, path, rest.split_once("</main>")?.1))
        });
        let Some((before, path, after)) = parts else { return Ok(page) };
        let mut request = get(&resolved(url, path))?;
        request.headers_mut().insert("sec-fetch-mode", HeaderValue::from_static("cors"));
        let response = self.exchange(request)?;
        if !response.status().is_success() {
            return Ok(page);
        }
        let content = String::from_utf8_lossy(response.body());
        Ok(format!("{before}<main>{content}</main>{after}"))
    }

    fn exchange(&mut self, mut request: Request) -> io::Result<Response> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let cookies = self.cookies.iter().filter(|(known, ..)| *known == host);
        let cookies: Vec<String> = cookies.map(|(_, name, value)| format!("{name}={value}")).collect();
        let header = |text: &str| HeaderValue::try_from(text).map_err(io::Error::other);
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, header(&cookies.join("; "))?);
        }
        request.headers_mut().insert(HOST, header(&host)?);
        let response = exchange(&host, &request)?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().map_err(io::Error::other)?;
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.cookies.retain(|(known, called, _)| (known.as_str(), called.as_str()) != (&host, name));
            let has = |wanted: &str| attributes.split(';').any(|it| it.trim().eq_ignore_ascii_case(wanted));
            if !has("HttpOnly") || !(has("SameSite=Lax") || has("SameSite=Strict")) {
                self.careless.push(name.to_owned());
            }
            if !has("Max-Age=0") {
                self.cookies.push((host.clone(), name.to_owned(), value.to_owned()));
            }
        }
        Ok(response)
    }
}

fn get(url: &str) -> io::Result<Request> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = url.parse().map_err(io::Error::other)?;
    Ok(request)
}

/// A redirect's target, which may be a path.
fn resolved(from: &str, to: &str) -> String {
    let origin_end =
        from.find("://").and_then(|at| from.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
    match to.starts_with('/') {
        true => format!("{}{to}", from.get(..origin_end.unwrap_or(from.len())).unwrap_or(from)),
        false => to.to_owned(),
    }
}

/// One request on a connection of its own; the answer ends where the connection does.
#[expect(clippy::disallowed_methods, reason = "the browser is the world's, which has sockets")]
fn exchange(host: &str, request: &Request) -> io::Result<Response> {
    if !ProxyRules::never_for(request.uri()) {
        return Err(io::Error::other(format!("the browser does not leave this computer for {host}")));
    }
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut bytes = format!("{} {target} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let length = request.body().len();
    bytes.extend(format!("content-length: {length}\r\nconnection: close\r\n\r\n").into_bytes());
    bytes.extend(request.body());
    stream.write_all(&bytes)?;
    let mut answer = Vec::new();
    stream.take(MAX_PAGE).read_to_end(&mut answer)?;
    read(&answer).ok_or_else(|| io::Error::other("the browser cannot read the answer"))
}

fn read(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(answer.get(..end)?).ok()?.split("\r\n");
    let mut response = http::Response::builder().status(lines.next()?.split(' ').nth(1)?);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        response = response.header(name, value.trim());
    }
    response.body(answer.get(end + 4..)?.to_vec()).ok()
}
