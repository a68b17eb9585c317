//! A value's `Debug` says what it is: one that shows nothing at all would pass every test of what it must not show.

use std::fmt::Debug;
use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use valetkey_core::authorize::receiver::Receiver;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::{Algorithm, DeferredSigner, JwkSet, PublicKey, RustCrypto, Signer as _};
use valetkey_core::session::{Call, SharedSession};

use valetkey_core::client::SecurityProfile;
use valetkey_core::error::{Challenge, Refused};
use valetkey_core::store::StoreError;
use valetkey_core::terms::{Access, IdToken};
use valetkey_core::token::{JwtAssertion, JwtAssertions, SamlAssertion, TokenExchange};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Dpop, Error, Flow as _,
    Grant, Quirk, Quirks, Scope, Session, Step, Subject, TokenRequest, TokenResponse,
};
use valetkey_tests::jose::{key_pair, private_jwk, verification_keys};
use valetkey_tests::openid::{self, claims, id_token};
use valetkey_tests::{NOW, client, entropy, get, json};

fn shows(value: &dyn Debug, text: &str) {
    let shown = format!("{value:?}");
    assert!(shown.contains(text), "{shown} says nothing of {text}");
}

fn tokens() -> TokenResponse {
    let body = r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r"}"#;
    TokenResponse::parse(json(200, body), NOW, &AuthorizationServer::new()).unwrap()
}

#[test]
fn what_begins_a_login_says_what_it_is() {
    let (url, pending) = AuthorizationRequest::new(&client(), "http://127.0.0.1:1/")
        .unwrap()
        .begin_unbound(entropy(1), NOW)
        .unwrap();
    shows(&url, "https://");
    shows(&pending, "PendingAuthorization");
    shows(&Receiver::new(&pending, NOW.after(Duration::from_secs(60))).unwrap(), "Receiver");
    let stored = serde_json::to_string(&pending).unwrap();
    let stored: valetkey_core::authorize::StoredAuthorization = serde_json::from_str(&stored).unwrap();
    shows(&stored, "StoredAuthorization");
    let response = AuthorizationResponse::from_url("http://127.0.0.1:1/?code=c&state=s").unwrap();
    shows(&response, "AuthorizationResponse");
    let mut opening = pending.open(&client(), &response).unwrap();
    shows(&opening, "SignedResponse");
    // It is not signed, so that nothing was asked that could be answered.
    assert!(matches!(opening.step(Some(json(200, "{}")), NOW), Err(Error::Misuse(_))));
    assert!(matches!(opening.step(None, NOW), Ok(Step::Done(_))));
}

#[test]
fn a_grant_and_its_request_say_what_they_are() {
    let grant = Grant::client_credentials();
    shows(&grant, "Grant");
    shows(&TokenRequest::new(&client(), grant).unwrap(), "TokenRequest");
    shows(&tokens(), "TokenResponse");
    shows(&JwtAssertion::new("a.b.c").unwrap(), "JwtAssertion");
    shows(&SamlAssertion::new("<saml/>").unwrap(), "SamlAssertion");
    shows(&TokenExchange::of(&AccessToken::new("a").unwrap()), "TokenExchange");
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let assertions = JwtAssertions::new(key, entropy(3), "i", "s", "https://as.example");
    shows(&assertions, "JwtAssertions");
}

#[test]
fn a_key_says_what_it_is() {
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    shows(&key, "KeyPair");
    shows(&private_jwk(Algorithm::Es256), "PrivateJwk");
    let public = key.public_key().cloned();
    let set = JwkSet::of(public.clone());
    shows(&set, "JwkSet");
    shows(&public.unwrap(), "Jwk");
    shows(&verification_keys(&RustCrypto, Algorithm::Es256), "VerificationKeys");
    let deferred = DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_secs(1));
    shows(&deferred, "DeferredSigner");
    shows(&PublicKey::Ed25519 { x: [1; 32] }, "Ed25519");
}

