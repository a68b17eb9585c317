//! A login that another party starts: [`ThirdPartyLogin`] (OpenID Connect Core §4).
//!
//! ```text
//!  another site                browser                       program
//!     ├── link or form ───────▶│
//!     │                        ├── GET or POST iss, target_link_uri, login_hint ──▶│ initiate_login_uri
//!     │                        │                            ThirdPartyLogin::receive, then a login as any other
//!     │                        │◀─ 303 to the server ──────────────────────────────┤
//! ```
//!
//! No round of its own. Anybody can send a browser here, so that what comes is a wish: it chooses among what the program has, and
//! logs nobody in.

use std::fmt;

use crate::authorize::request::AuthorizationRequest;
use crate::ground::error::{Error, misuse_of, response_refused};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::server::AuthorizationServer;
use crate::terms::parameter::require;
use crate::wire::received_form::{Form, is_form};
use crate::wire::uri;

/// The most that is read of a query or a form, in bytes.
const MOST: usize = 32 * 1024;

/// Receives what starts a login at the `initiate_login_uri` that a client is registered with.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Rule};
/// use valetkey_core::openid::ThirdPartyLogin;
///
/// # let server = AuthorizationServer::new().issuer("https://as.example")?;
/// let starts = ThirdPartyLogin::new("https://app.example")?.at(&server)?;
///
/// let request = http::Request::get("/start?iss=https://as.example&target_link_uri=https://app.example/inbox");
/// let start = starts.receive(&request.body("").unwrap())?;
/// assert_eq!(start.target(), Some("https://app.example/inbox"));
///
/// let request = http::Request::get("/start?iss=https://evil.example").body("").unwrap();
/// assert_eq!(starts.receive(&request).unwrap_err().rule(), Some(Rule::Tp1));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ThirdPartyLogin {
    /// The program's own URL, and others where a login may end.
    origins: Vec<String>,
    issuers: Vec<String>,
}

impl ThirdPartyLogin {
    /// For a program at this URL, of which the origin counts: what a login may end at is there
    /// ([TP-2](crate::Rule::Tp2)). It is the program's own setting, never made of a request's `Host` header.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if it is not an https URL, or http on loopback.
    pub fn new(own: &str) -> Result<Self, Error> {
        Self { origins: Vec::new(), issuers: Vec::new() }.target_at(own)
    }

    /// Lets a login end at this URL's origin too.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn target_at(mut self, other: &str) -> Result<Self, Error> {
        uri::endpoint(other, Quirks::WHEN_NAMED)?;
        self.origins.push(other.to_owned());
        Ok(self)
    }

    /// People log in by this server. One that is not named here is never asked ([TP-1](crate::Rule::Tp1)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TP-1](crate::Rule::Tp1)) if its issuer is not known.
    pub fn at(mut self, server: &AuthorizationServer) -> Result<Self, Error> {
        let issuer = server.issuer_identifier().ok_or_else(|| {
            let what = "a login that another party starts names its issuer, and that of the server is not known: discover \
                        the server, or name its `issuer`";
            misuse_of(Rule::Tp1, what)
        })?;
        self.issuers.push(issuer.to_owned());
        Ok(self)
    }

    /// Reads what came: of a GET its query, of a POST its form.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [TP-1](crate::Rule::Tp1) if it is neither a GET nor the POST of a form, has a parameter twice, no
    /// `iss` or one of another server; [TP-2](crate::Rule::Tp2) for a `target_link_uri` elsewhere;
    /// [`Error::Malformed`] ([AQ-21](crate::Rule::Aq21)) for a `login_hint` that is too long, or has a control character.
    pub fn receive<B: AsRef<[u8]>>(&self, request: &http::Request<B>) -> Result<ThirdPartyStart, Error> {
        let no = |rule, what: &'static str| Err(response_refused(rule, what));
        let text = match *request.method() {
            http::Method::GET => Ok(request.uri().query().unwrap_or_default()),
            http::Method::POST if is_form(request.headers()) => {
                std::str::from_utf8(request.body().as_ref()).map_err(drop)
            }
            _ => Err(()),
        };
        let Ok(text) = text else {
            return no(Rule::Tp1, "the start of a login is neither a GET nor the POST of a form in UTF-8");
        };
        let Some(parameters) = Some(text).filter(|text| text.len() <= MOST).and_then(Form::read) else {
            return no(
                Rule::Tp1,
                "a parameter of the start of a login comes twice, or there is too much of them",
            );
        };
        let Some(iss) = parameters.get("iss") else {
            return no(Rule::Tp1, "the start of a login has no iss, so that it names no server");
        };
        let Some(issuer) = self.issuers.iter().find(|issuer| *issuer == iss) else {
            return no(Rule::Tp1, "the start of a login names a server by which nobody logs in here");
        };
        let target = parameters.get("target_link_uri");
        if target.is_some_and(|target| !self.admits(target)) {
            return no(
                Rule::Tp2,
                "target_link_uri leads to another place than this program's: if it may, say so by \
                 `ThirdPartyLogin::target_at`",
            );
        }
        let hint = parameters.get("login_hint").filter(|hint| !hint.is_empty());
        if hint.is_some_and(|hint| require("login_hint", hint).is_err()) {
            return no(
                Rule::Aq21,
                "the login_hint of the start of a login is too long, or has a control character",
            );
        }
        Ok(ThirdPartyStart {
            issuer: issuer.clone(),
            target: target.map(str::to_owned),
            login_hint: hint.map(str::to_owned),
        })
    }

    /// Whether a login may end there. What browsers read otherwise than it is written, `\` and the like, is in no URL of plain
    /// characters.
    fn admits(&self, target: &str) -> bool {
        let page = target.split('#').next().unwrap_or_default();
        uri::is_plain(target)
            && uri::endpoint(page, Quirks::WHEN_NAMED).is_ok()
            && self.origins.iter().any(|own| uri::same_origin(page, own))
    }
}

/// A login that is to be started. It is begun as any other, in this browser's session ([TP-4](crate::Rule::Tp4)): a person who is logged
/// in here already stays so until the login has ended well, and the program asks the person before it puts somebody else in their place.
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct ThirdPartyStart {
    issuer: String,
    target: Option<String>,
    login_hint: Option<String>,
}

impl ThirdPartyStart {
    /// By which of the program's servers, by its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the person wants to be afterwards, a URL of the program's own. It is kept beside the
    /// [`PendingAuthorization`](crate::PendingAuthorization), and never sent to the server.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Who is probably going to log in. It selects nobody's session here.
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The request with the hint in it.
    ///
    /// # Errors
    ///
    /// As for [`AuthorizationRequest::login_hint`].
    pub fn ask(&self, request: AuthorizationRequest) -> Result<AuthorizationRequest, Error> {
        match &self.login_hint {
            Some(hint) => request.login_hint(hint),
            None => Ok(request),
        }
    }
}

impl fmt::Debug for ThirdPartyStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThirdPartyStart").field("issuer", &Short(&self.issuer)).finish_non_exhaustive()
    }
}
