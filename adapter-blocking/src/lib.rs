//! valetkey for scripts and threads: ureq.
//!
//! All decisions are those of [`valetkey_core`], whose names are all here; this crate adds what core does not have: a
//! socket, a clock, the system's randomness. Its names are those of `valetkey-async`, so that a program moves from one
//! to the other by adding `.await`.
//!
//! **Before you log at level trace:** there the HTTP library writes down what goes over the wire, in a hex dump under the
//! target `ureq_proto::util`: the head of each request with its `Authorization`, and each answer whole, tokens and all.
//! Silence it by your logger's filter, `ureq=debug,ureq_proto=debug`, or leave level trace out of the program by the feature
//! `max_level_debug` of the crate `log`. No level below trace shows a secret.
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_blocking::dialect::space::{Permissions, Space};
//! use valetkey_blocking::{ApiClient, ClientSecret, Loopback, Session, agent, entropy, http, now, run};
//!
//! let space = Space::new("https://mycompany.jetbrains.space")?;
//! let app = space.application("client-id").secret(ClientSecret::new("client-secret")?)?;
//! let loopback = Loopback::bind()?;
//! let scope = Permissions::new().global("Profile.Absences.View").scope()?;
//! let (url, mut pending) =
//!     app.authorization_code(loopback.redirect_uri())?.scope(scope).offline().begin(entropy()?, now())?;
//! println!("Open {url}");
//! let response = loopback.receive(&pending, Duration::from_secs(300))?;
//! let agent = agent();
//! let tokens = run(&agent, pending.finish(&app, &response, now())?)?;
//! let api = ApiClient::new(agent, Session::issued(&app, &tokens));
//! let request = http::Request::get(space.api("absences")).body(Vec::new())?;
//! let absences = api.send(request)?; // renews, signs, repeats once
//! println!("{}", String::from_utf8_lossy(absences.body()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent, and what comes back
//!
//! - [`agent`] makes the agent that sends; any other [`Agent`] serves as well, with the timeouts, the proxy and the TLS
//!   that it was configured with, and with its middleware, which sees secrets.
//! - No redirect is followed (HT-1): a 3xx is an answer, and so is a 4xx. No request is repeated in secret.
//! - A body is sent with its length, never in chunks (HT-2).
//! - An authorization server's answer is read up to [`MAX_BODY`], an API's up to 64 MiB or the
//!   [limit](ApiClient::limited) of its client; a larger one is [`Error::Http`], never a part of it (HT-3).
//! - At level debug the HTTP library logs each request's method, scheme, host and port, and of headers those that hold no
//!   secret, such as `Content-Type`. Where its target `ureq` is let through at level trace, these lines show paths, queries
//!   and an answer's `Location` too.
//!
//! # Certificates
//!
//! The authorities that an agent trusts and the certificate that it shows (RFC 8705) are its own configuration. Core is
//! told of the certificate by the client's constructor, and goes to the endpoints that the server has for it.
//!
//! ```no_run
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
//! let agent = Agent::new_with_config(Agent::config_builder().tls_config(tls).build());
//!
//! let server = AuthorizationServer::new().token_endpoint("https://mtls.as.example/token")?;
//! let client = Client::new(server, "s6BhdRkqt3").tls_client_auth()?;
//! let tokens = run(&agent, TokenRequest::new(&client, Grant::client_credentials())?)?;
//! # let _ = tokens;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Threads
//!
//! [`run`], [`send`] and [`ApiClient::send`] block the thread that calls them, and [`Loopback::receive`] sleeps until
//! the browser comes. An [`ApiClient`] is shared by threads.

mod api_client;
mod error;
mod exchange;
mod loopback;
mod run;
mod system;
mod tokens;

/// The types of requests and responses.
pub use http;
/// The HTTP library, to configure an agent with.
pub use ureq;
pub use ureq::Agent;
/// Core itself, for the one name that this crate has of its own: [`Error`](valetkey_core::Error).
pub use valetkey_core;
#[doc(no_inline)]
pub use valetkey_core::*;

pub use api_client::ApiClient;
pub use error::Error;
pub use exchange::{agent, send};
pub use loopback::Loopback;
pub use run::run;
pub use system::{entropy, now};
pub use tokens::{TokenSource, Tokens};
