//! The suite's side of a module, and a client that goes through it: [`Suite`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, KeyPair, PrivateJwk, Signer};
use valetkey_core::server::ServerKeys;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Dpop, Error, Flow, Request, Response,
    Session, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{
    Application, Arrival, CERTIFICATE_THUMBPRINT, FlowKind, Person, Rights, Rotation, Sandbox,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, get};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const MTLS: &str = "https://mtls.as.example";
pub(crate) const CLIENT: &str = "fapi-client";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
const SCOPE: &str = "global:Profile.Absences.View";
/// RFC 8705, Appendix A.
const THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

/// How the client authenticates, `client_auth_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authentication {
    PrivateKeyJwt,
    Mtls,
}

/// What tokens are bound to, `sender_constrain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constraint {
    Dpop,
    Mtls,
}

/// The plan's variant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    pub(crate) authentication: Authentication,
    pub(crate) constraint: Constraint,
    /// `fapi_request_method=signed_non_repudiation`.
    pub(crate) signed: bool,
    /// `fapi_response_mode=jarm`.
    pub(crate) jarm: bool,
    pub(crate) algorithm: Algorithm,
}

impl Variant {
    /// The Security Profile's: neither requests nor responses are signed.
    pub(crate) const fn profile(authentication: Authentication, constraint: Constraint) -> Self {
        Self { authentication, constraint, signed: false, jarm: false, algorithm: Algorithm::Es256 }
    }

    /// The four of the Security Profile.
    pub(crate) fn of_profile() -> [Self; 4] {
        use Authentication::{Mtls as ByCertificate, PrivateKeyJwt};
        use Constraint::{Dpop, Mtls};
        [(PrivateKeyJwt, Dpop), (PrivateKeyJwt, Mtls), (ByCertificate, Dpop), (ByCertificate, Mtls)]
            .map(|(authentication, constraint)| Self::profile(authentication, constraint))
    }

    /// All sixteen of Message Signing.
    pub(crate) fn all() -> Vec<Self> {
        let both = [false, true];
        let signing = both.into_iter().flat_map(|signed| both.map(|jarm| (signed, jarm)));
        signing
            .flat_map(|(signed, jarm)| Self::of_profile().map(|variant| Self { signed, jarm, ..variant }))
            .collect()
    }

    pub(crate) fn shows_certificate(self) -> bool {
        self.authentication == Authentication::Mtls || self.constraint == Constraint::Mtls
    }
}

/// What the suite changes in an answer before the client sees it.
pub(crate) type Tamper = Box<dyn FnMut(&Request, &mut Response)>;

/// A server of the profile, and all that was sent to it.
pub(crate) struct Suite {
    pub(crate) variant: Variant,
    pub(crate) sandbox: Sandbox,
    pub(crate) now: UnixTime,
    pub(crate) sent: Vec<Request>,
    /// Each URL that the client's browser was sent to.
    pub(crate) visited: Vec<String>,
    tamper: Option<Tamper>,
}

impl Suite {
    /// With forced nonces and endpoint aliases, as the suite has them.
    pub(crate) fn new(variant: Variant) -> Self {
        let mut sandbox = Sandbox::standard([7; 32], ISSUER);
        let settings = sandbox.settings_mut();
        settings.require_pushed = true;
        settings.rotation = Rotation::On;
        settings.dpop_nonces = Some(Duration::from_secs(600));
        settings.mtls_origin = Some(MTLS.to_owned());
        let keys = serde_json::to_value(JwkSet::of(key(variant).public_key().cloned())).unwrap();
        let application = match variant.authentication {
            Authentication::PrivateKeyJwt => Application::with_keys(CLIENT, &keys),
            Authentication::Mtls => Application::with_certificate(CLIENT, THUMBPRINT).keys(&keys),
        };
        let application = match variant.constraint {
            Constraint::Dpop => application.require_dpop(),
            Constraint::Mtls => application.certificate_bound(),
        };
        let application = if variant.signed { application.require_signed_request() } else { application };
        let application = application.flow(FlowKind::AuthorizationCode).redirect_uri(CALLBACK);
        sandbox.add_application(
            application.require_pkce().may_request(Rights::All).authorized(Rights::of([SCOPE])),
        );
        Self { variant, sandbox, now: NOW, sent: Vec::new(), visited: Vec::new(), tamper: None }
    }

    pub(crate) fn tamper(&mut self, tamper: impl FnMut(&Request, &mut Response) + 'static) {
        self.tamper = Some(Box::new(tamper));
    }

