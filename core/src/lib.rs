//! A Sans-IO OAuth 2.0 client.
//!
//! This crate builds every request and reads every response, and does nothing else: it opens no socket, reads no
//! clock, asks for no randomness. The host does these three things, in whatever way it likes; the crates
//! `valetkey-blocking` (ureq) and `valetkey-async` (reqwest) are two such ways, thin enough to read in minutes.
//!
//! This page is about how it is built. How to do what is told in [the guide], which is with `valetkey-async`; its page for
//! [a runtime of your own] is about this crate alone.
//!
//! [the guide]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/
//! [a runtime of your own]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/own_runtime/
//!
//! # Layers
//!
//! The house from the roof down. Each room is a module of the same name; **a room uses only rooms below it**, and a test
//! refuses an import that goes up.
//!
//! | room | what belongs there | examples |
//! |---|---|---|
//! | [`dialect`] | families of servers with ways of their own | [`dialect::space`], [`dialect::hub`] |
//! | [`logout`] | the end of a login at the server, and what the server says when it ends there | [`logout::LogoutRequest`], [`logout::BackChannel`] |
//! | [`session`] | the tokens held, calls of an API, renewal; it decides and never sends | [`Session`], [`session::Call`], [`session::Renewal`] |
//! | [`store`] | where sessions outlive a process | [`store::Store`], [`store::StoreKey`] |
//! | [`api`] | what a resource server says | [`api::ProtectedResource`], [`api::StepUp`] |
//! | [`openid`] | what OpenID Connect has beside the login: what else the server says about the person, which server knows them, and logins that others start | [`openid::UserInfoRequest`], [`openid::WebFinger`] |
//! | [`authorize`], `device`, [`status`] | a user's browser; a user's other device; what a token is worth, and its end | [`AuthorizationRequest`], [`DevicePoll`], [`status::Introspection`] |
//! | [`token`] | grants, and the token endpoint | [`Grant`], [`TokenRequest`], [`TokenResponse`] |
//! | [`identity`] | who logged in, proven | [`identity::Login`], [`identity::Identity`] |
//! | [`client`] | who asks, how it proves who it is, one POST; what the program makes or changes of it | [`Client`], [`Dpop`], [`client::SecretSource`], [`client::Adjust`] |
//! | [`server`] | who issues tokens, and how a program learns of it | [`AuthorizationServer`], [`Discovery`] |
//! | [`jose`] | keys, signatures, encryption, JWTs; nothing of OAuth | [`jose::Signer`], [`jose::Jws`] |
//! | [`terms`] | OAuth's values, checked when they are made | [`Scope`], [`Resource`], [`ClientSecret`] |
//! | [`host`] | the network around core: proxies, and why no answer came | [`host::Network`] |
//! | `wire` | bytes to values and back, bounded | JSON, URLs, headers |
//! | `ground` | what is said when something is wrong, and words that need no parsing | [`Error`], [`Rule`], [`Quirk`], [`Flow`] |
//!
//! Two kinds of values run through the rooms. **Flows** are conversations with a server, of any number of rounds:
//! [`TokenRequest`], [`Discovery`], [`DevicePoll`]. **Hand-overs** are values that only a checked step can make, where a
//! user stands between two conversations: [`AuthorizationRequest`] → [`PendingAuthorization`] → [`TokenRequest`];
//! [`DeviceAuthorizationRequest`] → [`DeviceAuthorization`] → [`DevicePoll`].
//!
//! One interface lies between OAuth and the network. A [`Flow`] is stepped; each [`Step`] is carried out:
//!
//! ```text
//!            ┌──────────── step(None | Some(response), now) ─────────────┐
//!            ▼                                                           │
//!          Flow ──▶ Send(request) ──▶ the host sends it, brings the answer ┤
//!            │  └─▶ Wait(time)    ──▶ the host comes back later           ┘
//!            └────▶ Done(output) or an Error: the flow has ended
//! ```
//!
//! # One login, walked through
//!
//! ```
//! use valetkey_core::{
//!     AuthorizationRequest, AuthorizationResponse, Client, Discovery, Entropy, Flow, Response, Session, Step, UnixTime,
//! };
//!
//! // Time and randomness are arguments.
//! let now = UnixTime::from_secs(1_700_000_000);
//! let entropy = Entropy::from_seed([7; 32]);
//! # let answer = |body: &str| -> Response {
//! #     http::Response::builder()
//! #         .header("content-type", "application/json")
//! #         .header("cache-control", "no-store")
//! #         .body(body.as_bytes().to_vec())
//! #         .unwrap()
//! # };
//!
//! // A server is found by its issuer. The flow says what to send, and reads what came.
//! let mut flow = Discovery::new("https://as.example")?;
//! let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
//! assert_eq!(request.uri(), "https://as.example/.well-known/oauth-authorization-server");
//! # let metadata = answer(r#"{
//! #     "issuer": "https://as.example",
//! #     "authorization_endpoint": "https://as.example/authorize",
//! #     "token_endpoint": "https://as.example/token",
//! #     "response_types_supported": ["code"]
//! # }"#);
//! let Step::Done(metadata) = flow.step(Some(metadata), now)? else { unreachable!() };
//! let client = Client::new(metadata.into_server(), "s6BhdRkqt3").api("https://api.example")?;
//!
//! // The user's browser gets a URL; the application keeps the pending authorization, which is for that browser's session.
//! let session = "the value of the browser's session cookie";
//! let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
//! let (url, mut pending) = request.begin(session, entropy, now)?;
//! assert!(url.as_str().starts_with("https://as.example/authorize?response_type=code&client_id=s6BhdRkqt3"));
//!
//! // The browser comes back. Only a response that passes every check becomes a token request.
//! let back = format!("https://app.example/callback?code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
//! let response = AuthorizationResponse::from_url(&back)?.received_in(session);
//! let mut flow = pending.finish(&client, &response, now)?;
//!
//! // It is stepped in the same way.
//! let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
//! assert_eq!(request.uri(), "https://as.example/token");
//! # let tokens = answer(r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600}"#);
//! let Step::Done(tokens) = flow.step(Some(tokens), now)? else { unreachable!() };
//!
//! // A session holds the tokens, and signs calls of the API as long as they are good.
//! let mut session = Session::from_tokens(&client, &tokens);
//! let mut call = session.call(http::Request::get("https://api.example/me").body(Vec::new()).unwrap())?;
//! let Step::Send(request) = call.step(None, now)? else { unreachable!() };
//! assert_eq!(request.headers()["authorization"], "Bearer 2YotnFZFEjr1zCsicMWpAA");
//! # Ok::<(), valetkey_core::Error>(())
//! ```
//!
//! Two whole hosts are among the [examples](https://github.com/valetkey/valetkey/tree/main/core/examples): `own_runtime`, a loop over
//! non-blocking sockets, and `browser`, a web page with `fetch` and a DPoP key of WebCrypto's, which signs later.
//!
//! # Rules of the house
//!
//! - **Strict, with named relaxations.** The default refuses what the RFCs say to refuse. A server that departs from
//!   them is met by admitting a [`Quirk`]; one that occurred is reported on the result.
//! - **Each check has a name.** An [`Error`] carries the [`Rule`] that was broken, with its source; the
//!   [`Checks`](crate::error::Checks) of a conversation are those that held.
//! - **Errors say who must act**: the server refused, broke the protocol, a person must authorize again, or this
//!   program is at fault. Code that the program gave to the library and that failed, such as a
//!   [`SecretSource`](client::SecretSource) or an [`Adjust`](client::Adjust), is told as [`Error::Callback`].
//! - **Secrets** print `<secret>`, are compared in constant time and wiped when dropped. Requests mark their
//!   `Authorization` as sensitive. A refusal's text has been cleaned of what it echoes.
//! - **Asking twice is harmless.** `step(None, …)` changes nothing, so a cancelled future or a lost connection does no
//!   harm, but for a code, which is sent once.
//! - **What outlives a call serializes**, in a versioned form: [`PendingAuthorization`],
//!   [`DeviceAuthorization`], [`SessionRecord`](crate::session::SessionRecord). What is used once is deleted from its store
//!   before it can be used: [`StoredAuthorization`](crate::authorize::StoredAuthorization).
//!
//! # What is absent, on purpose
//!
//! - No HTTP client, no runtime, no generic parameter for one.
//! - No PKCE method `plain`, no way to leave `state` out, no way to build a code grant past its checks.
//! - No redirect is followed: for a request with credentials a 3xx is an error.
//! - No login without a verified ID token. What is decrypted proves nothing: it is signed inside, or refused.
//! - No cryptography of its own but hashing, and what an [`Entropy`] derives: [`jose`] signs, verifies and encrypts with a
//!   provider that the program picks.

