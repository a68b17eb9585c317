//! valetkey for async services: reqwest and tokio.
//!
//! All decisions are those of [`valetkey_core`], whose names are all here; this crate adds what core does not have: a
//! socket, a clock, the system's randomness. Its names are almost those of `valetkey-blocking`, so that a program moves from
//! one to the other mostly by leaving out `.await`. Only this one has [`http_client_with`] and [`http_client_obeying`], because a
//! client of reqwest has to be built anew to follow no redirect; and here [`http_client`] may fail, and a login is stored by
//! [`put_in_async`](PendingAuthorization::put_in_async) and taken out by
//! [`take_from_async`](PendingAuthorization::take_from_async).
//!
//! **The [`guide`]** has a page for each kind of program and for common servers. What each error means is told
//! in [`guide::errors`].
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_async::{ApiClient, AuthorizationRequest, Client, Discovery, http_client, log_in, run};
//!
//! # async fn login() -> Result<(), Box<dyn std::error::Error>> {
//! let http = http_client()?;
//! let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
//! let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
//! let tokens = log_in(
//!     &http,
//!     |redirect_uri| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read"),
//!     |url| println!("Open {url}"),
//!     Duration::from_secs(300), // for the user to log in
//! ).await?;
//! let api = ApiClient::from_tokens(http, &app, &tokens);
//! let orders = api.get("https://api.example/orders").await?; // renews, signs, repeats once
//! println!("{}: {}", orders.status(), String::from_utf8_lossy(orders.body()));
//! # Ok(())
//! # }
//! ```
//!
//! # What is sent, and what comes back
//!
//! - [`http_client`] makes the HTTP client that sends; [`http_client_with`] makes one of any `reqwest::ClientBuilder`, with the
//!   proxy, the TLS and the timeouts that you gave it: **set timeouts there**, or a silent server is waited for without end.
//! - A request says that it is sent by `valetkey-async/VERSION`, unless it or its builder has a `User-Agent`.
//! - No redirect is followed ([HT-1](crate::Rule::Ht1)): a 3xx is an answer, and so is a 4xx. No request is repeated in
//!   secret.
//! - A body is sent with its length, never in chunks ([HT-2](crate::Rule::Ht2)).
//! - [`ApiClient::send`] and [`get`](ApiClient::get) take a body and an answer whole. [`ApiClient::stream`] takes them as they
//!   come, for what is large: its request's body is sent in chunks unless its length is known, and its answer is not limited.
//! - An authorization server's answer is read up to [`MAX_BODY`], an API's up to 64 MiB or the
//!   [limit](ApiClient::with_body_limit) of its client; a larger one is [`Error::Transport`], never a part of it
//!   ([HT-3](crate::Rule::Ht3)).
//! - The HTTP library logs hosts, ports and its connections at level debug and trace, and no secret at any level. A client
//!   that you configure with `connection_verbose` writes down at level trace all that goes over the wire, tokens and all.
//!
//! # Proxies
//!
//! **A proxy that you gave a `reqwest::ClientBuilder` of your own also sees what is for loopback**, unless you exempt it
//! there: see [`http_client_with`].
//!
//! - Loopback is never asked through a proxy, whatever the environment says: plain http is allowed there because it does
//!   not leave the machine.
//! - `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not, mean what
//!   [`ProxyRules::from_values`] says, to both adapters alike. The proxy is an HTTP proxy, spoken to in the clear or by TLS,
//!   or a SOCKS5 proxy: `socks5` resolves names here, `socks5h` at the proxy. A user and a password may be in its address,
//!   and are shown nowhere.
//! - A proxy of another kind, or an address that cannot be read, is an error that names the variable
//!   ([`TransportErrorKind::ProxyUnusable`]). No request goes around it. One that refuses is [`TransportErrorKind::ProxyRefused`].
//! - A client of your own goes by these rules for what its own proxies leave; [`http_client_obeying`] takes other rules.
//! - An HTTP proxy is asked for a tunnel (`CONNECT`) for https, and to pass the request on for http. reqwest tells the
//!   status of a tunnel that is refused if it is 407, and no other.
//! - A name that the system's resolver maps to this machine (in its file of hosts, say) is a foreign name here. List it in
//!   `NO_PROXY`.
//!
//! ```no_run
//! use valetkey_async::{http_client_for, network};
//! use valetkey_async::host::{Network, ProxyRules};
//!
//! let direct = http_client_for(&Network::new(ProxyRules::direct()))?; // no proxy at all
//! let private = http_client_for(&network().authority(std::fs::read("authority.pem")?))?; // beside the system's
//! # let _ = (direct, private);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Certificates
//!
//! TLS trusts the system's authorities; on Linux those of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place, if set. One
//! of your own is [added to them](host::Network::authority). A certificate that is not accepted is
//! [`TransportErrorKind::Certificate`], which says whose it is and what is wrong with it.
//!
//! The certificate that a client presents (RFC 8705), and authorities in place of the system's, are reqwest's configuration. Core is
//! told of the certificate by the constructor of its [`Client`], and goes to the endpoints that the server has for it.
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_async::reqwest::{self, Certificate, Identity};
//! use valetkey_async::{AuthorizationServer, Client, Grant, TokenRequest, http_client_with, run};
//!
//! # async fn certified() -> Result<(), Box<dyn std::error::Error>> {
//! let authority = Certificate::from_pem(&std::fs::read("authority.pem")?)?;
//! // The certificate and its key, one after the other.
//! let identity = Identity::from_pem(&std::fs::read("client.pem")?)?;
//! let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).timeout(Duration::from_secs(60));
//! let http = http_client_with(builder.tls_certs_only([authority]).identity(identity))?;
//!
//! let server = AuthorizationServer::new().token_endpoint("https://mtls.as.example/token")?;
//! let client = Client::new(server, "s6BhdRkqt3").tls_client_auth()?;
//! let tokens = run(&http, TokenRequest::new(&client, Grant::client_credentials())?).await?;
//! # let _ = tokens;
//! # Ok(())
//! # }
//! ```
//!
//! # Signing
//!
//! The features `aws-lc-rs` and `rust-crypto` (off by default) bring what signs, verifies and decrypts JWTs, for ID tokens
//! (which prove who logged in), DPoP, client assertions and signed responses: [`jose::AwsLc`](valetkey_core::jose) and
//! [`jose::RustCrypto`](valetkey_core::jose). One is enough; only AWS-LC decrypts with RSA.
//!
//! # Tracing
//!
//! With the feature `tracing` (off by default) the renewals of all [`Tokens`] are told to the subscriber of the crate
//! `tracing`, with the target `valetkey` and no secret. Each is a span, a child of the span in which a caller began it:
//!
//! | name | level | fields |
//! |---|---|---|
//! | span `valetkey.renewal` | info | `key`, the digest of the session's [`StoreKey`](store::StoreKey); `outcome`: `done`, `refused`, `failed` or `ended`; `cause`, and `why` if no answer came |
//! | event `shared`, `store_conflict` | debug | `key` |
//! | event `done` | info | `key`, `took_ms` |
//! | event `refused`, `failed`, `ended` | warn | `key`, `took_ms`, `cause`, and `why` |
//! | event `paused` | warn | `key`, `until` in seconds since 1970 |
//!
//! What they mean is said by [`SessionEvent`]. An [`Observer`] of one's own needs no feature: see
//! [`Session::with_observer`].
//!
//! # Cancelling
//!
//! Every future may be dropped, and may be spawned. A dropped [`run`] leaves a flow that was lent to it as it was, but
//! for a request that may have been sent; a dropped [`Loopback::receive`] closes its port; a dropped
//! [`ApiClient::send`] leaves the renewal that it began to its own task, which the end of the runtime would drop: a program that is
//! told to stop waits for its [`Tasks`]. They need a tokio runtime with its I/O and its
//! time enabled, of either flavour, and never block it.
//!
//! [`TransportErrorKind::Certificate`]: host::TransportErrorKind::Certificate
//! [`TransportErrorKind::ProxyRefused`]: host::TransportErrorKind::ProxyRefused
//! [`TransportErrorKind::ProxyUnusable`]: host::TransportErrorKind::ProxyUnusable
//! [`MAX_BODY`]: host::MAX_BODY
//! [`Observer`]: session::Observer
//! [`ProxyRules::from_values`]: host::ProxyRules::from_values
//! [`SessionEvent`]: session::SessionEvent

