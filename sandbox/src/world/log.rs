//! The log: what was asked and answered.

use std::fmt;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use valetkey_core::{Request, Response, UnixTime};

use crate::Endpoint;
use crate::ground::parameters::Parameters;

/// One request and its answer, as they were, for tests to look into.
///
/// `Debug` and `Display` show a line without any secret: the names of all parameters, and the values of those alone
/// that are of a known and public kind. A body or a header's value is kept up to [`MAX_KEPT_BODY`] bytes.
#[derive(Clone)]
pub struct LogEntry {
    at: UnixTime,
    endpoint: Endpoint,
    request: Request,
    response: Response,
}

/// How much of a body, and of each header's value, the log keeps, in bytes.
pub const MAX_KEPT_BODY: usize = 16 * 1024;

/// The parameters whose values say what happened and give nothing away.
const PUBLIC: [&str; 12] = [
    "access_type",
    "client_id",
    "code_challenge_method",
    "decision",
    "error",
    "expires_in",
    "grant_type",
    "request_credentials",
    "response_mode",
    "response_type",
    "scope",
    "token_type",
];

impl LogEntry {
    pub(crate) fn new(at: UnixTime, endpoint: Endpoint, request: &Request, response: &Response) -> Self {
        let mut kept_request = http::Request::new(beginning(request.body()));
        request.method().clone_into(kept_request.method_mut());
        request.uri().clone_into(kept_request.uri_mut());
        *kept_request.headers_mut() = bounded(request.headers());
        let mut kept_response = http::Response::new(beginning(response.body()));
        *kept_response.status_mut() = response.status();
        *kept_response.headers_mut() = bounded(response.headers());
        Self { at, endpoint, request: kept_request, response: kept_response }
    }

    /// When it happened, by the time that [`Sandbox::answer`](crate::Sandbox::answer) was given.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// Which endpoint answered.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The request, secrets and all.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The answer, secrets and all, after any misbehaviour.
    #[must_use]
    pub const fn response(&self) -> &Response {
        &self.response
    }

    /// A parameter of the request, from the query or a form body, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (query, body) = (self.query(), self.form());
        query.get(name).or_else(|| body.get(name)).map(str::to_owned)
    }

    /// One line about it without any secret.
    #[must_use]
    pub fn redacted(&self) -> String {
        let (method, path) = (self.request.method(), self.request.uri().path());
        let mut line = format!("{} {method} {path}", self.at);
        redact(&mut line, &self.query());
        redact(&mut line, &self.form());
        line.push_str(&format!(" -> {}", self.response.status().as_u16()));
        if let Some(location) = self.response.headers().get(LOCATION).and_then(|value| value.to_str().ok()) {
            let (to, parameters) = location.split_once(['?', '#']).unwrap_or((location, ""));
            line.push_str(&format!(" {to}"));
            redact(&mut line, &Parameters::read(parameters.as_bytes()).0);
        }
        if let Ok(Value::Object(members)) = serde_json::from_slice(self.response.body()) {
            let texts = members.iter().map(|(name, value)| {
                (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            });
            for (name, value) in texts {
                push(&mut line, name, &value);
            }
        }
        line.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
    }

    fn query(&self) -> Parameters {
        Parameters::read(self.request.uri().query().unwrap_or_default().as_bytes()).0
    }

    fn form(&self) -> Parameters {
        let is_form = self
            .request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        Parameters::read(if is_form { self.request.body() } else { b"" }).0
    }
}

fn redact(line: &mut String, parameters: &Parameters) {
    for (name, value) in parameters.iter() {
        push(line, name, value);
    }
}

fn push(line: &mut String, name: &str, value: &str) {
    // A hostile sender could put a secret where a public value belongs; a long one is not shown.
    let value = if PUBLIC.contains(&name) && value.len() <= 200 { value } else { ".." };
    let name: String = name.chars().take(40).collect();
    line.push_str(&format!(" {name}={value}"));
}

fn bounded(headers: &HeaderMap) -> HeaderMap {
    let kept = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes().get(..MAX_KEPT_BODY)?).ok();
    headers.iter().map(|(name, value)| (name.clone(), kept(value).unwrap_or_else(|| value.clone()))).collect()
}

fn beginning(body: &[u8]) -> Vec<u8> {
    body.get(..MAX_KEPT_BODY).unwrap_or(body).to_vec()
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogEntry({self})")
    }
}
