//! IN-2: introspections that the server signs.

use serde_json::{Value, json};
use valetkey_core::jose::jwe::{AgreementCurve, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, JwtSigner, RustCrypto};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Inactive, Introspected, Introspection};
use valetkey_core::{AccessToken, Client, Error, Flow, Response, Rule, Step};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::jwe::{agreeing, encrypted, keys_of};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of as valetkey_client_of, json as plain_json, server as plain_server};

use crate::support::*;

const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// A token of Alice's, and what introspects it.
fn introspecting(sandbox: &mut Sandbox) -> (Client, AccessToken) {
    let client = client(sandbox);
    let (url, mut pending) = begun(&request(&client));
    let response = visited(sandbox, &url);
    let tokens = finish(sandbox, &client, &mut pending, &response).unwrap();
    let token = AccessToken::new(tokens.access_token().expose()).unwrap();
    (client, token)
}

/// The server's keys are fetched when its answer has come, once.
#[test]
fn a_signed_introspection_is_asked_for_and_verified() {
    let mut sandbox = sandbox();
    let (client, token) = introspecting(&mut sandbox);
    for _ in 0..2 {
        let flow = Introspection::new(&client, &token).unwrap().signed().unwrap();
        let introspected = run(&mut sandbox, flow).unwrap().active().expect("it is active");
        assert_eq!(introspected.client_id(), Some("signer"));
        assert_eq!(introspected.username(), Some("alice"));
        assert_eq!(introspected.member::<String>("username").unwrap().as_deref(), Some("alice"));
    }
    let asked =
        |path: &str| sandbox.log().iter().filter(|exchange| exchange.request().uri().path() == path).count();
    assert_eq!((asked("/oauth/introspect"), asked("/oauth/jwks.json")), (2, 1));
    let unknown = AccessToken::new("nobodys").unwrap();
    let flow = Introspection::new(&client, &unknown).unwrap().signed().unwrap();
    assert!(matches!(run(&mut sandbox, flow), Ok(Introspected::Inactive(Inactive::Told))));
}

/// IN-2: the sandbox's misbehaviours, and a plain answer where a signed one was asked for.
#[test]
fn a_signed_introspection_that_is_not_in_order_is_refused() {
    for (misbehaviour, expected) in [
        (Misbehaviour::IntrospectionTypeJwt, Rule::In2),
        (Misbehaviour::IntrospectionNested, Rule::In2),
        (Misbehaviour::IntrospectionAtTopLevel, Rule::In2),
        (Misbehaviour::IntrospectionSignedForOther, Rule::In2),
        (Misbehaviour::IntrospectionSignedByOther, Rule::In2),
        (Misbehaviour::IntrospectionUndated, Rule::In2),
        (Misbehaviour::IntrospectionUnsigned, Rule::Id4),
        (Misbehaviour::IntrospectionForged, Rule::Id8),
        (Misbehaviour::IntrospectionDots, Rule::Id1),
    ] {
        let mut sandbox = sandbox();
        let (client, token) = introspecting(&mut sandbox);
        sandbox.misbehave_once(misbehaviour);
        let flow = Introspection::new(&client, &token).unwrap().signed().unwrap();
        let error = run(&mut sandbox, flow).expect_err(misbehaviour.name());
        assert_eq!(error.rule(), Some(expected), "{misbehaviour}: {error}");
        assert_eq!(sandbox.misbehaviours().count(), 0, "{misbehaviour} was met");
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://as.example",
        "aud": "s6BhdRkqt3",
        "iat": NOW.as_secs(),
        "token_introspection": { "active": true, "scope": "a b" },
    })
}

fn answer(typ: &str, claims: &Value) -> Response {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), Some(typ));
    let jwt = signer.write(claims).unwrap().sign().unwrap().ready().unwrap();
    http::Response::builder()
        .header("content-type", MEDIA_TYPE)
        .body(jwt.expose().as_bytes().to_vec())
        .unwrap()
}

fn introspector() -> Client {
    let server = plain_server()
        .endpoint(Endpoint::Introspection, "https://as.example/introspect")
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256));
    valetkey_client_of(server)
}

fn asking(client: &Client) -> Introspection {
    Introspection::new(client, &AccessToken::new("mF_9.B5f-4.1JqM").unwrap()).unwrap().signed().unwrap()
}

fn signed() -> Introspection {
    asking(&introspector())
}

fn outcome(answer: Response) -> Result<Introspected, Error> {
    play(signed(), [Some(answer)]).outcome
}