#[test]
fn a_refusal_says_what_the_server_said() {
    let body =
        r#"{"error":"invalid_grant","error_description":"It is old.","error_uri":"https://as.example/help"}"#;
    let mut answer = json(401, body);
    answer.headers_mut().insert("www-authenticate", "Basic realm=\"a\"".parse().unwrap());
    answer.headers_mut().insert("retry-after", "7".parse().unwrap());
    let refused = Refused::parse(&answer, NOW).unwrap();
    for text in [
        "Refused {",
        "status: Some(401)",
        "invalid_grant",
        "It is old.",
        "https://as.example/help",
        "7s",
        "[\"Basic\"]",
    ] {
        shows(&refused, text);
    }
    shows(refused.code().unwrap(), "ErrorCode(\"invalid_grant\")");
    shows(&refused.challenges()[0], "Challenge { scheme: \"Basic\", parameters: [\"realm\"]");
    let plain = Refused::parse(&json(503, "<h1>Back soon</h1>"), NOW).unwrap();
    shows(&plain, "excerpt: Some(\"<h1>Back soon</h1>\")");
}

#[test]
fn words_and_sets_of_them_say_which() {
    assert_eq!(format!("{:?}", entropy(1)), "Entropy(<secret>)");
    assert_eq!(format!("{:?}", AccessToken::new("a").unwrap()), "<secret>");
    assert_eq!(format!("{:?}", Quirks::default().with(Quirk::LoopbackHttp)), "{\"loopback-http\"}");
    assert_eq!(format!("{:?}", StoreError::new("the disk is broken")), "StoreError(the disk is broken)");
    let waits: Step<()> = Step::Wait(Duration::from_secs(2));
    assert_eq!(format!("{waits:?} {:?}", Step::Done(())), "Wait(2s) Done(..)");
    let sent: Step<()> = Step::Send(get("https://as.example:8443/a?secret"));
    assert_eq!(format!("{sent:?}"), "Send(GET https://as.example/a)");
    shows(&Scope::new(["a", "b"]).unwrap(), "Scope(\"a b\")");
    // The beginning of what is long.
    let long = Scope::new(["a".repeat(100)]).unwrap();
    assert_eq!(format!("{long:?}"), format!("Scope(\"{}\u{2026}\" (100 bytes))", "a".repeat(64)));
    let access = Access::new().scope("a").unwrap().resource("https://api.example").unwrap();
    for text in ["Access {", "Scope(\"a\")", "https://api.example"] {
        shows(&access, text);
    }
    shows(&client(), "Client { id: \"s6BhdRkqt3\"");
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let dpop = Dpop::of(key, entropy(2)).unwrap();
    shows(&dpop, &format!("Dpop {{ thumbprint: {:?}", dpop.thumbprint()));
}

/// Three of a list are shown, and of more than that how many there are.
#[test]
fn of_a_list_the_beginning_is_shown() {
    for (value, more) in [("Bearer a=1, b=2, c=3", ""), ("Bearer a=1, b=2, c=3, d=4", ", … (4 in all)")] {
        let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_static(value))]);
        let challenge = Challenge::parse(&headers).unwrap().remove(0);
        shows(&challenge, &format!("parameters: [\"a\", \"b\", \"c\"{more}]"));
    }
}

/// A name is its own alone, and is found by its text.
#[test]
fn a_name_is_compared_to_the_letter() {
    for profile in SecurityProfile::ALL {
        assert_eq!(SecurityProfile::from_name(profile.name()), Some(*profile));
        assert_eq!(SecurityProfile::from_name(&profile.name().to_uppercase()), None);
    }
    let refusal = r#"{"error":"invalid_grant"}"#;
    let error = TokenResponse::parse(json(400, refusal), NOW, &AuthorizationServer::new()).unwrap_err();
    let code = error.refused().and_then(Refused::code).unwrap();
    assert!(*code == *"invalid_grant" && *code != *"invalid_request" && *code == "invalid_grant");
}

#[test]
fn a_token_that_is_read_says_what_it_is() {
    let token = IdToken::new(id_token(Algorithm::Es256, &claims(None))).unwrap();
    shows(&IdTokenVerification::new(&openid::client(), &token).unwrap(), "IdTokenVerification");
}

#[test]
fn a_session_and_what_it_does_say_what_they_are() {
    let client = client();
    let session = Session::from_tokens(&client, &tokens());
    shows(&session, "Session");
    shows(&session.record().unwrap(), "SessionRecord");
    shows(&session.credential().unwrap(), "Credential");
    let shared = SharedSession::new(session);
    shows(&shared, "SharedSession");
    shows(&shared.end().unwrap(), "SessionEnd");
    let permanent = AccessToken::new("p").unwrap();
    let mut session = Session::from_permanent_token("https://api.example", permanent, Subject::User).unwrap();
    let request = get("https://api.example/me");
    shows(&Call::new(session.shared(), &request).unwrap(), "Call");
    shows(&session.call(request).unwrap(), "SessionCall");
}
