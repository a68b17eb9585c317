//! When a session renews: margins, short lifetimes, clocks that jump.

use std::time::Duration;

use valetkey_core::session::Margin;
use valetkey_core::{Grant, RefreshToken, Session, UnixTime};
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client};

fn world() -> World {
    World::of(Session::from_grant(&client(), Grant::client_credentials()))
}

/// A world whose first token lives so long.
fn with_lifetime(margin: Margin, lifetime: u64) -> World {
    let session = Session::from_grant(&client(), Grant::client_credentials()).with_margin(margin);
    let mut world = World::of(session);
    world.grants("a1", lifetime);
    world.calls(1);
    assert_eq!(world.sent().len(), 2);
    world
}

fn renewed(world: &mut World) -> bool {
    world.sent().iter().any(|line| line.starts_with("renew"))
}

/// A margin is a fixed time, or a part of the lifetime where that is less: a token of 600 seconds, Space's, is not
/// renewed on every call, nor is one that lives shorter than the margin.
#[test]
fn a_short_token_is_not_renewed_on_every_call() {
    for (margin, lifetime) in [(60, 600), (60, 60), (60, 30), (3600, 600), (60, 5), (5, 600)] {
        let mut world = with_lifetime(Margin::of(Duration::from_secs(margin)), lifetime);
        world.calls(100);
        assert_eq!(world.sent().len(), 100, "margin {margin}, lifetime {lifetime}");
        // More than half of its lifetime it is used without a thought.
        world.pass(lifetime / 2);
        world.calls(1);
        assert_eq!(world.sent(), ["call a1"], "margin {margin}, lifetime {lifetime}");
    }
}

#[test]
fn a_token_is_renewed_before_it_expires() {
    for lifetime in [600, 3600, 86_400] {
        let mut world = with_lifetime(Margin::default(), lifetime);
        world.pass(lifetime - 1);
        world.grants("a2", lifetime);
        world.calls(1);
        assert_eq!(world.sent(), ["renew client_credentials", "call a2"], "{lifetime}");
    }
}

#[test]
fn a_wider_margin_renews_earlier_and_none_at_the_very_end() {
    let mut wide = with_lifetime(Margin::of(Duration::from_secs(600)), 86_400);
    wide.pass(86_400 - 500);
    wide.grants("a2", 86_400);
    wide.calls(1);
    assert!(renewed(&mut wide));

    let mut none = with_lifetime(Margin::of(Duration::ZERO), 86_400);
    none.pass(86_399);
    none.calls(1);
    assert!(!renewed(&mut none));
    none.pass(1);
    none.grants("a2", 600);
    none.calls(1);
    assert!(renewed(&mut none));
}

/// A server whose tokens are dead on arrival gets one renewal for a call, and the call its token.
#[test]
fn a_token_without_a_lifetime_to_speak_of_makes_one_renewal_a_call() {
    let mut world = world();
    for number in 0..3 {
        world.grants(&format!("a{number}"), 0);
        assert_eq!(world.call().unwrap(), 200);
    }
    assert_eq!(world.sent().len(), 6);
}

#[test]
fn a_clock_that_jumps_makes_a_session_early_or_late_and_never_stuck() {
    let mut world = with_lifetime(Margin::default(), 600);
    // Back: the token seems fresher than it is, and is used.
    world.now = UnixTime::from_secs(1);
    world.calls(2);
    assert!(!renewed(&mut world));
    // Forth, past every expiry.
    world.now = UnixTime::from_millis(u64::MAX);
    world.grants("a2", 600);
    world.calls(1);
    assert!(renewed(&mut world));
    // And back again: the token of the far future is used until the API refuses it.
    world.now = NOW;
    world.calls(1);
    world.api_answers(401);
    world.grants("a3", 600);
    world.calls(1);
    assert_eq!(world.sent(), ["call a2", "call a2", "renew client_credentials", "call a3"]);
}

/// A wait that was noted down by a clock ahead of time ends when the clock is set right.
#[test]
fn a_clock_that_was_set_back_does_not_make_a_wait_longer() {
    let mut world = world();
    world.pass(365 * 86_400);
    world.answers(503, "busy");
    assert!(world.call().unwrap_err().is_transient());
    world.now = NOW;
    world.grants("a1", 600);
    world.calls(1);
    assert_eq!(world.sent().last().unwrap(), "call a1");
}

#[test]
fn times_at_their_ends_break_nothing() {
    for now in [UnixTime::from_secs(0), UnixTime::from_secs(u64::MAX), UnixTime::from_millis(u64::MAX)] {
        let mut world = World::of(Session::from_refresh_token(&client(), RefreshToken::new("r0").unwrap()));
        world.now = now;
        for (token, lifetime) in [("a0", 0), ("a1", 1), ("a2", u64::MAX)] {
            world.api_answers(401);
            world.grants("refused", lifetime);
            world.grants(token, lifetime);
            assert!(world.call().is_ok());
        }
        let record = serde_json::to_string(&world.session.record().unwrap()).unwrap();
        assert!(serde_json::from_str::<valetkey_core::session::SessionRecord>(&record).is_ok());
    }
}

/// A margin longer than time is a token that is never fresh.
#[test]
fn no_margin_is_too_long() {
    let record = serde_json::json!({
        "version": 1,
        "client_id": "s6BhdRkqt3",
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "access_token": "a1",
        "expires_at": NOW.after(Duration::from_secs(3600)).as_millis(),
    });
    let session = Session::from_record(&client(), serde_json::from_value(record).unwrap()).unwrap();
    let session = session.with_margin(Margin::of(Duration::MAX)).with_spread(1000);
    let credential = session.credential().unwrap();
    assert!(credential.is_valid(NOW) && !credential.is_fresh(NOW));
}
