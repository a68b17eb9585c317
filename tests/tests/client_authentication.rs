//! CA-1 to CA-6: a client authenticates by one method, alike at every endpoint, and proves anew who it is each time.
//!
//! The sandbox verifies what is signed by other code than the library's.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{
    Algorithm, AwsLc, CLIENT_ASSERTION_TYPE, DeferredSigner, JwkSet, KeyPair, Signer, SignerError,
};
use valetkey_core::{
    AccessToken, AuthenticationMethod, AuthorizationServer, CertificateThumbprint, Client, ClientSecret,
    Confirmation, DeviceAuthorizationRequest, DevicePoll, Endpoint, Error, Expectations, Flow, Grant,
    Inactive, Introspected, Introspection, Metadata, Quirk, Quirks, RefreshToken, Request, Response,
    Revocation, Rule, Step, TokenRequest,
};
use valetkey_sandbox::{Application, AssertionAudience, CERTIFICATE_THUMBPRINT, FlowKind, Rights, Sandbox};
use valetkey_tests::jose::{HMAC_SECRET, PROVIDERS, key_pair};
use valetkey_tests::script::play;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, get, json as answer, server};

const ISSUER: &str = "https://as.example";
const ID: &str = "s6BhdRkqt3";
const SCOPE: &str = "global:Profile.Absences.View";

/// RFC 8705, Appendix A: the certificate there, which is only ever hashed.
const RFC_8705_CERTIFICATE: &str = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=";

/// A request with an assertion by HMAC.
const GOLDEN: &str = "grant_type=client_credentials&client_id=s6BhdRkqt3\
    &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
    &client_assertion=eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzNkJoZFJrcXQzIiwic3ViIjoiczZCaGRSa3F0MyIsImF1ZCI6Imh0dHBzOi8vYXMuZXhhbXBsZSIsImp0aSI6InBEc2UteG0xV1JPMmZqc2JlTVdTVkEiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDA2MH0.dEZqT9iybXCUtN7B9vB3k8YWoLCYBBdMmQ3aLBHFoPI";

/// Every algorithm that the sandbox verifies.
const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
    Algorithm::Hs256,
];

fn all_endpoints() -> AuthorizationServer {
    [
        (Endpoint::DeviceAuthorization, "https://as.example/device"),
        (Endpoint::Introspection, "https://as.example/introspect"),
        (Endpoint::Revocation, "https://as.example/revoke"),
    ]
    .into_iter()
    .fold(server(), |server, (endpoint, url)| server.endpoint(endpoint, url).unwrap())
}

fn signing(server: AuthorizationServer, key: Arc<dyn Signer>) -> Client {
    Client::new(server, ID).assertion(key, entropy(1)).unwrap()
}

fn secret() -> ClientSecret {
    ClientSecret::new(HMAC_SECRET).unwrap()
}

/// What a server says of itself, as a client that asks it is told.
fn met(sandbox: &mut Sandbox, quirks: Quirks) -> AuthorizationServer {
    let document = sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW);
    Metadata::parse(document, ISSUER, quirks, NOW).unwrap().into_server()
}

/// The demo with one more client.
fn sandbox_with(application: Application) -> Sandbox {
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    let application = application.flow(FlowKind::Device).may_request(Rights::All);
    sandbox.add_application(application.authorized(Rights::of([SCOPE])));
    sandbox
}

/// The client whose keys, or whose secret, the sandbox knows.
fn registered(algorithm: Algorithm) -> Application {
    if algorithm.is_symmetric() {
        return Application::confidential(ID, HMAC_SECRET).secret_signs();
    }
    let jwks = JwkSet::of(key_pair(&AwsLc, algorithm).public_key().cloned());
    Application::with_keys(ID, &serde_json::to_value(jwks).unwrap())
}

/// Carries a flow out against the sandbox; whoever is between may add what TLS would say.
fn carry<F: Flow>(
    sandbox: &mut Sandbox,
    mut flow: F,
    mut between: impl FnMut(&mut Request),
) -> Result<F::Output, Error> {
    let (mut response, mut now) = (None, NOW);
    for _ in 0..10 {
        match flow.step(response.take(), now)? {
            Step::Send(mut request) => {
                match flow.step(None, now)? {
                    Step::Send(again) => assert!(same(&request, &again), "asking twice changes nothing"),
                    other => panic!("asked again, it said {other:?}"),
                }
                between(&mut request);
                response = Some(sandbox.answer(&request, now));
            }
            Step::Wait(time) => now = now.after(time),
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the flow does not end");
}

fn tokens_for(client: &Client) -> TokenRequest {
    TokenRequest::new(client, Grant::client_credentials().scope(SCOPE.parse().unwrap())).unwrap()
}

fn request_of(flow: &mut impl Flow) -> Request {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        Ok(Step::Wait(time)) => panic!("it waits for {time:?}"),
        _ => panic!("it sends nothing"),
    }
}

fn pairs(request: &Request) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut values = pairs(request).into_iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is sent once");
    value
}

