//! The person's part, without a browser: fills in the sandbox's own form and follows where it leads.

pub(crate) mod form;

use std::fmt;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Uri};
use valetkey_core::{Request, Response, UnixTime};

use self::form::Form;
use crate::Sandbox;

/// Somebody who logs in, and allows or denies. This reads the sandbox's own pages, not any other server's.
#[derive(Clone)]
pub struct Person {
    username: String,
    password: String,
}

impl Person {
    /// A person who will give this username and password.
    #[must_use]
    pub fn new(username: &str, password: &str) -> Self {
        Self { username: username.to_owned(), password: password.to_owned() }
    }

    /// Logs in and allows: the request that a browser on `page_url` would send for the form in `html`.
    ///
    /// # Errors
    ///
    /// [`PersonError::NoForm`] if `html` does not hold the sandbox's form, [`PersonError::BadUrl`] if `page_url` and
    /// the form's action do not make a URL.
    pub fn consent(&self, page_url: &str, html: &str) -> Result<Request, PersonError> {
        self.decide(page_url, html, "allow")
    }

    /// Denies.
    ///
    /// # Errors
    ///
    /// As [`consent`](Self::consent).
    pub fn deny(&self, page_url: &str, html: &str) -> Result<Request, PersonError> {
        self.decide(page_url, html, "deny")
    }

    fn decide(&self, page_url: &str, html: &str, decision: &str) -> Result<Request, PersonError> {
        let form = Form::read(html).ok_or(PersonError::NoForm)?;
        // By the one an authorization request is known, by the other a device.
        if !form.fields.iter().any(|(name, _)| ["ticket", "user_code"].contains(&name.as_str())) {
            return Err(PersonError::NoForm);
        }
        let filled_in =
            [("username", &*self.username), ("password", &*self.password), ("decision", decision)];
        let hidden = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        post(&resolved(page_url, &form.action)?, hidden.chain(filled_in))
    }
}

/// Without the password.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Where a browser goes after an answer of the authorization endpoint. Its `Debug` shows no parameter. There is no other way
/// to go: a browser that handles each handles all.
#[derive(Clone)]
pub enum Arrival {
    /// It opens this URL of the application's (a redirect).
    Get(String),
    /// It posts this form to the application (`response_mode=form_post`).
    Post(Box<Request>),
}

impl Arrival {
    /// Where an answer of the authorization endpoint sends the browser. The person presses the button of a
    /// `form_post` page.
    ///
    /// # Errors
    ///
    /// [`PersonError::Stays`] if the answer is a page to stay on: the form again, or a refusal.
    pub fn after(response: &Response) -> Result<Self, PersonError> {
        if let Some(location) =
            response.headers().get(LOCATION).filter(|_| response.status().is_redirection())
        {
            let location = location.to_str().map_err(|_| PersonError::BadUrl)?;
            return Ok(Self::Get(location.to_owned()));
        }
        let html = std::str::from_utf8(response.body()).map_err(|_| PersonError::Stays)?;
        // The login form posts to the server itself, a path; the form of form_post to the application, a URL.
        let form = Form::read(html).filter(|form| form.action.contains("://")).ok_or(PersonError::Stays)?;
        let fields = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Self::Post(Box::new(post(&form.action, fields)?)))
    }

    /// The URL, of a redirect.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Get(url) => Some(url),
            Self::Post(_) => None,
        }
    }

    /// A parameter that arrives: from the query, the fragment or the posted form, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let parameters = match self {
            Self::Get(url) => url.split_once(['?', '#']).map_or("", |(_, parameters)| parameters).as_bytes(),
            Self::Post(request) => request.body(),
        };
        form_urlencoded::parse(parameters)
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// Where to, without the parameters.
impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(url) => {
                write!(f, "Get({}..)", url.split_once(['?', '#']).map_or(url.as_str(), |(to, _)| to))
            }
            Self::Post(request) => write!(f, "Post({}..)", request.uri().path()),
        }
    }
}

/// Why the person got no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersonError {
    /// The page does not hold the form that was looked for.
    NoForm,
    /// The URL of a page or a form cannot be requested.
    BadUrl,
    /// The browser stays on a page of the server's: the login failed, or the request was refused.
    Stays,
}

impl fmt::Display for PersonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoForm => "the page does not hold the sandbox's form",
            Self::BadUrl => "the URL cannot be requested",
            Self::Stays => "the browser stays on a page of the authorization server",
        })
    }
}

impl std::error::Error for PersonError {}

impl Sandbox {
    /// Has a person open an authorization URL, log in and allow, all at one time, and says where the browser arrives.
    ///
    /// # Errors
    ///
    /// [`PersonError::BadUrl`] if the URL cannot be requested; [`PersonError::Stays`] if the server refuses the
    /// request or the login, for [`log`](Self::log) then tells more.
    pub fn visit(&mut self, url: &str, person: &Person, now: UnixTime) -> Result<Arrival, PersonError> {
        let uri = url.parse::<Uri>().map_err(|_| PersonError::BadUrl)?;
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = uri;
        let response = self.answer(&request, now);
        if let Ok(arrival) = Arrival::after(&response) {
            return Ok(arrival);
        }
        let html = std::str::from_utf8(response.body()).map_err(|_| PersonError::Stays)?;
        let consent = person.consent(url, html).map_err(|error| match error {
            PersonError::NoForm => PersonError::Stays,
            error => error,
        })?;
        Arrival::after(&self.answer(&consent, now))
    }
}

fn post<'a>(url: &str, fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Request, PersonError> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::new(body.into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().map_err(|_| PersonError::BadUrl)?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, form);
    Ok(request)
}

/// The form's action, a path, on the page's own server.
fn resolved(page_url: &str, action: &str) -> Result<String, PersonError> {
    if !action.starts_with('/') || action.starts_with("//") {
        return Err(PersonError::BadUrl);
    }
    let page: Uri = page_url.parse().map_err(|_| PersonError::BadUrl)?;
    Ok(match (page.scheme_str(), page.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}{action}"),
        _ => action.to_owned(),
    })
}