/// ID-43, ID-51: an answer that is encrypted to the client is opened, and then passes what a signed one passes; encrypted exactly
/// if that is registered.
#[test]
fn an_encrypted_introspection_is_opened_and_verified() {
    let agreed = Encryption::new(KeyAlgorithm::EcdhEs);
    let keys = || keys_of(&RustCrypto, agreeing(AgreementCurve::P384));
    let registered = || {
        let client = introspector().decryption_keys(keys()).introspection_encryption(agreed).unwrap();
        asking(&client)
    };
    let sealed = |content: &[u8]| {
        let jwe = encrypted(&AwsLc, &keys(), agreed, content);
        http::Response::builder().header("content-type", MEDIA_TYPE).body(jwe.into_bytes()).unwrap()
    };
    let typ = "token-introspection+jwt";
    let good = answer(typ, &claims()).into_body();
    let opened = play(registered(), [Some(sealed(&good))]).outcome;
    assert!(matches!(opened, Ok(Introspected::Active(_))));
    let mut other = claims();
    other["aud"] = json!("another");
    let mut tampered = sealed(&good);
    let last = tampered.body().len() - 2;
    tampered.body_mut()[last] ^= 1;
    for (wrong, expected) in [
        (answer(typ, &claims()), Rule::Id43),
        (sealed(claims().to_string().as_bytes()), Rule::Id51),
        (sealed(&answer(typ, &other).into_body()), Rule::In2),
        (sealed(&answer("JWT", &claims()).into_body()), Rule::In2),
        (tampered, Rule::Id46),
    ] {
        let mut flow = registered();
        assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
        assert_eq!(rule(flow.step(Some(wrong), NOW)), expected);
        assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))), "it has ended");
    }
    let error = outcome(sealed(&good)).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id43));
    assert!(error.to_string().contains("Client::introspection_encryption"), "{error}");
}

/// IN-2: claim by claim.
#[test]
fn the_claims_about_the_answer_are_checked() {
    let typ = "token-introspection+jwt";
    let played = play(signed(), [Some(answer(typ, &claims()))]);
    assert_eq!(played.sent[0].1.headers()["accept"], MEDIA_TYPE);
    assert_eq!(played.sent.len(), 1);
    assert!(matches!(played.outcome, Ok(Introspected::Active(_))));
    let now = NOW.as_secs();
    for (name, wrong) in [
        ("iss", Value::Null),
        ("iss", json!("https://as.example/")),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("iat", json!(now + 61)),
        ("iat", json!(now - 361)),
        ("token_introspection", json!([{ "active": true }])),
        ("token_introspection", json!("active")),
    ] {
        let mut claims = claims();
        claims[name] = wrong.clone();
        let expected = if wrong.is_null() { Rule::Id9 } else { Rule::In2 };
        assert_eq!(rule(outcome(answer(typ, &claims))), expected, "{name}: {wrong}");
    }
    for name in ["iss", "aud", "iat", "token_introspection"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(rule(outcome(answer(typ, &claims))), Rule::In2, "{name}");
    }
    for typ in ["JWT", "at+jwt", "introspection+jwt"] {
        assert_eq!(rule(outcome(answer(typ, &claims()))), Rule::In2, "{typ}");
    }
    // What is at the top level is not the token's.
    let mut stray = claims();
    stray["exp"] = json!(1);
    stray["sub"] = json!("nobody");
    let token = outcome(answer(typ, &stray)).unwrap().active().unwrap();
    assert_eq!((token.subject(), token.expires_at()), (None, None));
    // IN-1: the document inside is held to the same rules as a plain one.
    let mut text = claims();
    text["token_introspection"]["active"] = json!("true");
    assert_eq!(rule(outcome(answer(typ, &text))), Rule::In1);
    let mut expired = claims();
    expired["token_introspection"]["exp"] = json!(now);
    assert!(matches!(outcome(answer(typ, &expired)), Ok(Introspected::Inactive(Inactive::Expired))));
    let flow = signed().expect(Expectations::new().audience("https://api.example"));
    let played = play(flow, [Some(answer(typ, &claims()))]);
    assert!(matches!(played.outcome, Ok(Introspected::Inactive(Inactive::Unexpected("aud")))));
}

/// IN-2: nothing else is taken in its place, and a refusal is a refusal.
#[test]
fn a_plain_answer_is_no_signed_one() {
    assert_eq!(rule(outcome(plain_json(200, r#"{"active":true}"#))), Rule::In2);
    let with = |body: &[u8]| {
        http::Response::builder().header("content-type", MEDIA_TYPE).body(body.to_vec()).unwrap()
    };
    assert_eq!(rule(outcome(with(b"{\"active\":true}"))), Rule::Id1);
    assert_eq!(rule(outcome(with(b"a.b.\xff"))), Rule::In2);
    let mut created = answer("token-introspection+jwt", &claims());
    *created.status_mut() = http::StatusCode::CREATED;
    assert_eq!(rule(outcome(created)), Rule::In2);
    let forged = answer("token-introspection+jwt", &claims());
    let text = String::from_utf8(forged.into_body()).unwrap();
    let (input, signature) = text.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", "A".repeat(signature.len()));
    assert_eq!(rule(outcome(with(forged.as_bytes()))), Rule::Id8);
    let refused = outcome(plain_json(401, r#"{"error":"invalid_client"}"#)).unwrap_err();
    assert_eq!(refused.refused().unwrap().code().unwrap().as_str(), "invalid_client");
}

/// Without an issuer or keys there is nothing to verify with; an end is an end.
#[test]
fn a_signed_introspection_needs_keys_and_ends() {
    let server = plain_server().endpoint(Endpoint::Introspection, "https://as.example/introspect").unwrap();
    let flow = Introspection::new(&valetkey_client_of(server), &AccessToken::new("t").unwrap()).unwrap();
    assert_eq!(misuse(flow.signed()), Some(Rule::In2));
    let mut flow = signed();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(misuse(flow.step(None, NOW)).is_none());
}
