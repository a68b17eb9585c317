//! DP-7, DP-9, ST-1: the binding is remembered, and tokens are used with the key they are bound to, or not at all.

use serde_json::Value;
use valetkey_core::session::{RenewalAnswer, RenewalStep, SessionRecord};
use valetkey_core::store::{MemoryStore, Store, StoreKey, StoredBytes};
use valetkey_core::token::TokenType;
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Client, Error, Quirk, Rule, Session};
use valetkey_sandbox::{DEMO_USERS, Person};
use valetkey_tests::{entropy, get};

use super::world::{ME, World, dpop, rule, server};

/// What is stored of a session with the client's tokens.
fn stored(world: &mut World, client: &Client) -> Value {
    let session = world.session(client).in_store(alice(client)).unwrap();
    serde_json::to_value(session.record().unwrap()).unwrap()
}

fn alice(client: &Client) -> StoreKey {
    StoreKey::of_user(client, "alice")
}

fn read(record: &Value) -> SessionRecord {
    serde_json::from_value(record.clone()).unwrap()
}

/// The tokens of `native`, which has no secret.
fn native_session(world: &mut World, client: &Client) -> Session {
    let request = AuthorizationRequest::new(client, "http://127.0.0.1:49152/callback").unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(4), world.now).unwrap();
    let (username, password) = DEMO_USERS[0];
    let arrival = world.sandbox.visit(url.as_str(), &Person::new(username, password), world.now).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
    let tokens = world.run(pending.finish(client, &response, world.now).unwrap()).unwrap();
    world.forget();
    Session::from_tokens(client, &tokens)
}

#[test]
fn the_record_says_what_its_tokens_are_bound_to() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let record = stored(&mut world, &client);
    assert_eq!(record["version"], 2);
    assert_eq!((&record["token_type"], &record["dpop_jkt"]), (&"DPoP".into(), &dpop(1).thumbprint().into()));
    assert_eq!(read(&record).thumbprint(), Some(dpop(1).thumbprint()));

    let bearer = world.web_of(server());
    let record = stored(&mut world, &bearer);
    assert_eq!((record.get("token_type"), record.get("dpop_jkt")), (None, None));
}

/// A session that outlives the process needs its key: another one, or none, is refused before anything is sent.
#[test]
fn a_session_is_restored_with_its_own_key_only() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let record = stored(&mut world, &client);
    let mut session = Session::from_record(&world.web(&dpop(1)), read(&record)).unwrap();
    assert_eq!(world.call(&mut session).unwrap(), 200);

    for other in [world.web(&dpop(2)), world.web_of(server())] {
        assert_eq!(rule(&Session::from_record(&other, read(&record)).unwrap_err()), Some(Rule::Dp7));
        // Tokens that come with another key than the client's are never sent, nor is their refresh token.
        let tokens = world.tokens(&client).unwrap();
        world.forget();
        let mut session = Session::from_tokens(&other, &tokens);
        assert!(session.credential().is_none());
        world.call(&mut session).unwrap_err();
        let renewal = session.renewal().unwrap();
        assert_eq!(rule(&settled(&mut session, renewal).unwrap_err()), Some(Rule::Dp7));
        assert_eq!(world.sent.len(), 0);
    }
    let mut odd = record.clone();
    odd["token_type"] = "MAC".into();
    assert!(serde_json::from_value::<SessionRecord>(odd).is_err());
    // A bound token of no key is nobody's; what it was renewed with is tried.
    let mut keyless = record;
    keyless.as_object_mut().unwrap().remove("dpop_jkt");
    for client in [world.web(&dpop(1)), world.web_of(server())] {
        assert!(Session::from_record(&client, read(&keyless)).unwrap().credential().is_none());
    }
}

/// Runs a renewal that has nothing to send, over a store of its own.
fn settled(session: &mut Session, mut renewal: valetkey_core::session::Renewal) -> Result<(), Error> {
    let store = MemoryStore::new();
    let key = StoreKey::in_memory();
    let mut answer = None;
    loop {
        answer = match renewal.step(answer.take(), valetkey_tests::NOW).unwrap() {
            RenewalStep::Store(step) => {
                Some(RenewalAnswer::Store(step.on(&store, &key, valetkey_tests::NOW)))
            }
            RenewalStep::Done => return session.settle(renewal, valetkey_tests::NOW),
            RenewalStep::Wait(_) | RenewalStep::Send(_) => panic!("nothing is sent"),
        };
    }
}

/// ST-1: each key has its own place in a store; and where a program puts both in one, DP-7 is told.
#[test]
fn a_store_keeps_each_keys_tokens_apart() {
    let mut world = World::new();
    let (one, other, none) = (world.web(&dpop(1)), world.web(&dpop(2)), world.web_of(server()));
    let keys = [&one, &other, &none].map(alice);
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    assert_eq!(keys[0], alice(&none).thumbprint(dpop(1).thumbprint()));

    let record = stored(&mut world, &one);
    let store = MemoryStore::new();
    let bytes = StoredBytes::new(record.to_string().into_bytes());
    assert!(Store::replace(&store, &keys[0], None, Some(&bytes.into())).unwrap().is_done());
    let mut session = Session::from_store(&other).in_store(alice(&other)).unwrap();
    let mut renewal = session.renewal().unwrap();
    let mut answer = None;
    while let RenewalStep::Store(step) = renewal.step(answer.take(), world.now).unwrap() {
        answer = Some(RenewalAnswer::Store(step.on(&store, &keys[0], world.now)));
    }
    assert_eq!(rule(&session.settle(renewal, world.now).unwrap_err()), Some(Rule::Dp7));
}

