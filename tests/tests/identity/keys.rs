//! JK-2, JK-3: the keys of an ID token are fetched in the flow that needs them; a server may change them at any moment.

use std::sync::Arc;

use valetkey_core::jose::{Algorithm, JwkSet, JwtSigner, KeyPair, PrivateJwk, RustCrypto, Signer};
use valetkey_core::server::ServerKeys;
use valetkey_core::{Client, Discovery, Error, Quirk, Response, Rule, TokenResponse};
use valetkey_tests::openid::{begun, claims, publishing, tokens};
use valetkey_tests::{NOW, client_of, entropy, json};

/// A key of the provider.
fn key(seed: u8, name: Option<&str>) -> Arc<KeyPair> {
    let jwk = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, entropy(seed)).unwrap();
    let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &jwk).unwrap();
    Arc::new(name.map_or_else(|| key.clone(), |name| key.clone().with_key_id(name)))
}

fn published(keys: &[&Arc<KeyPair>]) -> Response {
    let set = JwkSet::of(keys.iter().filter_map(|key| key.public_key().cloned()));
    json(200, &serde_json::to_string(&set).unwrap())
}

fn client() -> Client {
    let server = publishing();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    client_of(server.keys(keys))
}

/// A login whose ID token this key signs; `answers` are those of the key set.
fn log_in(client: &Client, key: &Arc<KeyPair>, answers: Vec<Response>) -> Result<TokenResponse, Error> {
    let mut begun = begun(client, |request| request)?;
    let signer = JwtSigner::new(key.clone(), None);
    let mut claims = claims(Some(begun.nonce()));
    claims["iss"] = client.server().issuer_identifier().into();
    let jwt = signer.write(&claims)?.sign()?.ready()?;
    let answers = std::iter::once(tokens(jwt.expose())).chain(answers).collect();
    begun.finished(client, answers)
}

/// JK-2: one fetch for all logins of all clones of the client.
#[test]
fn keys_are_fetched_once() {
    let (client, key) = (client(), key(1, Some("a")));
    log_in(&client, &key, vec![published(&[&key])]).unwrap();
    log_in(&client.clone(), &key, Vec::new()).unwrap();
}

/// ID-29: two issuers have a key of one name, and each verifies by its own.
#[test]
fn keys_of_one_issuer_never_serve_another() {
    let ours = client();
    let theirs =
        client_of(
            ours.server().clone().issuer("https://other.example").unwrap().keys(
                ServerKeys::published(&publishing(), Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap(),
            ),
        );
    let (our_key, their_key) = (key(1, Some("a")), key(2, Some("a")));
    for (client, own, foreign) in [(&ours, &our_key, &their_key), (&theirs, &their_key, &our_key)] {
        log_in(client, own, vec![published(&[own])]).unwrap();
        let refused = log_in(client, foreign, vec![published(&[own])]).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Id8));
        log_in(client, own, Vec::new()).unwrap();
    }
}

/// JK-3: the OpenID Foundation's rotation modules: between two logins, and between discovery and the signature.
#[test]
fn new_keys_are_looked_for_at_once_and_not_in_a_storm() {
    let (client, old, new) = (client(), key(1, Some("a")), key(2, Some("b")));
    log_in(&client, &old, vec![published(&[&old])]).unwrap();
    log_in(&client, &new, vec![published(&[&old, &new])]).unwrap();
    let never = key(3, Some("c"));
    for _ in 0..10 {
        assert_eq!(log_in(&client, &never, Vec::new()).unwrap_err().rule(), Some(Rule::Jk2));
    }
    log_in(&client, &old, Vec::new()).unwrap();
}

/// JK-3: new key material under an old name, or without a name at all.
#[test]
fn a_signature_that_fails_is_tried_by_the_keys_of_now() {
    for name in [Some("a"), None] {
        let (client, old, new) = (client(), key(1, name), key(2, name));
        log_in(&client, &old, vec![published(&[&old])]).unwrap();
        log_in(&client, &new, vec![published(&[&new])]).unwrap();
        // Once a minute.
        assert_eq!(log_in(&client, &old, Vec::new()).unwrap_err().rule(), Some(Rule::Id8), "{name:?}");
    }
    // The forged signature of a key that has not changed costs a fetch, and gains nothing.
    let (client, held, forged) = (client(), key(1, Some("a")), key(2, Some("a")));
    log_in(&client, &held, vec![published(&[&held])]).unwrap();
    let refused = log_in(&client, &forged, vec![published(&[&held])]).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Id8));
    assert_eq!(log_in(&client, &forged, Vec::new()).unwrap_err().rule(), Some(Rule::Id8));
}

