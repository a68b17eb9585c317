//! What comes back from the person's browser: [`AuthorizationResponse`], and the checks it must pass.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, malformed, misuse_of, too_late};
use crate::secret::{State, exposed, same};
use crate::{AuthorizationServer, Checks, Client, Quirk, Refused, Request, Rule, UnixTime, uri};

/// The largest authorization response, in bytes, and the most parameters in it.
const MAX_BYTES: usize = 64 * 1024;
const MAX_PARAMETERS: usize = 64;
/// The longest code, state or error, in bytes (AR-8).
const MAX_VALUE: usize = 16 * 1024;

/// Where the authorization server puts the parameters of its response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default of the code flow (RFC 6749 §4.1.2).
    #[default]
    Query,
    /// In the fragment of the redirect URI, which only the browser sees (RFC 6749 §4.2.2).
    Fragment,
    /// In the body of a POST to the redirect URI (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// The value of `response_mode`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }
}

/// An authorization response as it arrived, not yet checked; only a pending authorization reads it.
///
/// Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AuthorizationResponse {
    /// The redirect URI without its query.
    base: String,
    query: Option<String>,
    fragment: Option<String>,
    form: Option<String>,
    /// The digest of the session it arrived in.
    session: Option<String>,
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

    /// The parameters in the mode that was asked for, each of them once (AR-1).
    fn parameters(&self, mode: ResponseMode) -> Result<Parameters<'_>, Error> {
        let text = match mode {
            ResponseMode::FormPost => self
                .form
                .as_deref()
                .ok_or_else(|| malformed(Rule::Ar11, "the response is not the POST that was asked for"))?,
            ResponseMode::Query => self.query.as_deref().unwrap_or_default(),
            ResponseMode::Fragment => self.fragment.as_deref().unwrap_or_default(),
        };
        if mode != ResponseMode::FormPost && self.form.is_some() {
            return Err(malformed(Rule::Ar11, "the response is a POST, which was not asked for"));
        }
        Parameters::read(text)
    }

    /// Whether a token is in a part of the URL that the code flow has no use for (AR-9), or the response itself in
    /// the part that was not asked for (AR-11). Other fragments are harmless: some servers append `#_=_`.
    fn require_nothing_elsewhere(&self, mode: ResponseMode) -> Result<(), Error> {
        for (part, own) in [(&self.query, ResponseMode::Query), (&self.fragment, ResponseMode::Fragment)] {
            let (Some(part), true) = (part, own != mode) else { continue };
            let elsewhere = Parameters::read(part)?;
            if TOKENS.iter().any(|name| elsewhere.get(name).is_some()) {
                return Err(malformed(Rule::Ar9, "a token came in the front channel"));
            }
            if ["code", "state", "error", "iss", "response"].iter().any(|name| elsewhere.get(name).is_some())
            {
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

const TOKENS: [&str; 3] = ["access_token", "id_token", "token_type"];

/// The parameters of a response: few, each once.
pub(crate) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    fn read(text: &'a str) -> Result<Self, Error> {
        let mut parameters = Self(Vec::with_capacity(4));
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if parameters.0.len() == MAX_PARAMETERS {
                return Err(malformed(Rule::Ar8, "the response has too many parameters"));
            }
            if parameters.get(&name).is_some() {
                return Err(malformed(Rule::Ar1, "a parameter of the response comes twice"));
            }
            parameters.0.push((name, value));
        }
        Ok(parameters)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// What a pending authorization expects of its response. Serialized as a part of it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Expected {
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    #[serde(with = "exposed")]
    pub(crate) state: State,
    expires_at: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default)]
    spent: bool,
    /// What the last response passed; no part of the record.
    #[serde(skip)]
    pub(crate) checks: Checks,
}

impl Expected {
    pub(crate) fn new(
        client: &Client,
        redirect_uri: &str,
        response_mode: ResponseMode,
        state: State,
        session: Option<String>,
        now: UnixTime,
        valid_for: Duration,
    ) -> Self {
        Self {
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            token_endpoint: token_endpoint(client.server()),
            redirect_uri: redirect_uri.to_owned(),
            response_mode,
            state,
            expires_at: now.after(valid_for),
            session,
            spent: false,
            checks: Checks::NONE,
        }
    }

    pub(crate) const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Whether the response answers this request: it came to the redirect URI with the right `state`. Tells a
    /// receiver what to keep waiting for; it is no substitute for the checks of [`admit`](Self::admit).
    pub(crate) fn recognizes(&self, response: &AuthorizationResponse) -> bool {
        response.parameters(self.response_mode).is_ok_and(|parameters| self.has_state(&parameters))
            && self.require_arrival(response).is_ok()
    }

