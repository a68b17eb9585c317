//! LO-8 to LO-13: what the server posts, its logout token, and what is answered.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::logout::{BackChannel, accepted, refused};
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Error, Flow as _, Rule, Step};
use valetkey_tests::jose::verification_keys;
use valetkey_tests::openid::{claims as login_claims, id_token, run};
use valetkey_tests::{NOW, client_of, json as answer, server};

use crate::world::*;

#[test]
fn a_good_logout_token_says_whose_login_has_ended() {
    let notice = heard(&claims()).unwrap();
    assert_eq!(notice.issuer(), "https://as.example");
    assert_eq!((notice.subject(), notice.session_id()), (Some(SUB), Some(SID)));
    assert_eq!((notice.token_id(), notice.issued_at()), ("bWJq", NOW));
    for rule in [
        Rule::Id8,
        Rule::Id9,
        Rule::Id10,
        Rule::Id12,
        Rule::Id13,
        Rule::Id28,
        Rule::Lo8,
        Rule::Lo9,
        Rule::Lo10,
        Rule::Lo11,
        Rule::Lo12,
        Rule::Lo13,
    ] {
        assert!(notice.checks().contains(rule), "{rule}");
    }
    let shown = format!("{notice:?}");
    assert!(!shown.contains(SUB) && !shown.contains(SID) && !shown.contains("bWJq"), "{shown}");
}

/// LO-8: the POST of a form, exactly one token in it, and that not too long.
#[test]
fn what_is_no_form_with_one_token_is_refused() {
    let good = token(&claims());
    let form = format!("logout_token={good}");
    let receiver = receiver();
    assert!(receiver.receive(&post(format!("{form}&other=is+ignored"))).is_ok());
    let of_type = |content_type: &str| {
        let mut request = post(form.clone());
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        request
    };
    assert!(receiver.receive(&of_type("Application/X-WWW-Form-Urlencoded; charset=UTF-8")).is_ok());
    let mut two_types = post(form.clone());
    two_types.headers_mut().append("content-type", "text/plain".parse().unwrap());
    let get = http::Request::get(format!("/logout?{form}")).body(Vec::new()).unwrap();
    for request in [
        get,
        http::Request::put("/logout").body(form.clone().into_bytes()).unwrap(),
        http::Request::post(format!("/logout?{form}")).body(Vec::new()).unwrap(),
        of_type("application/json"),
        of_type("multipart/form-data"),
        two_types,
        post(format!("{form}&{form}")),
        post("logout_token="),
        post("logout_tokens=x"),
        post(""),
        post(b"logout_token=\xff".to_vec()),
        post(format!("logout_token={good}%20")),
        post(format!("logout_token={}", "a".repeat(64 * 1024 + 1))),
        post(format!("{form}&padding={}", "a".repeat(256 * 1024))),
    ] {
        let told = format!("{} {:?}", request.method(), request.headers());
        let outcome = receiver.receive(&request);
        let rule = rule(outcome);
        // An empty token is none.
        assert!(rule == Some(Rule::Lo8) || rule == Some(Rule::Id1), "{told} {rule:?}");
    }
    assert_eq!(rule(receiver.receive(&http::Request::get("/logout").body("").unwrap())), Some(Rule::Lo8));
}

/// LO-8: 200, or 400 with an error in JSON, and never from a cache.
#[test]
fn the_answer_is_as_the_server_expects_it() {
    let good = accepted();
    assert_eq!((good.status().as_u16(), good.body().len()), (200, 0));
    assert_eq!(good.headers()["cache-control"], "no-store");
    let error = heard(&without(&["events"])).unwrap_err();
    for (error, code) in [
        (error, "invalid_request"),
        (Error::Unanswered, "server_error"),
        (Error::Store(valetkey_core::store::StoreError::new("a \"path\" of ours")), "server_error"),
    ] {
        let answer = refused(&error);
        assert_eq!(answer.status().as_u16(), 400);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(body["error"], code);
        assert!(!body.to_string().contains("path"), "{body}");
    }
    let told = String::from_utf8(refused(&heard(&without(&["events"])).unwrap_err()).into_body()).unwrap();
    assert!(told.contains("LO-11"), "{told}");
}

/// LO-9: of its own type, of none, or of any JWT's; and an ID token, an access token or a request object is none.
#[test]
fn a_logout_token_is_of_its_own_type_or_of_none() {
    for typ in [Some("logout+jwt"), Some("application/logout+jwt"), Some("LOGOUT+JWT"), Some("JWT"), None] {
        assert!(heard_by(&receiver(), &typed(typ, &claims())).is_ok(), "{typ:?}");
    }
    for typ in ["at+jwt", "oauth-authz-req+jwt", "secevent+jwt", "logout", ""] {
        assert_eq!(rule(heard_by(&receiver(), &typed(Some(typ), &claims()))), Some(Rule::Lo9), "{typ}");
    }
    // An ID token of the very person.
    let id_token = id_token(Algorithm::Es256, &login_claims(None));
    assert_eq!(rule(heard_by(&receiver(), &id_token)), Some(Rule::Lo11));
}

