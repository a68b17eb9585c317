//! What comes back to a client that is held to a profile is held to it too.

use serde_json::{Value, json};
use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::client::SecurityProfile;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::openid::UnverifiedUserInfoRequest;
use valetkey_core::status::Introspection;
use valetkey_core::terms::IdToken;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Error, Flow, Grant, PendingAuthorization, Quirk,
    Quirks, Response, Rule, Session, Step, TokenRequest,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::{NOW, entropy, json as answer};

use super::good::{CALLBACK, ISSUER, bound, discovered, good, server, token, with_key};

const FAPI_2: SecurityProfile = SecurityProfile::Fapi2;
const SIGNING: SecurityProfile = SecurityProfile::Fapi2MessageSigning;
const FAPI_1: SecurityProfile = SecurityProfile::Fapi1Advanced;

/// Carries a flow out, of which each request gets this answer.
fn run<F: Flow>(mut flow: F, answered: &Response) -> Result<F::Output, Error> {
    let mut response = None;
    for _ in 0..5 {
        match flow.step(response.take(), NOW)? {
            Step::Send(_) => response = Some(answered.clone()),
            Step::Done(output) => return Ok(output),
            Step::Wait(_) => panic!("nothing to wait for"),
        }
    }
    panic!("the conversation does not end");
}

/// An authorization that this client has begun.
fn begun(client: &Client) -> PendingAuthorization {
    let request = AuthorizationRequest::new(client, CALLBACK).unwrap().scope("accounts").unwrap();
    let pushed = answer(201, r#"{"request_uri":"urn:example:bwc4JK","expires_in":60}"#);
    run(request.start_unbound(entropy(4), NOW).unwrap(), &pushed).unwrap().1
}

/// A response to it with these parameters beside its state.
fn response(pending: &PendingAuthorization, parameters: &[(&str, &str)]) -> AuthorizationResponse {
    let pairs = parameters.iter().copied().chain([("state", pending.state())]);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    AuthorizationResponse::from_url(&format!("{CALLBACK}?{query}")).unwrap()
}

/// A JWT of this type and these claims, by this algorithm.
fn jwt(algorithm: Algorithm, typ: Option<&str>, claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, algorithm), typ);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

/// The clause that a refused answer names, with the rule of it.
fn refused<T>(outcome: Result<T, Error>) -> String {
    let error = match outcome {
        Ok(_) => panic!("it was taken"),
        Err(error @ Error::Malformed(_)) => error,
        Err(error) => panic!("no answer is at fault: {error}"),
    };
    let text = error.to_string();
    let clause = text.split_once("FAPI ").unwrap_or_else(|| panic!("no clause in: {text}")).1;
    let (clause, _) = clause.split_once(": ").unwrap_or_else(|| panic!("no clause in: {text}"));
    format!("{} FAPI {clause}", error.rule().unwrap().id())
}

/// FA-1: the metadata of this server do not advertise `iss`; an error is held to it as well.
#[test]
fn a_response_without_its_issuer_is_refused() {
    let client = good(FAPI_2);
    for parameters in [&[("code", "SplxlOBeZQQYbYS6WxSbIA")][..], &[("error", "access_denied")][..]] {
        let mut pending = begun(&client);
        let response = response(&pending, parameters);
        assert_eq!(
            refused(pending.finish(&client, &response, NOW)),
            "FA-1 FAPI 2.0 Security Profile §5.3.3.2 (4)"
        );
        assert!(!pending.is_spent());
    }
    let mut pending = begun(&client);
    let from_it = response(&pending, &[("code", "SplxlOBeZQQYbYS6WxSbIA"), ("iss", ISSUER)]);
    pending.finish(&client, &from_it, NOW).unwrap();
    // Without the profile, what was not advertised need not come.
    let client = bound(FAPI_2, with_key(server()));
    let mut pending = begun(&client);
    let without = response(&pending, &[("code", "SplxlOBeZQQYbYS6WxSbIA")]);
    pending.finish(&client, &without, NOW).unwrap();
}

/// FA-2, FA-4, AR-2: a response in plain parameters.
#[test]
fn a_response_that_is_not_signed_is_refused() {
    for profile in [SIGNING, FAPI_1] {
        let client = good(profile);
        let mut pending = begun(&client);
        let plain = response(&pending, &[("code", "SplxlOBeZQQYbYS6WxSbIA"), ("iss", ISSUER)]);
        assert_eq!(pending.open(&client, &plain).unwrap_err().rule(), Some(Rule::Ar2));
        assert_eq!(pending.finish(&client, &plain, NOW).unwrap_err().rule(), Some(Rule::Ar2));
    }
}

