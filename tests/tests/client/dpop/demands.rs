//! DP-3 to DP-6 at the authorization server: `use_dpop_nonce`, answered once, with another proof.

use form_urlencoded::parse;
use http::Response as TransportError;
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Error, Grant, Response, Rule, TokenRequest,
};
use valetkey_sandbox::Person;
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{entropy, json};

use super::world::{World, dpop, server};

/// One retry, with a new proof that has the nonce; afterwards every first proof has it (DP-3: taken from the demand, from
/// successes, and from the answer to the retry).
#[test]
fn a_nonce_is_learned_once_and_kept() {
    let mut world = World::with_nonces();
    let client = world.web(&dpop(1));
    world.tokens(&client).unwrap();
    let proofs = world.proofs();
    let [first, second] = &proofs[..] else { panic!("one request and one retry") };
    assert_eq!((first.nonce(), second.nonce().is_some()), (None, true));
    assert_ne!(first.claim("jti"), second.claim("jti"));
    assert_eq!(world.sent[0].body(), world.sent[1].body(), "the request is the same but for its proof");

    // A minute later the nonce is another, which the answer told; the older one is still good.
    for _ in 0..3 {
        world.forget();
        world.pass(60);
        world.tokens(&client).unwrap();
        assert_eq!(world.sent.len(), 1, "newest wins");
    }
    // A nonce that is too old is asked for again.
    world.forget();
    world.pass(600);
    world.tokens(&client).unwrap();
    let nonces: Vec<_> = world.proofs().iter().map(|proof| proof.nonce().unwrap().to_owned()).collect();
    assert!(nonces.len() == 2 && nonces[0] != nonces[1], "{nonces:?}");
}

/// DP-5, DP-11: status 400 or 401, the same nonce or none, two or a malformed one, and a proof that is refused for good:
/// how often it is sent, and what is told.
#[test]
fn a_demand_that_helps_nothing_is_told() {
    let told = |world: &mut World, name: &str| {
        world.misbehave(name, true);
        let client = world.web(&dpop(1));
        let error = world.tokens(&client).unwrap_err();
        let code = error.refused().and_then(|refused| refused.code()).map(ToString::to_string);
        let sent = world.sent.len();
        // Whatever came of it, the next request is not sent a second time for what the first has learned.
        world.forget();
        world.tokens(&client).unwrap_err();
        assert_eq!(world.sent.len(), 1, "{name}");
        (sent, code, error.rule())
    };
    for (name, sent, code, rule) in [
        ("dpop-nonce-repeats", 2, Some("use_dpop_nonce"), None),
        ("dpop-nonce-401", 2, Some("use_dpop_nonce"), None),
        ("dpop-nonce-twice", 1, None, Some(Rule::Dp4)),
        ("dpop-nonce-malformed", 1, None, Some(Rule::Dp4)),
        // Not with another time, and not at all.
        ("dpop-proof-refused", 1, Some("invalid_dpop_proof"), None),
    ] {
        let expected = (sent, code.map(str::to_owned), rule);
        assert_eq!(told(&mut World::new(), name), expected, "{name}");
    }
}