/// What was just fetched for this very token is not fetched again for it.
#[test]
fn a_token_causes_one_fetch_at_most() {
    let (one, other) = (key(1, Some("a")), key(2, Some("a")));
    assert_eq!(log_in(&client(), &other, vec![published(&[&one])]).unwrap_err().rule(), Some(Rule::Id8));
    let unknown = key(3, Some("z"));
    assert_eq!(log_in(&client(), &unknown, vec![published(&[&one])]).unwrap_err().rule(), Some(Rule::Jk2));
}

/// ID-6: without a name, one key fits or none.
#[test]
fn a_token_without_a_kid_has_one_key_that_fits() {
    let (first, second) = (key(1, None), key(2, None));
    log_in(&client(), &first, vec![published(&[&first])]).unwrap();
    let several = log_in(&client(), &first, vec![published(&[&first, &second])]).unwrap_err();
    assert_eq!(several.rule(), Some(Rule::Id6));
}

/// A server that refuses its keys is told as it is, and a login that could not be verified is none.
#[test]
fn keys_that_cannot_be_had_are_told() {
    let error = log_in(&client(), &key(1, Some("a")), vec![json(503, "{}")]).unwrap_err();
    assert_eq!(error.refused().unwrap().status().unwrap(), 503);
}

fn discovered(members: &str) -> valetkey_core::AuthorizationServer {
    let document = format!(
        r#"{{"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",
            "token_endpoint":"https://as.example/token","response_types_supported":["code"],
            "subject_types_supported":["public"]{members}}}"#
    );
    let discovery = Discovery::new("https://as.example").unwrap();
    discovery.parse(json(200, &document), NOW).unwrap().into_server()
}

/// ID-4, ID-8: a server that was discovered knows its keys, for what it lists or RS256.
#[test]
fn a_discovered_server_needs_nothing_more() {
    let jwks = r#","jwks_uri":"https://as.example/jwks""#;
    let key = key(1, Some("a"));
    let listing = format!(r#"{jwks},"id_token_signing_alg_values_supported":["RS256","ES256","none"]"#);
    let client = client_of(discovered(&listing));
    assert!(log_in(&client, &key, vec![published(&[&key])]).unwrap().login().is_some());
    // The clones share what was fetched.
    assert!(log_in(&client_of(client.server().clone()), &key, Vec::new()).is_ok());

    let silent = client_of(discovered(jwks).admit(Quirk::SparseLoginMetadata));
    assert_eq!(
        log_in(&silent, &key, Vec::new()).unwrap_err().rule(),
        Some(Rule::Id4),
        "RS256 is what it signs by"
    );
    let error = log_in(&client_of(discovered("")), &key, Vec::new()).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Di11));
    let none = format!(r#"{jwks},"id_token_signing_alg_values_supported":["HS256"]"#);
    assert_eq!(log_in(&client_of(discovered(&none)), &key, Vec::new()).unwrap_err().rule(), Some(Rule::Id8));
}

/// A login, as far as the request for the keys.
fn as_far_as_the_keys(client: &Client, key: &Arc<KeyPair>) -> valetkey_core::TokenRequest {
    use valetkey_core::{Flow as _, Step};
    let mut begun = begun(client, |request| request).unwrap();
    let jwt = JwtSigner::new(key.clone(), None).write(&claims(Some(begun.nonce()))).unwrap();
    let jwt = jwt.sign().unwrap().ready().unwrap();
    let back = format!("{}?code=c&state={}", valetkey_tests::openid::CALLBACK, begun.pending.state());
    let response = valetkey_core::AuthorizationResponse::from_url(&back).unwrap();
    let mut flow = begun.pending.finish(client, &response, NOW).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    let Ok(Step::Send(request)) = flow.step(Some(tokens(jwt.expose())), NOW) else { panic!("the keys") };
    assert_eq!(request.uri(), "https://as.example/jwks");
    flow
}

/// JK-2: who breaks off their own logins, again and again, keeps nobody else from logging in.
#[test]
fn a_login_that_is_broken_off_costs_nobody_theirs() {
    let (client, key) = (client(), key(1, Some("a")));
    for _ in 0..10 {
        drop(as_far_as_the_keys(&client, &key));
    }
    assert!(log_in(&client, &key, vec![published(&[&key])]).is_ok());
}

/// JK-1: clones share the keys that one of them fetched, and none of its relaxations.
#[test]
fn what_one_client_admits_is_not_admitted_for_those_who_share_its_keys() {
    let (strict, key, new) = (client(), key(1, Some("a")), key(2, Some("b")));
    let lax = client_of(strict.server().clone().admit(Quirk::AnyContentType));
    let as_text = |keys: &[&Arc<KeyPair>]| {
        let mut answer = published(keys);
        answer.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        answer
    };
    log_in(&lax, &key, vec![as_text(&[&key])]).unwrap();
    let refused = log_in(&strict, &new, vec![as_text(&[&key, &new])]).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Jk1));
    assert_eq!(refused.admitted_by(), Some(Quirk::AnyContentType));
}
