//! Whole logins at the sandbox, of a client of which nothing is said but its profile and its keys.

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::client::SecurityProfile;
use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, KeyPair, PrivateJwk, Signer as _};
use valetkey_core::status::{Introspected, Introspection};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Dpop, Error, Flow, Request, Rule,
    Session, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{
    Application, Arrival, CERTIFICATE_THUMBPRINT, FlowKind, Misbehaviour, Person, Rights, Rotation, Sandbox,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::{NOW, entropy, get};

use super::good::{CALLBACK, ISSUER};

const SCOPE: &str = "openid global:Profile.Absences.View";
/// RFC 8705, Appendix A.
const THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

/// By which a client authenticates, and by which its tokens are bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Key,
    Certificate,
}

use By::{Certificate, Key};

const ALL: [(By, By); 4] = [(Key, Key), (Key, Certificate), (Certificate, Key), (Certificate, Certificate)];

/// A server that is as strict as the profile wants it, and a client of it.
struct World {
    profile: SecurityProfile,
    authenticated: By,
    bound: By,
    sandbox: Sandbox,
    now: UnixTime,
    sent: Vec<Request>,
    visited: String,
}

fn key() -> Arc<KeyPair> {
    key_pair(&AwsLc, Algorithm::Es256)
}

/// Another than the one that the client authenticates by.
fn proof_key() -> Arc<KeyPair> {
    let private = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy(5)).unwrap();
    Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &private).unwrap())
}

impl World {
    fn new(profile: SecurityProfile, (authenticated, bound): (By, By)) -> Self {
        let mut sandbox = Sandbox::standard([7; 32], ISSUER);
        let settings = sandbox.settings_mut();
        settings.rotation = Rotation::On;
        settings.dpop_nonces = Some(Duration::from_secs(600));
        let keys = serde_json::to_value(JwkSet::of(key().public_key().cloned())).unwrap();
        let application = match authenticated {
            Key => Application::with_keys("fapi", &keys),
            Certificate => Application::with_certificate("fapi", THUMBPRINT).keys(&keys),
        };
        let application = match bound {
            Key => application.require_dpop(),
            Certificate => application.certificate_bound(),
        };
        let application = match profile {
            SecurityProfile::Fapi2 => application.require_pushed(),
            SecurityProfile::Fapi2MessageSigning => application.require_pushed().require_signed_request(),
            _ => application.require_signed_request(),
        };
        let application = application.flow(FlowKind::AuthorizationCode).redirect_uri(CALLBACK).require_pkce();
        sandbox.add_application(application.may_request(Rights::All));
        Self { profile, authenticated, bound, sandbox, now: NOW, sent: Vec::new(), visited: String::new() }
    }

    fn run<F: Flow>(&mut self, mut flow: F) -> Result<F::Output, Error> {
        let mut response = None;
        for _ in 0..20 {
            match flow.step(response.take(), self.now)? {
                Step::Send(mut request) => {
                    self.sent.push(request.clone());
                    if self.authenticated == Certificate || self.bound == Certificate {
                        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, THUMBPRINT.parse().unwrap());
                    }
                    response = Some(self.sandbox.answer(&request, self.now));
                }
                Step::Wait(time) => self.now = self.now.after(time),
                Step::Done(output) => return Ok(output),
            }
        }
        panic!("the conversation does not end");
    }

    fn client(&mut self) -> Client {
        let server = self.run(Discovery::new(ISSUER).unwrap()).unwrap().into_server();
        let client = Client::new(server, "fapi").api(ISSUER).unwrap().security_profile(self.profile);
        let client = match self.authenticated {
            Key => client.assertion(key(), entropy(2)).unwrap(),
            Certificate => client.self_signed_tls_client_auth().unwrap(),
        };
        match self.bound {
            Key => client.dpop(Dpop::of(proof_key(), entropy(3)).unwrap()).unwrap(),
            Certificate => client.with_certificate(),
        }
    }

    /// A request of this client. Only one that has no key of its own is given one to sign with.
    fn request(&self, client: &Client) -> AuthorizationRequest {
        let request = AuthorizationRequest::new(client, CALLBACK).unwrap().scope(SCOPE).unwrap();
        match self.authenticated {
            Certificate if self.profile != SecurityProfile::Fapi2 => request.signed(key()).unwrap(),
            _ => request,
        }
    }

    fn log_in(&mut self, client: &Client, request: &AuthorizationRequest) -> Result<TokenResponse, Error> {
        let (url, mut pending) = self.run(request.start_unbound(entropy(4), self.now)?)?;
        self.visited = url.as_str().to_owned();
        let alice = Person::new("alice", self.sandbox.password("alice").unwrap());
        let response = match self.sandbox.visit(url.as_str(), &alice, self.now).unwrap() {
            Arrival::Get(back) => AuthorizationResponse::from_url(&back)?,
            Arrival::Post(request) => AuthorizationResponse::from_request(CALLBACK, &request)?,
        };
        let opened = self.run(pending.open(client, &response)?)?;
        let flow = pending.finish(client, &opened, self.now)?;
        self.run(flow)
    }

    /// The status with which the API answers.
    fn call(&mut self, client: &Client, tokens: &TokenResponse) -> u16 {
        let mut session = Session::from_tokens(client, tokens);
        let flow = session.call(get("https://as.example/api/http/absences?from=2026-11-24")).unwrap();
        self.run(flow).unwrap().status().as_u16()
    }

    fn asked(&self, path: &str) -> bool {
        self.sent.iter().any(|request| request.uri().path() == path)
    }

    /// Whether what was pushed had this parameter.
    fn pushed(&self, name: &str) -> bool {
        let mut pushed = self.sent.iter().filter(|request| request.uri().path() == "/oauth/par");
        pushed.any(|request| form_urlencoded::parse(request.body()).any(|(known, _)| known == name))
    }
}

