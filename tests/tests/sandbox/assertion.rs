//! CA-4: clients that sign, and tokens for whom a trusted issuer names.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use valetkey_sandbox::{Application, AssertionAudience, FlowKind, Rights, Sandbox};

use crate::key::Key;
use crate::metadata::{ISSUER, modern};
use crate::support::*;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SECRET: &str = "a secret of more than thirty-two bytes";

fn claims(jti: &str) -> Value {
    let now = NOW.as_secs();
    json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti })
}

fn with_claim(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn assert(sandbox: &mut Sandbox, assertion: &str) -> Answer {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    Answer::of(sandbox.answer(&post("/oauth/token", &pairs), NOW))
}

fn with_application(application: Application) -> Sandbox {
    let mut sandbox = modern();
    sandbox.add_application(application.authorized(Rights::of(["global:Profile.View"])));
    sandbox
}

fn signer(key: &Key) -> Sandbox {
    with_application(Application::with_keys(
        "signer",
        &json!({ "keys": [Key::other().public(), key.public()] }),
    ))
}

#[test]
fn a_client_proves_itself_by_its_signature() {
    for key in [Key::es256(), Key::eddsa(), Key::rsa(Algorithm::PS256), Key::rsa(Algorithm::RS256)] {
        let mut sandbox = signer(&key);
        let answer = assert(&mut sandbox, &key.sign("JWT", &claims("1"), |_| {}));
        assert_eq!(answer.status, 200, "{:?} {:?}", key.algorithm, answer.body);
    }
    let mut sandbox = with_application(Application::confidential("signer", SECRET).secret_signs());
    let key = Key::secret(SECRET);
    assert_eq!(assert(&mut sandbox, &key.sign("JWT", &claims("1"), |_| {})).status, 200);
    let sent = token(&mut sandbox, By::Basic("signer"), &[("grant_type", "client_credentials")], NOW);
    assert_eq!(sent.error(), (401, "invalid_client"), "this secret is never sent");
}

#[test]
fn every_claim_of_an_assertion_is_checked() {
    let key = Key::es256();
    let mut sandbox = signer(&key);
    let now = NOW.as_secs();
    let bad = [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", json!("other")),
        ("sub", json!("web")),
        ("aud", json!([ISSUER])),
        ("aud", json!("https://as.example/")),
        ("aud", json!("https://as.example/oauth/token")),
        ("aud", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now + 86_401)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", json!(now + 61)),
        ("nbf", json!(now + 61)),
        ("jti", json!("")),
        ("jti", Value::Null),
    ];
    for (name, value) in bad {
        let claims = with_claim(claims("bad"), name, value);
        let answer = assert(&mut sandbox, &key.sign("JWT", &claims, |_| {}));
        assert_eq!(answer.error(), (401, "invalid_client"), "{claims}");
    }
    let stranger = Key::rsa(Algorithm::RS256);
    for assertion in [
        stranger.sign("JWT", &claims("stranger"), |_| {}),
        key.sign("JWT", &claims("kid"), |header| header.kid = Some("unknown".to_owned())).replace('.', ".x"),
        Key::secret("secret").sign("JWT", &claims("hmac"), |_| {}),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(assert(&mut sandbox, &assertion).error(), (401, "invalid_client"));
    }
    let once = key.sign("JWT", &claims("once"), |_| {});
    assert_eq!(assert(&mut sandbox, &once).status, 200);
    assert_eq!(assert(&mut sandbox, &once).error(), (401, "invalid_client"), "jti was used");
}

/// CA-1, and the public name of a client that signs proves nothing.
#[test]
fn an_assertion_is_the_only_way() {
    let key = Key::es256();
    let mut sandbox = signer(&key);
    let assertion = key.sign("JWT", &claims("1"), |_| {});
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    let both = post("/oauth/token", &with(&pairs, &[("client_secret", "x")]));
    assert_eq!(Answer::of(sandbox.answer(&both, NOW)).error(), (400, "invalid_request"));
    let both = basic(post("/oauth/token", &pairs), "signer", "x");
    assert_eq!(Answer::of(sandbox.answer(&both, NOW)).error(), (400, "invalid_request"));
    let other = post("/oauth/token", &with(&pairs, &[("client_id", "web")]));
    assert_eq!(Answer::of(sandbox.answer(&other, NOW)).error(), (401, "invalid_client"));
    let typeless = post("/oauth/token", &with(&pairs, &[("client_assertion_type", "")]));
    assert_eq!(Answer::of(sandbox.answer(&typeless, NOW)).error(), (401, "invalid_client"));
    let named = token(&mut sandbox, By::Public("signer"), &[("grant_type", "client_credentials")], NOW);
    assert_eq!(named.error(), (401, "invalid_client"));
}

/// The relaxation for servers of before: the token endpoint as the audience, alone or among others.
#[test]
fn the_audience_may_be_the_token_endpoint_where_it_is_so_set() {
    let key = Key::es256();
    let mut sandbox = signer(&key);
    sandbox.settings_mut().assertion_audience = AssertionAudience::TokenEndpoint;
    let endpoint = "https://as.example/oauth/token";
    for (jti, audience, status) in [
        ("1", json!(endpoint), 200),
        ("2", json!([endpoint, "https://other.example"]), 200),
        ("3", json!(ISSUER), 401),
    ] {
        let claims = with_claim(claims(jti), "aud", audience);
        assert_eq!(assert(&mut sandbox, &key.sign("JWT", &claims, |_| {})).status, status, "{claims}");
    }
}

/// RFC 7523 §2.1: whoever is trusted names the user, and the token is that user's.
#[test]
fn a_trusted_assertion_brings_the_token_of_its_subject() {
    let mut sandbox = modern();
    let application =
        Application::confidential("bot", "s").flow(FlowKind::JwtBearer).may_request(Rights::All);
    sandbox.add_application(application.keys(&json!({ "keys": [Key::other().public()] })));
    let issuer = Key::es256();
    sandbox.trust_issuer("https://idp.example", &json!({ "keys": [issuer.public()] }));
    let about = |iss: &str, sub: &str, jti: &str| {
        let claims = with_claim(claims(jti), "iss", json!(iss));
        with_claim(claims, "sub", json!(sub))
    };
    let mut trade = |key: &Key, claims: &Value, scope: &str| {
        let assertion = key.sign("JWT", claims, |_| {});
        let pairs = [("grant_type", BEARER), ("assertion", &*assertion), ("scope", scope)];
        let answer = token(&mut sandbox, By::Basic("bot"), &pairs, NOW);
        let me = profile(&mut sandbox, answer.text("access_token"), NOW).text("username").to_owned();
        (answer.status, answer.text("error").to_owned(), me, answer.body["refresh_token"].is_null())
    };
    let good = (200, String::new(), "alice".to_owned(), true);
    assert_eq!(trade(&issuer, &about("https://idp.example", "alice", "1"), ""), good);
    assert_eq!(trade(&Key::other(), &about("bot", "alice", "2"), "global:Profile.View"), good);
    let refused = [
        (&issuer, about("https://idp.example", "alice", "1"), "invalid_grant"),
        (&issuer, about("https://idp.example", "nobody", "3"), "invalid_grant"),
        (&issuer, about("https://other.example", "alice", "4"), "invalid_grant"),
        (&Key::other(), about("https://idp.example", "alice", "5"), "invalid_grant"),
        (&issuer, with_claim(about("https://idp.example", "alice", "6"), "aud", json!("x")), "invalid_grant"),
        (&issuer, with_claim(about("https://idp.example", "alice", "7"), "exp", json!(1)), "invalid_grant"),
    ];
    for (key, claims, expected) in refused {
        let (status, error, ..) = trade(key, &claims, "");
        assert_eq!((status, &*error), (400, expected), "{claims}");
    }
    let (status, error, ..) = trade(&issuer, &about("https://idp.example", "bob", "8"), ISSUES);
    assert_eq!((status, &*error), (400, "invalid_scope"), "bob has not that right");
    let pairs = [("grant_type", BEARER), ("assertion", "a.b.c")];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &pairs, NOW).error(), (400, "unauthorized_client"));
    assert_eq!(token(&mut sandbox, By::Basic("bot"), &pairs, NOW).error(), (400, "invalid_grant"));
}
