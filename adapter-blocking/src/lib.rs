//! valetkey for scripts and threads: ureq.
//!
//! All decisions are those of [`valetkey_core`], whose names are all here; this crate adds what core does not have: a
//! socket, a clock, the system's randomness. Its names are almost those of `valetkey-async`, so that a program moves from one
//! to the other mostly by adding `.await`, and a `?` where the HTTP client is made.
//!
//! **The [`guide`]** has a page for each kind of program, and leads to those that are the same for tasks: what
//! [each error means](https://docs.rs/valetkey-async/latest/valetkey_async/guide/errors/), for example.
//!
//! **Before you log at level trace:** there the HTTP library writes down what goes over the wire, in a hex dump under the
//! target `ureq_proto::util`: the head of each request with its `Authorization`, and each answer whole, tokens and all.
//! Silence it by your logger's filter, `ureq=debug,ureq_proto=debug`, or leave level trace out of the program by the feature
//! `max_level_debug` of the crate `log`. No level below trace shows a secret.
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_blocking::{ApiClient, AuthorizationRequest, Client, Discovery, http_client, log_in, run};
//!
//! let http = http_client();
//! let server = run(&http, Discovery::new("https://login.example")?)?.into_server();
//! let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
//! let tokens = log_in(
//!     &http,
//!     |redirect_uri| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read"),
//!     |url| println!("Open {url}"),
//!     Duration::from_secs(300), // for the user to log in
//! )?;
//! let api = ApiClient::from_tokens(http, &app, &tokens);
//! let orders = api.get("https://api.example/orders")?; // renews, signs, repeats once
//! println!("{}: {}", orders.status(), String::from_utf8_lossy(orders.body()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent, and what comes back
//!
//! - [`http_client`] makes the HTTP client that sends; any other [`HttpClient`], which is ureq's `Agent`, serves as well, with
//!   the proxy, the TLS and the timeouts that you gave it (**set timeouts there**, or a silent server is waited for without
//!   end), and with its middleware, which sees secrets.
//! - A request says that it is sent by `valetkey-blocking/VERSION`, unless it or its client has a `User-Agent`.
//! - No redirect is followed ([HT-1](crate::Rule::Ht1)): a 3xx is an answer, and so is a 4xx. No request is repeated in
//!   secret.
//! - A body is sent with its length, never in chunks ([HT-2](crate::Rule::Ht2)).
//! - [`ApiClient::send`] and [`get`](ApiClient::get) take a body and an answer whole. [`ApiClient::stream`] takes them as they
//!   come, for what is large: its request's body is sent in chunks unless its length is known, and its answer is not limited.
//! - An authorization server's answer is read up to [`MAX_BODY`], an API's up to 64 MiB or the
//!   [limit](ApiClient::with_body_limit) of its client; a larger one is [`Error::Transport`], never a part of it
//!   ([HT-3](crate::Rule::Ht3)).
//! - At level debug the HTTP library logs each request's method, scheme, host and port, and of headers those that hold no
//!   secret, such as `Content-Type`. Where its target `ureq` is let through at level trace, these lines show paths, queries
//!   and an answer's `Location` too.
//!
//! # Proxies
//!
//! A `ureq::Agent` of your own keeps the proxy that you gave it. If you gave it none, ureq has read the environment by
//! itself, and the rules below replace what it found; where ureq found nothing that it could use, it asks directly, so
//! prefer [`http_client`] or [`http_client_for`] where a proxy must not be bypassed.
//!
//! - Loopback is never asked through a proxy, whatever the environment says: plain http is allowed there because it does
//!   not leave the machine.
//! - `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not, mean what
//!   [`ProxyRules::from_values`] says, to both adapters alike. The proxy is an HTTP proxy, spoken to in the clear or by TLS,
//!   or a SOCKS5 proxy: `socks5` resolves names here, `socks5h` at the proxy. A user and a password may be in its address,
//!   and are shown nowhere.
//! - A proxy of another kind, or an address that cannot be read, is an error that names the variable
//!   ([`TransportErrorKind::ProxyUnusable`]). No request goes around it. One that refuses is [`TransportErrorKind::ProxyRefused`].
//! - A client of your own asks loopback directly too, whatever proxy it was given.
//! - An HTTP proxy is asked for a tunnel (`CONNECT`), for plain http too, which some proxies allow to port 443 only.
//! - A name that the system's resolver maps to this machine (in its file of hosts, say) is a foreign name here. List it in
//!   `NO_PROXY`.
//!
//! ```no_run
//! use valetkey_blocking::{http_client_for, network};
//! use valetkey_blocking::host::{Network, ProxyRules};
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
//! of your own is [added to them](host::Network::authority).
//! A client of your own trusts what it was configured with, which is ureq's built-in list if you said nothing. A certificate
//! that is not accepted is [`TransportErrorKind::Certificate`], which says whose it is and what is wrong with it.
//!
//! The certificate that an HTTP client presents (RFC 8705), and authorities in place of the system's, are its own configuration. Core is
//! told of the certificate by the client's constructor, and goes to the endpoints that the server has for it.
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_blocking::ureq::Agent;
//! use valetkey_blocking::ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
//! use valetkey_blocking::{AuthorizationServer, Client, Grant, TokenRequest, run};
//!
//! let authority = Certificate::from_pem(&std::fs::read("authority.pem")?)?;
//! let certificate = Certificate::from_pem(&std::fs::read("client.pem")?)?;
//! let key = PrivateKey::from_pem(&std::fs::read("client-key.pem")?)?;
//! let tls = TlsConfig::builder()
//!     .root_certs(RootCerts::new_with_certs(&[authority]))
//!     .client_cert(Some(ClientCert::new_with_certs(&[certificate], key)))
//!     .build();
//! let (connect, whole) = (Duration::from_secs(10), Duration::from_secs(60));
//! let config = Agent::config_builder().timeout_connect(Some(connect)).timeout_global(Some(whole)).tls_config(tls);
//! let http = Agent::new_with_config(config.build());
//!
//! let server = AuthorizationServer::new().token_endpoint("https://mtls.as.example/token")?;
//! let client = Client::new(server, "s6BhdRkqt3").tls_client_auth()?;
//! let tokens = run(&http, TokenRequest::new(&client, Grant::client_credentials())?)?;
//! # let _ = tokens;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Threads
//!
//! [`run`], [`send`] and [`ApiClient::send`] block the thread that calls them, and [`Loopback::receive`] sleeps until
//! the browser comes. An [`ApiClient`] is shared by threads.
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
mod tokens;
#[cfg(feature = "tracing")]
mod traced;
mod transport;
mod user_info;

/// The types of requests and responses.
pub use http;
/// The HTTP library, to configure a client with.
pub use ureq;
/// The HTTP client that sends, ureq's: [`http_client`] makes one, and any other serves as well.
pub use ureq::Agent as HttpClient;
/// Core itself, for the one name that this crate has of its own: [`Error`](valetkey_core::Error).
pub use valetkey_core;
#[doc(no_inline)]
pub use valetkey_core::*;

pub use api_client::ApiClient;
pub use log_in::log_in;
pub use logged_in::LoggedIn;
pub use loopback::Loopback;
pub use network::{http_client, http_client_for};
pub use run::run;
pub use sessions::Sessions;
pub use stream::{Download, Upload};
pub use system::{entropy, network, now};
pub use tokens::{TokenSource, Tokens};
pub use transport::send;
pub use valetkey_core::host::Error;
