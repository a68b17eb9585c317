//! The two adapters behind one face.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::io::Read as _;
use std::thread;
use std::time::Duration;

use valetkey_core::host::Network;
use valetkey_core::openid::UserInfo;
use valetkey_core::{
    AuthorizationResponse, Client, Entropy, Error as CoreError, Flow, PendingAuthorization, Request,
    Response, Session, TokenResponse, UnixTime, host,
};

use crate::mtls::Identity;

/// The name of an agent that the user configured.
pub(crate) const USER_AGENT: &str = "users-own/1.0";

/// What the contract needs of an adapter.
pub(crate) trait Adapter: Sized {
    type Api: Debug + Sync;
    type Loopback: Debug;

    /// With the adapter's own agent or client.
    fn new() -> Self;

    /// With the adapter's own agent or client, on this network.
    fn on(network: &Network) -> Result<Self, Failed>;

    /// With an agent or client that the user made, and of which nothing is set.
    fn of_which_nothing_is_set() -> Self;

    /// With an agent or client that the user configured: it is called [`USER_AGENT`], follows redirects
    /// where it may, takes a 4xx for an error where it may, and gives up after this time.
    fn of_the_users_own(timeout: Duration) -> Self;

    /// With an agent or client that the user configured for TLS: the authority that it trusts, and the certificate that
    /// it shows.
    fn with_identity(timeout: Duration, identity: &Identity) -> Self;

    fn now() -> UnixTime;
    fn entropy() -> Entropy;

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed>;
    fn send(&self, request: Request) -> Result<Response, Failed>;

    fn api(&self, session: Session) -> Self::Api;
    fn limited_api(&self, session: Session, limit: usize) -> Self::Api;
    fn call(&self, api: &Self::Api, request: Request) -> Result<Response, Failed>;
    fn issued(&self, client: &Client, tokens: &TokenResponse) -> Self::Api;
    fn get(&self, api: &Self::Api, url: &str) -> Result<Response, Failed>;
    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Failed>;
    /// The status of the answer, and its body up to so many bytes.
    fn stream(
        &self,
        api: &Self::Api,
        request: Request,
        body: Body,
        most: usize,
    ) -> Result<(u16, Vec<u8>), Failed>;
    /// The same call so many times at once.
    fn call_at_once(&self, api: &Self::Api, request: &Request, times: usize)
    -> Vec<Result<Response, Failed>>;

