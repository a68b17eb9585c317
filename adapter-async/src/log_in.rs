//! A login by the browser of the user who sits at this machine: [`log_in`].

use std::time::Duration;

use valetkey_core as core;
use valetkey_core::authorize::receiver::Receiver;
use valetkey_core::{AuthorizationRequest, BrowserUrl, TokenResponse};

use crate::{Error, HttpClient, Loopback, entropy, now, run};

/// Logs the user in with their browser, and receives the answer on a loopback port: the whole Authorization Code flow of a
/// program on the user's own machine (RFC 8252 §7.3).
///
/// `request_at` makes the request for the redirect URI that it is given; `show` shows the user the URL, or opens it. The
/// user has the time `within` to come back. The request is pushed where the server takes nothing else.
///
/// ```no_run
/// # use valetkey_async::{AuthorizationRequest, Client, Discovery, Error, http_client, log_in, run};
/// # use std::time::Duration;
/// # async fn program() -> Result<(), Error> {
/// let http = http_client()?;
/// let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
/// let app = Client::new(server, "client-id").api("https://api.example")?;
/// let tokens = log_in(
///     &http,
///     |redirect_uri| AuthorizationRequest::new(&app, redirect_uri),
///     |url| println!("Open {url}"),
///     Duration::from_secs(300),
/// ).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::Loopback`] if no port can be bound; [`Error::Core`] for what the server refused, for what the response and the
/// token answer broke, and ([AR-12](crate::Rule::Ar12)) if nobody came back in time; [`Error::Transport`] if no answer came.
pub async fn log_in(
    http: &HttpClient,
    request_at: impl FnOnce(String) -> Result<AuthorizationRequest, core::Error>,
    show: impl FnOnce(&BrowserUrl),
    within: Duration,
) -> Result<TokenResponse, Error> {
    let loopback = Loopback::bind().await?;
    let request = request_at(loopback.redirect_uri())?.valid_for(within);
    // The port is this program's own, and no other browser session comes to it.
    let start = request.start_unbound(entropy()?, now())?;
    let (url, mut pending) = run(http, start).await?;
    // A response that no loopback port receives is refused before the user is sent to log in.
    drop(Receiver::new(&pending, now().after(within))?);
    show(&url);
    let response = loopback.receive(&pending, within).await?;
    let response = run(http, pending.open(request.client(), &response)?).await?;
    run(http, pending.finish(request.client(), &response, now())?).await
}
