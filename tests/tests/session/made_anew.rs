//! RFC 7523, RFC 8693, RFC 7521 §4.2: sessions whose grant, or whose client's proof, is made anew at each renewal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use valetkey_core::client::SecretSource;
use valetkey_core::error::CallbackError;
use valetkey_core::jose::{Algorithm, AwsLc, DeferredSigner, JwkSet, Signed, Signer};
use valetkey_core::session::{AwaitedCredential, Readiness, RenewalAnswer, RenewalStep};
use valetkey_core::store::{MemoryStore, Store, StoreKey};
use valetkey_core::token::{JwtAssertion, JwtAssertions, TokenExchange, TokenKind};
use valetkey_core::{
    AuthorizationServer, Client, Discovery, Error, Flow, Grant, Quirks, Request, Response, Rule, Session,
    Step, Subject, TokenRequest, UnixTime,
};
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, client, entropy, get, json, server};

const ISSUER: &str = "https://as.example";
const PLATFORM: &str = "https://platform.example";
const HOUR: Duration = Duration::from_secs(3600);

/// A server that takes an assertion once and for five minutes, and gives tokens of an hour.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    sandbox.settings_mut().access_token_lifetime = HOUR;
    let keys = JwkSet::of(key_pair(&AwsLc, Algorithm::Es256).public_key().cloned());
    let keys = serde_json::to_value(keys).unwrap();
    sandbox.trust_issuer(PLATFORM, &keys);
    let robot =
        Application::confidential("robot", "s").flow(FlowKind::JwtBearer).flow(FlowKind::TokenExchange);
    sandbox.add_application(robot.may_request(Rights::All));
    let workload = Application::with_keys("workload", &keys);
    sandbox.add_application(workload.authorized(Rights::of(["global:Profile.View"])));
    sandbox
}

fn met(sandbox: &mut Sandbox) -> AuthorizationServer {
    let document = sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW);
    Discovery::new(ISSUER).unwrap().admit_all(Quirks::STRICT).parse(document, NOW).unwrap().into_server()
}

fn robot(sandbox: &mut Sandbox) -> Client {
    let client = Client::new(met(sandbox), "robot").secret_in_body("s").unwrap();
    client.api("https://api.example").unwrap()
}

fn assertions(key: Arc<dyn Signer>) -> JwtAssertions {
    JwtAssertions::new(key, entropy(3), PLATFORM, "alice", ISSUER)
}

/// Renews the session, and says what was sent.
fn renew(
    session: &mut Session,
    now: UnixTime,
    mut answer: impl FnMut(&Request) -> Response,
) -> Result<Vec<Request>, Error> {
    let (store, key) = (MemoryStore::new(), session.key().cloned().unwrap_or_else(StoreKey::in_memory));
    let (mut renewal, mut sent, mut told) = (session.renewal().unwrap(), Vec::new(), None);
    loop {
        told = match renewal.step(told.take(), now).unwrap() {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&store as &dyn Store, &key, now))),
            RenewalStep::Send(request) => {
                let RenewalStep::Send(again) = renewal.step(None, now).unwrap() else { panic!() };
                assert!(same(&request, &again), "asking twice changes nothing");
                let answer = answer(&request);
                sent.push(request);
                Some(RenewalAnswer::Response(answer))
            }
            RenewalStep::Wait(_) => panic!("nothing answers later here"),
            RenewalStep::Done => break,
        };
    }
    session.settle(renewal, now).map(|()| sent)
}

/// A week of renewals, one an hour; each needs a request of its own.
fn lives_for_a_week(mut session: Session, sandbox: &mut Sandbox, secret: &str) {
    let mut seen = Vec::new();
    for hour in 0..168 {
        let now = NOW.after(HOUR * hour);
        let readiness = session.provide(&mut AwaitedCredential::new(), now).unwrap();
        assert_eq!(readiness, Readiness::Wait, "hour {hour}");
        let sent = renew(&mut session, now, |request| sandbox.answer(request, now)).unwrap();
        assert!(session.credential().unwrap().is_fresh(now), "hour {hour}");
        seen.extend(sent.iter().map(|request| parameter(request, secret).unwrap()));
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (168, 168), "each request has a {secret} of its own");
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(request.body()).filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    assert!(values.next().is_none(), "{name} is sent once");
    value
}

