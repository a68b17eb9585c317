//! The routes as an axum router.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{FromRef, Request, State};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;

use crate::answer::{MAX_BODY, PATHS};
use crate::page::bare;
use crate::sent::sent;
use crate::web_login::WebLogin;

impl WebLogin {
    /// The routes, to be merged into the application's router, whose state is this value or has it by [`FromRef`]. If the application is below
    /// a path, it is nested there as a whole.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::routing::get;
    /// use valetkey_axum::{NoStore, User, WebLogin};
    ///
    /// async fn home(user: User) -> NoStore<String> {
    ///     NoStore(format!("Hello, {}", user.name()))
    /// }
    ///
    /// fn application(login: WebLogin) -> Router {
    ///     Router::new().route("/", get(home)).merge(login.router()).with_state(login)
    /// }
    /// # let _ = application;
    /// ```
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S>
    where
        Self: FromRef<S>,
    {
        PATHS.iter().fold(Router::new(), |router, path| router.route(path, any(serve::<S>)))
    }
}

async fn serve<S: Clone + Send + Sync + 'static>(State(state): State<S>, request: Request) -> Response
where
    WebLogin: FromRef<S>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return sent(bare(StatusCode::PAYLOAD_TOO_LARGE)) };
    let request = http::Request::from_parts(parts, Vec::from(body));
    sent(WebLogin::from_ref(&state).answer(&request).await)
}
