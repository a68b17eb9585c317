//! `/login`: a browser is sent to the server, and `/login/failed`: it is told what came of it.

use http::header::{HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use maud::html;
use valetkey_async::authorize::Prompt;
use valetkey_async::{AuthorizationRequest, entropy, now, run};
use zeroize::Zeroizing;

use crate::asked::{fetch_site, is_form, origin, parameter};
use crate::failure::Failure;
use crate::names::Came;
use crate::page::{Answer, button, page, see_other};
use crate::return_to::ReturnTo;
use crate::waiting::{How, Waiting};
use crate::web_login::{Provider, WebLogin};

/// The longest query that a form of another site becomes, in bytes.
const MOST_FORM: usize = 4 * 1024;

/// A login that is to begin.
struct Start<'a> {
    /// `None` if it is not said which of several.
    provider: Option<&'a Provider>,
    return_to: ReturnTo,
    hint: Option<String>,
    how: How,
}

impl WebLogin {
    /// Begins a login: by our own page, or by another site's wish.
    pub(crate) async fn login(&self, request: &Request<Vec<u8>>) -> Answer {
        // Another site's POST brings no cookie that is `SameSite=Lax`: neither who is logged in nor what waits would be known. The
        // browser comes again, by a GET, with them.
        if *request.method() == Method::POST && !self.is_ours(request.headers()) {
            return self.come_again(request);
        }
        let start = match self.read_start(request) {
            Ok(start) => start,
            Err(failure) => {
                self.note(&failure);
                return self.says(StatusCode::BAD_REQUEST, &self.0.texts.refused);
            }
        };
        let (is_silent, return_to) = (start.how.is_silent(), start.return_to.clone());
        let begun = match is_silent {
            true => self.begin_silently(start, request.into()).await,
            false => match start.provider {
                Some(provider) => self.begin(&start, provider, request.into()).await,
                None => return self.choice(request),
            },
        };
        match begun {
            Ok(answer) => answer,
            Err(failure) => {
                self.note(&failure);
                match is_silent {
                    true => see_other(return_to.as_str()),
                    false => self.says(StatusCode::SERVICE_UNAVAILABLE, &self.0.texts.unavailable),
                }
            }
        }
    }

    /// Begins a login that shows nothing, neither here (LG-7): of several servers it asks the one by which the person is logged in, and
    /// none if nobody is.
    async fn begin_silently(&self, mut start: Start<'_>, came: Came<'_>) -> Result<Answer, Failure> {
        let session = self.session_of(came).await?;
        let live = match &session {
            Some(session) => self.live(session).await?,
            None => None,
        };
        start.how = How::silent(session.as_deref().filter(|_| live.is_some()));
        let of_live = live.as_ref().and_then(|live| self.provider(&live.who.record.provider));
        match start.provider.or(of_live) {
            Some(provider) => self.begin(&start, provider, came).await,
            None => Ok(see_other(start.return_to.as_str())),
        }
    }

    /// What is to begin.
    fn read_start(&self, request: &Request<Vec<u8>>) -> Result<Start<'_>, Failure> {
        if parameter(request, "iss").is_some() {
            let wish = self.0.foreign.receive(request)?;
            let provider = self
                .0
                .providers
                .iter()
                .find(|provider| provider.client.server().issuer_identifier() == Some(wish.issuer()))
                .ok_or_else(|| {
                    Failure::broken("the server of a login that another site starts is not known")
                })?;
            let return_to =
                wish.target().map_or(Ok(ReturnTo::home(self.0.base.home())), |to| self.place(to))?;
            let hint = wish.login_hint().map(str::to_owned);
            return Ok(Start { provider: Some(provider), return_to, hint, how: How::Foreign });
        }
        let return_to = match parameter(request, "return_to") {
            Some(to) => self.place(&to)?,
            None => ReturnTo::home(self.0.base.home()),
        };
        let provider = match (parameter(request, "by"), self.0.providers.as_slice()) {
            (Some(name), _) => Some(self.provider(&name).ok_or_else(|| {
                Failure::refused("TP-1", "a login names a server by which nobody logs in here")
            })?),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let how = match self.is_foreign(request.headers()) {
            // Nobody is asked anything, so another site has no say in it.
            true => How::Foreign,
            false if parameter(request, "prompt").as_deref() == Some("none") => How::silent(None),
            false => How::Own,
        };
        Ok(Start { provider, return_to, hint: None, how })
    }

    /// Where the browser goes after the login. A route that logs in or out is no place: a link would log out who comes back by it.
    fn place(&self, wanted: &str) -> Result<ReturnTo, Failure> {
        let base = &self.0.base;
        let to = ReturnTo::read(base.url(), wanted)?;
        Ok(if base.is_log_in_or_out(to.as_str()) { ReturnTo::home(base.home()) } else { to })
    }

    /// Whether another site began it ([TP-4](valetkey_async::Rule::Tp4)). A page of ours sends the origin `null`, because it
    /// tells no other page where it was.
    fn is_foreign(&self, headers: &HeaderMap) -> bool {
        match fetch_site(headers) {
            Some(site) => !matches!(site, "same-origin" | "none"),
            None => origin(headers).is_some_and(|from| from != "null" && !self.0.base.is_own_origin(from)),
        }
    }

    /// Whether a POST is a page's of ours, as far as it is known: others lose nothing by a redirect.
    fn is_ours(&self, headers: &HeaderMap) -> bool {
        !self.is_foreign(headers) && (fetch_site(headers).is_some() || origin(headers) != Some("null"))
    }

