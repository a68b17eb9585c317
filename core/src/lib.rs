//! A Sans-IO OAuth 2.0 client.
//!
//! This crate builds every request and reads every response, and does nothing else: it opens no socket, reads no
//! clock, asks for no randomness. Whoever runs it does these three things, in whatever way they like; the crates
//! `valetkey-blocking` (ureq) and `valetkey-async` (reqwest) are two such ways, thin enough to read in minutes.
//!
//! # Layers
//!
//! | layer | what it is | examples |
//! |---|---|---|
//! | messages | HTTP to a typed value, pure and total | [`TokenResponse::parse`], [`Refused::parse`], [`Challenge::parse`] |
//! | flows | one conversation with a server, any number of rounds | [`TokenRequest`], [`PushedAuthorizationRequest`], [`SessionCall`], [`Discovery`], [`DevicePoll`], [`Introspection`] |
//! | hand-overs | values that only a checked step can make, where a person stands in between | [`AuthorizationRequest`] → [`PendingAuthorization`] (→ [`SignedResponse`]) → [`TokenRequest`]; [`DeviceAuthorizationRequest`] → [`DeviceAuthorization`] → [`DevicePoll`] |
//! | session | the tokens held and how to get the next one; it decides and never sends | [`Session`], [`Credential`], [`Call`], [`Renewal`] |
//! | adapters | sockets, the clock, the system's randomness, sleeping | `run`, `send`, `now`, `entropy`, `ApiClient`, `Loopback` |
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
//! # One flow, walked through
//!
//! ```
//! use valetkey_core::{
//!     AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Entropy, Flow, Response, Session,
//!     Step, UnixTime,
//! };
//!
//! let server = AuthorizationServer::new()
//!     .authorization_endpoint("https://as.example/authorize")?
//!     .token_endpoint("https://as.example/token")?;
//! let client = Client::new(server, "s6BhdRkqt3").api("https://api.example")?;
//!
//! // Time and randomness are arguments.
//! let now = UnixTime::from_secs(1_700_000_000);
//! let entropy = Entropy::from_seed([7; 32]);
//!
//! // To the person's browser goes a URL; a pending authorization stays at home.
//! let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
//! let (url, mut pending) = request.begin(entropy, now)?;
//! assert!(url.as_str().starts_with("https://as.example/authorize?response_type=code&client_id=s6BhdRkqt3"));
//!
//! // The browser comes back. Only a response that passes every check becomes a token request.
//! let back = format!("https://app.example/callback?code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
//! let mut flow = pending.finish(&client, &AuthorizationResponse::from_url(&back)?, now)?;
//!
//! // The flow says what to send, and reads what came.
//! let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
//! assert_eq!(request.uri(), "https://as.example/token");
//! # let body = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600}"#;
//! # let response = || -> Response {
//! #     http::Response::builder()
//! #         .header("content-type", "application/json")
//! #         .header("cache-control", "no-store")
//! #         .body(body.as_bytes().to_vec())
//! #         .unwrap()
//! # };
//! let Step::Done(tokens) = flow.step(Some(response()), now)? else { unreachable!() };
//!
//! // A session holds the tokens, and signs calls of the API as long as they are good.
//! let mut session = Session::issued(&client, &tokens);
//! let mut call = session.call(http::Request::get("https://api.example/me").body(Vec::new()).unwrap())?;
//! let Step::Send(request) = call.step(None, now)? else { unreachable!() };
//! assert_eq!(request.headers()["authorization"], "Bearer 2YotnFZFEjr1zCsicMWpAA");
//! # Ok::<(), valetkey_core::Error>(())
//! ```
//!
//! # Rules of the house
//!
//! - **Strict, with named relaxations.** The default refuses what the RFCs say to refuse. A server that departs from
//!   them is met by admitting a [`Quirk`]; one that occurred is reported on the result.
//! - **Each check has a name.** An [`Error`] carries the [`Rule`] that was broken, with its source; the [`Checks`] of a
//!   conversation are those that held.
//! - **Errors say who must act**: the server refused, broke the protocol, a person must authorize again, or this
//!   program is at fault.
//! - **Secrets** print `<secret>`, are compared in constant time and wiped when dropped. Requests mark their
//!   `Authorization` as sensitive. A refusal's text has been cleaned of what it echoes.
//! - **Asking twice is harmless.** `step(None, …)` changes nothing, so a cancelled future or a lost connection does no
//!   harm, but for a code, which is sent once.
//! - **What outlives a call serializes**, in a versioned form: [`PendingAuthorization`],
//!   [`DeviceAuthorization`], [`SessionRecord`]. What is used once is deleted from its store before it can be used:
//!   [`StoredAuthorization`].
//!
//! # What is absent, on purpose
//!
//! - No HTTP client, no runtime, no generic parameter for one.
//! - No PKCE method `plain`, no way to leave `state` out, no way to build a code grant past its checks.
//! - No redirect is followed: for a request with credentials a 3xx is an error.
//! - No verification of ID tokens yet: they are handed over unread. Nothing is decrypted: an encrypted response is refused.
//! - No cryptography of its own but hashing: [`jose`] signs and verifies with a provider that the program picks.

