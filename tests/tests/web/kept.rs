//! What the application passes on: how long tokens are kept, and what a server's logout tokens may lack.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use valetkey_async::{Quirk, now};

use crate::browser::Browser;
use crate::world::{EVENT, World, client_of, jwt, web, whole};

/// Whose browser never comes back leaves no tokens in the store for ever; and they are there for as long as the web session is.
#[tokio::test]
async fn nothing_of_a_session_is_kept_without_an_end() {
    let world = World::new().await;
    let day = Duration::from_secs(24 * 60 * 60);
    let login = world.settings().client(world.client()).session_lifetime(7 * day).build().unwrap();
    let begun = now();
    world.browser_of(&web(&login), "alice", "Alice").await;
    let held = world.store.held();
    assert!(held.iter().all(Option::is_some), "{held:?}");
    let long =
        held.into_iter().flatten().filter(|until| *until >= begun.after(7 * day - Duration::from_secs(60)));
    let long: Vec<_> = long.collect();
    assert_eq!(long.len(), 2, "who it is, and the tokens");
    assert!(long.iter().all(|until| *until <= now().after(9 * day)), "{long:?}");
}

#[tokio::test]
async fn a_session_lasts_for_thirty_days_unless_the_program_says_otherwise() {
    let month = Duration::from_secs(30 * 24 * 60 * 60);
    for (said, lasts) in [(None, month), (Some(month / 10), month / 10)] {
        let world = World::new().await;
        let settings = world.settings().client(world.client());
        let login = match said {
            Some(time) => settings.session_lifetime(time),
            None => settings,
        };
        let web = web(&login.build().unwrap());
        let begun = now();
        world.browser_of(&web, "alice", "Alice").await;
        let ended = now();
        let is_who =
            |until: &valetkey_async::UnixTime| begun.after(lasts) <= *until && *until <= ended.after(lasts);
        assert_eq!(world.store.held().into_iter().flatten().filter(is_who).count(), 1);
    }
}

/// LO-10: refused by default, and taken from a server that is admitted to send it.
#[tokio::test]
async fn a_logout_token_without_exp_is_for_who_admits_it_lo_10() {
    let world = World::new().await;
    let strict = world.web();
    let admitting = client_of(world.server.clone().admit(Quirk::LogoutWithoutExpiry));
    let admitting = web(&world.settings().client(admitting).build().unwrap());
    let mut alice = world.browser_of(&strict, "alice", "Alice").await;
    let mut claims = json!({ "sub": "alice", "sid": "sid of alice", "jti": "1", "events": { EVENT: {} } });
    claims = whole(claims, 120);
    claims.as_object_mut().unwrap().remove("exp");
    let form = format!("logout_token={}", jwt("logout+jwt", &claims));
    for (web, status, rules, greeting) in [
        (&strict, StatusCode::BAD_REQUEST, &["LO-10"][..], "Hello, Alice "),
        (&admitting, StatusCode::OK, &[], "Hello, stranger "),
        (&admitting, StatusCode::BAD_REQUEST, &["LO-14"], "Hello, stranger "),
    ] {
        let page = Browser::default().sends(web, Method::POST, "/logout/back-channel", &[], &form).await;
        assert_eq!((page.status, page.header("cache-control")), (status, "no-store"));
        assert_eq!(world.rules(), rules);
        assert!(alice.goes(&strict, "/").await.body.starts_with(greeting));
    }
}