/// What a platform writes into its file: another each time, good for five minutes by its own clock.
#[derive(Clone, Default)]
struct Platform {
    written: Arc<AtomicU64>,
    is_down: Arc<Mutex<bool>>,
}

impl Platform {
    fn jwt(&self, issuer: &str, subject: &str, now: UnixTime) -> String {
        let jti = self.written.fetch_add(1, Ordering::Relaxed).to_string();
        let claims = serde_json::json!({
            "iss": issuer, "sub": subject, "aud": ISSUER, "jti": jti, "iat": now.as_secs(), "exp": now.as_secs() + 300,
        });
        valetkey_tests::jose::signed(&AwsLc, Algorithm::Es256, &claims)
    }
}

/// The platform's tokens about one of its workloads.
struct About(Platform, &'static str, &'static str);

impl SecretSource for About {
    fn secret(&self, now: UnixTime) -> Result<Signed<String>, CallbackError> {
        if *self.0.is_down.lock().unwrap() {
            return Err(CallbackError::new("no such file: /run/secrets/token"));
        }
        // As it is in a file.
        Ok(Signed::Ready(format!("{}\n", self.0.jwt(self.1, self.2, now))))
    }
}

/// F54: a service account whose key signs.
#[test]
fn a_session_with_a_key_of_its_own_lives_for_ever() {
    let mut sandbox = sandbox();
    let grant = Grant::from(assertions(key_pair(&AwsLc, Algorithm::Es256)));
    let session = Session::from_grant(&robot(&mut sandbox), grant);
    lives_for_a_week(session, &mut sandbox, "assertion");
}

/// I5: assertions that somebody else writes into a file.
#[test]
fn a_session_with_a_file_of_assertions_lives_for_ever() {
    let mut sandbox = sandbox();
    let grant = Grant::assertions_from(About(Platform::default(), PLATFORM, "alice"));
    let session = Session::from_grant(&robot(&mut sandbox), grant);
    lives_for_a_week(session, &mut sandbox, "assertion");
}

/// F53: the client's own proof is another issuer's.
#[test]
fn a_client_with_a_file_of_assertions_lives_for_ever() {
    let mut sandbox = sandbox();
    let client = Client::new(met(&mut sandbox), "workload");
    let client = client.assertions_from(About(Platform::default(), "workload", "workload")).unwrap();
    assert!(
        matches!(client.clone().secret("s"), Err(Error::Misuse(misuse)) if misuse.rule() == Some(Rule::Ca1))
    );
    let session =
        Session::from_grant(&client, Grant::client_credentials().scope("global:Profile.View").unwrap());
    lives_for_a_week(session, &mut sandbox, "client_assertion");
}

/// F54: a subject token that is another each time.
#[test]
fn a_session_with_a_file_of_subject_tokens_asks_with_a_new_one_each_time() {
    let platform = Platform::default();
    let exchange = TokenExchange::from_source(TokenKind::JWT, About(platform, PLATFORM, "alice"));
    let exchange = exchange.audience("//iam.example/pools/build").scope("calendar").unwrap();
    let mut session = Session::from_grant(&client(), Grant::from(exchange));
    let mut seen = Vec::new();
    for hour in 0..24 {
        let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
        let sent = renew(&mut session, NOW.after(HOUR * hour), |_| json(200, body)).unwrap();
        assert_eq!(parameter(&sent[0], "subject_token_type").unwrap(), TokenKind::JWT.as_str());
        seen.push(parameter(&sent[0], "subject_token").unwrap());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 24);
}

