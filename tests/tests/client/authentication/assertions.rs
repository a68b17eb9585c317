//! CA-4, CA-5: clients that sign, before a server that verifies by other code.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use valetkey_core::client::CLIENT_ASSERTION_TYPE;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair};
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, DeviceAuthorizationRequest, DevicePoll, Flow, Grant, Quirk,
    Quirks, Response, Rule, Step, TokenRequest,
};
use valetkey_sandbox::AssertionAudience;
use valetkey_tests::jose::{PROVIDERS, key_pair};
use valetkey_tests::secrets::{assert_absent, spellings, told};
use valetkey_tests::{NOW, entropy, json as answer, server};

use super::world::*;

/// A request with an assertion by HMAC.
const GOLDEN: &str = "grant_type=client_credentials&client_id=s6BhdRkqt3\
    &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
    &client_assertion=eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzNkJoZFJrcXQzIiwic3ViIjoiczZCaGRSa3F0MyIsImF1ZCI6Imh0dHBzOi8vYXMuZXhhbXBsZSIsImp0aSI6ImVZOWttdjMtOWcxTUZxa09YVDlhOXciLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDA2MH0.WW_0JHPFAtBtblor6zriHlrhLY3rFJ8ljGagYP7ss_o";

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

        let request = DeviceAuthorizationRequest::new(&client).unwrap().scope(SCOPE).unwrap();
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

/// Every answer with this echo in it: in a text, in an address and in a challenge.
fn echoes(echo: &str) -> Vec<Response> {
    let answered = |body: serde_json::Value| answer(401, &body.to_string());
    let mut challenged = answer(401, r#"{"error":"invalid_client"}"#);
    if let Ok(challenge) =
        format!("Basic realm=\"{}\"", echo.replace('\\', "\\\\").replace('"', "\\\"")).parse()
    {
        challenged.headers_mut().insert("www-authenticate", challenge);
    }
    vec![
        answered(json!({ "error": "invalid_client", "error_description": format!("bad: {echo}") })),
        answered(
            json!({ "error": "invalid_client", "error_uri": format!("https://as.example/help?{echo}") }),
        ),
        answered(json!({ "error": echo })),
        answer(500, &format!("<p>{echo}</p>")),
        challenged,
    ]
}

/// What comes of each echo, in each spelling, of the assertion that a flow sends.
fn assert_unechoed<F: Flow>(flow: impl Fn() -> F) {
    let count = spellings("x").len() * echoes("x").len();
    for number in 0..count {
        let mut flow = flow();
        let assertion = parameter(&request_of(&mut flow), "client_assertion").unwrap();
        let spelled = spellings(&assertion);
        let (spelling, echo) = &spelled[number % spelled.len()];
        let answer = echoes(echo).swap_remove(number / spelled.len());
        let error = flow.step(Some(answer), NOW).map(drop).unwrap_err();
        assert_absent(&told(&error), "assertion", &assertion, spelling);
        // Nor where a program may look for it: a challenge that echoes it is not kept.
        let challenges = error.refused().map(|refused| refused.challenges()).unwrap_or_default();
        let kept: Vec<String> = challenges.iter().map(ToString::to_string).collect();
        assert_absent(&kept.join("\n"), "assertion", &assertion, spelling);
    }
}

/// An assertion is a secret as long as it is good: whatever a server echoes, nobody is shown it.
#[test]
fn an_assertion_comes_out_of_no_error_and_no_debug() {
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let client = signing(all_endpoints(), key_pair(&AwsLc, algorithm));
        let access = AccessToken::new("a-token").unwrap();
        assert_unechoed(|| tokens_for(&client));
        assert_unechoed(|| DeviceAuthorizationRequest::new(&client).unwrap());
        assert_unechoed(|| Introspection::new(&client, &access).unwrap());
        assert_unechoed(|| Revocation::access_token(&client, &access).unwrap());

        let mut flow = tokens_for(&client);
        let request = request_of(&mut flow);
        let assertion = parameter(&request, "client_assertion").unwrap();
        let shown = format!("{client:?} {flow:?} {:?}", flow.step(None, NOW));
        assert!(!shown.contains(&assertion) && !shown.contains("planted"), "{shown}");
    }
}
