//! JM and AR: responses that the server signs (JARM).

use serde_json::{Value, json};
use valetkey_core::authorize::ResponseMode;
use valetkey_core::authorize::receiver::{Heard, Receiver};
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow as _,
    PendingAuthorization, Quirk, Rule, Step,
};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::jose::{HMAC_SECRET, signed, verification_keys};
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, entropy};

use crate::support::*;

const MODES: [ResponseMode; 4] =
    [ResponseMode::Jwt, ResponseMode::QueryJwt, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt];

fn jarm(client: &Client) -> AuthorizationRequest {
    request(client).response_mode(ResponseMode::Jwt)
}

/// JM-5, JM-7: in each mode, verified by the keys that the server publishes.
#[test]
fn a_signed_response_is_opened_and_finished() {
    for mode in MODES {
        let mut sandbox = sandbox();
        let client = client(&mut sandbox);
        let (url, mut pending) = begun(&request(&client).response_mode(mode));
        assert_eq!(value(&query(&url), "response_mode"), mode.name());
        let response = visited(&mut sandbox, &url);
        assert!(pending.recognizes(&response), "{mode:?}");
        finish(&mut sandbox, &client, &mut pending, &response).unwrap();
        let checks = pending.checks();
        for rule in [
            Rule::Jm1,
            Rule::Jm2,
            Rule::Jm3,
            Rule::Jm4,
            Rule::Id1,
            Rule::Id4,
            Rule::Id8,
            Rule::Ar2,
            Rule::Ar3,
            Rule::Ar5,
            Rule::Ar7,
            Rule::Ar8,
        ] {
            assert!(checks.contains(rule), "{mode:?} {rule}");
        }
    }
}

/// JM-1 to JM-8, the OpenID Foundation's modules on JARM among them: without and with a wrong `iss`, `aud`, `exp` and
/// signature, and with `none`. Nothing of it is taken for the server's, so the right response may still come.
#[test]
fn a_signed_response_that_is_not_in_order_is_refused() {
    for (misbehaviour, expected) in [
        (Misbehaviour::JarmIssMissing, Rule::Jm2),
        (Misbehaviour::JarmIssForeign, Rule::Jm2),
        (Misbehaviour::JarmAudMissing, Rule::Jm3),
        (Misbehaviour::JarmAudOther, Rule::Jm3),
        (Misbehaviour::JarmExpMissing, Rule::Jm4),
        (Misbehaviour::JarmExpired, Rule::Jm4),
        (Misbehaviour::JarmExpText, Rule::Id25),
        (Misbehaviour::JarmForged, Rule::Id8),
        (Misbehaviour::JarmUnsigned, Rule::Id4),
        (Misbehaviour::JarmHmac, Rule::Id4),
        (Misbehaviour::JarmCritical, Rule::Id3),
        (Misbehaviour::JarmTwoParts, Rule::Id1),
        (Misbehaviour::JarmFiveParts, Rule::Id43),
        (Misbehaviour::JarmStateOther, Rule::Ar5),
        (Misbehaviour::JarmUnpacked, Rule::Ar2),
        (Misbehaviour::JarmBesidePlain, Rule::Ar2),
    ] {
        let mut sandbox = sandbox();
        let client = client(&mut sandbox);
        let (url, mut pending) = begun(&jarm(&client));
        sandbox.misbehave_once(misbehaviour);
        let wrong = visited(&mut sandbox, &url);
        assert_eq!(sandbox.misbehaviours().count(), 0, "{misbehaviour} was met");
        let error = finish(&mut sandbox, &client, &mut pending, &wrong).expect_err(misbehaviour.name());
        assert!(matches!(error, Error::Malformed(_)), "{misbehaviour}: {error}");
        assert_eq!(error.rule(), Some(expected), "{misbehaviour}: {error}");
        assert!(!pending.is_spent(), "{misbehaviour}");
        let right = visited(&mut sandbox, &url);
        finish(&mut sandbox, &client, &mut pending, &right).unwrap();
    }
}