/// LO-9, ID-4, ID-8, ID-28: signed, by the algorithm and the keys of ID tokens.
#[test]
fn a_logout_token_is_signed_as_an_id_token_is() {
    let good = token(&claims());
    let (input, _) = good.rsplit_once('.').unwrap();
    let payload = input.split_once('.').unwrap().1;
    let none = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"logout+jwt"}"#));
    assert_eq!(rule(heard_by(&receiver(), &none)), Some(Rule::Id28));
    assert_eq!(rule(heard_by(&receiver(), &format!("{input}.{}", "A".repeat(86)))), Some(Rule::Id8));
    assert_eq!(rule(heard_by(&receiver(), input)), Some(Rule::Id1));
    let by_another = valetkey_tests::jose::signed(&RustCrypto, Algorithm::Es384, &claims());
    assert!(rule(heard_by(&receiver(), &by_another)).is_some());
    // The client is registered for ID tokens by ES256.
    let client = client().id_token_algorithm(Algorithm::Es256).unwrap();
    let receiver = BackChannel::new(&client).unwrap();
    assert!(heard_by(&receiver, &good).is_ok());
    let refused = heard_by(&receiver, &by_another).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Id28));
    assert!(refused.to_string().contains("Client::id_token_algorithm"), "{refused}");
}

/// JK-2: keys that are not held are fetched once, as for an ID token.
#[test]
fn the_servers_keys_are_fetched_where_they_are_needed() {
    let server = server().endpoint(Endpoint::Jwks, "https://as.example/jwks").unwrap();
    let published = valetkey_core::server::ServerKeys::published(
        &server,
        std::sync::Arc::new(RustCrypto),
        &[Algorithm::Es256],
    );
    let receiver = BackChannel::new(&client_of(server.keys(published.unwrap()))).unwrap();
    let key = valetkey_tests::jose::key_pair(&RustCrypto, Algorithm::Es256);
    let key = valetkey_core::jose::Signer::public_key(&*key).unwrap().clone();
    let set = serde_json::to_string(&json!({ "keys": [serde_json::to_value(&key).unwrap()] })).unwrap();
    let good = token(&claims());
    let mut flow = receiver.verify(&good).unwrap();
    let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("no keys are held") };
    assert_eq!(request.uri(), "https://as.example/jwks");
    assert!(matches!(flow.step(Some(answer(200, &set)), NOW), Ok(Step::Done(_))));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))), "it has ended");
    assert!(run(receiver.verify(&good).unwrap(), Vec::new(), NOW).is_ok(), "they are kept");
}

/// ID-9, ID-10, ID-34, ID-55: by this server, for this client.
#[test]
fn a_logout_token_is_by_the_server_and_for_the_client() {
    for (name, value, expected) in [
        ("iss", json!("https://evil.example"), Rule::Id9),
        ("iss", json!("https://as.example/"), Rule::Id9),
        ("iss", json!(5), Rule::Id9),
        ("aud", json!("another"), Rule::Id10),
        ("aud", json!(["s6BhdRkqt3", "another"]), Rule::Id10),
        ("aud", json!([]), Rule::Id34),
        ("aud", json!(["s6BhdRkqt3", 5]), Rule::Id34),
    ] {
        let outcome = heard(&claiming(|claims| claims[name] = value.clone()));
        assert_eq!(rule(outcome), Some(expected), "{name} {value}");
    }
    assert_eq!(rule(heard(&without(&["iss"]))), Some(Rule::Id9));
    assert_eq!(rule(heard(&without(&["aud"]))), Some(Rule::Id10));
    assert!(heard(&claiming(|claims| claims["aud"] = json!(["s6BhdRkqt3"]))).is_ok());
    let trusting = BackChannel::new(&client().trusted_audience("another")).unwrap();
    let both = token(&claiming(|claims| claims["aud"] = json!(["s6BhdRkqt3", "another"])));
    assert!(heard_by(&trusting, &both).is_ok());
}

/// ID-55: of a tenant that is admitted, whose people have the tenant in their issuer.
#[test]
fn a_logout_token_of_many_tenants_is_of_one_that_is_admitted() {
    let tenant = "11111111-2222-3333-4444-555555555555";
    let template = "https://as.example/{tenantid}/v2.0";
    let many = |server: AuthorizationServer| {
        server.issuer(template).unwrap().keys(verification_keys(&RustCrypto, Algorithm::Es256))
    };
    assert_eq!(rule(BackChannel::new(&client_of(many(server())))), Some(Rule::Id55));
    let receiver = BackChannel::new(&client_of(many(server()).tenants([tenant]).unwrap())).unwrap();
    let of = |named: &str| {
        let issuer = template.replace("{tenantid}", named);
        let claims = claiming(|claims| {
            claims["iss"] = json!(issuer);
            claims["tid"] = json!(named);
        });
        heard_by(&receiver, &token(&claims))
    };
    assert_eq!(of(tenant).unwrap().issuer(), template.replace("{tenantid}", tenant));
    assert_eq!(rule(of("99999999-2222-3333-4444-555555555555")), Some(Rule::Id55));
}

