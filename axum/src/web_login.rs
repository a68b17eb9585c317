//! The log-in of an application: [`WebLogin`], and what the routes share.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use maud::{Markup, html};
use tokio::task::JoinHandle;
use valetkey_async::logout::{BackChannel, FrontChannel};
use valetkey_async::openid::ThirdPartyLogin;
use valetkey_async::store::AsyncStore;
use valetkey_async::{ApiClient, AuthorizationRequest, Client, HttpClient, Sessions, Tasks};

use crate::base::Base;
use crate::common::Common;
use crate::cookies::Cookies;
use crate::failure::Failure;
use crate::known::{Known, Who};
use crate::names::{Came, Names};
use crate::page::{Answer, bare, button, page};
use crate::record::Record;
use crate::seal::Seals;
use crate::starts::Starts;
use crate::texts::Texts;

/// What a program asks a server for.
pub(crate) type Ask = Arc<
    dyn Fn(AuthorizationRequest) -> Result<AuthorizationRequest, valetkey_async::valetkey_core::Error>
        + Send
        + Sync,
>;

/// Log-in and log-out of an application, by OpenID Connect. A clone is the same one.
///
/// Made by [`WebLogin::builder`](Self::builder); [the crate](crate) tells its routes.
#[derive(Clone)]
pub struct WebLogin(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) http: HttpClient,
    pub(crate) base: Base,
    pub(crate) cookies: Cookies,
    pub(crate) names: Names,
    pub(crate) known: Known,
    pub(crate) seals: Seals,
    pub(crate) starts: Starts,
    pub(crate) tasks: Tasks,
    pub(crate) foreign: ThirdPartyLogin,
    pub(crate) providers: Vec<Provider>,
    pub(crate) store: Arc<dyn AsyncStore>,
    pub(crate) texts: Texts,
    pub(crate) on_failure: Arc<dyn Fn(&Failure) + Send + Sync>,
    pub(crate) lifetime: Duration,
    pub(crate) is_local_logout: bool,
}

/// A server by which people log in.
pub(crate) struct Provider {
    /// Empty for the one without a name.
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) redirect_uri: String,
    pub(crate) common: Common,
    pub(crate) ask: Ask,
    pub(crate) sessions: Sessions,
    pub(crate) has_end_session: bool,
    /// Or why the server cannot announce a log-out.
    pub(crate) back: Result<BackChannel, Failure>,
    /// None where the program did not ask for it, or the issuer is not known.
    pub(crate) front: Option<FrontChannel>,
}

/// A session that is good now.
pub(crate) struct Live {
    pub(crate) who: Arc<Who>,
    pub(crate) api: ApiClient,
}

impl WebLogin {
    /// Waits for what goes on after its request was answered: logins and log-outs whose browser has left, renewals, so that no new refresh
    /// token is lost, and tokens that are revoked. For a program that is about to end, once its server has ended: give it
    /// the time that there is, `tokio::time::timeout(time, login.settled())`.
    pub async fn settled(&self) {
        self.0.tasks.settled().await;
    }

    pub(crate) fn note(&self, failure: &Failure) {
        (self.0.on_failure)(failure);
    }

    pub(crate) fn provider(&self, name: &str) -> Option<&Provider> {
        self.0.providers.iter().find(|provider| provider.name == name)
    }

    /// The name of the browser's session.
    pub(crate) async fn session_of<'a>(&self, came: Came<'a>) -> Result<Option<Cow<'a, str>>, Failure> {
        self.0.names.of(&self.0.cookies, came).await
    }

    /// The session of this name, if somebody is logged in by it just now: the store is asked at each request, so that a
    /// log-out in any process counts at once in all.
    pub(crate) async fn live(&self, session: &str) -> Result<Option<Live>, Failure> {
        let Some(who) = self.0.known.load(&*self.0.store, session).await? else { return Ok(None) };
        let record = &who.record;
        let Some(provider) = self.provider(&record.provider) else { return Ok(None) };
        let Some(found) = provider.sessions.logged_in(session).await? else {
            // It has ended elsewhere, and nobody else takes away what is left of it.
            if let Err(failure) = Record::take(&*self.0.store, session).await {
                self.note(&failure);
            }
            return Ok(None);
        };
        // The two records of one session are of one login, or of none.
        if found.identity() != Some(&record.identity) {
            return Ok(None);
        }
        let api = found.api();
        Ok(Some(Live { who, api }))
    }

    /// Ends a session: from here on nobody is logged in by its name. Its tokens are ended by a task of its own, which goes on
    /// also if this is not waited for.
    pub(crate) async fn end(&self, session: &str) -> Result<Option<Ended>, Failure> {
        let Some(record) = Record::take(&*self.0.store, session).await? else { return Ok(None) };
        let Some(provider) = self.provider(&record.provider) else { return Ok(None) };
        let (sessions, session) = (provider.sessions.clone(), session.to_owned());
        let login = self.clone();
        let rest = self.0.tasks.spawn(async move {
            if let Err(error) = sessions.logout(&session).await {
                login.note(&error.into());
            }
        });
        Ok(Some(Ended { record, rest }))
    }

    /// What is answered by this, in a task of its own: it goes on to its end also where the browser has left, which drops what waits
    /// for it.
    pub(crate) async fn to_its_end(&self, work: impl Future<Output = Answer> + Send + 'static) -> Answer {
        self.0.tasks.spawn(work).await.unwrap_or_else(|_| {
            self.note(&Failure::broken("the answer to a request panicked"));
            bare(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }

    /// A page that says this, with the ways on.
    pub(crate) fn says(&self, status: StatusCode, text: &str) -> Answer {
        let login = button(&self.0.base.path("/login"), &[], &self.0.texts.log_in);
        page(&self.0.texts, status, &html! { p { (text) } (login) (self.way_home()) })
    }

    pub(crate) fn way_home(&self) -> Markup {
        html! { p { a href=(self.0.base.home()) { (self.0.texts.home) } } }
    }
}

/// A session that has ended here.
pub(crate) struct Ended {
    pub(crate) record: Record,
    /// Until its tokens have ended too.
    pub(crate) rest: JoinHandle<()>,
}

impl fmt::Debug for WebLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLogin").field("base", &self.0.base.url().as_str()).finish_non_exhaustive()
    }
}