/// TR-2: a claim that is there twice with one value is refused by name, or taken once and reported, of a refusal too. With two
/// values it is nobody's word.
#[test]
fn a_claim_that_is_repeated_is_refused_or_taken_once() {
    let mut sandbox = sandbox();
    let strict = client(&mut sandbox);
    let lax = client_of(server(&mut sandbox).admit(Quirk::RepeatedClaim));
    let mut came = |client: &Client, misbehaviour, prompt: Option<&str>| {
        let request = jarm(client);
        let (url, mut pending) = match prompt {
            Some(prompt) => begun(&request.parameter("prompt", prompt).unwrap()),
            None => begun(&request),
        };
        sandbox.misbehave_once(misbehaviour);
        let response = match prompt {
            Some(_) => visited_unasked(&mut sandbox, url.as_str()),
            None => visited(&mut sandbox, &url),
        };
        assert!(pending.recognizes(&response) || misbehaviour == Misbehaviour::JarmIssTwice);
        (finish(&mut sandbox, client, &mut pending, &response), pending)
    };
    let (refused, pending) = came(&strict, Misbehaviour::JarmIssRepeated, None);
    let refused = refused.unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Tr2), Some(Quirk::RepeatedClaim)));
    assert!(refused.to_string().contains("the claims of the signed response have `iss` twice"), "{refused}");
    assert!(!pending.is_spent());

    let (taken, pending) = came(&lax, Misbehaviour::JarmIssRepeated, None);
    taken.unwrap();
    assert!(pending.quirks().contains(Quirk::RepeatedClaim) && pending.checks().contains(Rule::Jm2));
    let (denied, _) = came(&lax, Misbehaviour::JarmIssRepeated, Some("none"));
    assert!(denied.unwrap_err().refused().unwrap().quirks().contains(Quirk::RepeatedClaim));

    let (differs, pending) = came(&lax, Misbehaviour::JarmIssTwice, None);
    let differs = differs.unwrap_err();
    assert_eq!((differs.rule(), differs.admitted_by()), (Some(Rule::Tr2), None), "{differs}");
    assert!(differs.to_string().contains("the claims of the signed response are not one"), "{differs}");
    assert!(!pending.is_spent() && !pending.quirks().contains(Quirk::RepeatedClaim));
}

/// ID-1, AR-8: a million dots are counted and not split.
#[test]
fn a_signed_response_of_a_million_parts_is_refused_for_its_size() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, _) = begun(&jarm(&client));
    sandbox.misbehave_once(Misbehaviour::JarmDots);
    let arrived = arrival(&mut sandbox, &url);
    assert_eq!(rule(AuthorizationResponse::from_url(arrived.url().unwrap())), Rule::Ar8);
}

/// AR-2: a signed response comes when it was asked for, and only then.
#[test]
fn a_signed_response_that_was_not_asked_for_is_refused() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, mut pending) = begun(&request(&client));
    sandbox.misbehave_once(Misbehaviour::ResponseUnasked);
    let response = visited(&mut sandbox, &url);
    assert_eq!(rule(pending.open(&client, &response)), Rule::Ar2);
    assert_eq!(rule(pending.finish(&client, &response, NOW)), Rule::Ar2);
    // A plain response to a plain request is opened too, to itself: a program may open whatever comes.
    let response = visited(&mut sandbox, &url);
    finish(&mut sandbox, &client, &mut pending, &response).unwrap();
}

/// The server refuses in a signed response too, and is believed.
#[test]
fn a_signed_refusal_is_the_servers_word() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, mut pending) = begun(&jarm(&client).parameter("prompt", "none").unwrap());
    let response = visited_unasked(&mut sandbox, url.as_str());
    let error = finish(&mut sandbox, &client, &mut pending, &response).unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap().as_str(), "login_required");
    assert!(pending.is_spent());
}

/// The browser is sent back at once.
fn visited_unasked(sandbox: &mut Sandbox, url: &str) -> AuthorizationResponse {
    let answer = sandbox.answer(&valetkey_tests::get(url), NOW);
    response_of(&valetkey_sandbox::Arrival::after(&answer).unwrap())
}

/// What a program must not leave out: to open, to know the keys and the issuer, and to mix no two servers up.
#[test]
fn a_signed_response_is_opened_by_the_server_that_it_is_expected_of() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, mut pending) = begun(&jarm(&client));
    let response = visited(&mut sandbox, &url);
    assert_eq!(misuse(pending.finish(&client, &response, NOW)), Some(Rule::Jm1));
    let mut keyless = AuthorizationServer::new().issuer(ISSUER).unwrap();
    for (endpoint, path) in [(Endpoint::Token, "token"), (Endpoint::Authorization, "auth")] {
        keyless = keyless.endpoint(endpoint, &format!("{ISSUER}/oauth/{path}")).unwrap();
    }
    let keyless = client_of(keyless);
    assert_eq!(misuse(pending.open(&keyless, &response)), Some(Rule::Jm1));
    let nameless = AuthorizationServer::new();
    let nameless = client_of(nameless.authorization_endpoint("https://as.example/oauth/auth").unwrap());
    assert_eq!(misuse(jarm(&nameless).begin_unbound(entropy(1), NOW)), Some(Rule::Jm2));

    // TR-17: another server's keys prove nothing, whatever they have signed.
    let other = described(&mut sandbox).issuer("https://other.example").unwrap();
    let other = client_of(other.keys(verification_keys(&RustCrypto, Algorithm::Es256)));
    assert_eq!(misuse(pending.open(&other, &response)), Some(Rule::Tr17));
    let others = begun(&jarm(&other)).1;
    let forged = signed(&RustCrypto, Algorithm::Es256, &claims(pending.state()));
    let forged = AuthorizationResponse::from_url(&format!("{CALLBACK}?response={forged}")).unwrap();
    let opened = run(&mut sandbox, others.open(&other, &forged).unwrap()).unwrap();
    assert_eq!(misuse(pending.finish(&client, &opened, NOW)), Some(Rule::Tr17));
    assert!(!pending.is_spent());
}