fn claims_of(request: &Request) -> Value {
    let assertion = parameter(request, "client_assertion").unwrap();
    let part = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// One flow for each endpoint that knows clients.
fn a_request_to_each(client: &Client) -> Vec<(Endpoint, Result<Request, Error>)> {
    fn first<F: Flow>(flow: Result<F, Error>) -> Result<Request, Error> {
        flow.map(|mut flow| request_of(&mut flow))
    }
    let (access, refresh) = (AccessToken::new("a").unwrap(), RefreshToken::new("r").unwrap());
    vec![
        (Endpoint::Token, first(TokenRequest::new(client, Grant::client_credentials()))),
        (Endpoint::DeviceAuthorization, first(DeviceAuthorizationRequest::new(client))),
        (Endpoint::Introspection, first(Introspection::new(client, &access))),
        (Endpoint::Revocation, first(Revocation::refresh_token(client, &refresh))),
    ]
}

/// CA-1: whatever the first method is, no second one is taken.
#[test]
fn a_client_has_one_method() {
    let key = || key_pair(&AwsLc, Algorithm::Es256);
    type Method = fn(Client, Arc<KeyPair>) -> Result<Client, Error>;
    let methods: [(&str, Method); 5] = [
        ("client_secret_basic", |client, _| client.secret(secret())),
        ("client_secret_post", |client, _| client.secret_in_body(secret())),
        ("private_key_jwt", |client, key| client.assertion(key, entropy(1))),
        ("tls_client_auth", |client, _| client.tls_client_auth()),
        ("self_signed_tls_client_auth", |client, _| client.self_signed_tls_client_auth()),
    ];
    for (name, first) in methods {
        let client = first(Client::new(all_endpoints(), ID), key()).unwrap();
        assert_eq!(client.method().name(), name);
        for (_, second) in methods {
            assert_eq!(second(client.clone(), key()).unwrap_err().rule(), Some(Rule::Ca1));
        }
        // One proof and no other goes to each endpoint.
        for (endpoint, request) in a_request_to_each(&client) {
            let request = request.unwrap();
            let proofs = [
                request.headers().contains_key("authorization"),
                parameter(&request, "client_secret").is_some(),
                parameter(&request, "client_assertion").is_some(),
            ];
            let proofs = proofs.into_iter().filter(|there| *there).count();
            assert_eq!(proofs, usize::from(!name.ends_with("tls_client_auth")), "{name} at {endpoint:?}");
        }
    }
}

/// CA-3: what the server lists is what it takes, at the endpoint that the list is for; nothing is tried out.
#[test]
fn a_method_that_is_not_listed_is_not_sent() {
    let client = |server| signing(server, key_pair(&AwsLc, Algorithm::Es256));
    let lists: [(&str, &[Endpoint]); 3] = [
        (
            "token_endpoint_auth_methods_supported",
            &[Endpoint::Token, Endpoint::DeviceAuthorization, Endpoint::Introspection, Endpoint::Revocation],
        ),
        ("introspection_endpoint_auth_methods_supported", &[Endpoint::Introspection]),
        ("revocation_endpoint_auth_methods_supported", &[Endpoint::Revocation]),
    ];
    for (list, refused) in lists {
        let picky = client(all_endpoints().list(list, ["client_secret_basic", "PRIVATE_KEY_JWT"]));
        for (endpoint, request) in a_request_to_each(&picky) {
            match request {
                Ok(_) => assert!(!refused.contains(&endpoint), "{list} {endpoint:?}"),
                Err(error) => {
                    assert_eq!(
                        (error.rule(), refused.contains(&endpoint)),
                        (Some(Rule::Ca3), true),
                        "{list}"
                    );
                }
            }
        }
        let willing = client(all_endpoints().list(list, ["private_key_jwt"]));
        assert!(a_request_to_each(&willing).into_iter().all(|(_, request)| request.is_ok()));
    }
}

/// CA-3: the strongest of what both can do, the RFC's default where the server lists none, and none by trial.
#[test]
fn the_method_is_chosen_from_what_the_server_lists() {
    use AuthenticationMethod::{
        None as Public, PrivateKeyJwt, SecretBasic, SecretJwt, SecretPost, SelfSignedTlsClientAuth,
        TlsClientAuth,
    };
    type Case<'a> = (Option<&'a [&'a str]>, &'a [AuthenticationMethod], Option<AuthenticationMethod>);
    let names: Vec<&str> = AuthenticationMethod::ALL.iter().map(|method| method.name()).collect();
    let cases: [Case<'_>; 10] = [
        (Some(&names), AuthenticationMethod::ALL, Some(PrivateKeyJwt)),
        (Some(&names), &[Public, SecretPost, SecretJwt, TlsClientAuth], Some(TlsClientAuth)),
        (Some(&names), &[SecretJwt, SelfSignedTlsClientAuth], Some(SelfSignedTlsClientAuth)),
        (Some(&["client_secret_post", "client_secret_basic"]), AuthenticationMethod::ALL, Some(SecretBasic)),
        (Some(&["client_secret_post", "none"]), &[Public, SecretPost, SecretJwt], Some(SecretPost)),
        (Some(&["attest_jwt_client_auth"]), AuthenticationMethod::ALL, None),
        (Some(&["client_secret_basic"]), &[PrivateKeyJwt], None),
        (None, AuthenticationMethod::ALL, Some(SecretBasic)),
        (None, &[Public, PrivateKeyJwt], Some(PrivateKeyJwt)),
        (None, &[], None),
    ];
    for (listed, offered, expected) in cases {
        let server = match listed {
            Some(names) => server().authentication_methods(names.iter().copied()),
            None => server(),
        };
        assert_eq!(AuthenticationMethod::preferred(&server, offered), expected, "{listed:?} {offered:?}");
    }
    assert_eq!(BTreeSet::from_iter(names).len(), AuthenticationMethod::ALL.len());
}

/// CA-4: by the client, about it, for the issuer as one string, short-lived, and of one use.
#[test]
fn an_assertion_goes_alike_to_every_endpoint() {
    let mut seen = BTreeSet::new();
    for (_, provider) in PROVIDERS {
        for algorithm in ALGORITHMS {
            let client = signing(all_endpoints(), key_pair(provider, algorithm));
            let method = if algorithm.is_symmetric() { "client_secret_jwt" } else { "private_key_jwt" };
            assert_eq!(client.method().name(), method);
            for (endpoint, request) in a_request_to_each(&client) {
                let request = request.unwrap();
                assert_eq!(parameter(&request, "client_assertion_type").unwrap(), CLIENT_ASSERTION_TYPE);
                assert_eq!(parameter(&request, "client_id").unwrap(), ID);
                assert!(request.uri().query().is_none() && !request.headers().contains_key("authorization"));
                let claims = claims_of(&request);
                let jti = claims["jti"].as_str().unwrap();
                let expected = json!({
                    "iss": ID, "sub": ID, "aud": ISSUER, "jti": jti, "iat": 1_700_000_000, "exp": 1_700_000_060,
                });
                assert_eq!(claims, expected, "{algorithm} at {endpoint:?}");
                seen.insert((algorithm, jti.to_owned()));
            }
        }
    }
    // Both providers' keys got the same entropy, so the identifiers are those of one.
    assert_eq!(seen.len(), ALGORITHMS.len() * 4);
}

/// CA-4: the bytes of one request. The signature was computed by another program.
#[test]
fn an_assertion_is_sent_as_the_rfc_shows_it() {
    let client = signing(server(), key_pair(&AwsLc, Algorithm::Hs256));
    let request = request_of(&mut TokenRequest::new(&client, Grant::client_credentials()).unwrap());
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), GOLDEN);
    assert_eq!(request.headers().len(), 2, "{:?}", request.headers());
}