/// A source that fails loses nothing: its own words are told, without what looks like a secret; nothing is sent; the old token is
/// used while it is good; and the next renewal asks again.
#[test]
fn a_source_that_fails_is_asked_again() {
    let platform = Platform::default();
    let mut sandbox = sandbox();
    let grant = Grant::assertions_from(About(platform.clone(), PLATFORM, "alice"));
    let mut session = Session::from_grant(&robot(&mut sandbox), grant);
    renew(&mut session, NOW, |request| sandbox.answer(request, NOW)).unwrap();

    *platform.is_down.lock().unwrap() = true;
    let soon = NOW.after(HOUR - Duration::from_secs(20));
    let error = renew(&mut session, soon, |_| panic!("nothing is sent")).unwrap_err();
    assert!(matches!(error, Error::Callback(_)) && error.is_transient(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "a source of secrets of this program failed: no such file: /run/secrets/token"
    );
    assert_eq!(session.provide(&mut AwaitedCredential::new(), soon).unwrap(), Readiness::Ready);
    let late = NOW.after(HOUR + Duration::from_secs(1));
    let waited = session.provide(&mut AwaitedCredential::new(), late).unwrap();
    assert_eq!(waited, Readiness::Wait, "five seconds are the longest that it is left alone");
    renew(&mut session, late, |_| panic!("nothing is sent")).unwrap_err();

    *platform.is_down.lock().unwrap() = false;
    let later = late.after(Duration::from_secs(5));
    renew(&mut session, later, |request| sandbox.answer(request, later)).unwrap();
    assert!(session.credential().unwrap().is_fresh(later));
}

/// What is no JWT, such as a file that is half written, is not sent, and not shown.
#[test]
fn what_a_source_gives_is_looked_at() {
    let planted = "planted-SECRET-0123456789";
    for text in ["", planted, "a.b", "a b.c.d"] {
        let grant = Grant::assertions_from(move || Ok::<_, String>(text.to_owned()));
        let mut flow = TokenRequest::new(&client(), grant).unwrap();
        let error = flow.step(None, NOW).unwrap_err();
        assert!(matches!(error, Error::Callback(_)), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }
    let told = CallbackError::new(format!(
        "the vault said eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.Zm9vYmFyMTIzNDU2 {planted}"
    ));
    assert!(!told.to_string().contains("eyJ"), "{told}");
    let file = CallbackError::new(std::io::Error::new(std::io::ErrorKind::NotFound, "gone\nfor good"));
    assert_eq!(file.to_string(), "code of this program's own failed: gone for good");
}

/// A source and a key that answer later make the flow wait, and it goes on with what was asked for.
#[test]
fn a_flow_waits_for_what_comes_later() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_millis(50);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let mut flow = TokenRequest::new(&client(), Grant::from(assertions(deferred.clone()))).unwrap();
    for _ in 0..3 {
        assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(time)) if time == patience));
    }
    let wanted = deferred.wanted();
    assert_eq!(wanted.len(), 1, "asking again asks for the same");
    deferred.fulfil(&wanted[0], key.sign(&wanted[0]).map(|signed| signed.ready().unwrap()));
    let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("it is signed, and not sent") };
    assert!(parameter(&request, "assertion").unwrap().starts_with("eyJ"));

    struct Later(AtomicU64);
    impl SecretSource for Later {
        fn secret(&self, _now: UnixTime) -> Result<Signed<String>, CallbackError> {
            Ok(match self.0.fetch_add(1, Ordering::Relaxed) {
                0..3 => Signed::Pending(Duration::from_secs(1)),
                _ => Signed::Ready("e30.e30.c2ln".to_owned()),
            })
        }
    }
    let mut flow = TokenRequest::new(&client(), Grant::assertions_from(Later(AtomicU64::new(0)))).unwrap();
    for _ in 0..3 {
        assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(_))));
    }
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
}

