//! DP-8, DP-5 and RFC 9449 §10.1: a pushed request shows the key that its code will be bound to.

use std::sync::Arc;

use form_urlencoded::parse;
use valetkey_core::jose::{Algorithm, DeferredSigner, Signer as _};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, BrowserUrl, Client, Flow as _, PendingAuthorization, Step,
};
use valetkey_sandbox::{DEMO_USERS, Endpoint, Person};
use valetkey_tests::{NOW, entropy};

use super::world::{World, dpop, pair, signing};

fn request(client: &Client) -> AuthorizationRequest {
    AuthorizationRequest::new(client, "https://app.example/callback").unwrap()
}

/// The tokens that come of what was begun.
fn finish(
    world: &mut World,
    client: &Client,
    (url, mut pending): (BrowserUrl, PendingAuthorization),
) -> valetkey_core::TokenResponse {
    let (username, password) = DEMO_USERS[0];
    let arrival = world.sandbox.visit(url.as_str(), &Person::new(username, password), NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
    world.run(pending.finish(client, &response, NOW).unwrap()).unwrap()
}

/// The server's nonce is learned by the push, and the token request has it.
#[test]
fn a_push_is_proven_and_repeated_for_its_nonce() {
    let mut world = World::with_nonces();
    let client = world.web(&dpop(1));
    let begun = world.run(request(&client).push_unbound(entropy(3), NOW).unwrap()).unwrap();
    assert_eq!(world.statuses(Endpoint::PushedAuthorization), [400, 201]);
    let named =
        |body: &[u8]| parse(body).find(|(name, _)| name == "dpop_jkt").map(|(_, jkt)| jkt.into_owned());
    for (sent, proof) in world.sent.iter().zip(world.proofs()) {
        assert_eq!(named(sent.body()).as_deref(), Some(dpop(1).thumbprint()));
        assert_eq!(proof.claim("htu"), Some("https://as.example/oauth/par"));
        assert!(proof.is_by(1) && proof.claim("ath").is_none());
    }
    assert!(!begun.0.as_str().contains("dpop_jkt"), "the browser carries the request's name alone");
    let tokens = finish(&mut world, &client, begun);
    assert_eq!(tokens.token_type(), TokenType::Dpop);
    assert_eq!(world.statuses(Endpoint::Token), [200]);
}

/// A demand that helps nothing is told here too.
#[test]
fn a_push_is_repeated_once() {
    let client = World::new().web(&dpop(1));
    let mut push = request(&client).push_unbound(entropy(3), NOW).unwrap();
    let demand = |nonce: &str| {
        let mut answer = valetkey_tests::json(400, r#"{"error":"use_dpop_nonce"}"#);
        answer.headers_mut().insert("dpop-nonce", nonce.parse().unwrap());
        Some(answer)
    };
    assert!(matches!(push.step(None, NOW), Ok(Step::Send(_))));
    assert!(matches!(push.step(demand("n1"), NOW), Ok(Step::Send(_))));
    let error = push.step(demand("n2"), NOW).unwrap_err();
    assert_eq!(error.refused().and_then(|refused| refused.code()).unwrap().as_str(), "use_dpop_nonce");
    assert!(push.step(None, NOW).is_err());
}

/// A signed request, pushed, by a key that answers later: the object is signed once, and each proof on its own.
#[test]
fn a_signed_push_waits_for_each_signature() {
    let mut world = World::with_nonces();
    let signer = Arc::new(DeferredSigner::new(
        Algorithm::Es256,
        pair(1).public_key().cloned(),
        std::time::Duration::from_millis(50),
    ));
    let client = world.web(&signing(signer.clone()));
    let mut push = request(&client).signed(pair(7)).unwrap().push_unbound(entropy(3), NOW).unwrap();
    let (mut answer, mut objects) = (None, Vec::new());
    for _ in 0..2 {
        assert!(matches!(push.step(answer.take(), NOW), Ok(Step::Wait(_))));
        for message in signer.wanted() {
            signer.fulfil(&message, pair(1).sign(&message).map(|signed| signed.ready().unwrap()));
        }
        let Ok(Step::Send(sent)) = push.step(None, NOW) else { panic!("it is signed") };
        let object = parse(sent.body()).find(|(name, _)| name == "request").unwrap().1.into_owned();
        objects.push(object);
        answer = Some(world.answer(sent));
    }
    assert_eq!(objects[0], objects[1]);
    assert_eq!(world.proofs().iter().map(|proof| proof.nonce().is_some()).collect::<Vec<_>>(), [false, true]);
}
