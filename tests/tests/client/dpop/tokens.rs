//! TR-7, DP-2, DP-7, DP-8: which tokens are taken for bound, and with which key.

use serde_json::json;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, BrowserUrl, Client, Discovery, Grant, PendingAuthorization,
    Quirk, Rule, TokenRequest,
};
use valetkey_sandbox::{DEMO_USERS, Person};
use valetkey_tests::script::play;
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, entropy};

use super::world::{ISSUER, World, dpop, rule, server};

/// DP-2: an algorithm that the server does not list is refused before anything is sent.
#[test]
fn the_server_lists_the_keys_algorithm() {
    let listing = |algorithms: &[&str]| {
        let server = server().list("dpop_signing_alg_values_supported", algorithms.iter().copied());
        Client::new(server, "c").dpop(dpop(1))
    };
    for unsupported in [&["XS999"][..], &["ES384", "EdDSA"], &["es256"], &[]] {
        assert_eq!(rule(&listing(unsupported).unwrap_err()), Some(Rule::Dp2), "{unsupported:?}");
    }
    assert_eq!(listing(&["EdDSA", "ES256"]).unwrap().bound_to().unwrap().thumbprint(), dpop(1).thumbprint());
}

/// DP-2: the same by the server's own metadata.
#[test]
fn the_metadata_list_the_keys_algorithm() {
    let mut world = World::new();
    let listed = world.run(Discovery::new(ISSUER).unwrap()).unwrap();
    assert!(Client::new(listed.into_server(), "c").dpop(dpop(1)).is_ok());
    world.misbehave("dpop-algorithms-unknown", true);
    let unknown = world.run(Discovery::new(ISSUER).unwrap()).unwrap();
    assert_eq!(rule(&Client::new(unknown.into_server(), "c").dpop(dpop(1)).unwrap_err()), Some(Rule::Dp2));
}

/// TR-7, DP-7: the type is DPoP, in any case; a bearer token is refused, but where the server is allowed it by name.
#[test]
fn a_bearer_token_is_no_bound_one() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    world.misbehave("token-type-odd-case", false);
    let tokens = world.tokens(&client).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Dpop);
    assert!(tokens.checks().contains(Rule::Tr7) && !tokens.checks().contains(Rule::Tr8));

    world.misbehave("token-type-downgraded", true);
    assert_eq!(rule(&world.tokens(&client).unwrap_err()), Some(Rule::Tr7));
    let lenient = world.web_of(server().admit(Quirk::BearerForDpop)).dpop(dpop(1)).unwrap();
    let tokens = world.tokens(&lenient).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert!(tokens.quirks().contains(Quirk::BearerForDpop) && !tokens.checks().contains(Rule::Tr7));
}

/// TR-7, TR-8: each type against each wish.
#[test]
fn the_type_is_the_one_that_was_asked_for() {
    let outcome = |bound: bool, quirks: &[Quirk], token_type: Option<&str>| {
        let server = quirks.iter().fold(server(), |server, quirk| server.admit(*quirk));
        let client = Client::new(server, "c");
        let client = if bound { client.dpop(dpop(1)).unwrap() } else { client };
        let mut body = json!({ "access_token": "a", "expires_in": 60 });
        if let Some(token_type) = token_type {
            body["token_type"] = token_type.into();
        }
        let request = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        let played = play(request, [Some(valetkey_tests::json(200, &body.to_string()))]);
        played.outcome.map(|tokens| tokens.token_type()).map_err(|error| error.rule())
    };
    let (none, untyped) = (&[][..], &[Quirk::NoTokenType][..]);
    let both = &[Quirk::NoTokenType, Quirk::BearerForDpop][..];
    for (bound, quirks, token_type, expected) in [
        (true, none, Some("dpop"), Ok(TokenType::Dpop)),
        (true, none, Some("DPOP"), Ok(TokenType::Dpop)),
        (true, none, Some("Bearer"), Err(Some(Rule::Tr7))),
        (true, none, Some("mac"), Err(Some(Rule::Tr6))),
        (true, none, Some("N_A"), Err(Some(Rule::Tr6))),
        (true, none, None, Err(Some(Rule::Tr6))),
        (true, untyped, None, Err(Some(Rule::Tr7))),
        (true, both, None, Ok(TokenType::Bearer)),
        (false, none, Some("DPoP"), Err(Some(Rule::Tr8))),
        (false, both, Some("DPoP"), Err(Some(Rule::Tr8))),
    ] {
        assert_eq!(outcome(bound, quirks, token_type), expected, "{bound} {quirks:?} {token_type:?}");
    }
}

/// TR-7: nothing binds the token of an implicit request, so a client with a key does not make one.
#[test]
#[expect(deprecated, reason = "the deprecated request is what is refused")]
fn an_implicit_request_is_refused() {
    let client = Client::new(server(), "c").dpop(dpop(1)).unwrap();
    let refused =
        valetkey_core::authorize::ImplicitRequest::new(&client, "https://app.example/callback").unwrap_err();
    assert_eq!(rule(&refused), Some(Rule::Tr7));
}

fn visited(world: &mut World, url: &BrowserUrl) -> AuthorizationResponse {
    let (username, password) = DEMO_USERS[0];
    let arrival = world.sandbox.visit(url.as_str(), &Person::new(username, password), world.now).unwrap();
    AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap()
}

/// DP-8: the request names the key, the code is bound to it, and another key does not redeem it.
#[test]
fn a_code_is_redeemed_with_the_key_that_its_request_named() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (url, pending) = request.begin_unbound(entropy(3), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1;
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "dpop_jkt").unwrap().1;
    assert_eq!(named, dpop(1).thumbprint());

    // Away from home, and back in another process.
    let stored = serde_json::to_string(&pending).unwrap();
    let restored = || taken_out::<PendingAuthorization>(&stored);
    let response = visited(&mut world, &url);
    for other in [world.web(&dpop(2)), world.web_of(server())] {
        let mut pending = restored();
        let refused = pending.finish(&other, &response, NOW).map(drop).unwrap_err();
        assert_eq!(rule(&refused), Some(Rule::Dp8));
        assert!(!pending.is_spent(), "the right key may still come");
    }
    let same_key = world.web(&dpop(1));
    let tokens = world.run(restored().finish(&same_key, &response, NOW).unwrap()).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Dpop);

    let own = request.parameter("dpop_jkt", dpop(2).thumbprint()).unwrap_err();
    assert_eq!(rule(&own), Some(Rule::Aq6), "nobody else names the key");
}

/// A request from before the client had a key names none, and its code is good.
#[test]
fn a_key_may_come_while_a_person_is_away() {
    let mut world = World::new();
    let client = world.web_of(server());
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(3), NOW).unwrap();
    assert!(!url.as_str().contains("dpop_jkt"));
    let response = visited(&mut world, &url);
    let client = client.dpop(dpop(1)).unwrap();
    let tokens = world.run(pending.finish(&client, &response, NOW).unwrap()).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Dpop);
}
