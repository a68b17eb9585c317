//! What comes back from the person's browser: [`AuthorizationResponse`]. What it must pass is in `expected.rs`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CONTENT_TYPE;
use sha2::{Digest, Sha256};

use crate::authorize::opened;
use crate::authorize::opened::Opened;
use crate::authorize::response_parameters::PLAIN;
use crate::authorize::response_parameters::Parameters;
use crate::authorize::response_parameters::require_no_token;
use crate::authorize::response_parameters::split;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Request;
use crate::ground::response_mode::Place;
use crate::ground::rule::Rule;

/// The largest authorization response, in bytes, and the most parameters in it.
const MAX_BYTES: usize = 64 * 1024;

/// An authorization response as it arrived, not yet checked; only a pending authorization reads it.
///
/// Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AuthorizationResponse {
    /// The redirect URI without its query.
    pub(crate) base: String,
    pub(crate) query: Option<String>,
    fragment: Option<String>,
    form: Option<String>,
    /// The digest of the session it arrived in.
    pub(crate) session: Option<String>,
    /// What a signed response says, once its signature was verified.
    pub(crate) opened: Option<Opened>,
}

impl AuthorizationResponse {
    /// The URL that the browser was sent to, as the program received it.
    ///
    /// A web server knows only path and query of it, and joins them to the redirect URI it registered, never to
    /// the request's `Host` header.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] (AR-8) if it is larger than 64 KiB.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        bounded(url.len())?;
        let (rest, fragment) = split(url, '#');
        let (base, query) = split(rest, '?');
        Ok(Self {
            base: base.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
            form: None,
            session: None,
            opened: None,
        })
    }

    /// A `form_post` response: the POST that arrived at `redirect_uri`.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it is larger than 64 KiB (AR-8), no POST, no form, or not in UTF-8 (AR-11).
    pub fn from_form_post(redirect_uri: &str, request: &Request) -> Result<Self, Error> {
        bounded(request.body().len())?;
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if request.method() != http::Method::POST
            || !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            return Err(malformed(Rule::Ar11, "a form_post response is not a POST of a form"));
        }
        let form = String::from_utf8(request.body().clone())
            .map_err(|_| malformed(Rule::Ar11, "a form_post response is not in UTF-8"))?;
        Ok(Self { form: Some(form), ..Self::from_url(redirect_uri)? })
    }

    /// Says in which web session, or of which other holder, the response arrived: compared with what the
    /// authorization request was bound to (AR-14).
    #[must_use]
    pub fn received_in(mut self, session: &str) -> Self {
        self.session = Some(digest(session));
        self
    }

    /// The `state` that it has, a signed one within: by it a web application finds the pending authorization that it may
    /// answer. Nothing is proven by it. `None` if it has none, or several.
    #[must_use]
    pub fn claimed_state(&self) -> Option<String> {
        let parts = [&self.form, &self.query, &self.fragment];
        let mut states = parts.into_iter().flatten().filter_map(|part| {
            let parameters = Parameters::read(part).ok()?;
            parameters.get("state").map(str::to_owned).or_else(|| opened::claimed_state(&parameters))
        });
        let first = states.next()?;
        states.next().is_none().then_some(first)
    }

    /// The parameters in the place that was asked for, each of them once (AR-1).
    pub(crate) fn parameters(&self, place: Place) -> Result<Parameters<'_>, Error> {
        let text = match place {
            Place::Form => self
                .form
                .as_deref()
                .ok_or_else(|| malformed(Rule::Ar11, "the response is not the POST that was asked for"))?,
            Place::Query => self.query.as_deref().unwrap_or_default(),
            Place::Fragment => self.fragment.as_deref().unwrap_or_default(),
        };
        if place != Place::Form && self.form.is_some() {
            return Err(malformed(Rule::Ar11, "the response is a POST, which was not asked for"));
        }
        Parameters::read(text)
    }

    /// Whether a token is in a part of the URL that the code flow has no use for (AR-9), or the response itself in
    /// the part that was not asked for (AR-11). Other fragments are harmless: some servers append `#_=_`.
    pub(crate) fn require_nothing_elsewhere(&self, place: Place) -> Result<(), Error> {
        for (part, own) in [(&self.query, Place::Query), (&self.fragment, Place::Fragment)] {
            let (Some(part), true) = (part, own != place) else { continue };
            let elsewhere = Parameters::read(part)?;
            require_no_token(&elsewhere)?;
            if PLAIN.iter().chain(&["response"]).any(|name| elsewhere.get(name).is_some()) {
                return Err(malformed(
                    Rule::Ar11,
                    "the response came in another response mode than was asked for",
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationResponse(<secret>)")
    }
}

/// What is kept of a session's name: enough to recognize it, not enough to become it.
pub(crate) fn digest(session: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(session.as_bytes()))
}

fn bounded(length: usize) -> Result<(), Error> {
    if length > MAX_BYTES { Err(malformed(Rule::Ar8, "the response is larger than 64 KiB")) } else { Ok(()) }
}
