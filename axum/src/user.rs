//! Who is logged in: the extractor [`User`], and [`NoUser`], its refusal.

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, StatusCode};
use valetkey_async::ApiClient;
use valetkey_async::identity::Identity;

use crate::asked::is_navigation;
use crate::known::Who;
use crate::names::Came;
use crate::page::{Answer, bare, button, see_other};
use crate::return_to::ReturnTo;
use crate::sent::sent;
use crate::web_login::{Live, WebLogin};

/// Who is logged in, as a handler's argument. `Option<User>` takes anybody.
///
/// ```
/// use valetkey_axum::{NoStore, User};
///
/// async fn orders(user: User) -> Result<NoStore<String>, String> {
///     let orders = user.api().get("https://api.example/orders").await.map_err(|error| error.to_string())?;
///     Ok(NoStore(format!("{}: {}", user.name(), String::from_utf8_lossy(orders.body()))))
/// }
/// # let _ = orders;
/// ```
///
/// The store is asked at each request, so that a session which has ended anywhere is over here. The router's state is a [`WebLogin`], or has
/// one by [`FromRef`].
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct User {
    who: Arc<Who>,
    api: ApiClient,
}

impl User {
    /// Who it is: issuer and subject, by which an account is found.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.who.record.identity
    }

    /// What to call them: the claim `name` of their login, or `preferred_username`, or the subject. It is the person's choice, and
    /// is no account's name: escape it in pages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.who.record.name
    }

    /// By which [named](crate::WebLoginBuilder::client_named) client they logged in; empty for the one without a name.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.who.record.provider
    }

    /// The login at the server, `sid`, if it said so.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.who.record.sid.as_deref()
    }

    /// The client's APIs, called on behalf of this user: it renews, and fails where they have to log in again.
    #[must_use]
    pub fn api(&self) -> ApiClient {
        self.api.clone()
    }

    /// What a form that logs out brings along as `csrf`. [`WebLogin::button`] has it.
    #[must_use]
    pub fn logout_token(&self) -> String {
        self.who.logout_token.clone()
    }
}

impl WebLogin {
    /// The form that logs this user out, or anybody else in: HTML, to be put into a page as it is.
    #[must_use]
    pub fn button(&self, user: Option<&User>) -> String {
        let (texts, base) = (&self.0.texts, &self.0.base);
        let form = match user {
            Some(user) => button(&base.path("/logout"), &[("csrf", &user.logout_token())], &texts.log_out),
            None => button(&base.path("/login"), &[], &texts.log_in),
        };
        form.into_string()
    }

    /// Who is logged in, by the headers of a request: for other frameworks than axum. `None` for nobody.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`](crate::Failure::Failed) if the store failed: then it is not known, and a 503 says so;
    /// [`Failure::Broken`](crate::Failure::Broken) if sessions are kept in tower-sessions, which no header shows.
    pub async fn user(&self, headers: &HeaderMap) -> Result<Option<User>, crate::Failure> {
        self.user_of(Came { headers, extensions: &Extensions::new() }).await
    }

    async fn user_of(&self, came: Came<'_>) -> Result<Option<User>, crate::Failure> {
        let Some(session) = self.session_of(came).await? else { return Ok(None) };
        let live = self.live(&session).await?;
        if live.is_none()
            && let Err(failure) = self.0.names.forget(came).await
        {
            self.note(&failure);
        }
        Ok(live.map(|Live { who, api }| User { who, api }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User
where
    WebLogin: FromRef<S>,
{
    type Rejection = NoUser;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoUser> {
        let login = WebLogin::from_ref(state);
        match login.user_of(Came::from(&*parts)).await {
            Ok(Some(user)) => Ok(user),
            Ok(None) => Err(NoUser::nobody(&login, parts)),
            Err(failure) => Err(NoUser::unknown(&login, &failure)),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User
where
    WebLogin: FromRef<S>,
{
    type Rejection = NoUser;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, NoUser> {
        let login = WebLogin::from_ref(state);
        login.user_of(Came::from(&*parts)).await.map_err(|failure| NoUser::unknown(&login, &failure))
    }
}

/// Nobody is logged in: a person who goes to a page is sent to log in, and then back to it; a script is answered 401. If the store
/// failed, it is not known, and the answer is 503.
pub struct NoUser(Answer);

impl NoUser {
    fn nobody(login: &WebLogin, parts: &Parts) -> Self {
        let to = login.0.base.path("/login");
        if !is_navigation(&parts.headers) {
            let mut answer = bare(StatusCode::UNAUTHORIZED);
            *answer.body_mut() = br#"{"error":"login_required"}"#.to_vec();
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Cookie"));
            return Self(answer);
        }
        // A form that was posted is not posted again after the login.
        let is_repeatable = matches!(parts.method, Method::GET | Method::HEAD);
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let here = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let back = ReturnTo::read(login.0.base.url(), here).ok().filter(|_| is_repeatable);
        Self(match back {
            None => see_other(&to),
            Some(back) => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("return_to", back.as_str())
                    .finish();
                see_other(&format!("{to}?{query}"))
            }
        })
    }

    fn unknown(login: &WebLogin, failure: &crate::Failure) -> Self {
        login.note(failure);
        Self(login.says(StatusCode::SERVICE_UNAVAILABLE, &login.0.texts.unavailable))
    }
}

impl IntoResponse for NoUser {
    fn into_response(self) -> Response {
        sent(self.0)
    }
}

/// The status.
impl fmt::Debug for NoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NoUser").field(&self.0.status()).finish()
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("identity", self.identity()).finish_non_exhaustive()
    }
}