/// CA-4: a server without a known issuer gets none; one that wants its token endpoint named is met by its quirk.
#[test]
fn an_assertion_is_for_the_issuer_or_under_its_quirk_for_the_token_endpoint() {
    let key = || key_pair(&AwsLc, Algorithm::Es256);
    let nameless = AuthorizationServer::new().token_endpoint("https://as.example/token").unwrap();
    let error = Client::new(nameless.clone(), ID).assertion(key(), entropy(1)).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ca4));
    let nowhere = AuthorizationServer::new().issuer(ISSUER).unwrap().admit(Quirk::EndpointAudience);
    let error = Client::new(nowhere, ID).assertion(key(), entropy(1)).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ca4));

    for odd in [nameless, all_endpoints()].map(|server| server.admit(Quirk::EndpointAudience)) {
        let client = signing(odd, key());
        for (_, request) in a_request_to_each(&client).into_iter().filter(|(_, request)| request.is_ok()) {
            assert_eq!(claims_of(&request.unwrap())["aud"], "https://as.example/token");
        }
    }
    let mut sandbox = sandbox_with(registered(Algorithm::Es256));
    sandbox.settings_mut().assertion_audience = AssertionAudience::TokenEndpoint;
    let strict = signing(met(&mut sandbox, Quirks::STRICT), key());
    let refused = carry(&mut sandbox, tokens_for(&strict), |_| {}).unwrap_err();
    assert_eq!(refused.refused().unwrap().code().unwrap().as_str(), "invalid_client");
    let lenient = signing(met(&mut sandbox, Quirks::STRICT.with(Quirk::EndpointAudience)), key());
    carry(&mut sandbox, tokens_for(&lenient), |_| {}).unwrap();
}

