//! The two adapters behind one face, so that each row is written once.

use valetkey_core::openid::UserInfo;
use valetkey_core::{Error, Flow, Request, Response, Session};
use valetkey_tests::get;

/// What an agent is configured with, in PEM: whom it trusts, and what it shows.
pub(crate) struct Certificates<'a> {
    pub(crate) authority: &'a str,
    pub(crate) own: &'a str,
    pub(crate) key: &'a str,
}

/// What a row needs of an adapter.
pub(crate) trait Adapter: Sized {
    /// Its client of an API.
    type Api;

    /// The same adapter with an agent that shows a certificate.
    fn certified(&self, certificates: &Certificates<'_>) -> Self;

    /// Runs a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error>;

    /// A client of the API with this session.
    fn api(&self, session: Session) -> Self::Api;

    /// Sends a request to the API.
    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error>;

    /// What the server says of the person of an API's client.
    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Error>;

    /// Looks at the session of an API's client.
    fn session<T>(api: &Self::Api, look: impl FnOnce(&Session) -> T) -> T;

    /// Gets a JSON document from the API.
    fn get(&self, session: Session, url: &str) -> Result<serde_json::Value, Error> {
        self.get_again(&self.api(session), url)
    }

    /// The same from an API whose client is kept.
    fn get_again(&self, api: &Self::Api, url: &str) -> Result<serde_json::Value, Error> {
        let response = self.send(api, get(url))?;
        assert_eq!(response.status(), 200, "{url}: {}", String::from_utf8_lossy(response.body()));
        Ok(serde_json::from_slice(response.body()).unwrap())
    }
}

/// `valetkey-blocking`.
pub(crate) struct Blocking(valetkey_blocking::HttpClient);

impl Blocking {
    pub(crate) fn new() -> Self {
        Self(valetkey_blocking::http_client())
    }
}

impl Adapter for Blocking {
    type Api = valetkey_blocking::ApiClient;

    fn certified(&self, certificates: &Certificates<'_>) -> Self {
        use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
        let certificate = |pem: &str| Certificate::from_pem(pem.as_bytes()).unwrap();
        let key = PrivateKey::from_pem(certificates.key.as_bytes()).unwrap();
        let own = ClientCert::new_with_certs(&[certificate(certificates.own)], key);
        let roots = RootCerts::new_with_certs(&[certificate(certificates.authority)]);
        let tls = TlsConfig::builder().root_certs(roots).client_cert(Some(own)).build();
        Self(ureq::Agent::config_builder().tls_config(tls).build().into())
    }

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        valetkey_blocking::run(&self.0, flow).map_err(|error| core(error.core(), &error))
    }

    fn api(&self, session: Session) -> Self::Api {
        valetkey_blocking::ApiClient::new(self.0.clone(), session)
    }

    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error> {
        api.send(request).map_err(|error| core(error.core(), &error))
    }

    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Error> {
        api.tokens().user_info().map_err(|error| core(error.core(), &error))
    }

    fn session<T>(api: &Self::Api, look: impl FnOnce(&Session) -> T) -> T {
        api.look(look)
    }
}

/// `valetkey-async`, on a runtime of its own.
pub(crate) struct Async {
    runtime: tokio::runtime::Runtime,
    client: valetkey_async::HttpClient,
}

impl Async {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: valetkey_async::http_client().unwrap() }
    }
}

impl Adapter for Async {
    type Api = valetkey_async::ApiClient;

    fn certified(&self, certificates: &Certificates<'_>) -> Self {
        let authority = reqwest::Certificate::from_pem(certificates.authority.as_bytes()).unwrap();
        let own = format!("{}\n{}", certificates.own, certificates.key);
        let own = reqwest::Identity::from_pem(own.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().tls_certs_only([authority]).identity(own);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: valetkey_async::http_client_with(builder).unwrap() }
    }

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.runtime
            .block_on(valetkey_async::run(&self.client, flow))
            .map_err(|error| core(error.core(), &error))
    }

    fn api(&self, session: Session) -> Self::Api {
        valetkey_async::ApiClient::new(self.client.clone(), session)
    }

    fn send(&self, api: &Self::Api, request: Request) -> Result<Response, Error> {
        self.runtime.block_on(api.send(request)).map_err(|error| core(error.core(), &error))
    }

    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Error> {
        self.runtime.block_on(api.tokens().user_info()).map_err(|error| core(error.core(), &error))
    }

    fn session<T>(api: &Self::Api, look: impl FnOnce(&Session) -> T) -> T {
        api.look(look)
    }
}

/// What the protocol ended with; no row expects that no answer comes.
fn core(core: Option<&Error>, error: &dyn std::error::Error) -> Error {
    core.cloned().unwrap_or_else(|| panic!("no answer came: {error}"))
}

/// The rows of a matrix: each function is a test for each adapter.
macro_rules! rows {
    ($($row:ident),+ $(,)?) => {
        mod blocking {
            $(#[test]
            #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
            fn $row() {
                super::$row(&crate::adapter::Blocking::new());
            })+
        }

        mod asynchronous {
            $(#[test]
            #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
            fn $row() {
                super::$row(&crate::adapter::Async::new());
            })+
        }
    };
}
pub(crate) use rows;
