//! HTTP messages as they are shown and kept: [`Sent`] and [`Answer`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use valetkey_core::{Request, Response};

/// A request, as it is sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers, names in lower case, in the order of their names.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

/// An answer, as it came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

/// A body: text where it is UTF-8, base64 where it is not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Anything else, in base64.
    Base64(String),
}

impl Body {
    /// The body of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    /// The bytes; `None` if the base64 is not valid.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).ok(),
        }
    }

    /// The text, with a mark in the place of what is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes().unwrap_or_default()).into_owned()
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) | Self::Base64(text) => text.is_empty(),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Sent {
    /// The request to show.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: headers(request.headers()),
            body: Body::of(request.body()),
        }
    }

    /// What a browser does with this URL.
    #[must_use]
    pub fn browsed(url: &str) -> Self {
        Self { method: "GET".to_owned(), url: url.to_owned(), headers: Vec::new(), body: Body::default() }
    }

    /// The request to send; `None` if what was kept is no request.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let mut builder = http::Request::builder().method(self.method.as_str()).uri(self.url.as_str());
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder.body(self.body.bytes()?).ok()
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The parameters of the URL's query, decoded.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The fields of a form body, decoded.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        if self.header("content-type").is_some_and(|value| value.contains("x-www-form-urlencoded")) {
            form_urlencoded::parse(self.body.text().as_bytes()).into_owned().collect()
        } else {
            Vec::new()
        }
    }
}

impl Answer {
    /// The answer to show.
    #[must_use]
    pub fn of(response: &Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: headers(response.headers()),
            body: Body::of(response.body()),
        }
    }

    /// The answer as core reads it; `None` if what was kept is no response.
    #[must_use]
    pub fn response(&self) -> Option<Response> {
        let mut builder = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder.body(self.body.bytes()?).ok()
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn headers(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let mut list: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    list.sort();
    list
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Without URL parameters, headers and body.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.url.split(['?', '#']).next().unwrap_or_default();
        write!(f, "Sent({} {to})", self.method)
    }
}

/// Without headers and body.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// The size alone.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Base64(text) => write!(f, "Body({} bytes)", text.len()),
        }
    }
}