/// CA-4: the algorithm is one that the server lists, at the endpoint that the list is for.
#[test]
fn an_algorithm_that_is_not_listed_signs_nothing() {
    let client = |server| signing(server, key_pair(&AwsLc, Algorithm::Es384));
    for (list, endpoints) in [
        ("token_endpoint_auth_signing_alg_values_supported", 4),
        ("introspection_endpoint_auth_signing_alg_values_supported", 1),
        ("revocation_endpoint_auth_signing_alg_values_supported", 1),
    ] {
        let picky = a_request_to_each(&client(all_endpoints().list(list, ["ES256", "es384"])));
        let refused = picky.into_iter().filter_map(|(_, request)| request.err()).collect::<Vec<_>>();
        assert_eq!(refused.len(), endpoints, "{list}");
        assert!(refused.iter().all(|error| error.rule() == Some(Rule::Ca4)));
        let willing = a_request_to_each(&client(all_endpoints().list(list, ["ES384"])));
        assert!(willing.iter().all(|(_, request)| request.is_ok()));
    }
}

/// CA-4: a second to five minutes, of whoever sends assertions.
#[test]
fn the_lifetime_of_assertions_is_bounded() {
    let client = signing(server(), key_pair(&AwsLc, Algorithm::Es256));
    for refused in [Duration::ZERO, Duration::from_secs(301)] {
        assert_eq!(client.clone().assertion_lifetime(refused).unwrap_err().rule(), Some(Rule::Ca4));
    }
    let patient = client.assertion_lifetime(Duration::from_secs(300)).unwrap();
    assert_eq!(claims_of(&request_of(&mut tokens_for(&patient)))["exp"], 1_700_000_300);
    let error = Client::new(server(), ID).assertion_lifetime(Duration::from_secs(60)).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ca4));
}

/// CA-5: a secret that is shorter than the hash keys no HMAC.
#[test]
fn a_short_secret_signs_nothing() {
    for (algorithm, length) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        assert!(KeyPair::from_secret(algorithm, &vec![b's'; length]).is_ok());
        let error = KeyPair::from_secret(algorithm, &vec![b's'; length - 1]).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ca5), "{algorithm}");
    }
}