    fn bind(&self, place: Place<'_>) -> Result<Self::Loopback, Failed>;
    fn at_path(loopback: Self::Loopback, path: &str) -> Self::Loopback;
    fn redirect_uri(loopback: &Self::Loopback) -> String;
    fn receive(
        &self,
        loopback: Self::Loopback,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Failed>;
}

/// What a streamed request has for a body.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    Bytes,
    /// It is there once.
    Stream,
}

/// Where to listen.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Anywhere,
    AnywhereIpv6,
    First(&'a [u16]),
    FirstIpv6(&'a [u16]),
    Localhost,
    FirstLocalhost(&'a [u16]),
}

/// An adapter's error as a test looks at it.
#[derive(Debug)]
pub(crate) struct Failed {
    /// The `TransportErrorKind`'s name, if no whole answer came.
    pub(crate) http: Option<String>,
    pub(crate) core: Option<CoreError>,
    pub(crate) is_loopback: bool,
    pub(crate) is_transient: bool,
    pub(crate) is_authorization_required: bool,
    /// Everything that it shows: `Display` and `Debug` of itself and of each of its sources.
    pub(crate) shown: String,
}

fn shown(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(|error| format!("{error}\n{error:?}\n"))
        .collect()
}

/// Both adapters have the one error of core's hosts.
impl From<host::Error> for Failed {
    fn from(error: host::Error) -> Self {
        Self {
            http: error.transport().map(|http| format!("{:?}", http.kind())),
            core: error.core().cloned(),
            is_loopback: matches!(error, host::Error::Loopback(_)),
            is_transient: error.is_transient(),
            is_authorization_required: error.is_authorization_required(),
            shown: shown(&error),
        }
    }
}

pub(crate) struct Blocking(pub(crate) valetkey_blocking::HttpClient);

impl Adapter for Blocking {
    type Api = valetkey_blocking::ApiClient;
    type Loopback = valetkey_blocking::Loopback;

    fn new() -> Self {
        Self(valetkey_blocking::http_client())
    }

    fn on(network: &Network) -> Result<Self, Failed> {
        Ok(Self(valetkey_blocking::http_client_for(network)?))
    }

    fn of_which_nothing_is_set() -> Self {
        Self(ureq::Agent::new_with_defaults())
    }

    fn of_the_users_own(timeout: Duration) -> Self {
        // Everything that must not tell is left as the library has it: it follows, and a 4xx is an error.
        Self(
            ureq::Agent::config_builder().user_agent(USER_AGENT).timeout_global(Some(timeout)).build().into(),
        )
    }

    fn with_identity(timeout: Duration, identity: &Identity) -> Self {
        use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
        let certificate = |pem: &str| Certificate::from_pem(pem.as_bytes()).unwrap();
        let own = identity.own.as_ref().map(|(chain, key)| {
            let key = PrivateKey::from_pem(key.as_bytes()).unwrap();
            ClientCert::new_with_certs(&[certificate(chain)], key)
        });
        let roots = RootCerts::new_with_certs(&[certificate(&identity.authority)]);
        let tls = TlsConfig::builder().root_certs(roots).client_cert(own).build();
        Self(ureq::Agent::config_builder().tls_config(tls).timeout_global(Some(timeout)).build().into())
    }

    fn now() -> UnixTime {
        valetkey_blocking::now()
    }

    fn entropy() -> Entropy {
        valetkey_blocking::entropy().unwrap()
    }

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed> {
        Ok(valetkey_blocking::run(&self.0, flow)?)
    }

    fn send(&self, request: Request) -> Result<Response, Failed> {
        Ok(valetkey_blocking::send(&self.0, request)?)
    }

    fn api(&self, session: Session) -> Self::Api {
        valetkey_blocking::ApiClient::new(self.0.clone(), session)
    }

    fn limited_api(&self, session: Session, limit: usize) -> Self::Api {
        valetkey_blocking::ApiClient::new(self.0.clone(), session).with_body_limit(limit)
    }

    fn call(&self, api: &Self::Api, request: Request) -> Result<Response, Failed> {
        Ok(api.send(request)?)
    }

    fn issued(&self, client: &Client, tokens: &TokenResponse) -> Self::Api {
        valetkey_blocking::ApiClient::from_tokens(self.0.clone(), client, tokens)
    }

    fn get(&self, api: &Self::Api, url: &str) -> Result<Response, Failed> {
        Ok(api.get(url)?)
    }

    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Failed> {
        Ok(api.tokens().user_info()?)
    }

    fn stream(
        &self,
        api: &Self::Api,
        request: Request,
        body: Body,
        most: usize,
    ) -> Result<(u16, Vec<u8>), Failed> {
        use valetkey_blocking::Upload;
        let answer = match body {
            Body::Bytes => api.stream(request)?,
            Body::Stream => {
                api.stream(request.map(|body| Upload::from_reader(std::io::Cursor::new(body))))?
            }
        };
        let (status, mut read) = (answer.status().as_u16(), Vec::new());
        let most = u64::try_from(most).unwrap();
        answer.into_body().take(most).read_to_end(&mut read).map_err(|error| {
            let ours = error.get_ref().and_then(|error| error.downcast_ref::<host::Error>());
            ours.expect("the adapter's own error is in it").clone()
        })?;
        Ok((status, read))
    }

    fn call_at_once(
        &self,
        api: &Self::Api,
        request: &Request,
        times: usize,
    ) -> Vec<Result<Response, Failed>> {
        thread::scope(|scope| {
            let calls: Vec<_> = (0..times).map(|_| scope.spawn(|| Ok(api.send(request.clone())?))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        })
    }

    fn bind(&self, place: Place<'_>) -> Result<Self::Loopback, Failed> {
        use valetkey_blocking::Loopback;
        Ok(match place {
            Place::Anywhere => Loopback::bind(),
            Place::AnywhereIpv6 => Loopback::bind_ipv6(),
            Place::First(ports) => Loopback::bind_first(ports),
            Place::FirstIpv6(ports) => Loopback::bind_ipv6_first(ports),
            Place::Localhost => Loopback::bind_localhost(),
            Place::FirstLocalhost(ports) => Loopback::bind_localhost_first(ports),
        }?)
    }

    fn at_path(loopback: Self::Loopback, path: &str) -> Self::Loopback {
        loopback.path(path)
    }

    fn redirect_uri(loopback: &Self::Loopback) -> String {
        loopback.redirect_uri()
    }

    fn receive(
        &self,
        loopback: Self::Loopback,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Failed> {
        Ok(loopback.receive(pending, within)?)
    }
}

pub(crate) struct Async {
    pub(crate) client: valetkey_async::HttpClient,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Async {
    pub(crate) fn with(client: valetkey_async::HttpClient) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { client, runtime }
    }
}

impl Adapter for Async {
    type Api = valetkey_async::ApiClient;
    type Loopback = valetkey_async::Loopback;

    fn new() -> Self {
        Self::with(valetkey_async::http_client().unwrap())
    }

    fn on(network: &Network) -> Result<Self, Failed> {
        Ok(Self::with(valetkey_async::http_client_for(network)?))
    }

    fn of_which_nothing_is_set() -> Self {
        Self::with(valetkey_async::http_client_with(reqwest::Client::builder()).unwrap())
    }

    fn of_the_users_own(timeout: Duration) -> Self {
        let follows = reqwest::redirect::Policy::limited(10);
        let builder = reqwest::Client::builder().user_agent(USER_AGENT).redirect(follows).timeout(timeout);
        Self::with(valetkey_async::http_client_with(builder).unwrap())
    }

    fn with_identity(timeout: Duration, identity: &Identity) -> Self {
        let authority = reqwest::Certificate::from_pem(identity.authority.as_bytes()).unwrap();
        let mut builder = reqwest::Client::builder().tls_certs_only([authority]).timeout(timeout);
        if let Some((chain, key)) = &identity.own {
            builder =
                builder.identity(reqwest::Identity::from_pem(format!("{chain}{key}").as_bytes()).unwrap());
        }
        Self::with(valetkey_async::http_client_with(builder).unwrap())
    }

    fn now() -> UnixTime {
        valetkey_async::now()
    }

    fn entropy() -> Entropy {
        valetkey_async::entropy().unwrap()
    }

    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Failed> {
        Ok(self.runtime.block_on(valetkey_async::run(&self.client, flow))?)
    }

    fn send(&self, request: Request) -> Result<Response, Failed> {
        Ok(self.runtime.block_on(valetkey_async::send(&self.client, request))?)
    }

    fn api(&self, session: Session) -> Self::Api {
        valetkey_async::ApiClient::new(self.client.clone(), session)
    }

    fn limited_api(&self, session: Session, limit: usize) -> Self::Api {
        valetkey_async::ApiClient::new(self.client.clone(), session).with_body_limit(limit)
    }

    fn call(&self, api: &Self::Api, request: Request) -> Result<Response, Failed> {
        Ok(self.runtime.block_on(api.send(request))?)
    }

    fn issued(&self, client: &Client, tokens: &TokenResponse) -> Self::Api {
        valetkey_async::ApiClient::from_tokens(self.client.clone(), client, tokens)
    }

    fn get(&self, api: &Self::Api, url: &str) -> Result<Response, Failed> {
        Ok(self.runtime.block_on(api.get(url))?)
    }

    fn user_info(&self, api: &Self::Api) -> Result<UserInfo, Failed> {
        Ok(self.runtime.block_on(api.tokens().user_info())?)
    }

    fn stream(
        &self,
        api: &Self::Api,
        request: Request,
        body: Body,
        most: usize,
    ) -> Result<(u16, Vec<u8>), Failed> {
        use valetkey_async::Upload;
        self.runtime.block_on(async {
            let answer = match body {
                Body::Bytes => api.stream(request).await?,
                Body::Stream => {
                    let text = |body| Upload::wrap(String::from_utf8(body).unwrap());
                    api.stream(request.map(text)).await?
                }
            };
            let (status, mut read) = (answer.status().as_u16(), Vec::new());
            let mut body = answer.into_body();
            while read.len() < most {
                let Some(chunk) = body.chunk().await? else { break };
                read.extend_from_slice(&chunk);
            }
            read.truncate(most);
            Ok((status, read))
        })
    }

    fn call_at_once(
        &self,
        api: &Self::Api,
        request: &Request,
        times: usize,
    ) -> Vec<Result<Response, Failed>> {
        self.runtime.block_on(async {
            let calls: Vec<_> = (0..times)
                .map(|_| {
                    let (api, request) = (api.clone(), request.clone());
                    tokio::spawn(async move { api.send(request).await })
                })
                .collect();
            let mut answers = Vec::new();
            for call in calls {
                answers.push(call.await.unwrap().map_err(Failed::from));
            }
            answers
        })
    }

    fn bind(&self, place: Place<'_>) -> Result<Self::Loopback, Failed> {
        use valetkey_async::Loopback;
        Ok(self.runtime.block_on(async {
            match place {
                Place::Anywhere => Loopback::bind().await,
                Place::AnywhereIpv6 => Loopback::bind_ipv6().await,
                Place::First(ports) => Loopback::bind_first(ports).await,
                Place::FirstIpv6(ports) => Loopback::bind_ipv6_first(ports).await,
                Place::Localhost => Loopback::bind_localhost().await,
                Place::FirstLocalhost(ports) => Loopback::bind_localhost_first(ports).await,
            }
        })?)
    }

    fn at_path(loopback: Self::Loopback, path: &str) -> Self::Loopback {
        loopback.path(path)
    }

    fn redirect_uri(loopback: &Self::Loopback) -> String {
        loopback.redirect_uri()
    }

    fn receive(
        &self,
        loopback: Self::Loopback,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Failed> {
        Ok(self.runtime.block_on(loopback.receive(pending, within))?)
    }
}
