//! valetkey for async services: reqwest and tokio.
//!
//! All decisions are those of [`valetkey_core`], whose names are all here; this crate adds what core does not have: a
//! socket, a clock, the system's randomness. Its names are those of `valetkey-blocking`, so that a program moves from one
//! to the other by leaving out `.await`.
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_async::dialect::space::{Permissions, Space};
//! use valetkey_async::{ApiClient, ClientSecret, Loopback, Request, Session, client, entropy, now, run};
//!
//! # async fn login() -> Result<(), Box<dyn std::error::Error>> {
//! let space = Space::new("https://mycompany.jetbrains.space")?;
//! let app = space.application("client-id").secret(ClientSecret::new("client-secret")?)?;
//! let loopback = Loopback::bind().await?;
//! let scope = Permissions::new().global("Profile.Absences.View").scope()?;
//! let (url, mut pending) =
//!     app.authorization_code(loopback.redirect_uri())?.scope(scope).offline().begin(&entropy()?, now())?;
//! println!("Open {url}");
//! let response = loopback.receive(&pending, Duration::from_secs(300)).await?;
//! let client = client()?;
//! let tokens = run(&client, pending.finish(&app, &response, now())?).await?;
//! let api = ApiClient::new(client, Session::issued(&app, &tokens));
//! let mut request = Request::new(Vec::new());
//! *request.uri_mut() = space.api("absences").parse()?;
//! let absences = api.send(request).await?; // renews, signs, repeats once
//! println!("{}", String::from_utf8_lossy(absences.body()));
//! # Ok(())
//! # }
//! ```

mod api_client;
mod error;
mod exchange;
mod loopback;
mod run;
mod system;
mod tokens;

pub use reqwest::Client as HttpClient;
/// Core itself, for the one name that this crate has of its own: [`Error`](valetkey_core::Error).
pub use valetkey_core;
#[doc(no_inline)]
pub use valetkey_core::*;

pub use api_client::ApiClient;
pub use error::{Error, Http, HttpKind};
pub use exchange::{client, client_with, send};
pub use loopback::Loopback;
pub use run::run;
pub use system::{entropy, now};
pub use tokens::{CredentialFuture, TokenSource, Tokens};
