//! What comes back from the person's browser: [`AuthorizationResponse`]. What it must pass is in `expected.rs`.
//!
//! Longer than most files: each way in which a response arrives ends in the one value, and each reader of it is beside them.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::authorize::opened;
use crate::authorize::opened::Opened;
use crate::authorize::receiver::fragment_page::FRAGMENT;
use crate::authorize::response_parameters::{PLAIN, Parameters, read, require_no_token, split};
use crate::client::Client;
use crate::client::encrypted::{Message, is_encrypted};
use crate::ground::error::{Error, misuse_of, response_refused};
use crate::ground::quirk::Quirk;
use crate::ground::response_mode::Place;
use crate::ground::rule::Rule;
use crate::identity::login::Login;
use crate::jose::jwe::Decryption;
use crate::jose::jwe::received::ReceivedJwt;
use crate::server::AuthorizationServer;
use crate::wire::received_form::is_form;

/// The largest authorization response, in bytes, and the most parameters in it.
const MAX_BYTES: usize = 64 * 1024;

/// An authorization response as it arrived, not yet checked; only a pending authorization reads it.
///
/// Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AuthorizationResponse {
    /// The redirect URI and its query, in one text, and where the one ends and the other begins.
    url: String,
    base_length: usize,
    query_at: Option<usize>,
    fragment: Option<String>,
    form: Option<String>,
    /// The digest of the session it arrived in.
    pub(crate) session: Option<String>,
    /// The `state` that an encrypted response claims inside, once it is decrypted.
    pub(crate) claimed_state: Option<String>,
    /// What a signed response says, once its signature was verified.
    pub(crate) opened: Option<Box<Opened>>,
    /// What the ID token in it says, once it was verified.
    pub(crate) login: Option<Box<Login>>,
}