/// LO-10: `iat`, `exp` and `jti` are there, and it is not old.
#[test]
fn a_logout_token_has_its_times_and_an_identifier() {
    for name in ["iat", "exp", "jti"] {
        assert_eq!(rule(heard(&without(&[name]))), Some(Rule::Lo10), "{name}");
    }
    let now = NOW.as_secs();
    for (name, value, expected) in [
        ("jti", json!(""), Rule::Lo10),
        ("jti", json!(5), Rule::Lo10),
        ("jti", json!("j".repeat(1025)), Rule::Lo10),
        ("iat", json!(now - 661), Rule::Lo10),
        ("iat", json!(now + 61), Rule::Id13),
        ("exp", json!(now - 60), Rule::Id12),
        ("nbf", json!(now + 61), Rule::Id14),
        ("exp", json!("soon"), Rule::Id25),
    ] {
        let outcome = heard(&claiming(|claims| claims[name] = value.clone()));
        assert_eq!(rule(outcome), Some(expected), "{name} {value}");
    }
    assert!(heard(&claiming(|claims| claims["iat"] = json!(now - 660))).is_ok(), "within the skew");
    let strict = receiver().oldest(Duration::from_secs(30));
    let old = token(&claiming(|claims| claims["iat"] = json!(now - 91)));
    assert_eq!(rule(heard_by(&strict, &old)), Some(Rule::Lo10));
}

/// LO-11: the event, spelt as the specification has it, an object in an object. Others beside it are ignored.
#[test]
fn the_events_of_a_logout_token_have_a_log_out_among_them() {
    let more = json!({ EVENT: { "more": [1] }, "https://schemas.example/other": "x" });
    assert!(heard(&claiming(|claims| claims["events"] = more)).is_ok());
    assert_eq!(rule(heard(&without(&["events"]))), Some(Rule::Lo11));
    for events in [
        json!({}),
        json!([EVENT]),
        json!(EVENT),
        json!(null),
        json!({ "https://schemas.openid.net/event/backchannel-logout": {} }),
        json!({ "http://schemas.openid.net/event/backchannel-logout/": {} }),
        json!({ EVENT: "" }),
        json!({ EVENT: [] }),
        json!({ EVENT: null }),
        json!({ EVENT: true }),
    ] {
        let outcome = heard(&claiming(|claims| claims["events"] = events.clone()));
        assert_eq!(rule(outcome), Some(Rule::Lo11), "{events}");
    }
}

/// LO-12: whose login, or which; which, where that was registered.
#[test]
fn a_logout_token_says_whose_login_or_which() {
    let by_subject = heard(&without(&["sid"])).unwrap();
    assert_eq!((by_subject.subject(), by_subject.session_id()), (Some(SUB), None));
    let by_session = heard(&without(&["sub"])).unwrap();
    assert_eq!((by_session.subject(), by_session.session_id()), (None, Some(SID)));
    assert_eq!(rule(heard(&without(&["sub", "sid"]))), Some(Rule::Lo12));
    for (name, value) in [
        ("sub", json!("")),
        ("sub", json!(5)),
        ("sub", json!("s".repeat(256))),
        ("sub", json!("ü")),
        ("sid", json!("")),
        ("sid", json!(null)),
        ("sid", json!("s".repeat(1025))),
    ] {
        let outcome = heard(&claiming(|claims| claims[name] = value.clone()));
        assert_eq!(rule(outcome), Some(Rule::Lo12), "{name} {value}");
    }
    let required = receiver().session_required();
    assert!(heard_by(&required, &token(&claims())).is_ok());
    assert_eq!(rule(heard_by(&required, &token(&without(&["sid"])))), Some(Rule::Lo12));
}

/// LO-13: a nonce is an ID token's, whatever it is.
#[test]
fn a_logout_token_has_no_nonce() {
    for nonce in [json!("n-0S6_WzA2Mj"), json!(""), json!(null)] {
        let outcome = heard(&claiming(|claims| claims["nonce"] = nonce.clone()));
        assert_eq!(rule(outcome), Some(Rule::Lo13), "{nonce}");
    }
}

/// LO-1, LO-9: claims that are no strict JSON object are none.
#[test]
fn claims_that_are_said_twice_are_refused() {
    let signer = valetkey_core::jose::JwtSigner::new(
        valetkey_tests::jose::key_pair(&RustCrypto, Algorithm::Es256),
        Some("logout+jwt"),
    );
    let array = signer.write(&json!([claims()])).unwrap().sign().unwrap().ready().unwrap();
    assert_eq!(rule(heard_by(&receiver(), array.expose())), Some(Rule::Lo9));
}

/// A receiver that could verify nothing is refused when it is made.
#[test]
fn a_receiver_needs_an_issuer_and_keys() {
    let without_issuer = AuthorizationServer::new().keys(verification_keys(&RustCrypto, Algorithm::Es256));
    assert_eq!(rule(BackChannel::new(&client_of(without_issuer))), Some(Rule::Id9));
    let refused = BackChannel::new(&client_of(server())).unwrap_err();
    assert!(matches!(refused, Error::Misuse(_)));
    assert_eq!(refused.rule(), Some(Rule::Id8));
}