/// A response with these claims, signed by the one key that is known.
fn finished(change: impl FnOnce(&mut Value)) -> (Result<(), Error>, PendingAuthorization) {
    let mut sandbox = sandbox();
    let client = client_of(described(&mut sandbox).keys(verification_keys(&RustCrypto, Algorithm::Es256)));
    let (_, mut pending) = begun(&jarm(&client));
    let mut claims = claims(pending.state());
    change(&mut claims);
    let jwt = signed(&RustCrypto, Algorithm::Es256, &claims);
    let response = AuthorizationResponse::from_url(&format!("{CALLBACK}?response={jwt}")).unwrap();
    let opened = run(&mut sandbox, pending.open(&client, &response).unwrap());
    let outcome = opened.and_then(|opened| pending.finish(&client, &opened, NOW).map(drop));
    (outcome, pending)
}

/// JM-8: the claims are held to what parameters are held to, AR-1 to AR-9.
#[test]
fn the_claims_of_a_signed_response_are_held_to_the_rules_of_parameters() {
    assert!(finished(|_| {}).0.is_ok());
    assert!(finished(|claims| claims["expires_in"] = json!(600)).0.is_ok(), "AR-15, AR-16");
    let now = NOW.as_secs();
    for (name, wrong, expected) in [
        ("state", Value::Null, Rule::Ar8),
        ("state", json!("another"), Rule::Ar5),
        ("code", json!(7), Rule::Ar8),
        ("code", json!("a\u{7f}b"), Rule::Ar8),
        ("error", json!("access_denied"), Rule::Ar7),
        ("access_token", json!("t"), Rule::Ar9),
        ("id_token", json!("t"), Rule::Ar9),
        ("iss", json!("https://as.example/"), Rule::Jm2),
        ("iss", json!(["https://as.example"]), Rule::Id9),
        ("aud", json!([]), Rule::Jm3),
        ("aud", json!({ "signer": true }), Rule::Id10),
        ("exp", json!(now), Rule::Jm4),
        ("nbf", json!(now + 61), Rule::Id14),
        ("iat", json!(now + 61), Rule::Id13),
    ] {
        let (outcome, _) = finished(|claims| claims[name] = wrong.clone());
        assert_eq!(rule(outcome), expected, "{name}: {wrong}");
    }
    // A server's clock may be a little ahead.
    assert!(finished(|claims| claims["iat"] = json!(now + 59)).0.is_ok());
    assert!(finished(|claims| claims["aud"] = json!(["other", "signer"])).0.is_ok());
    let (outcome, pending) = finished(|claims| drop(claims.as_object_mut().unwrap().remove("code")));
    assert_eq!(rule(outcome), Rule::Ar7);
    assert!(pending.is_spent(), "AR-12: it was the server's word");
}

