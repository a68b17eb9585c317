//! The suite's side of a module, and a client that goes through it: [`Suite`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, KeyPair, PrivateJwk, Signer};
use valetkey_core::server::ServerKeys;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Dpop, Error, Flow, Request, Response,
    Session, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{
    Application, Arrival, CERTIFICATE_THUMBPRINT, ContentEncryption, Endpoint, FlowKind, KeyEncryption,
    Misbehaviour, Person, Rights, Rotation, Sandbox, SigningAlgorithm,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::jwe::{agreeing, keys_of};
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, get};

use super::sent::assert_conformant;
use crate::module::Server;

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
    /// `fapi_client_type=oidc`: the login is verified.
    pub(crate) openid: bool,
    /// FAPI 1.0 Advanced: `response_type=code id_token`.
    pub(crate) hybrid: bool,
    /// FAPI 1.0 Advanced, `fapi_auth_request_method=by_value`: the request is in the browser, and not pushed.
    pub(crate) by_value: bool,
    pub(crate) algorithm: Algorithm,
}

impl Variant {
    /// The Security Profile's: neither requests nor responses are signed.
    pub(crate) const fn profile(authentication: Authentication, constraint: Constraint) -> Self {
        Self {
            authentication,
            constraint,
            signed: false,
            jarm: false,
            openid: false,
            hybrid: false,
            by_value: false,
            algorithm: Algorithm::Es256,
        }
    }

    /// The four of the Security Profile.
    pub(crate) fn of_profile() -> [Self; 4] {
        use Authentication::{Mtls as ByCertificate, PrivateKeyJwt};
        use Constraint::{Dpop, Mtls};
        [(PrivateKeyJwt, Dpop), (PrivateKeyJwt, Mtls), (ByCertificate, Dpop), (ByCertificate, Mtls)]
            .map(|(authentication, constraint)| Self::profile(authentication, constraint))
    }

    /// All thirty-two of Message Signing.
    pub(crate) fn all() -> Vec<Self> {
        let both = [false, true];
        let signing = both.into_iter().flat_map(|signed| both.map(|jarm| (signed, jarm)));
        signing
            .flat_map(|(signed, jarm)| Self::of_profile().map(|variant| Self { signed, jarm, ..variant }))
            .flat_map(|variant| both.map(|openid| Self { openid, ..variant }))
            .collect()
    }

    /// Those in which there is an ID token.
    pub(crate) fn with_id_token() -> Vec<Self> {
        Self::all().into_iter().filter(|variant| variant.openid).collect()
    }

    /// Those of FAPI 1.0 Advanced with an ID token: in the response, or (JARM) beside the access token.
    pub(crate) fn of_fapi1(jarm: bool) -> Vec<Self> {
        let methods = [Authentication::PrivateKeyJwt, Authentication::Mtls];
        let variants = methods.into_iter().flat_map(|authentication| {
            [false, true].map(|by_value| Self {
                signed: true,
                jarm,
                openid: true,
                hybrid: !jarm,
                by_value,
                algorithm: Algorithm::Ps256,
                ..Self::profile(authentication, Constraint::Mtls)
            })
        });
        variants.collect()
    }

    /// The plan's response type.
    pub(crate) const fn response_type(self) -> ResponseType {
        if self.hybrid { ResponseType::CodeIdToken } else { ResponseType::Code }
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
    /// The encryption that the client is registered for, with its keys.
    encrypted: Option<(Encryption, DecryptionKeys)>,
    wrong: Option<Misbehaviour>,
}

impl Suite {
    /// With forced nonces and endpoint aliases, as the suite has them.
    pub(crate) fn new(variant: Variant) -> Self {
        let mut sandbox = Sandbox::standard([7; 32], ISSUER);
        let settings = sandbox.settings_mut();
        settings.require_pushed = !variant.by_value;
        settings.signing_algorithm = if variant.algorithm == Algorithm::Ps256 {
            SigningAlgorithm::Ps256
        } else {
            SigningAlgorithm::Es256
        };
        settings.rotation = Rotation::On;
        settings.dpop_nonces = Some(Duration::from_secs(600));
        settings.mtls_origin = Some(MTLS.to_owned());
        let keys = serde_json::to_value(JwkSet::of(key(variant).public_key().cloned())).unwrap();
        sandbox.add_application(registered(variant, &keys));
        Self {
            variant,
            sandbox,
            now: NOW,
            sent: Vec::new(),
            visited: Vec::new(),
            tamper: None,
            encrypted: None,
            wrong: None,
        }
    }

    /// Misbehaves once.
    pub(crate) fn wrong(&mut self, misbehaviour: Misbehaviour) {
        self.sandbox.misbehave_once(misbehaviour);
        self.wrong = Some(misbehaviour);
    }