/// FA-1: private_key_jwt and mTLS, DPoP and mTLS.
#[test]
fn a_login_of_fapi_2_in_each_variant() {
    for variant in ALL {
        let mut world = World::new(SecurityProfile::Fapi2, variant);
        let client = world.client();
        let request = world.request(&client);
        let tokens = world.log_in(&client, &request).unwrap();
        assert!(tokens.login().is_some(), "{variant:?}");
        assert_eq!(world.call(&client, &tokens), 200, "{variant:?}");
        assert!(world.asked("/oauth/par") && !world.pushed("request"), "{variant:?}");
        assert_eq!(
            world.visited.split(['?', '&']).count(),
            3,
            "client_id and request_uri: {}",
            world.visited
        );
    }
}

/// FA-2: likewise, with signed requests, responses and introspections.
#[test]
fn a_login_of_message_signing_in_each_variant() {
    for variant in ALL {
        let mut world = World::new(SecurityProfile::Fapi2MessageSigning, variant);
        let client = world.client();
        let request = world.request(&client);
        let tokens = world.log_in(&client, &request).unwrap();
        assert_eq!(world.call(&client, &tokens), 200, "{variant:?}");
        assert!(world.pushed("request"), "{variant:?}");
        let introspection = Introspection::new(&client, tokens.access_token()).unwrap();
        let told = world.run(introspection).unwrap();
        assert!(matches!(told, Introspected::Active(_)), "{variant:?}");
        let asked = world.sent.iter().find(|request| request.uri().path() == "/oauth/introspect").unwrap();
        assert_eq!(asked.headers()["accept"], "application/token-introspection+jwt");
    }
}

/// FA-4: through the browser and pushed, with the ID token as the signature, and with a signed response.
#[test]
fn a_login_of_fapi_1_advanced_in_each_variant() {
    for authenticated in [Key, Certificate] {
        for pushed in [false, true] {
            for asked in [ResponseType::Code, ResponseType::CodeIdToken] {
                let mut world = World::new(SecurityProfile::Fapi1Advanced, (authenticated, Certificate));
                let client = world.client();
                let request = world.request(&client).response_type(asked);
                let request = if pushed { request.pushed() } else { request };
                let tokens = world.log_in(&client, &request).unwrap();
                let login = tokens.login().unwrap();
                assert_eq!(world.call(&client, &tokens), 200, "{authenticated:?} {asked:?}");
                assert!(login.checks().contains(Rule::Id8));
                assert_eq!(world.asked("/oauth/par"), pushed);
                assert_eq!(world.pushed("request"), pushed);
                assert_eq!(world.visited.contains("&request="), !pushed, "{}", world.visited);
            }
        }
    }
}

/// FA-4, ID-41: the hash of `state` is required without anybody asking for it.
#[test]
fn an_id_token_without_s_hash_is_no_signature_under_the_response() {
    for misbehaviour in [Misbehaviour::FrontSHashMissing, Misbehaviour::FrontSHashOther] {
        let mut world = World::new(SecurityProfile::Fapi1Advanced, (Key, Certificate));
        let client = world.client();
        // The sandbox is wrong about a redirect, which a form is not.
        let request = world.request(&client).response_type(ResponseType::CodeIdToken);
        let request = request.response_mode(ResponseMode::Fragment);
        world.sandbox.misbehave(misbehaviour);
        let error = world.log_in(&client, &request).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Id41), "{misbehaviour}: {error}");
    }
}