/// An assertion that was not signed while it was good is not sent.
#[test]
fn an_assertion_is_signed_while_it_is_good_or_not_at_all() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_secs(1);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let grant = assertions(deferred).lifetime(Duration::from_secs(60)).unwrap();
    let mut flow = TokenRequest::new(&client(), Grant::from(grant)).unwrap();
    assert!(matches!(flow.step(None, NOW.after(Duration::from_secs(0))), Ok(Step::Wait(_))));
    assert!(matches!(flow.step(None, NOW.after(Duration::from_secs(59))), Ok(Step::Wait(_))));
    assert!(matches!(flow.step(None, NOW.after(Duration::from_secs(60))), Err(Error::Misuse(_))));
}

/// ST-4: what is made anew is no part of a key; what is asked for is, and a name tells accounts apart.
#[test]
fn the_key_of_a_store_is_the_same_whatever_is_made() {
    let grant = |source: &'static str| {
        Grant::assertions_from(move || Ok::<_, String>(source.to_owned())).on_behalf_of(Subject::Application)
    };
    let key = |grant: &Grant| StoreKey::of_application(&client(), grant).named("robot");
    let (one, other) = (grant("e30.e30.b25l"), grant("e30.e30.dHdv"));
    assert_eq!(key(&one), key(&other));
    let held = Grant::from(&JwtAssertion::new("e30.e30.c2ln").unwrap()).on_behalf_of(Subject::Application);
    assert_eq!(key(&one), key(&held), "the same tokens, however the assertion is had");
    assert_ne!(key(&one), key(&one.clone().scope("calendar").unwrap()));
    assert_ne!(key(&one), key(&one.clone().resource("https://api.example").unwrap()));
    let session = Session::from_grant(&client(), one.clone());
    assert!(session.in_store(key(&one)).is_ok());
    let unnamed = StoreKey::of_application(&client(), &one);
    let error = Session::from_grant(&client(), one).in_store(unnamed).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::St4));
}

/// AQ-6: any grant may have a parameter of a source, but for the library's own.
#[test]
fn a_parameter_of_ones_own_is_made_anew_too() {
    let numbers = Arc::new(AtomicU64::new(0));
    let source = move || Ok::<_, String>(format!("ticket {}", numbers.fetch_add(1, Ordering::Relaxed)));
    let grant = Grant::extension("urn:example:ticket", Subject::User, [("account", "7")]).unwrap();
    let grant = grant.parameter_from("ticket", source).unwrap();
    for taken in ["ticket", "account", "grant_type", "client_assertion", "refresh_token"] {
        let error = grant.clone().parameter_from(taken, || Ok::<_, String>(String::new())).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq6), "{taken}");
    }
    assert!(grant.clone().parameter("ticket", "x").is_err());
    assert!(!format!("{grant:?}").contains("7"));
    let answer = || Some(json(200, r#"{"access_token":"a","token_type":"Bearer"}"#));
    for number in 0..3 {
        let played = play(TokenRequest::new(&client(), grant.clone()).unwrap(), [answer()]);
        assert!(played.outcome.is_ok());
        let body = String::from_utf8(played.sent[0].1.body().clone()).unwrap();
        assert_eq!(body, format!("grant_type=urn%3Aexample%3Aticket&account=7&ticket=ticket+{number}"));
    }
}

/// F54: a service account that signs for itself is not registered, and sends no empty `client_id`.
#[test]
fn a_client_without_an_identifier_sends_none() {
    let nobody = Client::new(server(), "");
    let assertion = JwtAssertion::new("e30.e30.c2ln").unwrap();
    let mut flow = TokenRequest::new(&nobody, Grant::from(&assertion)).unwrap();
    let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!() };
    assert_eq!(parameter(&request, "client_id"), None);
}