impl AuthorizationResponse {
    /// The URL that the browser was sent to, as the program received it, with its fragment if it has one. A web server,
    /// which knows only path and query of it, takes [`from_request`](Self::from_request).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([AR-8](crate::Rule::Ar8)) if it is larger than 64 KiB.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        bounded(url.len())?;
        let (rest, fragment) = split(url, b'#');
        let (base, query) = split(rest, b'?');
        Ok(Self::arrived(base, query, fragment))
    }

    fn arrived(base: &str, query: Option<&str>, fragment: Option<&str>) -> Self {
        let mut url = String::with_capacity(base.len() + query.map_or(0, |query| 1 + query.len()));
        url.push_str(base);
        if let Some(query) = query {
            url.push('?');
            url.push_str(query);
        }
        Self {
            query_at: query.map(|_| base.len() + 1),
            base_length: base.len(),
            url,
            fragment: fragment.map(str::to_owned),
            form: None,
            session: None,
            claimed_state: None,
            opened: None,
            login: None,
        }
    }

    /// The redirect URI without its query.
    pub(crate) fn base(&self) -> &str {
        self.url.get(..self.base_length).unwrap_or_default()
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.url.get(self.query_at?..)
    }

    /// The parts in which a response may be.
    fn parts(&self) -> impl Iterator<Item = &str> {
        [self.form.as_deref(), self.query(), self.fragment.as_deref()].into_iter().flatten()
    }

    /// The query with which the browser came to `redirect_uri`, as it arrived: with the parameters that the redirect URI
    /// has of its own, without the `?`.
    ///
    /// `redirect_uri` is the one that was registered, never one made of a request's `Host` header.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([AR-8](crate::Rule::Ar8)) if the two are larger than 64 KiB.
    pub fn from_query(redirect_uri: &str, query: &str) -> Result<Self, Error> {
        bounded(redirect_uri.len().saturating_add(query.len()))?;
        let (base, _) = split(redirect_uri, b'?');
        Ok(Self::arrived(base, Some(query), None))
    }

    /// The request in which the browser came to `redirect_uri`, as a web server has it: of a GET its query, of a POST its
    /// form: that of the response itself (`form_post`), or that in which [our page](crate::authorize::receiver::fragment_page) hands on
    /// the fragment that only the browser sees (`fragment`).
    ///
    /// `redirect_uri` is the one that was registered, never one made of the request's `Host` header. Of the request's URI
    /// only the query is read.
    ///
    /// ```
    /// use valetkey_core::AuthorizationResponse;
    ///
    /// let request = http::Request::get("/callback?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz").body("").unwrap();
    /// let response = AuthorizationResponse::from_request("https://app.example/callback", &request)?;
    /// assert_eq!(response.state().as_deref(), Some("xyz"));
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it is larger than 64 KiB ([AR-8](crate::Rule::Ar8)), is neither a GET nor the POST of a form,
    /// or the form is not in UTF-8 ([AR-22](crate::Rule::Ar22)).
    pub fn from_request<B: AsRef<[u8]>>(
        redirect_uri: &str,
        request: &http::Request<B>,
    ) -> Result<Self, Error> {
        let (query, body) = (request.uri().query(), request.body().as_ref());
        let mut response = Self::from_query(redirect_uri, query.unwrap_or_default())?;
        if query.is_none() {
            response.query_at = None;
        }
        if request.method() == http::Method::GET {
            return Ok(response);
        }
        bounded(body.len())?;
        if request.method() != http::Method::POST || !is_form(request.headers()) {
            let what = "the callback's request is neither a GET nor the POST of a form";
            return Err(response_refused(Rule::Ar22, what));
        }
        let form = std::str::from_utf8(body).map_err(|_| {
            response_refused(Rule::Ar22, "the form of the callback's request is not in UTF-8")
        })?;
        match handed_on(form) {
            Some(fragment) => response.fragment = Some(fragment),
            None => response.form = Some(form.to_owned()),
        }
        Ok(response)
    }

    /// Says in which web session, or of which other holder, the response arrived: compared with the session that the
    /// authorization [began](crate::AuthorizationRequest::begin) with ([AR-14](crate::Rule::Ar14)). One that began without a
    /// session refuses a response that has one.
    #[must_use]
    pub fn received_in(mut self, session: &str) -> Self {
        self.session = Some(digest(session));
        self
    }

    /// Decrypts a signed response that the server encrypted to this client, so far that its [`state`](Self::state) is known:
    /// a program needs that to find the pending authorization, before it [opens](crate::PendingAuthorization::open) the response
    /// and it is verified. A response that is not encrypted is handed back as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-43](crate::Rule::Id43) if it is encrypted and the client is not
    /// [registered](Client::authorization_response_encryption) for that, [ID-44](crate::Rule::Id44) to
    /// [ID-51](crate::Rule::Id51) if it is encrypted in another way, or does not open.
    pub fn decrypted_for(mut self, client: &Client) -> Result<Self, Error> {
        if let Some(jwe) = self.encrypted() {
            self.claimed_state = opened::state_of(&client.opened(Message::AuthorizationResponse, &jwe)?);
        }
        Ok(self)
    }

    /// The `state` that it claims inside, if it is encrypted as was agreed.
    pub(crate) fn encrypted_state(&self, agreed: Option<&Decryption>) -> Option<String> {
        if self.claimed_state.is_some() {
            return self.claimed_state.clone();
        }
        opened::state_of(&ReceivedJwt::decrypt(agreed?, &self.encrypted()?).ok()?)
    }

    /// The encrypted response, if it is one; `None` with several.
    fn encrypted(&self) -> Option<String> {
        let mut all = self.parts().filter_map(|part| {
            let parameters = read(part).ok()?;
            parameters.get("response").filter(|jwt| is_encrypted(jwt)).map(str::to_owned)
        });
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    /// The `state` that it claims, that of a signed response too, and of an encrypted one that was
    /// [decrypted](Self::decrypted_for). It is not verified: it is only for finding the pending authorization that the
    /// response may answer. `None` without one, or with several.
    #[must_use]
    pub fn state(&self) -> Option<String> {
        let states = self.parts().filter_map(|part| {
            let parameters = read(part).ok()?;
            parameters.get("state").map(str::to_owned).or_else(|| opened::claimed_state(&parameters))
        });
        let mut states = states.chain(self.claimed_state.clone());
        let first = states.next()?;
        states.next().is_none().then_some(first)
    }

    /// The parameters in the place that was asked for, each of them once ([AR-1](crate::Rule::Ar1)).
    pub(crate) fn parameters(&self, place: Place) -> Result<Parameters<'_>, Error> {
        let text = match place {
            Place::Form => self.form.as_deref().ok_or_else(|| {
                response_refused(
                    Rule::Ar11,
                    "the response did not come as the POST that was asked for (`form_post`)",
                )
            })?,
            Place::Query => self.query().unwrap_or_default(),
            Place::Fragment => self.fragment.as_deref().unwrap_or_default(),
        };
        if place != Place::Form && self.form.is_some() {
            return Err(response_refused(Rule::Ar11, "the response came as a POST, which was not asked for"));
        }
        read(text)
    }

    /// Whether a token is in a part of the URL that the code flow has no use for ([AR-9](crate::Rule::Ar9)), or the response
    /// itself in the part that was not asked for ([AR-11](crate::Rule::Ar11)). Other fragments are harmless: some servers
    /// append `#_=_`.
    ///
    /// An `iss` that is alone in the query, the response being in the fragment, is handed over to be compared, if that is
    /// admitted.
    pub(crate) fn require_nothing_elsewhere(
        &self,
        place: Place,
        server: &AuthorizationServer,
    ) -> Result<Option<Cow<'_, str>>, Error> {
        let mut iss = None;
        for (part, own) in [(self.query(), Place::Query), (self.fragment.as_deref(), Place::Fragment)] {
            let (Some(part), true) = (part, own != place) else { continue };
            let elsewhere = read(part)?;
            require_no_token(&elsewhere)?;
            let of_a_response: Vec<_> = PLAIN
                .iter()
                .copied()
                .chain(["response", server.code_name()])
                .filter(|name| elsewhere.get(name).is_some())
                .collect();
            let is_iss_alone = of_a_response == ["iss"] && place == Place::Fragment;
            let what = match (of_a_response.is_empty(), is_iss_alone) {
                (true, _) => continue,
                (false, true) if server.quirks().contains(Quirk::IssInQuery) => {
                    iss = elsewhere.into_value("iss");
                    continue;
                }
                (false, true) => {
                    return Err(response_refused(
                        Rule::Ar11,
                        "iss came in the query of the response, and the rest in its fragment",
                    )
                    .unless_admitted(Quirk::IssInQuery));
                }
                (false, false) => "the response came in another response mode than was asked for",
            };
            return Err(response_refused(Rule::Ar11, what));
        }
        Ok(iss)
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

/// The same of a session that an authorization begins in: an empty one would be the session of everybody who has none.
pub(crate) fn session_digest(session: &str) -> Result<String, Error> {
    if session.trim().is_empty() {
        let what = "the name of the session that the authorization begins in is empty: give the value of \
                    the browser's session cookie, and set that cookie first where it is missing";
        return Err(misuse_of(Rule::Ar14, what));
    }
    Ok(digest(session))
}

/// The fragment in a form that is nothing else.
fn handed_on(form: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    let (name, value) = pairs.next()?;
    (name == FRAGMENT && pairs.next().is_none()).then(|| value.into_owned())
}

fn bounded(length: usize) -> Result<(), Error> {
    if length > MAX_BYTES {
        Err(response_refused(Rule::Ar8, "the authorization response is larger than 64 KiB"))
    } else {
        Ok(())
    }
}