fn demand(status: u16, nonces: &[&str]) -> Option<Response> {
    let mut demand = json(status, r#"{"error":"use_dpop_nonce"}"#);
    for nonce in nonces {
        demand.headers_mut().append("dpop-nonce", nonce.parse().unwrap());
    }
    Some(demand)
}

fn bound_client() -> Client {
    Client::new(server(), "c").dpop(dpop(1)).unwrap()
}

fn request() -> TokenRequest {
    TokenRequest::new(&bound_client(), Grant::client_credentials()).unwrap()
}

/// DP-4: a nonce has 1 KiB, and no byte more.
#[test]
fn a_nonce_has_a_length() {
    let success = || Some(json(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#));
    let told = |length: usize| play(request(), [demand(400, &[&"n".repeat(length)]), success()]);
    let longest = told(1024);
    assert_eq!((longest.sent.len(), longest.outcome.is_ok()), (2, true));
    let too_long = told(1025);
    assert_eq!((too_long.sent.len(), too_long.outcome.unwrap_err().rule()), (1, Some(Rule::Dp4)));
}

/// DP-5: exactly one retry, even where each demand brings another nonce, and none without a nonce, for another status,
/// or for whoever has no key.
#[test]
fn one_retry_and_no_more() {
    let success = || Some(json(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#));
    let played = play(request(), [demand(400, &["n1"]), success()]);
    assert_eq!(played.outcome.unwrap().token_type(), valetkey_core::token::TokenType::Dpop);
    let table = [
        vec![demand(400, &[])],
        vec![demand(403, &["n1"])],
        vec![demand(500, &["n1"])],
        vec![demand(400, &["n1"]), demand(400, &["n1"])],
        vec![demand(400, &["n1"]), demand(401, &["n2"])],
        vec![demand(400, &["n1"]), demand(400, &[])],
    ];
    for answers in table {
        let expected = answers.len();
        let played = play(request(), answers);
        assert_eq!(played.sent.len(), expected);
        assert!(matches!(played.outcome, Err(Error::Refused(_))));
    }
    let bearer = TokenRequest::new(&Client::new(server(), "c"), Grant::client_credentials()).unwrap();
    assert!(matches!(play(bearer, [demand(400, &["n1"])]).outcome, Err(Error::Refused(_))));
}

/// RFC 9449 §8 and §8.2, as they are printed there.
#[test]
fn the_rfcs_examples_are_understood() {
    let demand = http::Response::builder()
        .status(400)
        .header("dpop-nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v")
        .header("content-type", "application/json")
        .body(
            br#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce in DPoP proof"}"#
                .to_vec(),
        )
        .unwrap();
    let mut success = json(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#);
    success.headers_mut().insert("dpop-nonce", "eyJ7S_zG.eyJbYu3.xQmBj-1".parse().unwrap());
    let client = bound_client();
    let request = || TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let first = play(request(), [Some(demand), Some(success)]);
    let then = play(request(), [self::demand(403, &[])]);
    let nonces: Vec<_> = first
        .sent
        .iter()
        .chain(&then.sent)
        .map(|(_, sent)| super::world::Proof::of(sent).unwrap().nonce().map(str::to_owned))
        .collect();
    let printed =
        ["eyJ7S_zG.eyJH0-Z.HX4w-7v", "eyJ7S_zG.eyJbYu3.xQmBj-1"].map(|nonce| Some(nonce.to_owned()));
    assert_eq!(nonces, [None, printed[0].clone(), printed[1].clone()]);
}

/// DP-4: characters and length of a nonce; on a success a bad one is not learned, and costs no token.
#[test]
fn a_nonce_has_its_syntax() {
    let long = "n".repeat(1025);
    let bad = ["", "a b", "a\"b", "a\\b", "ü", &long];
    for nonce in bad {
        let mut answer = json(400, r#"{"error":"use_dpop_nonce"}"#);
        answer.headers_mut().append("dpop-nonce", http::HeaderValue::from_bytes(nonce.as_bytes()).unwrap());
        assert_eq!(play(request(), [Some(answer)]).rule(), Rule::Dp4, "{nonce:?}");
    }
    let client = bound_client();
    let request = || TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    for nonces in [&["good"][..], &["one", "two"], &["a\\b"]] {
        let mut answer = json(200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#);
        for nonce in nonces {
            answer.headers_mut().append("dpop-nonce", nonce.parse().unwrap());
        }
        play(request(), [Some(answer)]).outcome.unwrap();
    }
    let played = play(request(), [demand(400, &[])]);
    let proof = super::world::Proof::of(&played.sent[0].1).unwrap();
    assert_eq!(proof.nonce(), Some("good"));
}

/// DP-6, CA-4: what is repeated is a new request: its client assertion is a new one too, and so is its own `jti`.
#[test]
fn a_retry_has_a_fresh_client_assertion() {
    let client = Client::new(server(), "c")
        .assertion(key_pair(&AwsLc, Algorithm::Es256), entropy(5))
        .unwrap()
        .dpop(dpop(1))
        .unwrap();
    let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let played = play(flow, [demand(400, &["n1"]), demand(400, &["n1"])]);
    let assertions: Vec<String> = played
        .sent
        .iter()
        .map(|(_, sent)| {
            let found = parse(sent.body()).find(|(name, _)| name == "client_assertion");
            found.unwrap().1.into_owned()
        })
        .collect();
    assert_eq!(assertions.len(), 2);
    assert_ne!(assertions[0], assertions[1]);
}

/// DP-6, TR-18: a code goes again after a demand, which the server makes before it looks at the code; and not otherwise.
#[test]
fn a_code_is_sent_again_for_its_nonce_only() {
    let mut world = World::with_nonces();
    let client = world.web(&dpop(1));
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(3), world.now).unwrap();
    let (username, password) = valetkey_sandbox::DEMO_USERS[0];
    let arrival = world.sandbox.visit(url.as_str(), &Person::new(username, password), world.now).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
    let tokens = world.run(pending.finish(&client, &response, world.now).unwrap()).unwrap();
    assert_eq!(tokens.token_type(), valetkey_core::token::TokenType::Dpop);
    assert_eq!(world.sent.len(), 2);
    assert_eq!(world.sent[0].body(), world.sent[1].body());
}

/// ER-3: a server that echoes the proof does not get it into our errors.
#[test]
fn a_proof_that_is_echoed_is_hidden() {
    let client = bound_client();
    let mut flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let Ok(valetkey_core::Step::Send(request)) =
        valetkey_core::Flow::step(&mut flow, None, valetkey_tests::NOW)
    else {
        panic!("a request")
    };
    let proof = request.headers()["dpop"].to_str().unwrap();
    let body = format!(r#"{{"error":"invalid_dpop_proof","error_description":"bad: {proof}"}}"#);
    let answer: TransportError<Vec<u8>> = json(400, &body);
    let error = valetkey_core::Flow::step(&mut flow, Some(answer), valetkey_tests::NOW).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&proof[..24]));
}