/// CA-4: every algorithm, at every endpoint, before a server that verifies by other code.
#[test]
fn a_server_believes_what_was_signed() {
    for algorithm in ALGORITHMS {
        let mut sandbox = sandbox_with(registered(algorithm));
        let client = signing(met(&mut sandbox, Quirks::STRICT), key_pair(&AwsLc, algorithm));
        let tokens = carry(&mut sandbox, tokens_for(&client), |_| {}).unwrap();
        let introspection = Introspection::new(&client, tokens.access_token()).unwrap();
        assert!(carry(&mut sandbox, introspection, |_| {}).unwrap().active().is_some(), "{algorithm}");
        let revocation = Revocation::access_token(&client, tokens.access_token()).unwrap();
        carry(&mut sandbox, revocation, |_| {}).unwrap();
        let introspection = Introspection::new(&client, tokens.access_token()).unwrap();
        assert!(carry(&mut sandbox, introspection, |_| {}).unwrap().active().is_none(), "{algorithm}");

        let request = DeviceAuthorizationRequest::new(&client).unwrap().scope(SCOPE.parse().unwrap());
        let device = carry(&mut sandbox, request, |_| {}).unwrap();
        let mut poll = DevicePoll::new(&client, device).unwrap();
        let Step::Wait(time) = poll.step(None, NOW).unwrap() else { panic!("it polls at once") };
        let Step::Send(first) = poll.step(None, NOW.after(time)).unwrap() else { panic!("it does not poll") };
        let pending = sandbox.answer(&first, NOW.after(time));
        let Step::Wait(_) = poll.step(Some(pending), NOW.after(time)).unwrap() else { panic!("not pending") };
        let later = NOW.after(time * 2);
        let Step::Send(second) = poll.step(None, later).unwrap() else { panic!("it does not poll again") };
        assert_ne!(claims_of(&first)["jti"], claims_of(&second)["jti"], "each poll proves it anew");
        assert_eq!(claims_of(&second)["iat"], later.as_secs());
    }
}

/// A key that answers later makes the flow wait, and go on with the very text that was to be signed.
#[test]
fn a_flow_waits_for_a_key_that_answers_later() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_millis(50);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let mut sandbox = sandbox_with(registered(Algorithm::Es256));
    let client = signing(met(&mut sandbox, Quirks::STRICT), deferred.clone());
    let mut flow = tokens_for(&client);
    for _ in 0..3 {
        assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(time)) if time == patience));
    }
    // An answer to what was not sent is the program's mistake, and changes nothing.
    assert!(matches!(flow.step(Some(answer(200, "{}")), NOW), Err(Error::Misuse(_))));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(_))));
    let wanted = deferred.wanted();
    assert_eq!(wanted.len(), 1, "asking again asks for the same");
    deferred.fulfil(&wanted[0], key.sign(&wanted[0]).map(|signed| signed.ready().unwrap()));

    let later = NOW.after(Duration::from_secs(20));
    let Step::Send(request) = flow.step(None, later).unwrap() else { panic!("it is signed, and not sent") };
    let Step::Send(again) = flow.step(None, later).unwrap() else { panic!("asked again, it does not send") };
    assert!(same(&request, &again));
    assert_eq!(claims_of(&request)["iat"], NOW.as_secs(), "it was written when it was first asked for");
    let Step::Done(tokens) = flow.step(Some(sandbox.answer(&request, later)), later).unwrap() else {
        panic!("it goes on after the answer")
    };
    assert_eq!(tokens.issued_at(), later, "a token's lifetime does not include the wait for the key");
}

/// A key that fails ends the flow, before anything was sent.
#[test]
fn a_key_that_fails_ends_the_flow() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let deferred =
        Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_secs(1)));
    let mut flow = tokens_for(&signing(server(), deferred.clone()));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(_))));
    let wanted = deferred.wanted();
    deferred.fulfil(&wanted[0], Err(SignerError::new("the card was pulled")));
    for _ in 0..2 {
        assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    }
}

/// DV-4: a device's code that expires while a key is waited for is not sent.
#[test]
fn a_device_does_not_wait_for_a_key_beyond_its_code() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let deferred =
        Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_secs(1)));
    let ready = signing(all_endpoints(), key);
    let body = r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":60}"#;
    let device = play(DeviceAuthorizationRequest::new(&ready).unwrap(), [Some(answer(200, body))]);
    let mut poll = DevicePoll::new(&signing(all_endpoints(), deferred), device.outcome.unwrap()).unwrap();
    for seconds in [0, 5, 59] {
        assert!(matches!(poll.step(None, NOW.after(Duration::from_secs(seconds))), Ok(Step::Wait(_))));
    }
    let late = NOW.after(Duration::from_secs(60));
    assert_eq!(poll.step(None, late).unwrap_err().rule(), Some(Rule::Dv4));
    assert!(matches!(poll.step(None, late), Err(Error::Misuse(_))));
}