    /// Carries a flow out. TLS is said by the header that the sandbox has for it: on the endpoints for certificates
    /// where there are such, on all of them where there are none.
    pub(crate) fn run<F: Flow>(&mut self, mut flow: F) -> Result<F::Output, Error> {
        let mut response = None;
        for _ in 0..20 {
            match flow.step(response.take(), self.now)? {
                Step::Send(mut request) => {
                    match flow.step(None, self.now)? {
                        Step::Send(again) => assert!(same(&request, &again), "asking twice changes nothing"),
                        other => panic!("asked again, it said {other:?}"),
                    }
                    self.sent.push(request.clone());
                    let origin = format!("https://{}", request.uri().authority().unwrap());
                    let asks =
                        self.sandbox.settings().mtls_origin.as_ref().is_none_or(|mtls| *mtls == origin);
                    if self.variant.shows_certificate() && asks {
                        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, THUMBPRINT.parse().unwrap());
                    }
                    let mut answer = self.sandbox.answer(&request, self.now);
                    if let Some(tamper) = &mut self.tamper {
                        tamper(&request, &mut answer);
                    }
                    response = Some(answer);
                }
                Step::Wait(time) => self.now = self.now.after(time),
                Step::Done(output) => return Ok(output),
            }
        }
        panic!("the conversation does not end");
    }

    /// The client, at the server that it discovers.
    pub(crate) fn client(&mut self) -> Result<Client, Error> {
        let variant = self.variant;
        let server = self.run(Discovery::new(ISSUER)?)?.into_server();
        let keys = ServerKeys::published(&server, Arc::new(AwsLc), &[Algorithm::Es256])?;
        let server = if variant.jarm { server.keys(keys) } else { server };
        let client = Client::new(server, CLIENT).api(&self.api_origin())?;
        let client = match variant.authentication {
            Authentication::PrivateKeyJwt => client.assertion(key(variant), entropy(2))?,
            Authentication::Mtls => client.self_signed_tls_client_auth()?,
        };
        match variant.constraint {
            Constraint::Dpop => client.dpop(Dpop::of(proof_key(), entropy(3))?),
            Constraint::Mtls => Ok(client.with_certificate()),
        }
    }

    /// Where the API is for this client.
    pub(crate) fn api_origin(&self) -> String {
        let mtls = self.sandbox.settings().mtls_origin.clone();
        mtls.filter(|_| self.variant.constraint == Constraint::Mtls).unwrap_or_else(|| ISSUER.to_owned())
    }

    /// Pushes a request, and has the person allow it: what the browser brings back, finished into tokens.
    pub(crate) fn log_in(&mut self, client: &Client) -> Result<TokenResponse, Error> {
        let request = AuthorizationRequest::new(client, CALLBACK)?.scope(SCOPE)?;
        let request = if self.variant.jarm { request.response_mode(ResponseMode::Jwt) } else { request };
        let request = if self.variant.signed { request.signed(key(self.variant))? } else { request };
        let flow = request.push_unbound(entropy(4), self.now)?;
        let (url, mut pending) = self.run(flow)?;
        self.visited.push(url.as_str().to_owned());
        let alice = Person::new("alice", self.sandbox.password("alice").unwrap());
        let Arrival::Get(back) = self.sandbox.visit(url.as_str(), &alice, self.now).unwrap() else {
            panic!("the browser is redirected")
        };
        let response = AuthorizationResponse::from_url(&back)?;
        let opened = self.run(pending.open(client, &response)?)?;
        let flow = pending.finish(client, &opened, self.now)?;
        self.run(flow)
    }

    /// Calls the API, and says with which status it answered.
    pub(crate) fn call(&mut self, session: &mut Session) -> Result<u16, Error> {
        let url = format!("{}/api/http/absences?from=2026-11-24", self.api_origin());
        let flow = session.call(get(&url))?;
        Ok(self.run(flow)?.status().as_u16())
    }

    /// A whole module: discovery, log-in, API.
    pub(crate) fn whole(&mut self) -> Result<u16, Error> {
        let client = self.client()?;
        let tokens = self.log_in(&client)?;
        self.call(&mut Session::from_tokens(&client, &tokens))
    }

    /// The paths that were asked, in their order.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.sent.iter().map(|request| request.uri().path()).collect()
    }

    /// Whether the client ever asked the token endpoint.
    pub(crate) fn redeemed(&self) -> bool {
        self.paths().contains(&"/oauth/token")
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("variant", &self.variant)
            .field("sent", &self.paths())
            .finish_non_exhaustive()
    }
}

/// By which the client authenticates, and signs its requests.
fn key(variant: Variant) -> Arc<KeyPair> {
    key_pair(&AwsLc, variant.algorithm)
}

/// What its tokens are bound to: another key.
fn proof_key() -> Arc<KeyPair> {
    let private = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy(5)).unwrap();
    Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &private).unwrap())
}
