//! UI-1 to UI-9: UserInfo about the person of a login.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::identity::Identity;
use valetkey_core::jose::{
    Algorithm, DeferredSigner, Jws, KeyPair, PrivateJwk, RustCrypto, Signer as _, VerificationKeys,
};
use valetkey_core::openid::{UnverifiedUserInfoRequest, UserInfo, UserInfoRequest};
use valetkey_core::server::Endpoint;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationServer, Client, Dpop, Error, Flow, Grant, Quirk, Response, Rule, Session, Step, TokenRequest,
};
use valetkey_tests::jose::verified;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json as plain};

use crate::world::*;

/// UI-6, UI-9: a GET with the token in its header, and claims that are apart from the ID token's.
#[test]
fn a_login_leads_to_what_the_server_says_about_that_person() {
    let client = client();
    let tokens = logged_in(&client);
    let body =
        json!({"sub": SUB, "email": "alice@example.com", "email_verified": true, "groups": ["a", "b"]});
    let played = play(UserInfoRequest::new(&client, &tokens).unwrap(), [Some(told(&body))]);
    let [(_, sent)] = &played.sent[..] else { panic!("one request") };
    assert_eq!((sent.method(), sent.uri().to_string()), (&http::Method::GET, USERINFO.to_owned()));
    assert_eq!(sent.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(sent.headers()["authorization"].is_sensitive());
    assert_eq!(sent.headers()["accept"], "application/json");
    assert!(sent.body().is_empty() && sent.uri().query().is_none());

    let info = played.outcome.unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(info.identity(), login.identity());
    assert_eq!(info.standard_claims().verified_email(), Some("alice@example.com"));
    assert_eq!(login.standard_claims().email(), Some("in-the-id-token@example.com"));
    assert_eq!(info.claim::<Vec<String>>("groups").unwrap().unwrap(), ["a", "b"]);
    assert_eq!(info.claim::<Value>("nothing").unwrap(), None);
    assert!(info.claims().starts_with(b"{") && info.elsewhere().is_empty() && !info.is_signed());
    assert!(info.quirks().is_empty());
    for rule in [Rule::Ui1, Rule::Ui3, Rule::Ui5] {
        assert!(info.checks().contains(rule), "{rule}");
    }
    let shown = format!("{info:?} {:?}", UserInfoRequest::new(&client, &tokens).unwrap());
    assert!(!shown.contains("alice") && !shown.contains(TOKEN) && !shown.contains(SUB), "{shown}");
}

/// UI-5: before any claim can be read.
#[test]
fn what_is_about_another_person_or_about_nobody_is_refused() {
    for sub in
        [json!("248289761002"), json!("248289761001 "), json!(248_289_761_001_u64), json!(null), json!("")]
    {
        assert_eq!(rule(outcome(&client(), told(&json!({"sub": sub, "name": "x"})))), Rule::Ui5, "{sub}");
    }
    assert_eq!(rule(outcome(&client(), told(&json!({"name": "x"})))), Rule::Ui5);
    assert!(outcome(&client(), told(&json!({"sub": SUB}))).is_ok());
}

/// UI-5: with its own credential; and only a 401 says that the credential is no good.
#[test]
fn a_session_asks_about_its_own_person() {
    let client = client();
    let session = Session::from_tokens(&client, &logged_in(&client));
    let credential = session.credential().unwrap();
    let played = play(session.user_info(&credential).unwrap(), [Some(told(&json!({"sub": SUB})))]);
    let [(_, sent)] = &played.sent[..] else { panic!("one request") };
    assert_eq!(sent.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(played.outcome.unwrap().identity(), session.identity().unwrap());
    for (status, is_refused) in [(401, true), (403, false), (500, false)] {
        let played = play(session.user_info(&credential).unwrap(), [Some(plain(status, "{}"))]);
        assert_eq!(credential.is_refused_with(&played.outcome.unwrap_err()), is_refused, "{status}");
    }
    assert_eq!(rule(Session::from_store(&client).user_info(&credential)), Rule::Ui5);
}

/// UI-5: another issuer's person is another person, whatever their subject; and a login there must have been.
#[test]
fn a_question_needs_a_person_of_this_server() {
    fn ask(client: &Client, identity: &Identity) -> Result<UserInfoRequest, Error> {
        UserInfoRequest::about(client, identity, &token(), TokenType::Bearer)
    }
    assert_eq!(rule(ask(&client(), &person("https://other.example", SUB))), Rule::Ui5);
    let unnamed = AuthorizationServer::new().endpoint(Endpoint::Userinfo, USERINFO).unwrap();
    assert_eq!(rule(ask(&Client::new(unnamed, "s6BhdRkqt3"), &alice())), Rule::Ui5);

    let flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let body = r#"{"access_token":"a","token_type":"Bearer"}"#;
    let tokens = play(flow, [Some(plain(200, body))]).outcome.unwrap();
    assert_eq!(rule(UserInfoRequest::new(&client(), &tokens)), Rule::Ui5);

    let without = client_of(valetkey_tests::server());
    assert!(matches!(ask(&without, &alice()), Err(Error::Misuse(_))));
    let exchanged = UserInfoRequest::about(&client(), &alice(), &token(), TokenType::NotApplicable);
    assert_eq!(rule(exchanged), Rule::Tr16);
}

/// Without a login the answer says in its type that nothing was compared.
#[test]
fn without_a_login_the_subject_is_unverified() {
    let ask = || UnverifiedUserInfoRequest::new(&client(), &token(), TokenType::Bearer).unwrap();
    let body = json!({"sub": "anybody", "name": "Any Body"});
    let info = play(ask(), [Some(told(&body))]).outcome.unwrap();
    assert_eq!(info.unverified_subject(), "anybody");
    assert_eq!(info.standard_claims().name(), Some("Any Body"));
    assert!(!info.checks().contains(Rule::Ui5));
    assert!(!format!("{info:?} {:?}", ask()).contains("ody"));
    for sub in [json!(""), json!("ä"), json!(1), json!("a".repeat(256))] {
        assert_eq!(play(ask(), [Some(told(&json!({"sub": sub})))]).rule(), Rule::Ui1, "{sub}");
    }
    assert_eq!(play(ask(), [Some(told(&json!({"name": "x"})))]).rule(), Rule::Ui1);
}

/// UI-1, UI-3, HT-1, TR-2: status, content type and form.
#[test]
fn an_answer_is_status_200_with_one_object_in_json() {
    let body = json!({"sub": SUB}).to_string();
    let created = || plain(201, &body);
    assert_eq!(rule(outcome(&client(), created())), Rule::Ui1);
    let lax = |quirk| client_of(server().admit(quirk));
    let info = outcome(&lax(Quirk::AnySuccessStatus), created()).unwrap();
    assert!(info.quirks().contains(Quirk::AnySuccessStatus));

    let text = || {
        let mut answer = plain(200, &body);
        answer.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        answer
    };
    assert_eq!(rule(outcome(&client(), text())), Rule::Ui3);
    assert!(outcome(&lax(Quirk::AnyContentType), text()).unwrap().quirks().contains(Quirk::AnyContentType));

    let mut elsewhere = plain(302, "");
    elsewhere.headers_mut().insert("location", "https://evil.example/".parse().unwrap());
    assert_eq!(rule(outcome(&client(), elsewhere)), Rule::Ht1);
    for body in ["[]", "", r#"{"sub":"a","sub":"a"}"#, "{"] {
        assert_eq!(rule(outcome(&client(), plain(200, body))), Rule::Tr2, "{body}");
    }
}

/// TR-4, ER-2: a refusal is the server's own, and does not echo the token.
#[test]
fn a_refusal_is_told_in_the_servers_words() {
    let mut answer = plain(401, &format!(r#"{{"error":"invalid_token","error_description":"no {TOKEN}"}}"#));
    let challenge = r#"Bearer error="invalid_token""#;
    answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
    let error = outcome(&client(), answer).unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(refused.code().unwrap().as_str(), "invalid_token");
    assert_eq!(refused.endpoint(), Some(Endpoint::Userinfo));
    assert_eq!(refused.challenges().len(), 1);
    assert!(!format!("{error} {error:?}").contains(TOKEN));
    let by_success = outcome(&client(), plain(200, r#"{"error":"invalid_token"}"#)).unwrap_err();
    assert!(by_success.refused().is_some(), "{by_success}");
}

/// UI-7, UI-8: what is of a wrong type is left out and reported, `null` and `""` are absent, languages are told apart.
#[test]
fn claims_are_typed() {
    let body = json!({
        "sub": SUB, "updated_at": "yesterday", "nickname": null, "gender": "", "email_verified": "true",
        "phone_number_verified": 1, "name": "A", "name#ja-Kana-JP": "B", "address": {"locality": "Oxford"},
    });
    let info = outcome(&client(), told(&body)).unwrap();
    let standard = info.standard_claims();
    assert!(info.quirks().contains(Quirk::ClaimOfOtherType));
    assert_eq!((standard.updated_at(), standard.nickname(), standard.gender()), (None, None, None));
    assert_eq!((standard.email_verified(), standard.phone_number_verified()), (None, None));
    assert_eq!((standard.name(), standard.in_language("name", "ja-kana-jp")), (Some("A"), Some("B")));
    assert_eq!(standard.address().unwrap().locality(), Some("Oxford"));

    let info = outcome(&client_of(server().admit(Quirk::BooleanAsText)), told(&body)).unwrap();
    assert_eq!(info.standard_claims().email_verified(), Some(true));
    assert!(info.quirks().contains(Quirk::BooleanAsText));
}

fn bound() -> Client {
    client().dpop(Dpop::generate(&RustCrypto, Algorithm::Es256, entropy(3)).unwrap()).unwrap()
}

fn demand(nonce: &str) -> Response {
    let mut answer = plain(401, "");
    answer.headers_mut().insert("www-authenticate", r#"DPoP error="use_dpop_nonce""#.parse().unwrap());
    answer.headers_mut().insert("dpop-nonce", nonce.parse().unwrap());
    answer
}

fn bound_request(client: &Client) -> UserInfoRequest {
    UserInfoRequest::about(client, &alice(), &token(), TokenType::Dpop).unwrap()
}

/// UI-6, DP-5, DP-7: a bound token goes with a proof, which is repeated once with a nonce that is asked for.
#[test]
fn a_bound_token_is_shown_with_a_proof() {
    let client = bound();
    let played = play(bound_request(&client), [Some(demand("n-1")), Some(told(&json!({"sub": SUB})))]);
    assert!(played.outcome.is_ok());
    let proofs: Vec<_> =
        played.sent.iter().map(|(_, request)| request.headers()["dpop"].to_str().unwrap()).collect();
    assert_eq!(proofs.len(), 2);
    assert!(played.sent.iter().all(|(_, request)| request.headers()["dpop"].is_sensitive()
        && request.headers()["authorization"] == format!("DPoP {TOKEN}")));
    let claims = |proof: &str| {
        let key = Jws::parse(proof).unwrap().embedded_key().unwrap();
        let keys = VerificationKeys::one(&RustCrypto, &[Algorithm::Es256], &key).unwrap();
        serde_json::from_slice::<Value>(&verified(proof, &keys).unwrap()).unwrap()
    };
    assert_eq!(claims(proofs[0])["nonce"], Value::Null);
    assert_eq!(claims(proofs[1])["nonce"], "n-1");
    assert_eq!((&claims(proofs[1])["htm"], &claims(proofs[1])["htu"]), (&json!("GET"), &json!(USERINFO)));
    assert!(claims(proofs[1])["ath"].is_string());

    // The nonce is known from then on. A server that asks for ever is told its own refusal.
    let again = play(bound_request(&client), [Some(told(&json!({"sub": SUB})))]);
    assert!(again.outcome.is_ok());
    let refused = play(bound_request(&client), [Some(demand("n-2")), Some(demand("n-3"))]);
    assert!(refused.outcome.unwrap_err().refused().is_some());
    assert_eq!(rule(UserInfoRequest::about(&self::client(), &alice(), &token(), TokenType::Dpop)), Rule::Dp7);
}

/// A key that answers later makes the flow wait, and no answer is taken meanwhile.
#[test]
fn a_key_that_signs_later_is_waited_for() {
    let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, entropy(4)).unwrap();
    let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &key).unwrap();
    let patience = Duration::from_millis(50);
    let signer = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let client = client().dpop(Dpop::of(signer.clone(), entropy(5)).unwrap()).unwrap();
    let mut flow = bound_request(&client);
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(time)) if time == patience));
    assert!(matches!(flow.step(Some(plain(200, "{}")), NOW), Err(Error::Misuse(_))));
    for message in signer.wanted() {
        signer.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
    }
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(matches!(flow.step(Some(told(&json!({"sub": SUB}))), NOW), Ok(Step::Done(_))));
}

/// UI-6, CA-6: with a certificate, the alias is asked, over TLS.
#[test]
fn a_client_with_a_certificate_asks_the_alias() {
    let alias = "https://mtls.as.example/userinfo";
    let client = client_of(server().mtls_alias(Endpoint::Userinfo, alias).unwrap()).with_certificate();
    let played = play(request(&client), [Some(told(&json!({"sub": SUB})))]);
    assert_eq!(played.urls(), [alias]);
    let plain = "http://127.0.0.1:8080/userinfo";
    let server = server().admit(Quirk::LoopbackHttp).mtls_alias(Endpoint::Userinfo, plain).unwrap();
    let client = client_of(server).with_certificate();
    let refused = UserInfoRequest::about(&client, &alice(), &token(), TokenType::Bearer);
    assert_eq!(rule(refused), Rule::Ca6);
}

/// A flow ends once; an answer before its request is the program's mistake.
#[test]
fn a_question_is_asked_once() {
    let mut flow = request(&client());
    assert!(matches!(flow.step(Some(plain(200, "{}")), NOW), Err(Error::Misuse(_))));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    // Nor does one whose answer nobody verifies go on.
    let mut flow = UnverifiedUserInfoRequest::new(&client(), &token(), TokenType::Bearer).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
}

/// UI-13: each question is asked anew, of each token; nothing is kept between them.
#[test]
fn what_one_token_was_told_is_told_to_no_other() {
    let client = client();
    let ask =
        |name: &str| -> UserInfo { outcome(&client, told(&json!({"sub": SUB, "name": name}))).unwrap() };
    assert_eq!(ask("first").standard_claims().name(), Some("first"));
    assert_eq!(ask("second").standard_claims().name(), Some("second"));
}
