//! AQ-12: requests that the client signs (JAR), through the browser and pushed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::jose::{Algorithm, DeferredSigner, Jws, JwtType, RustCrypto, Signer};
use valetkey_core::server::Endpoint;
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{AuthorizationServer, BrowserUrl, Client, Flow, Resource, Rule, Step};
use valetkey_sandbox::Person;
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, client_of as valetkey_client_of, entropy, server as plain_server};

use crate::support::*;

/// The header's `typ` and the claims of the request in this URL, verified.
fn object(url: &BrowserUrl) -> (String, Value) {
    let pairs = query(url);
    assert_eq!(names(&pairs), ["client_id", "request"], "nothing beside it");
    claims_of(value(&pairs, "request"))
}

fn claims_of(jwt: &str) -> (String, Value) {
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let verified = Jws::parse(jwt).unwrap().verify(&keys, JwtType::Explicit("oauth-authz-req+jwt")).unwrap();
    (verified.typ().unwrap().to_owned(), serde_json::from_slice(verified.payload()).unwrap())
}

/// AQ-12: typed, by the client, for the issuer, short-lived, with an identifier of its own; JSON where a parameter is JSON.
#[test]
fn a_signed_request_says_everything_in_its_claims() {
    let client = valetkey_client_of(plain_server());
    let details = AuthorizationDetails::parse(r#"[{"type":"payment","amount":"45.00"}]"#).unwrap();
    let request = request(&client)
        .scope("a b")
        .unwrap()
        .response_mode(ResponseMode::FormPost)
        .max_age(Duration::from_secs(60))
        .claims(json!({ "id_token": { "acr": null } }))
        .unwrap()
        .authorization_details(&details)
        .unwrap()
        .resource(Resource::new("https://api.example/a").unwrap())
        .unwrap()
        .resource(Resource::new("https://api.example/b").unwrap())
        .unwrap()
        .resource(Resource::new("https://api.example/c").unwrap())
        .unwrap()
        .signed(key())
        .unwrap();
    let (url, pending) = begun(&request);
    let (typ, claims) = object(&url);
    assert_eq!(typ, "oauth-authz-req+jwt");
    let now = NOW.as_secs();
    let mut expected = json!({
        "iss": "s6BhdRkqt3",
        "aud": "https://as.example",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "client_id": "s6BhdRkqt3",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "response_mode": "form_post",
        "scope": "a b",
        "state": pending.state(),
        "code_challenge_method": "S256",
        "max_age": 60,
        "claims": { "id_token": { "acr": null } },
        "authorization_details": [{ "type": "payment", "amount": "45.00" }],
        "resource": ["https://api.example/a", "https://api.example/b", "https://api.example/c"],
    });
    for drawn in ["jti", "code_challenge"] {
        assert_eq!(claims[drawn].as_str().unwrap().len(), 43, "{drawn}");
        expected[drawn] = claims[drawn].clone();
    }
    assert_eq!(claims, expected, "neither sub nor request nor request_uri");
    // Another time, another identifier.
    let (other, _) = request.begin_unbound(entropy(2), NOW).unwrap();
    assert_ne!(object(&other).1["jti"], claims["jti"]);
}

/// AQ-28: an OpenID provider looks beside the object for what makes a request a login. It is what is in the object, too; and
/// nothing stands beside an object that is pushed.
#[test]
fn beside_the_object_of_a_login_stands_what_makes_it_one() {
    let client = valetkey_client_of(plain_server().keys(verification_keys(&RustCrypto, Algorithm::Es256)));
    let login = |asked| {
        let request = request(&client).scope("openid email").unwrap().response_type(asked);
        request.response_mode(ResponseMode::Fragment).signed(key()).unwrap()
    };
    for asked in [ResponseType::Code, ResponseType::CodeIdToken, ResponseType::IdToken] {
        let (url, _) = begun(&login(asked));
        let pairs = query(&url);
        assert_eq!(names(&pairs), ["client_id", "response_type", "scope", "request"]);
        let (_, claims) = claims_of(value(&pairs, "request"));
        assert_eq!((value(&pairs, "response_type"), value(&pairs, "scope")), (asked.name(), "openid email"));
        for name in ["client_id", "response_type", "scope"] {
            assert_eq!(claims[name], value(&pairs, name), "{name}");
        }
    }
    let start = login(ResponseType::Code).start_unbound(entropy(1), NOW).unwrap().step(None, NOW).unwrap();
    let Step::Done((url, _)) = start else { panic!("nothing is sent") };
    assert_eq!(names(&query(&url)), ["client_id", "response_type", "scope", "request"]);
    let server = client.server().clone();
    let server = server.endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let request = request(&valetkey_client_of(server)).scope("openid").unwrap().signed(key()).unwrap();
    let Step::Send(pushed) = request.push_unbound(entropy(1), NOW).unwrap().step(None, NOW).unwrap() else {
        panic!("it is pushed")
    };
    let form: Vec<_> = form_urlencoded::parse(pushed.body()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(form, ["request", "client_id"]);
}

/// The sandbox is a server that insists on what stands beside the object.
#[test]
fn a_server_that_insists_takes_a_signed_login() {
    let mut sandbox = sandbox();
    sandbox.add_application(application().require_signed_request());
    let client = client_of(server(&mut sandbox));
    let (url, mut pending) = begun(&request(&client).scope("openid profile").unwrap().signed(key()).unwrap());
    let response = visited(&mut sandbox, &url);
    assert!(finish(&mut sandbox, &client, &mut pending, &response).unwrap().login().is_some());
    let other = url.as_str().replace("scope=openid+profile", "scope=openid");
    let alice = Person::new("alice", sandbox.password("alice").unwrap());
    assert!(sandbox.visit(&other, &alice, NOW).is_err());
}

/// AQ-12, AQ-27: what cannot be signed as a request is refused before anything is sent, and a request is nowhere named that the
/// server would have to fetch.
#[test]
fn a_request_that_cannot_be_signed_is_refused() {
    let nameless = AuthorizationServer::new().authorization_endpoint("https://as.example/authorize").unwrap();
    assert_eq!(misuse(request(&valetkey_client_of(nameless)).signed(key())), Some(Rule::Aq12));
    let listing = |algorithms: &[&str]| {
        let server =
            plain_server().list("request_object_signing_alg_values_supported", algorithms.iter().copied());
        request(&valetkey_client_of(server)).signed(key())
    };
    assert_eq!(misuse(listing(&["PS256", "none"])), Some(Rule::Aq12));
    assert!(listing(&["PS256", "ES256"]).is_ok());
    for name in ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"] {
        let plain = request(&valetkey_client_of(plain_server())).parameter(name, "s6BhdRkqt3").unwrap();
        assert!(plain.begin_unbound(entropy(1), NOW).is_ok(), "{name}");
        assert_eq!(
            misuse(plain.signed(key()).unwrap().begin_unbound(entropy(1), NOW)),
            Some(Rule::Aq12),
            "{name}"
        );
    }
    for name in ["request", "request_uri"] {
        let request = request(&valetkey_client_of(plain_server())).signed(key()).unwrap();
        assert_eq!(misuse(request.parameter(name, "x")), Some(Rule::Aq6), "{name}");
    }
}

/// The sandbox's own reader of requests (by another library) takes it, by value and pushed, and a secret's too.
#[test]
fn a_server_takes_the_signed_request_by_value_and_pushed() {
    for signer in [key() as Arc<dyn Signer>, key_pair(&RustCrypto, Algorithm::Hs256)] {
        for pushed in [false, true] {
            let mut sandbox = sandbox();
            if signer.algorithm().is_symmetric() {
                let secret = valetkey_tests::jose::HMAC_SECRET;
                let symmetric = valetkey_sandbox::Application::confidential("signer", secret).secret_signs();
                let symmetric = symmetric.flow(valetkey_sandbox::FlowKind::AuthorizationCode);
                sandbox.add_application(
                    symmetric.redirect_uri(CALLBACK).may_request(valetkey_sandbox::Rights::All),
                );
            } else {
                sandbox.add_application(application().require_signed_request());
            }
            let server = server(&mut sandbox);
            let client = if signer.algorithm().is_symmetric() {
                let assertions = Client::new(server, "signer");
                assertions.assertion(Arc::clone(&signer), entropy(8)).unwrap()
            } else {
                client_of(server)
            };
            let request = request(&client).signed(Arc::clone(&signer)).unwrap();
            let (url, mut pending) = if pushed {
                let flow = request.push_unbound(entropy(1), NOW).unwrap();
                run(&mut sandbox, flow).unwrap()
            } else {
                begun(&request)
            };
            let response = visited(&mut sandbox, &url);
            finish(&mut sandbox, &client, &mut pending, &response).unwrap();
        }
    }
}

/// A key that answers later is waited for when the request is pushed; a URL cannot wait.
#[test]
fn a_key_that_answers_later_is_waited_for_when_the_request_is_pushed() {
    let patience = Duration::from_millis(50);
    let signer = Arc::new(DeferredSigner::new(Algorithm::Es256, key().public_key().cloned(), patience));
    let server = plain_server().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let client = valetkey_client_of(server);
    let request = request(&client).signed(signer.clone()).unwrap();
    assert!(misuse(request.begin_unbound(entropy(1), NOW)).is_none());

    let mut flow = request.push_unbound(entropy(2), NOW).unwrap();
    let unasked = flow.step(Some(valetkey_tests::json(201, "{}")), NOW);
    assert!(misuse(unasked).is_none(), "nothing was sent");
    for _ in 0..2 {
        let Ok(Step::Wait(time)) = flow.step(None, NOW) else { panic!("it waits") };
        assert_eq!(time, patience);
    }
    for message in signer.wanted() {
        let signature = key().sign(&message).unwrap().ready().unwrap();
        signer.fulfil(&message, Ok(signature));
    }
    let Ok(Step::Send(sent)) = flow.step(None, NOW) else { panic!("it sends") };
    let Ok(Step::Send(again)) = flow.step(None, NOW) else { panic!("asking twice is harmless") };
    assert_eq!(sent.body(), again.body());
    let form = pairs(sent.body());
    assert_eq!(names(&form), ["request", "client_id"]);
    assert_eq!(claims_of(value(&form, "request")).1["iss"], "s6BhdRkqt3");
}

/// All three at once: pushed, signed by the client, its answer signed by the server; and a client that has no secret.
#[test]
fn pushed_signed_and_answered_signed() {
    for mode in [ResponseMode::Jwt, ResponseMode::FormPostJwt] {
        let mut sandbox = sandbox();
        sandbox.add_application(application_without_secret().require_pushed().require_signed_request());
        let client = Client::new(server(&mut sandbox), "signer").assertion(key(), entropy(8)).unwrap();
        let request = request(&client).response_mode(mode).signed(key()).unwrap();
        let flow = request.push("session", entropy(1), NOW).unwrap();
        let (url, pending) = run(&mut sandbox, flow).unwrap();
        assert_eq!(names(&query(&url)), ["client_id", "request_uri"]);
        // Another process takes it up.
        let stored = serde_json::to_string(&pending).unwrap();
        let mut pending: valetkey_core::PendingAuthorization = taken_out(&stored);
        let response = visited(&mut sandbox, &url);
        let stranger = response.clone().received_in("another");
        let opened = run(&mut sandbox, pending.open(&client, &stranger).unwrap()).unwrap();
        assert_eq!(rule(pending.finish(&client, &opened, NOW)), Rule::Ar14);
        let response = response.received_in("session");
        finish(&mut sandbox, &client, &mut pending, &response).unwrap();
        assert!(pending.is_spent());
    }
}
