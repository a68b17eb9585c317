//! The log-out at the server: [`LogoutRequest`] (OpenID Connect RP-Initiated Logout §2).
//!
//! ```text
//!  program                     browser                        authorization server
//!     │ its own session ends first
//!     │ LogoutRequest::begin
//!     ├── 303, or a page ────────▶│
//!     │                           ├── GET, or POST of a form ───▶│ end_session_endpoint
//!     │                           │◀─ 303 post_logout_redirect_uri?state ──┤
//!     │◀─ GET … ?state ───────────┤
//!     │ PendingLogout::confirm
//! ```
//!
//! No round of its own.

use std::fmt;
use std::time::Duration;

use crate::ground::wiped::Wiped;
use form_urlencoded::Serializer;

use crate::authorize::supported;
use crate::client::Client;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::logout::page::{LogoutForm, LogoutWay};
use crate::logout::pending::PendingLogout;
use crate::terms::parameter::require;
use crate::terms::secret::{IdToken, State};
use crate::wire::json::Object;
use crate::wire::redirect_uri::redirect_uri;
use crate::wire::uri::BrowserUrl;

/// How long the person may take at the server before their return says nothing any more.
const VALID_FOR: Duration = Duration::from_secs(60 * 60);

/// The longest URL that goes through the browser, in bytes: what is longer is posted.
const LONGEST_URL: usize = 2000;

/// The longest `logout_hint`, in bytes.
const LONGEST_HINT: usize = 1024;

/// What an ID token says of the login and not of the person, beside `sub`, which only the server knows.
const OF_THE_LOGIN: [&str; 17] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "s_hash",
    "sid",
    "sub",
    "tid",
];

/// A log-out at the server, by way of the person's browser: so that the next login there asks the person who they are.
///
/// **End the program's own session first** ([`Session::end`](crate::Session::end), and the cookie of the browser), and then
/// send the browser away: it may never arrive.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client, Entropy, UnixTime};
/// # use valetkey_core::server::Endpoint;
/// use valetkey_core::logout::{LogoutRequest, LogoutResponse};
///
/// # let server = AuthorizationServer::new()
/// #     .issuer("https://as.example")?
/// #     .endpoint(Endpoint::EndSession, "https://as.example/logout")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let (entropy, now) = (Entropy::from_seed([7; 32]), UnixTime::from_secs(1_700_000_000));
/// // The person has no session here any more. With the ID token of the login, if it was kept: `.hint(&id_token)?`.
/// let request = LogoutRequest::new(&client)?.return_to("https://app.example/bye")?;
/// let (way, pending) = request.begin(entropy, now)?;
/// let answer = way.answer()?; // for the browser
/// assert_eq!(answer.status(), 303);
///
/// // The browser comes back.
/// let pending = pending.expect("it was asked to");
/// let query = format!("state={}", pending.state());
/// pending.confirm(&LogoutResponse::from_query("https://app.example/bye", &query)?, now)?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct LogoutRequest {
    client: Client,
    endpoint: String,
    hint: Option<Wiped>,
    is_personal: bool,
    return_to: Option<String>,
    logout_hint: Option<String>,
    ui_locales: Option<String>,
}