/// DP-9: a renewal keeps the binding, and its token is used like the first.
#[test]
fn a_renewal_keeps_the_key() {
    for public in [false, true] {
        let mut world = World::with_nonces();
        let client = if public { World::native(&dpop(1)) } else { world.web(&dpop(1)) };
        let mut session = if public { native_session(&mut world, &client) } else { world.session(&client) };
        for _ in 0..3 {
            world.forget();
            world.pass(3600);
            assert_eq!(world.call(&mut session).unwrap(), 200, "public: {public}");
            assert!(world.counts().0 > 0, "it was renewed");
            assert!(world.proofs().iter().all(|proof| proof.is_by(1)));
            assert_eq!(session.record().unwrap().thumbprint(), Some(dpop(1).thumbprint()));
            assert!(session.credential().unwrap().is_bound());
        }
    }
}

/// DP-9: a public client's refresh token is bound to the key; one of a client that authenticates goes with the next key,
/// once the program says that the key was replaced.
#[test]
fn only_a_client_that_authenticates_replaces_its_key() {
    let mut world = World::new();
    let native = World::native(&dpop(1));
    let record = native_session(&mut world, &native).record().unwrap();
    let refused = record.clone().with_key_of(&World::native(&dpop(2))).unwrap_err();
    assert_eq!(rule(&refused), Some(Rule::Dp9));
    assert!(record.with_key_of(&World::native(&dpop(1))).is_ok(), "the key is the same");

    let client = world.web(&dpop(1));
    let record = world.session(&client).record().unwrap();
    let client = world.web(&dpop(2));
    let with_key_of = record.clone().with_key_of(&client).unwrap();
    let mut session = Session::from_record(&client, with_key_of).unwrap();
    assert!(session.credential().is_none(), "the access token is bound to the key that is gone");
    assert_eq!(world.call(&mut session).unwrap(), 200);
    assert!(world.proofs().iter().all(|proof| proof.is_by(2)));
    assert_eq!(session.record().unwrap().thumbprint(), Some(dpop(2).thumbprint()));

    let elsewhere = Client::new(server(), "another").dpop(dpop(2)).unwrap();
    assert_eq!(rule(&record.with_key_of(&elsewhere).unwrap_err()), Some(Rule::St1));
}

/// DP-7: a session from before the client had a key: its bearer token is not sent, its refresh token gets a bound one.
#[test]
fn a_bearer_session_becomes_a_bound_one() {
    let mut world = World::new();
    let bearer = world.web_of(server());
    let record = stored(&mut world, &bearer);
    let client = world.web(&dpop(1));
    let mut session = Session::from_record(&client, read(&record)).unwrap();
    assert!(session.credential().is_none());
    assert_eq!(world.call(&mut session).unwrap(), 200);
    assert_eq!(world.counts(), (1, 1));
    assert_eq!(session.record().unwrap().thumbprint(), Some(dpop(1).thumbprint()));
}

/// The same in a store: a bearer token that is still good is no reason not to renew.
#[test]
fn a_bearer_token_in_a_store_is_replaced() {
    let mut world = World::new();
    let bearer = world.web_of(server());
    let record = stored(&mut world, &bearer);
    let client = world.web(&dpop(1));
    let (store, key) = (MemoryStore::new(), alice(&client));
    let bytes = StoredBytes::new(record.to_string().into_bytes());
    assert!(Store::replace(&store, &key, None, Some(&bytes.into())).unwrap().is_done());
    let mut session = Session::from_store(&client).in_store(key.clone()).unwrap();
    let mut renewal = session.renewal().unwrap();
    let mut answer = None;
    loop {
        answer = Some(match renewal.step(answer.take(), world.now).unwrap() {
            RenewalStep::Store(step) => RenewalAnswer::Store(step.on(&store, &key, world.now)),
            RenewalStep::Send(request) => RenewalAnswer::Response(world.answer(request)),
            RenewalStep::Wait(_) => panic!("nobody else renews"),
            RenewalStep::Done => break,
        });
    }
    session.settle(renewal, world.now).unwrap();
    assert_eq!(world.counts(), (1, 0));
    assert!(session.credential().unwrap().is_bound());
}

/// DP-7: under the quirk a bearer token is used as one, and the key still goes with the refresh token.
#[test]
fn a_downgrade_that_is_allowed_is_a_bearer_token() {
    let mut world = World::new();
    let lenient = |world: &World, key| {
        let client = world.web_of(server().admit(Quirk::BearerForDpop));
        client.dpop(dpop(key)).unwrap()
    };
    // What the sandbox issues is bound all the same, so that no API is asked here.
    world.misbehave("token-type-downgraded", true);
    let client = lenient(&world, 1);
    let tokens = world.tokens(&client).unwrap();
    assert_eq!((tokens.token_type(), tokens.thumbprint()), (TokenType::Bearer, Some(dpop(1).thumbprint())));
    let session = Session::from_tokens(&client, &tokens);
    assert!(!session.credential().unwrap().is_bound());
    let mut request = get(ME);
    session.credential().unwrap().sign(&mut request, world.now).unwrap();
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Bearer "));
    let record = session.record().unwrap();
    assert_eq!(record.thumbprint(), Some(dpop(1).thumbprint()));
    assert!(Session::from_record(&lenient(&world, 1), record.clone()).unwrap().credential().is_some());
    assert_eq!(rule(&Session::from_record(&lenient(&world, 2), record).unwrap_err()), Some(Rule::Dp7));
}