/// AR-7: the code of a signed response is read under the name that its server has for it, and under no other; beside the JWT it has
/// no place.
#[test]
fn a_signed_code_under_another_name_is_read_where_the_server_has_that_name() {
    let mut sandbox = sandbox();
    let described = described(&mut sandbox).keys(verification_keys(&RustCrypto, Algorithm::Es256));
    let client = client_of(described.code_as("spapi_oauth_code").unwrap());
    let mut finish = |change: &dyn Fn(&mut Value), beside: &str| {
        let (_, mut pending) = begun(&jarm(&client));
        let mut claims = claims(pending.state());
        change(&mut claims);
        let jwt = signed(&RustCrypto, Algorithm::Es256, &claims);
        let response =
            AuthorizationResponse::from_url(&format!("{CALLBACK}?response={jwt}{beside}")).unwrap();
        let opened = run(&mut sandbox, pending.open(&client, &response)?)?;
        let Step::Send(request) = pending.finish(&client, &opened, NOW)?.step(None, NOW)? else { panic!() };
        Ok(String::from_utf8(request.into_body()).unwrap())
    };
    let rename = |claims: &mut Value| {
        let code = claims.as_object_mut().unwrap().remove("code").unwrap();
        claims["spapi_oauth_code"] = code;
    };
    let sent = finish(&rename, "").unwrap();
    assert!(sent.starts_with("grant_type=authorization_code&code="), "{sent}");
    let both = |claims: &mut Value| claims["spapi_oauth_code"] = json!("c");
    for (change, beside, broken) in [
        (&(|_: &mut Value| {}) as &dyn Fn(&mut Value), "", Rule::Ar7),
        (&both, "", Rule::Ar7),
        (&(|claims: &mut Value| claims["spapi_oauth_code"] = json!(7)), "", Rule::Ar8),
        (&rename, "&spapi_oauth_code=c", Rule::Ar2),
    ] {
        let refused: Result<String, Error> = finish(change, beside);
        assert_eq!(refused.unwrap_err().rule(), Some(broken), "{beside}");
    }
}

/// JM-6: HMAC is taken where a secret was agreed on for it, and nowhere else.
#[test]
fn a_response_signed_by_a_secret_is_taken_only_where_that_was_agreed_on() {
    for (keys, taken) in [
        (VerificationKeys::secret(Algorithm::Hs256, HMAC_SECRET.as_bytes()).unwrap(), true),
        (VerificationKeys::secret(Algorithm::Hs384, HMAC_SECRET.as_bytes()).unwrap(), false),
        (verification_keys(&RustCrypto, Algorithm::Es256), false),
    ] {
        let mut sandbox = sandbox();
        let client = client_of(described(&mut sandbox).keys(keys));
        let (_, mut pending) = begun(&jarm(&client));
        let jwt = signed(&RustCrypto, Algorithm::Hs256, &claims(pending.state()));
        let response = AuthorizationResponse::from_url(&format!("{CALLBACK}?response={jwt}")).unwrap();
        let opened = run(&mut sandbox, pending.open(&client, &response).unwrap());
        match opened {
            Ok(opened) => assert!(taken && pending.finish(&client, &opened, NOW).is_ok()),
            Err(error) => assert!(!taken && error.rule() == Some(Rule::Id4), "{error}"),
        }
    }
}

/// The loopback receiver waits for the signed response that has our `state`, whoever signed it.
#[test]
fn a_receiver_waits_for_the_signed_response_with_our_state() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let loopback = |mode| {
        let request = AuthorizationRequest::new(&client, "http://127.0.0.1:4711/callback").unwrap();
        request.response_mode(mode).begin_unbound(entropy(1), NOW).unwrap().1
    };
    let pending = loopback(ResponseMode::QueryJwt);
    let mut receiver = Receiver::new(&pending, after(60)).unwrap();
    let mut answer_to = |parameters: &str| {
        let head = format!("GET /callback?{parameters} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n");
        match receiver.hear(head.as_bytes(), NOW) {
            Heard::Answer(answer) => String::from_utf8(answer).unwrap()[9..12].to_owned(),
            _ => panic!("the head is complete"),
        }
    };
    let jwt = |state: &str| signed(&RustCrypto, Algorithm::Es256, &claims(state));
    assert_eq!(answer_to(&format!("response={}", jwt("another"))), "404");
    assert_eq!(answer_to("response=a.b.c"), "404");
    assert_eq!(answer_to("code=a&state=another"), "404");
    assert_eq!(answer_to(&format!("response={}", jwt(pending.state()))), "303");
    for mode in [ResponseMode::FragmentJwt, ResponseMode::FormPostJwt] {
        assert_eq!(misuse(Receiver::new(&loopback(mode), after(60))), Some(Rule::Lb2));
    }
}

/// What waits for a signed response is stored and taken up again, with its mode by its name.
#[test]
fn a_pending_authorization_keeps_that_the_response_is_signed() {
    for mode in MODES {
        let mut sandbox = sandbox();
        let client = client(&mut sandbox);
        let (url, pending) = begun(&request(&client).response_mode(mode));
        let stored = serde_json::to_value(&pending).unwrap();
        let word = stored["response_mode"].as_str().unwrap();
        assert_eq!(word, mode.name());
        let mut pending: PendingAuthorization = taken_out(&stored.to_string());
        let response = visited(&mut sandbox, &url);
        finish(&mut sandbox, &client, &mut pending, &response).unwrap();
    }
}