mod active_token;
mod answer;
mod assertion;
mod authorization;
mod beside_token;
mod call;
mod certificate;
mod challenge;
mod client;
mod client_auth;
mod credential;
mod device;
mod device_poll;
pub mod dialect;
mod discovery;
mod dpop;
mod echo;
mod endpoint;
mod entropy;
mod error;
mod error_code;
mod exchange;
mod expectations;
mod expected;
mod flow;
mod freshness;
mod front_channel;
mod grant;
mod host;
mod http_failure;
mod implicit;
mod introspection;
pub mod jose;
mod json;
mod jwks_cache;
mod jwts;
mod location;
mod metadata;
mod network;
mod no_proxy;
mod parameters;
mod pending;
mod pkce;
mod post;
mod profile;
mod protected_resource;
mod proxy;
mod public_host;
mod purpose;
mod pushed;
mod quirk;
pub mod receiver;
mod record;
mod redirect;
mod refused;
mod rejection;
mod renewal;
mod request_object;
mod resource;
mod resource_metadata;
mod response_mode;
mod revocation;
mod rich;
mod round;
mod rule;
mod scope;
mod secret;
mod server;
mod session;
mod shared_credential;
mod short;
mod signed_introspection;
mod signed_metadata;
mod signed_response;
mod step_up;
pub mod store;
mod subject;
mod text;
mod time;
mod token;
mod token_members;
mod token_response;
mod token_type;
mod uri;
mod version;

pub use active_token::{ActiveToken, Confirmation};
pub use assertion::{JwtAssertion, SamlAssertion};
pub use authorization::AuthorizationRequest;
pub use call::{Call, CallStep, Readiness, SessionCall};
pub use certificate::CertificateThumbprint;
pub use challenge::Challenge;
pub use client::Client;
pub use client_auth::AuthenticationMethod;
pub use credential::{AwaitedCredential, Credential, Margin};
pub use device::{DeviceAuthorization, DeviceAuthorizationRequest};
pub use device_poll::DevicePoll;
pub use discovery::{Discovery, require_distinct_issuers};
pub use dpop::Dpop;
pub use endpoint::Endpoint;
pub use entropy::Entropy;
pub use error::{AuthorizationRequired, Cause, Error, Malformed, Misuse};
pub use error_code::ErrorCode;
pub use exchange::{TokenExchange, TokenKind};
pub use expectations::Expectations;
pub use flow::{Flow, MAX_BODY, Request, Response, Step};
pub use grant::Grant;
pub use http_failure::{BadCertificate, Http, HttpKind};
#[expect(deprecated, reason = "the deprecated flow is exported under its own name")]
pub use implicit::{ImplicitRequest, PendingImplicit, StoredImplicit};
pub use introspection::{Inactive, Introspected, Introspection};
pub use jwks_cache::{JwksCache, JwksFetch};
pub use metadata::Metadata;
pub use network::Network;
pub use parameters::{Display, Prompt};
pub use pending::{PendingAuthorization, StoredAuthorization};
pub use pkce::CodeVerifier;
pub use profile::Profile;
pub use protected_resource::ProtectedResourceDiscovery;
pub use proxy::{Proxy, ProxyRules, UnusableProxy};
pub use public_host::{is_public_address, is_public_host};
pub use pushed::PushedAuthorizationRequest;
pub use quirk::{Quirk, Quirks};
pub use record::SessionRecord;
pub use redirect::AuthorizationResponse;
pub use refused::{Refused, Retry};
pub use renewal::{Renewal, RenewalAnswer, RenewalStep};
pub use resource::Resource;
pub use resource_metadata::ProtectedResource;
pub use response_mode::ResponseMode;
pub use revocation::Revocation;
pub use rich::AuthorizationDetails;
pub use rule::{Checks, Rule};
pub use scope::Scope;
pub use secret::{AccessToken, ClientSecret, IdToken, Password, RefreshToken};
pub use server::AuthorizationServer;
pub use session::Session;
pub use shared_credential::SharedCredential;
pub use signed_metadata::MetadataSigner;
pub use signed_response::SignedResponse;
pub use step_up::{StepUp, StepUps};
pub use subject::Subject;
pub use time::UnixTime;
pub use token::TokenRequest;
pub use token_response::TokenResponse;
pub use token_type::TokenType;
pub use uri::BrowserUrl;