pub mod api;
pub mod authorize;
pub mod client;
mod device;
pub mod dialect;
mod ground;
pub mod host;
pub mod identity;
pub mod jose;
pub mod logout;
pub mod openid;
pub mod server;
pub mod session;
pub mod status;
pub mod store;
pub mod terms;
pub mod token;
mod wire;

/// What an [`Error`] is made of: who refused, what was broken, which rule.
pub mod error {
    pub use crate::ground::callback_error::CallbackError;
    pub use crate::ground::challenge::Challenge;
    pub use crate::ground::error::{Malformed, Misuse};
    pub use crate::ground::error_code::ErrorCode;
    pub use crate::ground::refused::{Refused, Retry};
    pub use crate::ground::required::{AuthorizationRequired, Cause};
    pub use crate::ground::rule::Checks;
}

pub use authorize::pending::PendingAuthorization;
pub use authorize::request::AuthorizationRequest;
pub use authorize::response::AuthorizationResponse;
pub use client::Client;
pub use client::dpop::Dpop;
pub use device::authorization::DeviceAuthorization;
pub use device::poll::DevicePoll;
pub use device::request::DeviceAuthorizationRequest;
pub use ground::entropy::Entropy;
pub use ground::error::Error;
pub use ground::flow::{Flow, Request, Response, Step};
pub use ground::quirk::{Quirk, Quirks};
pub use ground::rule::Rule;
pub use ground::subject::Subject;
pub use ground::time::UnixTime;
pub use server::AuthorizationServer;
pub use server::discovery::Discovery;
pub use session::Session;
pub use terms::resource::Resource;
pub use terms::scope::Scope;
pub use terms::secret::{AccessToken, ClientSecret, RefreshToken};
pub use token::grant::Grant;
pub use token::request::TokenRequest;
pub use token::response::TokenResponse;
pub use wire::uri::BrowserUrl;