/// CA-4: what was sent once is never sent by another request, whatever the first one's fate.
#[test]
fn a_repeated_request_proves_it_anew() {
    let client = signing(server(), key_pair(&AwsLc, Algorithm::Es256));
    let mut lost = tokens_for(&client);
    let first = request_of(&mut lost);
    assert!(!lost.unanswered(NOW));
    let second = request_of(&mut tokens_for(&client.clone()));
    assert_ne!(claims_of(&first)["jti"], claims_of(&second)["jti"]);
    let mut sandbox = sandbox_with(registered(Algorithm::Es256));
    let client = signing(met(&mut sandbox, Quirks::STRICT), key_pair(&AwsLc, Algorithm::Es256));
    let request = request_of(&mut tokens_for(&client));
    assert_eq!(sandbox.answer(&request, NOW).status(), 200);
    assert_eq!(sandbox.answer(&request, NOW).status(), 401, "the sandbox remembers each identifier");
}

/// An assertion is a secret as long as it is good: whatever a server echoes, nobody is shown it.
#[test]
fn an_assertion_comes_out_of_no_error_and_no_debug() {
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let client = signing(all_endpoints(), key_pair(&AwsLc, algorithm));
        let echoing = |request: &Request| {
            let assertion = parameter(request, "client_assertion").unwrap();
            let body = json!({ "error": "invalid_client", "error_description": format!("bad: {assertion}") });
            (assertion, answer(401, &body.to_string()))
        };
        fn ended<F: Flow>(mut flow: F, echoing: impl Fn(&Request) -> (String, Response)) -> String {
            let (assertion, echo) = echoing(&request_of(&mut flow));
            let error = flow.step(Some(echo), NOW).map(drop).unwrap_err();
            assert!(error.refused().unwrap().description().unwrap().contains("<secret>"));
            let shown = format!("{error} {error:?}");
            let signature = assertion.rsplit('.').next().unwrap();
            assert!(!shown.contains(signature), "{shown}");
            shown
        }
        let access = AccessToken::new("a-token").unwrap();
        ended(tokens_for(&client), echoing);
        ended(DeviceAuthorizationRequest::new(&client).unwrap(), echoing);
        ended(Introspection::new(&client, &access).unwrap(), echoing);
        ended(Revocation::access_token(&client, &access).unwrap(), echoing);

        let mut flow = tokens_for(&client);
        let request = request_of(&mut flow);
        let assertion = parameter(&request, "client_assertion").unwrap();
        let shown = format!("{client:?} {flow:?} {:?}", flow.step(None, NOW));
        assert!(!shown.contains(&assertion) && !shown.contains("planted"), "{shown}");
    }
}

/// CA-6: the endpoints that the server names for certificates, each for itself; and no proof but the client's name.
#[test]
fn a_client_with_a_certificate_goes_to_the_endpoints_for_it() {
    let aliased = all_endpoints().mtls_alias(Endpoint::Token, "https://mtls.as.example/token").unwrap();
    let aliased = aliased.mtls_alias(Endpoint::Revocation, "https://mtls.as.example/revoke").unwrap();
    let aliased = aliased.mtls_alias(Endpoint::Jwks, "https://mtls.as.example/jwks").unwrap();
    let certified = [
        Client::new(aliased.clone(), ID).tls_client_auth().unwrap(),
        Client::new(aliased.clone(), ID).self_signed_tls_client_auth().unwrap(),
        // Only the tokens are bound.
        Client::new(aliased.clone(), ID).with_certificate(),
        Client::new(aliased.clone(), ID).with_certificate().secret(secret()).unwrap(),
        signing(aliased.clone(), key_pair(&AwsLc, Algorithm::Es256)).with_certificate(),
    ];
    for client in certified {
        let urls: Vec<String> = a_request_to_each(&client)
            .into_iter()
            .map(|(_, request)| request.unwrap().uri().to_string())
            .collect();
        assert_eq!(
            urls,
            [
                "https://mtls.as.example/token",
                "https://as.example/device",
                "https://as.example/introspect",
                "https://mtls.as.example/revoke",
            ],
            "{client:?}"
        );
    }
    let client = Client::new(aliased.clone(), ID).tls_client_auth().unwrap();
    let request = request_of(&mut TokenRequest::new(&client, Grant::client_credentials()).unwrap());
    assert_eq!(request.body(), b"grant_type=client_credentials&client_id=s6BhdRkqt3");
    let uncertified = request_of(&mut tokens_for(&Client::new(aliased, ID)));
    assert_eq!(uncertified.uri(), "https://as.example/token");
}