/// FA-1, FA-4: a signed response, an ID token, a signed introspection, signed UserInfo.
#[test]
fn a_jwt_by_another_algorithm_is_refused() {
    for (profile, algorithm, expected) in [
        (SIGNING, Algorithm::Rs256, "FA-1 FAPI 2.0 Security Profile §5.4.1 (1)"),
        (FAPI_1, Algorithm::Rs256, "FA-4 FAPI 1.0 Advanced §8.6 (1)"),
        (FAPI_1, Algorithm::EdDsa, "FA-4 FAPI 1.0 Advanced §8.6 (1)"),
    ] {
        let keys = verification_keys(&RustCrypto, algorithm);
        let client = bound(profile, with_key(server().keys(keys))).security_profile(profile);
        let pending = begun(&client);
        let claims = json!({ "iss": ISSUER, "aud": "s6BhdRkqt3", "exp": NOW.as_secs() + 60, "code": "c", "state": pending.state() });
        let text = jwt(algorithm, None, &claims);
        let signed = AuthorizationResponse::from_url(&format!("{CALLBACK}?response={text}")).unwrap();
        assert_eq!(refused(pending.open(&client, &signed)), expected, "a signed response");
        let id_token = IdToken::new(text.clone()).unwrap();
        assert_eq!(refused(IdTokenVerification::new(&client, &id_token)), expected, "an ID token");
        let told = http::Response::builder().header("content-type", "application/token-introspection+jwt");
        let told = told.body(text.into_bytes()).unwrap();
        let introspection = Introspection::new(&client, &token()).unwrap();
        let introspection = if profile == FAPI_1 { introspection.signed().unwrap() } else { introspection };
        assert_eq!(refused(run(introspection, &told)), expected, "an introspection");
    }
    // One that an algorithm of the profile signs is looked at further.
    let text = jwt(Algorithm::Es256, None, &json!({ "iss": ISSUER }));
    let client = good(FAPI_2);
    IdTokenVerification::new(&client, &IdToken::new(text).unwrap()).unwrap();
    let none = IdToken::new("eyJhbGciOiJub25lIn0.e30.").unwrap();
    assert_eq!(
        refused(IdTokenVerification::new(&client, &none)),
        "FA-1 FAPI 2.0 Security Profile §5.4.1 (1)"
    );
}

/// FA-2, IN-2: message signing asks for a signed introspection by itself, and takes no other.
#[test]
fn an_introspection_that_is_not_signed_is_refused() {
    let plain = answer(200, r#"{"active":true}"#);
    let mut introspection = Introspection::new(&good(SIGNING), &token()).unwrap();
    let Step::Send(request) = introspection.step(None, NOW).unwrap() else { panic!("it asks") };
    assert_eq!(request.headers()["accept"], "application/token-introspection+jwt");
    let outcome = introspection.step(Some(plain.clone()), NOW);
    assert_eq!(outcome.unwrap_err().rule(), Some(Rule::In2));
    // The Security Profile asks for none.
    run(Introspection::new(&good(FAPI_2), &token()).unwrap(), &plain).unwrap();
}

/// FA-1, TR-7: no bearer token is taken in the place of a bound one, nor used.
#[test]
fn a_bearer_token_is_refused() {
    let bearer = answer(200, r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#);
    let client = good(FAPI_2);
    let request = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    assert_eq!(run(request, &bearer).unwrap_err().rule(), Some(Rule::Tr7));
    assert_eq!(
        clause_of_bearer(UnverifiedUserInfoRequest::new(&client, &token(), TokenType::Bearer)),
        "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (1)"
    );
    // A certificate binds tokens of this type.
    let client = with_key(server()).with_certificate().security_profile(FAPI_2);
    run(TokenRequest::new(&client, Grant::client_credentials()).unwrap(), &bearer).unwrap();
    UnverifiedUserInfoRequest::new(&client, &token(), TokenType::Bearer).unwrap();
}

fn clause_of_bearer<T>(outcome: Result<T, Error>) -> String {
    let Err(error) = outcome else { panic!("it was taken") };
    let text = error.to_string();
    let said = text.strip_prefix("misuse: ").unwrap();
    format!("{} {}", error.rule().unwrap().id(), said.split_once(": ").unwrap().0)
}

/// FA-1: a session of a client that breaks its profile has nothing to call an API with.
#[test]
fn a_session_of_a_client_that_breaks_its_profile_signs_nothing() {
    let bearer = answer(200, r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#);
    let client = with_key(server()).with_certificate();
    let tokens = run(TokenRequest::new(&client, Grant::client_credentials()).unwrap(), &bearer).unwrap();
    let record = || Session::from_tokens(&client, &tokens).record().unwrap();
    let kept = client.clone().security_profile(FAPI_2);
    assert!(Session::from_record(&kept, record()).unwrap().credential().is_some());
    let broken = with_key(discovered(Quirks::STRICT.with(Quirk::LoopbackHttp))).with_certificate();
    let broken = broken.security_profile(FAPI_2);
    assert!(Session::from_record(&broken, record()).unwrap().credential().is_none());
}

/// FA-1, FA-2, FA-4: what a client of one profile asked for is not finished by one of another, out of a store either.
#[test]
fn an_authorization_is_finished_in_the_profile_that_it_was_begun_in() {
    let plain = || bound(FAPI_2, with_key(server()));
    let certified = || with_key(server()).with_certificate();
    for (begin, finish, expected) in [
        (plain(), plain().security_profile(FAPI_2), Rule::Fa1),
        (plain().security_profile(FAPI_2), plain(), Rule::Fa1),
        (plain(), plain().security_profile(SIGNING), Rule::Fa2),
        (plain().security_profile(FAPI_2), plain().security_profile(SIGNING), Rule::Fa2),
        (certified(), certified().security_profile(FAPI_1), Rule::Fa4),
        (certified().security_profile(FAPI_1), certified(), Rule::Fa4),
    ] {
        let stored = serde_json::to_string(&begun(&begin)).unwrap();
        let stored: StoredAuthorization = serde_json::from_str(&stored).unwrap();
        let mut pending = stored.taken_out(true).unwrap();
        let response = response(&pending, &[("code", "SplxlOBeZQQYbYS6WxSbIA"), ("iss", ISSUER)]);
        let error = pending.finish(&finish, &response, NOW).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)), "{error}");
        assert_eq!(error.rule(), Some(expected), "{error}");
        assert_eq!(pending.open(&finish, &response).unwrap_err().rule(), Some(expected));
    }
}