    /// Sends a form of another site round by a GET. Other bodies go nowhere: they would begin logins without end, each in a cookie of its
    /// own, because those of before did not come along.
    fn come_again(&self, request: &Request<Vec<u8>>) -> Answer {
        if !is_form(request.headers()) {
            let what = "what another site posts to start a login is not a form";
            self.note(&Failure::refused("TP-1", what));
            return self.says(StatusCode::BAD_REQUEST, &self.0.texts.refused);
        }
        // Written anew, it has nothing but what a query takes.
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form_urlencoded::parse(request.body()))
            .finish();
        if query.len() > MOST_FORM {
            self.note(&Failure::refused("TP-1", "the form by which another site starts a login is too long"));
            return self.says(StatusCode::BAD_REQUEST, &self.0.texts.refused);
        }
        see_other(&format!("{}?{query}", self.0.base.path("/login")))
    }

    /// The page on which the person chooses a server.
    fn choice(&self, request: &Request<Vec<u8>>) -> Answer {
        let return_to = parameter(request, "return_to").unwrap_or_default();
        let action = self.0.base.path("/login");
        let name = |provider: &Provider| {
            let issuer = provider.client.server().issuer_identifier().unwrap_or_default();
            issuer.trim_start_matches("https://").to_owned()
        };
        let body = html! {
            p { (self.0.texts.choose) }
            @for provider in &self.0.providers {
                @if return_to.is_empty() {
                    (button(&action, &[("by", &provider.name)], &name(provider)))
                } @else {
                    (button(&action, &[("by", &provider.name), ("return_to", &return_to)], &name(provider)))
                }
            }
        };
        page(&self.0.texts, StatusCode::OK, &body)
    }

    async fn begin(&self, start: &Start<'_>, provider: &Provider, came: Came<'_>) -> Result<Answer, Failure> {
        // What another site wishes puts nobody in another's place: the person says so here, or nothing is begun (TP-4).
        if start.how == How::Foreign && self.is_somebody(came).await? {
            let fields = [("by", provider.name.as_str()), ("return_to", start.return_to.as_str())];
            let ours = button(&self.0.base.path("/login"), &fields, &self.0.texts.log_in);
            let body = html! { p { (self.0.texts.occupied) } (ours) (self.way_home()) };
            return Ok(page(&self.0.texts, StatusCode::OK, &body));
        }
        let Provider { client, redirect_uri, ask, name, common, .. } = provider;
        let mut request = ask(AuthorizationRequest::new(client, redirect_uri)?)?;
        if let Some(hint) = &start.hint {
            request = request.login_hint(hint)?;
        }
        if start.how.is_silent() {
            request = request.prompt([Prompt::None])?;
        }
        let binding = Zeroizing::new(entropy()?.text("browser of a login"));
        let begun_at = now();
        // What follows asks the server, and what came before did not.
        if !self.0.starts.admit(begun_at) {
            self.note(&Failure::refused("LG-1", "more logins were begun in a second than may be"));
            if start.how.is_silent() {
                return Ok(see_other(start.return_to.as_str()));
            }
            let mut busy = self.says(StatusCode::TOO_MANY_REQUESTS, &self.0.texts.busy);
            busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
            return Ok(busy);
        }
        let (url, pending) = run(&self.0.http, request.start(&binding, entropy()?, begun_at)?).await?;
        let mut waiting = Waiting {
            provider: name.clone(),
            binding,
            return_to: start.return_to.as_str().to_owned(),
            expires_at: pending.expires_at(),
            how: start.how.clone(),
            pending: Waiting::write(&pending)?,
        };
        let mut answer = see_other(url.as_str());
        let (kept, headers) = ((&self.0.cookies, &self.0.seals), came.headers);
        let set = waiting.set(kept, (headers, answer.headers_mut()), common, begun_at);
        if let Err(failure) = set {
            // A deep link that does not fit is left out, and the login goes on.
            self.note(&failure);
            waiting.return_to = self.0.base.home().to_owned();
            answer = see_other(url.as_str());
            waiting.set(kept, (headers, answer.headers_mut()), common, begun_at)?;
        }
        Ok(answer)
    }

    async fn is_somebody(&self, came: Came<'_>) -> Result<bool, Failure> {
        match self.session_of(came).await? {
            Some(session) => Ok(self.live(&session).await?.is_some()),
            None => Ok(false),
        }
    }

    /// The page at the clean URL to which a callback that failed leads. It knows a few words, and shows nothing of the request.
    pub(crate) fn failed(&self, request: &Request<Vec<u8>>) -> Answer {
        let texts = &self.0.texts;
        let (status, text) = match parameter(request, "why").as_deref() {
            Some(CANCELLED) => (StatusCode::FORBIDDEN, &texts.cancelled),
            Some(UNAVAILABLE) => (StatusCode::SERVICE_UNAVAILABLE, &texts.unavailable),
            Some(OCCUPIED) => (StatusCode::CONFLICT, &texts.occupied),
            _ => (StatusCode::BAD_REQUEST, &texts.refused),
        };
        self.says(status, text)
    }
}

pub(crate) const CANCELLED: &str = "cancelled";
pub(crate) const UNAVAILABLE: &str = "unavailable";
pub(crate) const OCCUPIED: &str = "occupied";
pub(crate) const REFUSED: &str = "refused";