mod api_client;
mod end;
mod failure;
// Documentation only: a program is not compiled with it.
#[cfg(any(doc, doctest))]
pub mod guide;
mod log_in;
mod log_out;
mod logged_in;
mod loopback;
mod network;
mod run;
mod said;
mod sessions;
mod stream;
mod system;
mod tasks;
mod tokens;
#[cfg(feature = "tracing")]
mod traced;
mod transport;
mod user_info;

/// The types of requests and responses.
pub use http;
/// The HTTP library, to configure a client with.
pub use reqwest;
/// The body of a request that is [streamed](ApiClient::stream): bytes, which are sent again if the request is repeated, or a
/// stream, which is sent once. It is reqwest's: `Upload::wrap` takes any body of the crate `http-body`, and with reqwest's
/// feature `stream` `Upload::wrap_stream` a `Stream`, and `Upload::from` a tokio `File`.
pub use reqwest::Body as Upload;
/// Core itself, for the one name that this crate has of its own: [`Error`](valetkey_core::Error).
pub use valetkey_core;
#[doc(no_inline)]
pub use valetkey_core::*;

pub use api_client::ApiClient;
pub use log_in::log_in;
pub use logged_in::LoggedIn;
pub use loopback::Loopback;
pub use network::{HttpClient, http_client, http_client_for, http_client_obeying, http_client_with};
pub use run::run;
pub use sessions::Sessions;
pub use stream::Download;
pub use system::{entropy, network, now};
pub use tasks::Tasks;
pub use tokens::{CredentialFuture, TokenSource, Tokens};
pub use transport::send;
pub use valetkey_core::host::Error;
