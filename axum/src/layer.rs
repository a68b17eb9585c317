//! Sessions that `tower-sessions` keeps: how they are set up.

use tower_sessions::cookie::SameSite;
use tower_sessions::{SessionManagerLayer, SessionStore};

use crate::builder::WebLoginBuilder;
use crate::names::Names;
use crate::web_login::WebLogin;

impl WebLoginBuilder {
    /// What a browser's session is known by, is kept in [tower-sessions](tower_sessions), beside what the application keeps there for it: its id
    /// is another after each login, and a log-out, or the login of another person, takes all of it away. Put [`WebLogin::session_layer`] around the routes and the handlers.
    ///
    /// Who is logged in, and their tokens, stay in our [store](Self::store): a store of tower-sessions writes without a look at what is there, so
    /// that a request which is under way beside a log-out writes its session back, and it has no leases for renewals. With several
    /// processes both stores are to be theirs in common.
    ///
    /// The same goes for a *login*: a request of the same browser which is under way beside it, and changes its session, writes that back under
    /// the id from before, and its answer gives the browser that id again. By it nobody is logged in: the person is logged out, and logs in
    /// once more. So have no page change its session while a login ends, by a script that asks again and again say.
    #[must_use]
    pub const fn in_tower_sessions(mut self) -> Self {
        self.names = Names::TowerSessions;
        self
    }
}

impl WebLogin {
    /// The layer for [`in_tower_sessions`](crate::WebLoginBuilder::in_tower_sessions), over any store of tower-sessions. Handlers have
    /// a [`Session`](tower_sessions::Session) beside their [`User`](crate::User).
    ///
    /// ```
    /// use axum::Router;
    /// use axum::routing::post;
    /// use valetkey_axum::tower_sessions::{Session, SessionStore};
    /// use valetkey_axum::{User, WebLogin};
    ///
    /// async fn put_into_basket(_user: User, session: Session) -> Result<(), String> {
    ///     session.insert("basket", ["a valet key"]).await.map_err(|error| error.to_string())
    /// }
    ///
    /// fn application<S: SessionStore + Clone>(login: WebLogin, store: S) -> Router {
    ///     let layer = login.session_layer(store);
    ///     Router::new().route("/basket", post(put_into_basket)).merge(login.router()).with_state(login).layer(layer)
    /// }
    /// # let _ = application::<valetkey_axum::tower_sessions::MemoryStore>;
    /// ```
    ///
    /// Its cookie is named and marked as [the others](crate#what-keeps-it-safe) are. Leave it `SameSite=Lax`: with tower-sessions'
    /// own `Strict` no browser brings it back from the server of the login, so that the session from before it would neither be found nor
    /// end. How long a session is kept there is tower-sessions' own setting, `with_expiry`: two weeks after the last change. After
    /// that nobody is logged in by it.
    ///
    /// A log-out that another process or the server began ends the login at once, and what is kept beside it when the browser comes next
    /// and somebody asks for [`User`](crate::User): ask for it in every handler that shows what the session has.
    pub fn session_layer<S: SessionStore>(&self, store: S) -> SessionManagerLayer<S> {
        let cookies = &self.0.cookies;
        SessionManagerLayer::new(store)
            .with_name(cookies.id())
            .with_secure(cookies.are_secure())
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
    }
}
