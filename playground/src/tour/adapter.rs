//! The two adapters behind one face, so that each method is written once.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use valetkey_blocking::host::Network;
use valetkey_blocking::{
    AuthorizationResponse, BrowserUrl, Error, Flow, PendingAuthorization, Request, Response, Session,
};

use super::Failed;

/// How a person's browser is reached.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    /// Opens a URL.
    pub(crate) open: Arc<dyn Fn(&str) -> Result<(), Failed> + Send + Sync>,
    /// How long the browser may take to come back.
    pub(crate) patience: Duration,
    /// The ports of the redirect URI, if it is registered with its port.
    pub(crate) ports: &'a [u16],
}

/// What begins an authorization, given the redirect URI.
type Begun = Result<(BrowserUrl, PendingAuthorization), Failed>;

/// What a method needs of an adapter.
pub(crate) trait Adapter {
    const NAME: &'static str;

    /// Runs a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error>;

    /// A session that requests are sent with.
    type Api;

    /// Takes up a session.
    fn api(&self, session: Session) -> Self::Api;

    /// Sends a request with a session, which renews when it must.
    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error>;

    /// Sends one request to the API.
    fn call(&self, session: Session, request: Request) -> Result<Response, Failed> {
        Ok(self.send(&self.api(session), request)?)
    }

    /// Sends a person's browser to the server, and receives it on a loopback port.
    fn authorize(
        &self,
        person: Person<'_>,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed>;
}

/// `valetkey-blocking`.
pub(crate) struct Blocking {
    agent: valetkey_blocking::HttpClient,
}

impl Blocking {
    pub(crate) fn on(network: &Network) -> Result<Self, Failed> {
        Ok(Self { agent: valetkey_blocking::http_client_for(network)? })
    }
}

impl Adapter for Blocking {
    const NAME: &'static str = "blocking";

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        valetkey_blocking::run(&self.agent, flow)
    }

    type Api = valetkey_blocking::ApiClient;

    fn api(&self, session: Session) -> Self::Api {
        valetkey_blocking::ApiClient::new(self.agent.clone(), session)
    }

    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error> {
        api.send(request)
    }

    fn authorize(
        &self,
        person: Person<'_>,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed> {
        let loopback = match person.ports {
            [] => valetkey_blocking::Loopback::bind()?,
            ports => valetkey_blocking::Loopback::bind_first(ports)?,
        };
        let (url, pending) = begin(loopback.redirect_uri())?;
        let browser = in_browser(&person, url);
        let received = loopback.receive(&pending, person.patience);
        arrived(browser)?;
        Ok((pending, received?))
    }
}

/// `valetkey-async`, on a runtime of its own.
pub(crate) struct Async {
    runtime: tokio::runtime::Runtime,
    client: valetkey_async::HttpClient,
}

impl Async {
    pub(crate) fn on(network: &Network) -> Result<Self, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, client: valetkey_async::http_client_for(network)? })
    }
}

impl Adapter for Async {
    const NAME: &'static str = "async";

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.runtime.block_on(valetkey_async::run(&self.client, flow))
    }

    type Api = valetkey_async::ApiClient;

    fn api(&self, session: Session) -> Self::Api {
        valetkey_async::ApiClient::new(self.client.clone(), session)
    }

    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error> {
        self.runtime.block_on(api.send(request))
    }

    fn authorize(
        &self,
        person: Person<'_>,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed> {
        let loopback = self.runtime.block_on(async {
            match person.ports {
                [] => valetkey_async::Loopback::bind().await,
                ports => valetkey_async::Loopback::bind_first(ports).await,
            }
        })?;
        // What begins may itself run a flow, so it is not run within one.
        let (url, pending) = begin(loopback.redirect_uri())?;
        let browser = in_browser(&person, url);
        let received = self.runtime.block_on(loopback.receive(&pending, person.patience));
        arrived(browser)?;
        Ok((pending, received?))
    }
}

type Browsing = thread::JoinHandle<Result<(), Failed>>;

/// The browser is another program: it runs beside the one that waits for it.
fn in_browser(person: &Person<'_>, url: BrowserUrl) -> Browsing {
    let open = Arc::clone(&person.open);
    thread::spawn(move || open(url.as_str()))
}

fn arrived(browser: Browsing) -> Result<(), Failed> {
    browser.join().map_err(|_| Failed("the browser crashed".to_owned()))?
}