    /// Makes every check that does not depend on what was asked for: where and how the response arrived (AR-10,
    /// AR-11), each parameter once (AR-1), then `iss` (AR-3, AR-4), then `state` (AR-5), then the session (AR-14).
    /// Only after these is the response the server's word; from there on the pending authorization is spent,
    /// whatever the response says (AR-12), and its error is shown (AR-6).
    pub(crate) fn admit<'r>(
        &mut self,
        client: &Client,
        response: &'r AuthorizationResponse,
        now: UnixTime,
    ) -> Result<Parameters<'r>, Error> {
        self.checks = Checks::NONE;
        if self.spent {
            return Err(misuse_of(Rule::Ar12, "this pending authorization has been used already"));
        }
        self.checks.pass(Rule::Ar12);
        self.require_client(client)?;
        self.checks.pass(Rule::Tr17);
        if now > self.expires_at {
            return Err(too_late());
        }
        self.checks.pass(Rule::Ar13);
        self.require_arrival(response)?;
        self.checks.pass(Rule::Ar10);
        response.require_nothing_elsewhere(self.response_mode)?;
        let parameters = response.parameters(self.response_mode)?;
        self.checks.pass(Rule::Ar11);
        self.checks.pass(Rule::Ar1);
        if parameters.get("response").is_some() {
            return Err(malformed(Rule::Ar2, "a signed response came, which was not asked for"));
        }
        self.checks.pass(Rule::Ar2);
        if let Some(rule) = require_iss(client.server(), parameters.get("iss"))? {
            self.checks.pass(rule);
        }
        if !self.has_state(&parameters) {
            return Err(malformed(Rule::Ar5, "state is missing or not the one that was sent"));
        }
        self.checks.pass(Rule::Ar5);
        self.require_session(response)?;
        if self.session.is_some() {
            self.checks.pass(Rule::Ar14);
        }
        self.spent = true;

        match (
            parameters.get("error"),
            parameters.get("code").is_some() || parameters.get("access_token").is_some(),
        ) {
            (Some(_), true) => Err(malformed(Rule::Ar7, "the response is both a success and an error")),
            (Some(error), false) => {
                self.checks.pass(Rule::Ar7);
                require_bounded(error)?;
                let refused = Refused::redirected(
                    error,
                    parameters.get("error_description"),
                    parameters.get("error_uri"),
                )?;
                for rule in [Rule::Ar8, Rule::Er1, Rule::Er3, Rule::Er4] {
                    self.checks.pass(rule);
                }
                Err(Error::Refused(Box::new(refused)))
            }
            (None, _) => Ok(parameters),
        }
    }

    fn has_state(&self, parameters: &Parameters<'_>) -> bool {
        parameters.get("state").is_some_and(|state| state.len() <= MAX_VALUE && self.state.matches(state))
    }

    fn require_client(&self, client: &Client) -> Result<(), Error> {
        let same = self.client_id == client.id()
            && self.issuer == client.server().issuer
            && match (&self.token_endpoint, &client.server().token_endpoint) {
                (Some(expected), Some(endpoint)) => uri::is_written(endpoint, expected),
                (expected, endpoint) => expected.is_none() && endpoint.is_none(),
            };
        if same {
            Ok(())
        } else {
            Err(misuse_of(Rule::Tr17, "this pending authorization belongs to another client or server"))
        }
    }

    /// The response came to this very redirect URI; parameters that the URI has of its own are still there.
    fn require_arrival(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        let elsewhere = || malformed(Rule::Ar10, "the response arrived at another redirect URI");
        let (base, own) = split(&self.redirect_uri, '?');
        if response.base != base {
            return Err(elsewhere());
        }
        let (Some(own), Some(query)) = (own, response.query.as_deref()) else {
            return if own.is_none() { Ok(()) } else { Err(elsewhere()) };
        };
        let (own, query) = (Parameters::read(own)?, Parameters::read(query)?);
        if own.0.iter().all(|(name, value)| query.get(name) == Some(value)) {
            Ok(())
        } else {
            Err(elsewhere())
        }
    }

    fn require_session(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        match (&self.session, &response.session) {
            (Some(bound), Some(arrived)) if same(bound, arrived) => Ok(()),
            (None, _) => Ok(()),
            (Some(_), Some(_)) => {
                Err(malformed(Rule::Ar14, "the response arrived in another session than the one that began"))
            }
            (Some(_), None) => Err(misuse_of(
                Rule::Ar14,
                "this pending authorization is bound: say where the response was received",
            )),
        }
    }
}

/// The rule that `iss` was held to, if to any.
fn require_iss(server: &AuthorizationServer, iss: Option<&str>) -> Result<Option<Rule>, Error> {
    let (rule, what) = match (iss, &server.issuer) {
        (Some(iss), Some(issuer)) if iss == issuer => {
            return Ok(Some(if server.iss_advertised { Rule::Ar3 } else { Rule::Ar4 }));
        }
        (None, _) if !server.iss_advertised => return Ok(None),
        (Some(_), _) if !server.iss_advertised && server.quirks().contains(Quirk::IssDiscarded) => {
            return Ok(None);
        }
        (None, _) => (Rule::Ar3, "iss is missing, though the server advertises it"),
        (Some(_), Some(_)) if server.iss_advertised => (Rule::Ar3, "iss is another issuer"),
        (Some(_), Some(_)) => (Rule::Ar4, "iss is another issuer"),
        (Some(_), None) => (
            Rule::Ar4,
            "iss came from a server whose issuer is not known: describe the server with its issuer",
        ),
    };
    Err(malformed(rule, what))
}

pub(crate) fn require_no_token(parameters: &Parameters<'_>) -> Result<(), Error> {
    if TOKENS.iter().any(|name| parameters.get(name).is_some()) {
        return Err(malformed(Rule::Ar9, "a token came in the front channel"));
    }
    Ok(())
}

pub(crate) fn require_bounded(value: &str) -> Result<(), Error> {
    if value.len() > MAX_VALUE {
        Err(malformed(Rule::Ar8, "a parameter of the response is too long"))
    } else {
        Ok(())
    }
}

/// What is kept of a session's name: enough to recognize it, not enough to become it.
pub(crate) fn digest(session: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(session.as_bytes()))
}

fn token_endpoint(server: &AuthorizationServer) -> Option<String> {
    server.token_endpoint.as_ref().map(ToString::to_string)
}

fn bounded(length: usize) -> Result<(), Error> {
    if length > MAX_BYTES { Err(malformed(Rule::Ar8, "the response is larger than 64 KiB")) } else { Ok(()) }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}
