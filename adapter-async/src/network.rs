//! The HTTP client that sends, on the network that it is in: [`HttpClient`], [`http_client`], [`http_client_for`],
//! [`http_client_with`].

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use reqwest::{Certificate, ClientBuilder, Url, redirect};
use valetkey_core::host;
use valetkey_core::host::{Network, ProxyRules, TransportError, TransportErrorKind};

use crate::{Error, network};

/// How long connecting may take, and a whole exchange.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);
/// What a request is sent by, if neither it nor its client says otherwise.
const USER_AGENT: &str = concat!("valetkey-async/", env!("CARGO_PKG_VERSION"));
/// A port that nobody listens on: where a request ends up whose proxy cannot be used, and which must not go around it.
const NOWHERE: &str = "http://127.0.0.1:0";

/// An HTTP client that follows no redirect ([HT-1](crate::Rule::Ht1)): reqwest's, made by [`http_client`] or
/// [`http_client_with`]. A clone shares its connections.
#[derive(Clone)]
pub struct HttpClient {
    pub(crate) client: reqwest::Client,
    pub(crate) proxies: ProxyRules,
}

/// What it was configured with may hold a secret.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// An HTTP client with timeouts (10 seconds to connect, 60 for an exchange), TLS by rustls with the system's
/// authorities, and the proxies that the environment names: see [`ProxyRules`].
///
/// # Errors
///
/// [`Error::Transport`] (`Setup`) if TLS cannot be set up on this system.
pub fn http_client() -> Result<HttpClient, Error> {
    http_client_for(&network())
}

/// The same on a network that a program has put together: its proxies, and its authorities beside the system's.
///
/// # Errors
///
/// [`Error::Transport`] (`Setup`) if what was given as an authority is not one or more certificates in PEM, or TLS cannot be
/// set up on this system.
pub fn http_client_for(network: &Network) -> Result<HttpClient, Error> {
    let authorities = network.authorities().map(certificates).collect::<Result<Vec<_>, _>>()?.concat();
    let builder = reqwest::Client::builder().connect_timeout(CONNECT).timeout(EXCHANGE);
    let (builder, proxies) = (builder.tls_certs_merge(authorities), network.proxies());
    match proxies.is_direct() {
        // No proxy was given to this builder, so that it forgets nothing.
        true => built(builder.no_proxy(), proxies),
        false => http_client_obeying(builder, proxies),
    }
}

/// An HTTP client as you configured it, with the timeouts and TLS that it was given, but for redirects, which are never
/// followed ([HT-1](crate::Rule::Ht1)): a `reqwest::Client` cannot be asked whether it does, so this takes its builder.
///
/// **A proxy that you gave the builder is asked first, for loopback too**: reqwest lets nobody come before it. Exempt
/// loopback there, by `Proxy::no_proxy(NoProxy::from_string("localhost,127.0.0.0/8,::1"))`. What your proxies leave goes
/// by the environment's rules, and not by reqwest's own reading of the environment. The builder's `no_proxy()` cannot be
/// told from one that says nothing: [`http_client_obeying`] with [`ProxyRules::direct`] is what switches the environment off.
///
/// # Errors
///
/// [`Error::Transport`] (`Setup`) if the configuration does not work on this system.
pub fn http_client_with(builder: ClientBuilder) -> Result<HttpClient, Error> {
    http_client_obeying(builder, network().proxies())
}

/// As [`http_client_with`], with these rules in place of the environment's.
///
/// # Errors
///
/// As for [`http_client_with`].
pub fn http_client_obeying(builder: ClientBuilder, proxies: &ProxyRules) -> Result<HttpClient, Error> {
    let rules = proxies.clone();
    // reqwest sends a request directly if its proxy is an error, so none is passed.
    let proxy = reqwest::Proxy::custom(move |url| {
        let route = url.as_str().parse().ok().map(|uri| rules.for_uri(&uri).map(Option::<&_>::cloned));
        match route {
            Some(Ok(None)) => None,
            Some(Ok(Some(proxy))) => {
                Some(Url::parse(proxy.expose()).map_or_else(|_| NOWHERE.to_owned(), String::from))
            }
            Some(Err(_)) | None => Some(NOWHERE.to_owned()),
        }
    });
    built(builder.proxy(proxy), proxies)
}

/// reqwest asks a proxy's rules twice for each request in the clear, and writes and reads its URL each time, a quarter of what
/// the request costs: so there are none where they would say nothing.
fn built(builder: ClientBuilder, proxies: &ProxyRules) -> Result<HttpClient, Error> {
    let builder = match names_itself(&builder) {
        true => builder,
        false => builder.user_agent(USER_AGENT),
    };
    let client = builder.redirect(redirect::Policy::none()).build().map_err(setup)?;
    Ok(HttpClient { client, proxies: proxies.clone() })
}

/// Whether the builder has a `User-Agent`. It can be asked by what it shows alone.
fn names_itself(builder: &ClientBuilder) -> bool {
    format!("{builder:?}").contains("\"user-agent\": ")
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    let no = |why| {
        Error::Transport(TransportError::caused(
            TransportErrorKind::Setup,
            io::Error::new(io::ErrorKind::InvalidData, why),
        ))
    };
    let found = Certificate::from_pem_bundle(pem)
        .map_err(|_| no("the authority's file is not PEM: convert a DER file first"))?;
    match found.is_empty() {
        true => Err(no("the authority's file has no certificate in it: look for `-----BEGIN \
                        CERTIFICATE-----`")),
        false => Ok(found),
    }
}

/// What TLS says of its set-up names no secret; what reqwest says may quote what it was given.
fn setup(error: reqwest::Error) -> Error {
    let tls = causes(&error).find_map(host::tls);
    Error::Transport(match tls.as_ref().and_then(TransportError::system) {
        Some(said) => {
            TransportError::caused(TransportErrorKind::Setup, io::Error::new(said.kind(), said.to_string()))
        }
        None => TransportError::new(TransportErrorKind::Setup),
    })
}

/// What an error comes from, and what that comes from.
pub(crate) fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