impl LogoutRequest {
    /// A log-out of the person who is logged in at the server in that browser.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no `end_session_endpoint`: then a log-out ends the program's session alone.
    /// ([LO-4](crate::Rule::Lo4)) if the query of that endpoint has a parameter of the request.
    pub fn new(client: &Client) -> Result<Self, Error> {
        let endpoint = client.server().require(Endpoint::EndSession)?.to_string();
        let query = endpoint.split_once('?').map_or("", |(_, query)| query);
        if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| OWN.contains(&&*name)) {
            return Err(misuse_of(
                Rule::Lo4,
                "the query of the end_session_endpoint has a parameter that the request has too: leave it out there",
            ));
        }
        Ok(Self {
            client: client.clone(),
            endpoint,
            hint: None,
            is_personal: false,
            return_to: None,
            logout_hint: None,
            ui_locales: None,
        })
    }

    /// Whose login ends, by the ID token that it came with (`id_token_hint`), which may have expired. A server that gets it
    /// need not ask the person whether they meant it. One that is encrypted to this client is decrypted, since the server
    /// could not read it. Without this the request has the `client_id`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-20](crate::Rule::Aq20)) if it is not an ID token of this server for this client, or is encrypted
    /// and no key of this client's opens it.
    pub fn hint(self, token: &IdToken) -> Result<Self, Error> {
        let hint = supported::decrypted(&self.client, token.expose())?;
        let is_personal = is_personal(&hint);
        Ok(Self { hint: Some(hint), is_personal, ..self })
    }

    /// Where the browser is to come back (`post_logout_redirect_uri`): exactly as it is registered for that.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-8](crate::Rule::Aq8)) if no client may register it; ([LO-6](crate::Rule::Lo6)) if its query has a
    /// `state`, since the server adds another one, and which of them is meant cannot be told.
    pub fn return_to(self, uri: &str) -> Result<Self, Error> {
        redirect_uri(uri, self.client.server().quirks())?;
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == STATE) {
            return Err(misuse_of(
                Rule::Lo6,
                "the post_logout_redirect_uri has a state in its query, and the server adds another: leave it out",
            ));
        }
        Ok(Self { return_to: Some(uri.to_owned()), ..self })
    }

    /// Who is to be logged out, by a name that the server knows them by, where there is no [`hint`](Self::hint)
    /// (`logout_hint`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([LO-4](crate::Rule::Lo4)) if it is empty, longer than 1 KiB, or has a control character.
    pub fn logout_hint(self, hint: &str) -> Result<Self, Error> {
        if hint.is_empty() || hint.len() > LONGEST_HINT || hint.chars().any(char::is_control) {
            return Err(misuse_of(
                Rule::Lo4,
                "the logout_hint is empty, longer than 1 KiB or has a control character",
            ));
        }
        Ok(Self { logout_hint: Some(hint.to_owned()), is_personal: true, ..self })
    }

    /// In which languages the server may ask, the first the most welcome, by their BCP 47 tags (`ui_locales`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-26](crate::Rule::Aq26)) if `tags` is empty, or one is not a language tag.
    pub fn ui_locales<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let tags: Vec<T> = tags.into_iter().collect();
        let value = tags.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
        require("ui_locales", &value)?;
        Ok(Self { ui_locales: Some(value), ..self })
    }

    /// How to send the browser to the server: by its URL, or by a form, where the URL would be long, or would have in it what an
    /// ID token or a [`logout_hint`](Self::logout_hint) says about the person ([LO-4](crate::Rule::Lo4)). And what waits for its return, where it was told to
    /// [return](Self::return_to).
    ///
    /// # Errors
    ///
    /// None that a program meets: [`Error::Malformed`] if the state could not be made.
    pub fn begin(
        &self,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(LogoutWay, Option<PendingLogout>), Error> {
        let pending = match &self.return_to {
            None => None,
            Some(uri) => {
                let state = State::admit(entropy.text("state of a log-out"))?;
                Some(PendingLogout::new(uri, state, now.after(VALID_FOR)))
            }
        };
        let nonce = entropy.text("nonce of a page");
        drop(entropy);
        let fields = self.fields(pending.as_ref().map(PendingLogout::state));
        let way = if self.is_personal { None } else { self.url(&fields) };
        let way = match way {
            Some(url) => LogoutWay::Redirect(BrowserUrl::joined(url)),
            None => LogoutWay::Form(LogoutForm::new(self.endpoint.clone(), fields, nonce)),
        };
        Ok((way, pending))
    }

    fn fields(&self, state: Option<&str>) -> Vec<(&'static str, Wiped)> {
        let text = |text: &str| Wiped::new(text.to_owned());
        let who = match &self.hint {
            Some(hint) => (HINT, hint.clone()),
            None => (CLIENT_ID, text(self.client.id())),
        };
        let others = [
            (RETURN_TO, self.return_to.as_deref()),
            (STATE, state),
            (LOGOUT_HINT, self.logout_hint.as_deref()),
            (UI_LOCALES, self.ui_locales.as_deref()),
        ];
        let others = others.into_iter().filter_map(|(name, value)| Some((name, text(value?))));
        [who].into_iter().chain(others).collect()
    }

    /// The URL, if it is not too long for a browser, a proxy or a log on the way.
    fn url(&self, fields: &[(&'static str, Wiped)]) -> Option<String> {
        let mut url = String::with_capacity(self.endpoint.len() + 256);
        url.push_str(&self.endpoint);
        match self.endpoint.split_once('?') {
            None => url.push('?'),
            Some((_, own)) if own.is_empty() || own.ends_with('&') => {}
            Some(_) => url.push('&'),
        }
        let start = url.len();
        let mut query = Serializer::for_suffix(url, start);
        query.extend_pairs(fields.iter().map(|(name, value)| (name, value.as_str())));
        Some(query.finish()).filter(|url| url.len() <= LONGEST_URL)
    }
}

const HINT: &str = "id_token_hint";
const CLIENT_ID: &str = "client_id";
const RETURN_TO: &str = "post_logout_redirect_uri";
const STATE: &str = "state";
const LOGOUT_HINT: &str = "logout_hint";
const UI_LOCALES: &str = "ui_locales";

/// What the request may have.
const OWN: [&str; 6] = [HINT, CLIENT_ID, RETURN_TO, STATE, LOGOUT_HINT, UI_LOCALES];

/// Whether a hint says more about the person than which login it is of. What nobody knows here may be about them.
fn is_personal(hint: &str) -> bool {
    let jws = Jws::parse(hint);
    let payload = jws.as_ref().ok().and_then(|jws| jws.unverified_payload(JwtType::Generic));
    let Some(Ok(claims)) = payload.map(Object::read) else { return true };
    claims.members().any(|(name, _)| !OF_THE_LOGIN.contains(&name))
}

/// Shows nothing about the person.
impl fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutRequest")
            .field("client", &self.client)
            .field("has_hint", &self.hint.is_some())
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}