/// A claim of the server's own goes along, and one of the library's cannot be replaced.
#[test]
fn an_assertion_has_further_claims() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let made = assertions(key).claim("scope", "calendar mail").unwrap();
    for taken in ["iss", "sub", "aud", "jti", "iat", "exp", "scope"] {
        assert!(matches!(made.clone().claim(taken, "x"), Err(Error::Misuse(_))), "{taken}");
    }
    for wrong in [Duration::ZERO, Duration::from_secs(3601)] {
        assert!(matches!(made.clone().lifetime(wrong), Err(Error::Misuse(_))));
    }
    let mut flow = TokenRequest::new(&client(), Grant::from(made)).unwrap();
    let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!() };
    let assertion = parameter(&request, "assertion").unwrap();
    let keys = valetkey_tests::jose::verification_keys(&AwsLc, Algorithm::Es256);
    let claims: serde_json::Value =
        serde_json::from_slice(&valetkey_tests::jose::verified(&assertion, &keys).unwrap()).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&PLATFORM.into(), &ISSUER.into()));
    assert_eq!((&claims["scope"], &claims["sub"]), (&"calendar mail".into(), &"alice".into()));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 300);
}

/// DP-5: a request that is repeated with a nonce asks the source again, since an assertion may be good once.
#[test]
fn a_repeated_request_has_another_secret() {
    let platform = Platform::default();
    let key = valetkey_core::Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(5)).unwrap();
    let client = client().dpop(key).unwrap();
    let grant = Grant::assertions_from(About(platform.clone(), PLATFORM, "alice"));
    let mut demand = json(400, r#"{"error":"use_dpop_nonce"}"#);
    demand.headers_mut().insert("dpop-nonce", "n-1".parse().unwrap());
    let granted = json(200, r#"{"access_token":"a","token_type":"DPoP"}"#);
    let played = play(TokenRequest::new(&client, grant).unwrap(), [Some(demand), Some(granted)]);
    played.outcome.unwrap();
    let sent: Vec<_> =
        played.sent.iter().map(|(_, request)| parameter(request, "assertion").unwrap()).collect();
    assert!(sent.len() == 2 && sent[0] != sent[1]);
    assert_eq!(platform.written.load(Ordering::Relaxed), 2, "it was asked once for each");
}

/// ER-3: a server that echoes what was made does not get it into an error.
#[test]
fn what_was_made_comes_out_of_no_error() {
    let secret = "planted SECRET of a source";
    let grant = Grant::unregistered("ticket", Subject::User, [("a", "b")]).unwrap();
    let grant = grant.parameter_from("ticket", move || Ok::<_, String>(secret.to_owned())).unwrap();
    let body = format!(r#"{{"error":"invalid_grant","error_description":"no such ticket: {secret}"}}"#);
    let played = play(TokenRequest::new(&client(), grant).unwrap(), [Some(json(400, &body))]);
    let error = played.outcome.map(|_| ()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
}

/// A key that answers later makes a renewal wait, which then sends what it has signed.
#[test]
fn a_renewal_waits_for_a_key_that_answers_later() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_millis(50);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let session = Session::from_grant(&client(), Grant::from(assertions(deferred.clone())));
    let (store, store_key) = (MemoryStore::new(), StoreKey::in_memory());
    let (mut renewal, mut told, mut waited) = (session.renewal().unwrap(), None, 0);
    loop {
        told = match renewal.step(told.take(), NOW).unwrap() {
            RenewalStep::Store(step) => {
                Some(RenewalAnswer::Store(step.on(&store as &dyn Store, &store_key, NOW)))
            }
            RenewalStep::Wait(time) => {
                assert_eq!(time, patience);
                waited += 1;
                for message in deferred.wanted().into_iter().filter(|_| waited == 3) {
                    deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
                }
                None
            }
            RenewalStep::Send(request) => {
                assert!(parameter(&request, "assertion").unwrap().starts_with("eyJ"));
                break;
            }
            RenewalStep::Done => panic!("it was not sent"),
        };
    }
    assert_eq!(waited, 3);
}