/// CA-6: without TLS there is no certificate.
#[test]
fn a_certificate_is_shown_over_tls_only() {
    let plain = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let plain = plain.token_endpoint("http://127.0.0.1:8080/token").unwrap();
    for client in [
        Client::new(plain.clone(), ID).tls_client_auth().unwrap(),
        Client::new(plain.clone(), ID).with_certificate(),
    ] {
        let error = TokenRequest::new(&client, Grant::client_credentials()).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ca6));
    }
    let aliased = plain.mtls_alias(Endpoint::Token, "https://127.0.0.1:8443/token").unwrap();
    let client = Client::new(aliased, ID).tls_client_auth().unwrap();
    assert!(TokenRequest::new(&client, Grant::client_credentials()).is_ok());
}

/// CA-6: the certificate of RFC 8705, Appendix A, and its thumbprint there.
#[test]
fn the_thumbprint_of_a_certificate_is_that_of_the_rfc() {
    let der = base64::engine::general_purpose::STANDARD.decode(RFC_8705_CERTIFICATE).unwrap();
    let thumbprint = CertificateThumbprint::of_der(&der).unwrap();
    assert_eq!(thumbprint.as_str(), "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    let of = |cnf: Value| thumbprint.confirms(&serde_json::from_value::<Confirmation>(cnf).unwrap());
    assert!(of(json!({ "x5t#S256": thumbprint.as_str() })));
    for other in [
        json!({}),
        json!({ "x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v1" }),
        json!({ "jkt": thumbprint.as_str() }),
        json!({ "x5t#S256": thumbprint.as_str(), "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        json!({ "x5t#S256": thumbprint.as_str(), "kid": "1" }),
    ] {
        assert!(!of(other.clone()), "{other}");
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{RFC_8705_CERTIFICATE}\n-----END CERTIFICATE-----\n");
    let longer = [&*der, b"\n"].concat();
    let shorter = &der[..der.len() - 1];
    for wrong in [pem.as_bytes(), &longer, shorter, &[], &[0x30], &[0x30, 0x80, 0, 0], &[0x30, 0x82, 1]] {
        assert_eq!(CertificateThumbprint::of_der(wrong).unwrap_err().rule(), Some(Rule::Ca6));
    }
}

/// CA-6: TLS says who the client is, and its token is good with that certificate alone, as introspection tells.
#[test]
fn a_servers_token_is_bound_to_the_certificate() {
    let der = base64::engine::general_purpose::STANDARD.decode(RFC_8705_CERTIFICATE).unwrap();
    let thumbprint = CertificateThumbprint::of_der(&der).unwrap();
    let show = |request: &mut Request| {
        assert_eq!(request.uri().host(), Some("mtls.as.example"));
        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, thumbprint.as_str().parse().unwrap());
    };
    let mut sandbox = sandbox_with(Application::with_certificate(ID, thumbprint.as_str()));
    sandbox.settings_mut().mtls_origin = Some("https://mtls.as.example".to_owned());
    let server = met(&mut sandbox, Quirks::STRICT);
    let client = Client::new(server.clone(), ID).self_signed_tls_client_auth().unwrap();
    let tokens = carry(&mut sandbox, tokens_for(&client), show).unwrap();
    let asked = Introspection::new(&client, tokens.access_token()).unwrap();
    let Introspected::Active(token) = carry(&mut sandbox, asked, show).unwrap() else { panic!("inactive") };
    assert!(thumbprint.confirms(token.confirmation().unwrap()));
    // The API that compares has it compared.
    let other = CertificateThumbprint::of_der(&[0x30, 0]).unwrap();
    for (shown, expected) in [(&thumbprint, None), (&other, Some(Inactive::Unexpected("cnf")))] {
        let asked = Introspection::new(&client, tokens.access_token()).unwrap();
        let asked = asked.expecting(Expectations::new().certificate(shown.clone()));
        match carry(&mut sandbox, asked, show).unwrap() {
            Introspected::Active(_) => assert_eq!(expected, None),
            Introspected::Inactive(reason) => assert_eq!(Some(reason), expected),
            other => panic!("{other:?}"),
        }
    }
    // The other method is not listed there (CA-3), and without the certificate the name alone proves nothing.
    let signed = Client::new(server, ID).tls_client_auth().unwrap();
    let error = TokenRequest::new(&signed, Grant::client_credentials()).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ca3));
    let refused = carry(&mut sandbox, tokens_for(&client), |_| {}).unwrap_err();
    assert_eq!(refused.refused().unwrap().status().unwrap(), 401);
}
