//! Log-in and log-out for web applications over axum, by OpenID Connect.
//!
//! ```no_run
//! use axum::extract::State;
//! use axum::{Router, response::Html, routing::get};
//! use valetkey_async::{Client, Discovery, http_client, run};
//! use valetkey_axum::{NoStore, User, WebLogin};
//!
//! async fn home(State(login): State<WebLogin>, user: Option<User>) -> NoStore<Html<String>> {
//!     NoStore(Html(login.button(user.as_ref())))
//! }
//!
//! async fn orders(user: User) -> NoStore<String> {
//!     NoStore(format!("Orders of {}", user.name())) // nobody else comes here: a page is sent to log in, a script is answered 401
//! }
//!
//! # async fn program(sealing_key: [u8; 32]) -> Result<(), Box<dyn std::error::Error>> {
//! let http = http_client()?;
//! let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
//! let client = Client::new(server, "web-id").secret("client-secret")?;
//! let login = WebLogin::builder(http, "https://app.example", sealing_key).client(client).build()?;
//! let web = Router::new().route("/", get(home)).route("/orders", get(orders));
//! let web = web.merge(login.router()).with_state(login);
//! # let _: Router = web;
//! # Ok(())
//! # }
//! ```
//!
//! # Routes
//!
//! All are below the base URL, which is the operator's setting: no `Host` and no `Forwarded` is ever read.
//!
//! | | by | does |
//! |---|---|---|
//! | `/login` | POST of a button, GET by a redirect; `return_to`, `by`, `prompt=none` | sends the browser to the server, which with `prompt=none` shows nothing; a form of another site is sent round by a GET first. With `iss` it is the [login that another site starts](valetkey_async::openid::ThirdPartyLogin) ([TP-1](valetkey_async::Rule::Tp1)): register it as `initiate_login_uri` |
//! | `/callback`, `/callback/NAME` | GET, or POST of the server's form (`form_post`) | checks the response, begins a session, and answers 303 to where the person wanted to go |
//! | `/login/failed` | GET | says in fixed words that a login failed |
//! | `/logout` | POST with the `csrf` of [`User::logout_token`], or of a page of the same origin as the browser says | ends the session here, and then sends the browser to the server, if that has an `end_session_endpoint` |
//! | `/logout/return` | GET | the browser is back: register it as `post_logout_redirect_uri` |
//! | `/logout/back-channel`, with `/NAME` | POST of the server | [ends the sessions](valetkey_async::logout::BackChannel) that a logout token names, in all processes: register it as `backchannel_logout_uri` |
//! | `/logout/front-channel`, with `/NAME` | GET of an iframe | [ends this browser's session](valetkey_async::logout::FrontChannel), where its cookie comes along. Only with [`WebLoginBuilder::front_channel`]; register the back channel instead |
//!
//! A HEAD and a prefetch do nothing. Answers are kept by no cache, tell no other site where they were, and are not framed.
//! Other frameworks call [`WebLogin::answer`] and [`WebLogin::user`], which know the crate `http` alone; their bodies are at most [`MAX_BODY`].
//! [`WebLoginBuilder`] has the settings, [`Texts`] what the pages say; a [`Failure`] is what the program's log hears; [`NoUser`] is the answer for
//! who is not logged in; [`NoStore`] keeps a page out of caches. [`EXAMPLE_KEY`] is for examples.
//!
//! # What keeps it safe
//!
//! - **A login under way** is in a sealed cookie of its browser, one for each, so that two tabs do not disturb each other. There are eight
//!   places for them: with more, the oldest is dropped; each lasts ten minutes. Together they take at most 6 KiB, so there are fewer if their
//!   `return_to` is longer than about 80 bytes; servers and proxies refuse requests with more than 8. Tabs that begin at the very same time do
//!   not know of each other: two of them may take one place, and whose login is lost is told to log in again; and eight with long `return_to`
//!   may be more than 6 KiB until the next begins. It holds what ties the response to this browser ([AR-14](valetkey_async::Rule::Ar14)), `state`, verifier and nonce, and its
//!   age. Nothing is on the server before a login, and a link logs nobody in to somebody else's session.
//! - **A response is used once** ([AR-12](valetkey_async::Rule::Ar12)): the answer clears the cookie, and its `state` is marked in the store before the code goes
//!   out. **With the store in memory, the default, that holds for one process:** with several, only the server's rule that a code is good once
//!   is left, and a session is known to the process that began it alone. Give several processes one [store](WebLoginBuilder::store).
//! - **A session** has a new random name at each login, and the one that the browser had ends. The store has a digest of it.
//!   It is looked up at each request: a log-out, of the server too, counts at once in all processes.
//! - **What was asked of the store and not answered is a 503**, never a log-out. A login whose code was not sent yet goes on by a reload. A log-out that
//!   the store did not take is not said to be done: the person is told that they are still logged in, and has the button again.
//! - **A login that is renewed without a word** (`/login?prompt=none`, by a page of ours, in no frame) changes nothing if it fails: the person goes on to
//!   `return_to` as who they were, and no page of ours is shown on the way. If somebody else is logged in at the server by now, the session here
//!   ends, and the other one gets none; nor does anybody if there was a log-out here in the meantime (LG-7). **Ask once:** a page that sends
//!   everybody there who is not logged in, sends who is not logged in at the server round and round. So it remembers that it has asked, by a
//!   parameter of the `return_to` say, `/login?prompt=none&return_to=/?asked`, and does not ask again.
//! - **The place to return to** is read by the URL parser that browsers have, is at the application's origin, and what was read is what is sent.
//! - **Another site** may start a login, and puts nobody in the place of somebody who is logged in ([TP-4](valetkey_async::Rule::Tp4)).
//! - **The sealing key** is 32 random bytes, one for all processes. It is never made up; that of the examples is taken on loopback only.
//!   Where processes change one after another, the new key is a [former key](WebLoginBuilder::former_key) in all of them first.
//! - **What began goes on to its end:** a tab that is closed leaves neither a login nor a log-out half-way.
//!
//! What is left for the application:
//!
//! - Its own pages for who is logged in need `Cache-Control: no-store`, or the back button shows them after the log-out: [`NoStore`] says so.
//! - Its own handlers of POST and the like need their own protection against requests that another page forges (CSRF). The session's
//!   cookie is `SameSite=Lax`, so that other sites' forms do not bring it; other hosts of the same site do.
//! - A limit for each address belongs in front of it: [`most_starts`](WebLoginBuilder::most_starts) protects the server alone.
//! - Without [`on_failure`](WebLoginBuilder::on_failure) nobody hears what was refused, or failed.
//!
//! # Examples
//!
//! | | |
//! |---|---|
//! | [`login`](https://github.com/valetkey/valetkey/blob/main/axum/examples/login.rs) | a whole application in fifteen lines |
//! | [`redis`](https://github.com/valetkey/valetkey/blob/main/axum/examples/redis.rs) | several processes of one application, whose sessions are in one Redis |
//! | [`two_issuers`](https://github.com/valetkey/valetkey/blob/main/axum/examples/two_issuers.rs) | a choice of two servers on one page |
//! | [`spa`](https://github.com/valetkey/valetkey/blob/main/axum/examples/spa.rs) | a single-page application and its backend: the browser has a cookie, and no token |
//!
//! # Below a path
//!
//! The base URL may have a path: nest the whole application there, `Router::new().nest("/shop", application)`. Cookies with the prefix
//! `__Host-` are always for the whole host. So each application below the same host gets the session of the others with its requests:
//! give each [cookies of its own name](WebLoginBuilder::cookies_named), and know that what one of them does with a cookie, another can.
//! Applications that do not trust each other need hosts of their own.
//!
//! # When the program ends
//!
//! axum's graceful shutdown waits for the requests that are being answered, and so for the renewals that they wait for. Then
//! [`WebLogin::settled`] waits for what goes on without a request: logins and log-outs whose browser has left, renewals, and tokens that are
//! revoked, after a log-out that the server announced too. A renewal that is dropped half-way would lose the new refresh token.
//!
//! # Sessions in `tower-sessions`
//!
//! With the feature `tower-sessions` an application that has the crate [`tower-sessions`](https://docs.rs/tower-sessions) says
//! `WebLoginBuilder::in_tower_sessions`, and puts `WebLogin::session_layer` around its routes, over any store of that crate. Then one
//! cookie is for both: `Session` is beside [`User`] in a handler, its id is another after each login, what it had for a stranger stays, and
//! a log-out, or the login of another person, takes all of it away. Who is logged in, and the tokens, stay in our store, as `in_tower_sessions` explains.
//!
//! # Not there yet
//!
//! - A log-out that the store did not take is not tried again by itself.
//! - tower-sessions reads no cookie of a field that has other bytes than UTF-8 in it: who has such a cookie of a sibling host is nobody there.
//! - tower-sessions takes its cookie away without `Secure`, which browsers do not heed. Our routes do it rightly; where a handler finds that a login
//!   has ended elsewhere, the browser keeps an id by which nothing is there, and the next login gives it another.
//! - A response by `form_post` of more than about 3 KiB goes round by a URL that some proxies refuse.
//! - A form that was posted by somebody who is not logged in is not posted again after the login.

mod announced;
mod answer;
mod asked;
mod base;
mod builder;
mod callback;
mod common;
mod cookies;
mod failure;
mod known;
#[cfg(feature = "tower-sessions")]
mod layer;
mod log_out;
mod login;
mod names;
mod no_store;
mod page;
mod posted;
mod record;
mod return_to;
mod router;
mod seal;
mod sent;
mod starts;
mod texts;
#[cfg(feature = "tower-sessions")]
mod tower;
mod user;
mod waiting;
mod web_login;

pub use answer::MAX_BODY;
pub use builder::WebLoginBuilder;
pub use failure::Failure;
pub use no_store::NoStore;
pub use seal::EXAMPLE_KEY;
pub use texts::Texts;
#[cfg(feature = "tower-sessions")]
pub use tower_sessions;
pub use user::{NoUser, User};
pub use web_login::WebLogin;