    /// Misbehaves once about the first ID token: that of the token endpoint, or that of the response where there is one.
    pub(crate) fn wrong_id_token(&mut self, of_tokens: Misbehaviour, of_response: Misbehaviour) {
        self.wrong(if self.variant.hybrid { of_response } else { of_tokens });
    }

    /// Encrypts ID tokens to the client from now on.
    pub(crate) fn encrypt_id_tokens(&mut self) {
        let keys = keys_of(&AwsLc, agreeing(AgreementCurve::P256));
        let signing = key(self.variant).public_key().cloned();
        let mut all = serde_json::to_value(JwkSet::of(signing)).unwrap();
        let encrypting = serde_json::to_value(keys.published()).unwrap();
        all["keys"].as_array_mut().unwrap().extend(encrypting["keys"].as_array().unwrap().iter().cloned());
        let (by, content) = (KeyEncryption::EcdhEs, ContentEncryption::A256Gcm);
        self.sandbox.add_application(registered(self.variant, &all).id_token_encryption(by, content));
        let encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);
        self.encrypted = Some((encryption, keys));
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
        let signs = if variant.algorithm == Algorithm::Ps256 { Algorithm::Ps256 } else { Algorithm::Es256 };
        let keys = ServerKeys::published(&server, Arc::new(AwsLc), &[signs])?;
        let server = if variant.jarm { server.keys(keys) } else { server };
        let client = Client::new(server, CLIENT).api(&self.api_origin())?;
        let client = if variant.openid { client.id_token_algorithm(signs)? } else { client };
        let client = match self.encrypted.clone() {
            Some((encryption, keys)) => client.decryption_keys(keys).id_token_encryption(encryption)?,
            None => client,
        };
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

    /// Pushes a request (or sends it by the browser), and has the person allow it: what comes back, finished into tokens.
    pub(crate) fn log_in(&mut self, client: &Client) -> Result<TokenResponse, Error> {
        let variant = self.variant;
        let scope = if variant.openid { format!("openid {SCOPE}") } else { SCOPE.to_owned() };
        let mut request = AuthorizationRequest::new(client, CALLBACK)?.scope(scope)?;
        if variant.hybrid {
            let asked = request.response_type(variant.response_type()).require_s_hash();
            request = asked.response_mode(ResponseMode::Fragment);
        }
        if variant.jarm {
            request = request.response_mode(ResponseMode::Jwt);
        }
        if variant.signed {
            request = request.signed(key(variant))?;
        }
        let (url, mut pending) = if variant.by_value {
            request.begin_unbound(entropy(4), self.now)?
        } else {
            let flow = request.push_unbound(entropy(4), self.now)?;
            self.run(flow)?
        };
        self.visited.push(url.as_str().to_owned());
        let alice = Person::new("alice", self.sandbox.password("alice").unwrap());
        let Arrival::Get(back) = self.sandbox.visit(url.as_str(), &alice, self.now).unwrap() else {
            panic!("the browser is redirected")
        };
        let response = AuthorizationResponse::from_url(&back)?;
        let opened = self.run(pending.open(client, &response)?)?;
        let flow = pending.finish(client, &opened, self.now)?;
        let tokens = self.run(flow)?;
        let subject = tokens.login().map(|login| login.identity().subject().to_owned());
        assert_eq!(subject, variant.openid.then(|| self.sandbox.user_id("alice")));
        Ok(tokens)
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

    /// A whole module of which only the end counts.
    pub(crate) fn through(&mut self) -> Result<(), Error> {
        self.whole().map(|status| assert_eq!(status, 200))
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

impl Server for Suite {
    /// After a wrong answer nothing but keys is asked for.
    fn require_ended(&self, error: Option<&Error>) {
        assert_eq!(self.sandbox.misbehaviours().count(), 0, "{self:?}: each was met");
        assert_conformant(self);
        let (Some(wrong), Some(_)) = (self.wrong, error) else { return };
        let last = self.sandbox.log().iter().map(|entry| entry.endpoint()).rfind(|it| *it != Endpoint::Jwks);
        assert_eq!(last, Some(wrong.endpoint()), "{self:?}");
    }
}

/// The client as the server knows it, with these keys.
fn registered(variant: Variant, keys: &Value) -> Application {
    let application = match variant.authentication {
        Authentication::PrivateKeyJwt => Application::with_keys(CLIENT, keys),
        Authentication::Mtls => Application::with_certificate(CLIENT, THUMBPRINT).keys(keys),
    };
    let application = match variant.constraint {
        Constraint::Dpop => application.require_dpop(),
        Constraint::Mtls => application.certificate_bound(),
    };
    let application = if variant.signed { application.require_signed_request() } else { application };
    let application = application.flow(FlowKind::AuthorizationCode).redirect_uri(CALLBACK);
    application.require_pkce().may_request(Rights::All).authorized(Rights::of([SCOPE]))
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
