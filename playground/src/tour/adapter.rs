//! The two adapters behind one face, so that each method is written once.

use std::thread;
use std::time::Duration;

use valetkey_blocking::{
    AuthorizationResponse, BrowserUrl, Flow, PendingAuthorization, Request, Response, Session,
};

use super::{Failed, browser};

/// How long the browser may take to come back; the sandbox's person takes a moment.
const PATIENCE: Duration = Duration::from_secs(20);

/// What begins an authorization, given the redirect URI.
type Begun = Result<(BrowserUrl, PendingAuthorization), Failed>;

/// What a method needs of an adapter.
pub(crate) trait Adapter {
    const NAME: &'static str;

    /// Runs a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed>;

    /// Sends one request to the API.
    fn call(&self, session: Session, request: Request) -> Result<Response, Failed>;

    /// Sends a person's browser to the server, and receives it on a loopback port.
    fn authorize(
        &self,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed>;
}

/// `valetkey-blocking`.
pub(crate) struct Blocking {
    agent: valetkey_blocking::Agent,
}

impl Blocking {
    pub(crate) fn new() -> Self {
        Self { agent: valetkey_blocking::agent() }
    }
}

impl Adapter for Blocking {
    const NAME: &'static str = "blocking";

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed> {
        Ok(valetkey_blocking::run(&self.agent, flow)?)
    }

    fn call(&self, session: Session, request: Request) -> Result<Response, Failed> {
        Ok(valetkey_blocking::ApiClient::new(self.agent.clone(), session).send(request)?)
    }

    fn authorize(
        &self,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed> {
        let loopback = valetkey_blocking::Loopback::bind()?;
        let (url, pending) = begin(loopback.redirect_uri())?;
        let browser = in_browser(url);
        let received = loopback.receive(&pending, PATIENCE);
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
    pub(crate) fn new() -> Result<Self, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, client: valetkey_async::client()? })
    }
}

impl Adapter for Async {
    const NAME: &'static str = "async";

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed> {
        Ok(self.runtime.block_on(valetkey_async::run(&self.client, flow))?)
    }

    fn call(&self, session: Session, request: Request) -> Result<Response, Failed> {
        let client = valetkey_async::ApiClient::new(self.client.clone(), session);
        Ok(self.runtime.block_on(client.send(request))?)
    }

    fn authorize(
        &self,
        begin: impl FnOnce(String) -> Begun,
    ) -> Result<(PendingAuthorization, AuthorizationResponse), Failed> {
        self.runtime.block_on(async {
            let loopback = valetkey_async::Loopback::bind().await?;
            let (url, pending) = begin(loopback.redirect_uri())?;
            let browser = in_browser(url);
            let received = loopback.receive(&pending, PATIENCE).await;
            arrived(browser)?;
            Ok((pending, received?))
        })
    }
}

type Browsing = thread::JoinHandle<Result<(), Failed>>;

/// The browser is another program: it runs beside the one that waits for it.
fn in_browser(url: BrowserUrl) -> Browsing {
    thread::spawn(move || browser::open(&browser::authorize(url.as_str())?))
}

fn arrived(browser: Browsing) -> Result<(), Failed> {
    browser.join().map_err(|_| Failed("the browser crashed".to_owned()))?
}
