//! What comes through an iframe in the person's browser when their login ends at the server: [`FrontChannel`] (OpenID Connect
//! Front-Channel Logout §2).
//!
//! ```text
//!  authorization server        browser                            program
//!     ├── page with iframes ──▶│
//!     │                        ├── GET frontchannel_logout_uri?iss&sid ──▶│ FrontChannel::receive
//!     │                        │                                          │ FrontChannelNotice::ends this browser's session?
//!     │                        │◀─ 200 page ──────────────────────────────┤ FrontChannel::page
//! ```
//!
//! No round.

use std::fmt;

use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::client::Client;
use crate::ground::error::{Error, malformed, misuse, misuse_of};
use crate::ground::flow::Response;
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::identity::login::Identity;
use crate::logout::page::common;
use crate::wire::received_form::Form;
use crate::wire::uri;

/// The longest query, in bytes.
const MOST: usize = 16 * 1024;

/// Receives log-outs through the browser, at the `frontchannel_logout_uri` that the client is registered with.
///
/// **It is best effort.** The program's page is in an iframe of the server's there, and most browsers send no cookie with it: then the
/// program does not know whose browser it is, and nothing ends. A [`BackChannel`](crate::logout::BackChannel) has no such gap.
///
/// Any page on the web can have such an iframe. What it can reach is no more than a log-out, and not even that where
/// [`session_required`](Self::session_required) is said: nobody else knows the `sid`.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client};
/// use valetkey_core::logout::FrontChannel;
///
/// # let server = AuthorizationServer::new().issuer("https://as.example")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// let receiver = FrontChannel::new(&client)?.session_required();
///
/// let request = http::Request::get("/logout/front-channel?iss=https://as.example&sid=08a5019c").body(()).unwrap();
/// let notice = receiver.receive(&request)?;
/// assert_eq!(notice.session_id(), Some("08a5019c"));
/// // If `notice.ends(…)` the session of the browser's cookie, that is ended and the cookie cleared. Then, in any case:
/// let answer = receiver.page()?;
/// assert_eq!(answer.headers()["cache-control"], "no-store");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct FrontChannel {
    client: Client,
    origin: String,
    needs_session: bool,
}

impl FrontChannel {
    /// For the log-outs of this client.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-9](crate::Rule::Id9)) if the issuer of the client's server is not known.
    pub fn new(client: &Client) -> Result<Self, Error> {
        let issuer = client.server().issuer_identifier().ok_or_else(|| {
            let what = "a log-out through the browser names its issuer, and that of the server is not known: discover the \
                        server, or name its `issuer`";
            misuse_of(Rule::Id9, what)
        })?;
        let (origin, _) = uri::split_path(issuer);
        Ok(Self { client: client.clone(), origin: origin.to_owned(), needs_session: false })
    }

    /// The client is registered with `frontchannel_logout_session_required`: a request without `iss` and `sid` is refused
    /// ([LO-17](crate::Rule::Lo17)).
    #[must_use]
    pub fn session_required(self) -> Self {
        Self { needs_session: true, ..self }
    }

    /// Reads what came. Of the request's URI only the query is read.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([LO-17](crate::Rule::Lo17)) if it is not a GET, has one of `iss` and `sid` without the other, either
    /// twice, an `iss` that is not this server's, or neither where they are [required](Self::session_required).
    pub fn receive<B>(&self, request: &http::Request<B>) -> Result<FrontChannelNotice, Error> {
        let no = |what: &'static str| Err(malformed(Rule::Lo17, what));
        if request.method() != http::Method::GET {
            return no("what came in the front channel is not a GET");
        }
        let query = request.uri().query().unwrap_or_default();
        let Some(parameters) = Some(query).filter(|query| query.len() <= MOST).and_then(Form::read) else {
            return no(
                "a parameter of the log-out in the front channel comes twice, or there is too much of them",
            );
        };
        match (parameters.get("iss"), parameters.get("sid")) {
            (None, None) if self.needs_session => no(
                "the log-out in the front channel has no iss and sid, which the client is registered to be told",
            ),
            (None, None) => Ok(self.notice(None)),
            (Some(iss), Some(sid)) if !sid.is_empty() && self.client.server().speaks_for(iss) => {
                Ok(self.notice(Some((iss.to_owned(), sid.to_owned()))))
            }
            (Some(_), Some(_)) => {
                no("iss of the log-out in the front channel is not the server's issuer, or its sid is empty")
            }
            _ => no("the log-out in the front channel has one of iss and sid without the other"),
        }
    }

    fn notice(&self, named: Option<(String, String)>) -> FrontChannelNotice {
        FrontChannelNotice { client: self.client.clone(), named }
    }

    /// The page for the server's iframe: what is answered, whatever came. It says nothing, is kept nowhere, and may be shown
    /// within pages of the issuer's origin only.
    ///
    /// # Errors
    ///
    /// None that a program meets: [`Error::Misuse`] if a header could not be written.
    pub fn page(&self) -> Result<Response, Error> {
        let policy = format!("default-src 'none'; base-uri 'none'; frame-ancestors {}", self.origin);
        let policy =
            HeaderValue::try_from(policy).map_err(|_| misuse("the page's policy cannot be written"))?;
        let mut page = Response::new(PAGE.as_bytes().to_vec());
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, policy),
        ];
        page.headers_mut().extend(headers.into_iter().chain(common()));
        Ok(page)
    }
}

const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Log-out</title></head><body></body></html>\n";

impl fmt::Debug for FrontChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontChannel")
            .field("client", &self.client)
            .field("needs_session", &self.needs_session)
            .finish_non_exhaustive()
    }
}

/// What a log-out through the browser says. Nobody has signed it: it ends the session of the browser that brought it, and no
/// other.
#[derive(Clone)]
pub struct FrontChannelNotice {
    client: Client,
    named: Option<(String, String)>,
}

impl FrontChannelNotice {
    /// The issuer that it names, the server's.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.named.as_ref().map(|(issuer, _)| issuer.as_str())
    }

    /// The login at the server that it names, `sid`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.named.as_ref().map(|(_, session_id)| session_id.as_str())
    }

    /// Whether this browser's session ends: that of the cookie which came with the request, whose login was this person's and had this
    /// `sid`.
    #[must_use]
    pub fn ends(&self, identity: &Identity, session_id: Option<&str>) -> bool {
        match &self.named {
            Some((issuer, sid)) => identity.issuer() == issuer && session_id == Some(sid),
            None => self.client.server().speaks_for(identity.issuer()),
        }
    }
}

impl fmt::Debug for FrontChannelNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuer = self.issuer().map(Short);
        f.debug_struct("FrontChannelNotice").field("issuer", &issuer).finish_non_exhaustive()
    }
}
