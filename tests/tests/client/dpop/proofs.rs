//! DP-1: what the proofs say, wherever they are sent.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use valetkey_core::jose::Signer as _;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationServer, Client, DeviceAuthorizationRequest, DevicePoll, Grant, Session, TokenRequest,
};
use valetkey_tests::{NOW, get};

use super::world::{ME, TOKEN, World, dpop, pair, server};

/// At the server: type, public key alone, method and URL to the letter, time, and nothing about a token.
#[test]
fn a_token_request_proves_its_key() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    assert_eq!(world.tokens(&client).unwrap().thumbprint(), Some(dpop(1).thumbprint()));
    let [proof] = &world.proofs()[..] else { panic!("one request, one proof") };
    let public: serde_json::Value =
        serde_json::from_str(&pair(1).public_key().unwrap().required_members()).unwrap();
    let members: BTreeSet<&str> = public.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["crv", "kty", "x", "y"]));
    assert_eq!(proof.header, json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": public }));
    let jti = proof.claim("jti").unwrap();
    assert_eq!(proof.claims, json!({ "jti": jti, "htm": "POST", "htu": TOKEN, "iat": NOW.as_secs() }));
    assert!(proof.is_by(1) && !proof.is_by(2));
}

/// The endpoint's own query is no part of `htu`, and everything else of it is, as it is written.
#[test]
fn htu_is_the_url_without_its_query() {
    for (url, htu) in [
        ("https://as.example/token?tenant=7", "https://as.example/token"),
        ("https://AS.example:443/a%2fb/", "https://AS.example:443/a%2fb/"),
    ] {
        let server = AuthorizationServer::new().token_endpoint(url).unwrap();
        let client = Client::new(server, "c").dpop(dpop(1)).unwrap();
        let request = TokenRequest::new(&client, Grant::client_credentials());
        let mut world = World::new();
        let _ = world.run(request.unwrap());
        assert_eq!(world.proofs()[0].claim("htu"), Some(htu));
    }
}

/// At the API: the token's hash too, and the token under its own scheme.
#[test]
fn a_call_proves_its_key_and_names_its_token() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let mut session = world.session(&client);
    let call = session.call(get(&format!("{ME}?fields=name#part"))).unwrap();
    assert_eq!(world.run(call).unwrap().status(), 200);
    let [request] = &world.sent[..] else { panic!("one request") };
    let authorization = &request.headers()["authorization"];
    let token = authorization.to_str().unwrap().strip_prefix("DPoP ").unwrap();
    assert!(authorization.is_sensitive());
    let proof = &world.proofs()[0];
    assert_eq!(proof.claim("ath"), Some(&*URL_SAFE_NO_PAD.encode(Sha256::digest(token))));
    assert_eq!((proof.claim("htm"), proof.claim("htu")), (Some("GET"), Some(ME)));
}

/// A `jti` is never given twice, whoever of the key's users sends it.
#[test]
fn no_identifier_is_used_twice() {
    let mut world = World::with_nonces();
    let key = dpop(1);
    let (web, native) = (world.web(&key), World::native(&key));
    let mut sessions =
        [world.tokens(&web), world.tokens(&web)].map(|it| Session::from_tokens(&web, &it.unwrap()));
    for session in &mut sessions {
        for _ in 0..5 {
            assert_eq!(world.call(session).unwrap(), 200);
        }
    }
    let _ = world.tokens(&native);
    let proofs = world.proofs();
    let seen: BTreeSet<&str> = proofs.iter().map(|proof| proof.claim("jti").unwrap()).collect();
    assert_eq!((seen.len(), proofs.len() >= 14), (proofs.len(), true));
    assert!(seen.iter().all(|jti| jti.len() >= 16), "96 bits or more");
}

/// Whoever cannot take a proof is sent none: a proof is for the endpoints that issue what is bound.
#[test]
fn other_endpoints_are_sent_no_proof() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let tokens = world.tokens(&client).unwrap();
    world.forget();
    world.run(Introspection::new(&client, tokens.access_token()).unwrap()).unwrap();
    world.run(Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
    world.run(DeviceAuthorizationRequest::new(&World::native(&dpop(1))).unwrap()).unwrap();
    assert_eq!((world.sent.len(), world.proofs().len()), (3, 0));
}

/// A device's polls are token requests like any other.
#[test]
fn a_device_proves_its_key_when_it_polls() {
    let mut world = World::with_nonces();
    let client = World::native(&dpop(1));
    let device = world.run(DeviceAuthorizationRequest::new(&client).unwrap()).unwrap();
    assert!(world.sandbox.approve_device(device.user_code(), "alice"));
    let tokens = world.run(DevicePoll::new(&client, device).unwrap()).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Dpop);
    // The first poll was told the nonce, and sent again with it.
    assert_eq!(world.proofs().iter().map(|proof| proof.nonce().is_some()).collect::<Vec<_>>(), [false, true]);
}

/// A client without a key sends no proof and no `dpop_jkt`, and what is bound stays unknown to it.
#[test]
fn a_bearer_client_sends_none_of_it() {
    let mut world = World::new();
    let client = world.web_of(server());
    let mut session = world.session(&client);
    let credential = session.credential().unwrap();
    assert!(!credential.is_bound());
    assert_eq!(world.call(&mut session).unwrap(), 200);
    assert!(world.proofs().is_empty());
    let mut request = get(ME);
    credential.sign(&mut request, world.now).unwrap();
    assert!(!request.headers().contains_key("dpop"));
    let demand = http::Response::builder()
        .status(401)
        .header("www-authenticate", "DPoP error=\"use_dpop_nonce\"")
        .header("dpop-nonce", "n")
        .body(Vec::new())
        .unwrap();
    assert!(!credential.learn(&ME.parse().unwrap(), &demand));
}
