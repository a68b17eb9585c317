//! The HTTP client that sends, on the network that it is in: [`http_client`], [`http_client_for`].

mod deadlines;
mod names;

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::RootCertStore;
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, SendBody};
use valetkey_core::host::{Network, Proxy, ProxyRules, TransportError, TransportErrorKind};

use crate::network::deadlines::Deadlines;
use crate::network::names::Names;
use crate::{Error, HttpClient, network};

/// How long connecting may take, and a whole exchange: the look-up of the host's name, and the last byte of a body that comes
/// drop by drop, are within it.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);
/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// What a request is sent by, if neither it nor its client says otherwise.
pub(crate) const USER_AGENT: &str = concat!("valetkey-blocking/", env!("CARGO_PKG_VERSION"));

/// An HTTP client with timeouts (10 seconds to connect, 60 for an exchange), a limit for headers, TLS by rustls with the
/// system's authorities, and the proxies that the environment names: see [`ProxyRules`].
///
/// Looking up the host's name is a part of the exchange. An answer is used again for ten seconds.
///
/// Any other `ureq::Agent` serves as well, with the timeouts, proxy and TLS that it was given: redirects and statuses
/// are set for each request. Its middleware sees every request, secrets and all.
#[must_use]
pub fn http_client() -> HttpClient {
    with(network().proxies(), of_the_system())
}

/// The same on a network that a program has put together: its proxies, and its authorities beside the system's.
///
/// # Errors
///
/// [`Error::Transport`] (`Setup`) if what was given as an authority is not one or more certificates in PEM.
pub fn http_client_for(network: &Network) -> Result<HttpClient, Error> {
    let own = network.authorities().map(certificates).collect::<Result<Vec<_>, _>>()?.concat();
    if own.is_empty() {
        return Ok(with(network.proxies(), of_the_system()));
    }
    // ureq's own way to the system's authorities takes no further ones.
    let system = rustls_native_certs::load_native_certs().certs;
    let system = system.iter().map(|der| Certificate::from_der(der).to_owned());
    Ok(with(network.proxies(), system.chain(own).into()))
}

/// Android's store is reached through Java, to which a program would have to be introduced first.
fn of_the_system() -> RootCerts {
    if cfg!(target_os = "android") { RootCerts::WebPki } else { RootCerts::PlatformVerifier }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, Error> {
    let no = |why| {
        Error::Transport(TransportError::caused(
            TransportErrorKind::Setup,
            io::Error::new(io::ErrorKind::InvalidData, why),
        ))
    };
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => {
                // The library would leave out one that cannot be read, and say nothing.
                let readable = RootCertStore::empty().add(certificate.der().to_vec().into());
                readable.map_err(|_| {
                    no("the authority's certificate cannot be read: the PEM block is not a certificate")
                })?;
                found.push(certificate);
            }
            Ok(_) => {}
            Err(_) => return Err(no("the authority's file is not PEM: convert a DER file first")),
        }
    }
    match found.is_empty() {
        true => Err(no("the authority's file has no certificate in it: look for `-----BEGIN \
                        CERTIFICATE-----`")),
        false => Ok(found),
    }
}

fn with(proxies: &ProxyRules, roots: RootCerts) -> HttpClient {
    let tls = TlsConfig::builder().root_certs(roots).build();
    let config = || {
        Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(EXCHANGE))
            .max_response_header_size(MAX_HEAD)
            .user_agent(USER_AGENT)
            .tls_config(tls.clone())
            .proxy(None)
    };
    let routing = Routing { proxies: proxies.clone(), plain: config().build().into() };
    let connector = Deadlines(DefaultConnector::default());
    Agent::with_parts(config().middleware(routing).build(), connector, Names::default())
}

/// Sends each request the way that the rules say, whichever code uses the client.
struct Routing {
    proxies: ProxyRules,
    /// The same client without this, to configure a request with.
    plain: Agent,
}

impl Middleware for Routing {
    fn handle(
        &self,
        request: http::Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<http::Response<Body>, ureq::Error> {
        let proxy = chosen(&self.proxies, &request)?;
        next.handle(self.plain.configure_request(request).proxy(proxy).build())
    }
}

/// The proxy for a request, in ureq's own form; the request's route learns of it.
pub(crate) fn chosen<B>(
    proxies: &ProxyRules,
    request: &http::Request<B>,
) -> Result<Option<ureq::Proxy>, ureq::Error> {
    let proxy = proxies.for_uri(request.uri()).map_err(|error| ureq::Error::Other(error.into()))?;
    let Some(proxy) = proxy else { return Ok(None) };
    if let Some(Route(route)) = request.extensions().get() {
        route.get_or_init(|| proxy.clone());
    }
    ureq::Proxy::new(proxy.expose()).map(Some)
}

/// Travels with a request, and learns which proxy it took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Route(Arc<OnceLock<Proxy>>);

impl Route {
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.0.get()
    }
}
