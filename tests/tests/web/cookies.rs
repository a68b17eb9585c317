//! Logins under way, which are in the browser's cookies: how many, how large, how old.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use valetkey_async::now;
use valetkey_async::server::Endpoint;

use crate::browser::{Browser, Page};
use crate::world::{KEY, World, parameters, web};

/// The age of a login is in milliseconds, and two of one millisecond are as old as each other.
pub(crate) async fn a_moment() {
    let begun = now();
    while now() == begun {
        tokio::task::yield_now().await;
    }
}

/// Servers and proxies refuse requests with more than 8 KiB of cookies, and others come along too.
pub(crate) fn bytes_of(browser: &Browser) -> usize {
    browser.cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum()
}

#[tokio::test]
async fn eight_tabs_log_in_side_by_side_and_the_oldest_of_nine_is_dropped_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let mut asked = Vec::new();
    for tab in 0..9 {
        // Of eighty bytes.
        let place = format!("/{}?tab={tab}", "a".repeat(73));
        asked.push(alice.posts(&web, "/login", &format!("return_to={place}")).await.to().to_owned());
        assert!(bytes_of(&alice) <= 6 * 1024, "{} bytes", bytes_of(&alice));
        a_moment().await;
    }
    assert_eq!(alice.waiting().len(), 8, "{} bytes", bytes_of(&alice));
    // Whichever comes back first.
    for (tab, asked) in asked.iter().enumerate().rev() {
        let page = alice.goes(&web, &world.allows(asked, "alice", "Alice")).await;
        match tab {
            0 => assert_eq!(page.to(), "/login/failed?why=refused"),
            _ => assert_eq!(page.to(), format!("/{}?tab={tab}", "a".repeat(73))),
        }
    }
    assert_eq!(world.rules(), ["AR-14"]);
    assert!(alice.waiting().is_empty());
}

/// None of them knows of the others, and the browser has what all of them are answered.
#[tokio::test]
async fn fifteen_tabs_that_begin_at_one_time_fill_no_more_than_eight_places_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let (mut alice, mut asked) = (Browser::default(), Vec::new());
    for _ in 0..15 {
        let mut tab = Browser::default();
        asked.push(tab.posts(&web, "/login", "return_to=/orders").await.to().to_owned());
        alice.cookies.extend(tab.cookies);
    }
    let held = alice.waiting().len();
    assert!((1..=8).contains(&held) && bytes_of(&alice) <= 6 * 1024, "{held}: {} bytes", bytes_of(&alice));
    // Those that are there end well, and the others are told to begin again.
    let mut ended = 0;
    for asked in asked {
        let page = alice.goes(&web, &world.allows(&asked, "alice", "Alice")).await;
        match page.to() {
            "/orders" => ended += 1,
            to => assert_eq!(to, "/login/failed?why=refused"),
        }
    }
    assert_eq!(ended, held);
    assert_eq!(world.rules(), vec!["AR-14"; 15 - held]);
}

#[tokio::test]
async fn long_names_of_the_client_and_its_server_leave_room_for_eight_logins_lg_1() {
    let world = World::new().await;
    let client = valetkey_async::Client::new(world.server.clone(), "c".repeat(200)).secret("client-secret");
    let login =
        world.settings().client_asking(client.unwrap(), |request| request.scope("openid profile email"));
    let web = web(&login.build().unwrap());
    let mut alice = Browser::default();
    for _ in 0..8 {
        alice.posts(&web, "/login", "return_to=/orders").await;
    }
    assert_eq!(alice.waiting().len(), 8, "{} bytes", bytes_of(&alice));
}

#[tokio::test]
async fn a_long_place_leaves_room_for_fewer_logins_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    for tab in 0..6 {
        let page = alice.posts(&web, "/login", &format!("return_to=/{tab}{}", "a".repeat(1000))).await;
        let back = world.allows(page.to(), "alice", "Alice");
        assert!(bytes_of(&alice) <= 6 * 1024, "{} bytes", bytes_of(&alice));
        // The one that was begun last is never dropped.
        assert!(alice.clone().goes(&web, &back).await.to().starts_with(&format!("/{tab}a")));
        a_moment().await;
    }
}

#[tokio::test]
async fn a_login_that_is_over_4_kib_loses_its_place_or_does_not_begin_lg_2() {
    let world = World::new().await;
    let long = format!("/{}", "a".repeat(1000));
    for (scope, place, leads_to) in
        [(1800, &*long, Some("/")), (900, &*long, Some(&*long)), (4000, "/", None)]
    {
        let scope = format!("openid {}", "s".repeat(scope));
        let login = world.settings().client_asking(world.client(), move |request| request.scope(&scope));
        let web = web(&login.build().unwrap());
        let mut alice = Browser::default();
        let page = alice.posts(&web, "/login", &format!("return_to={place}")).await;
        // No cookie is longer than browsers keep.
        assert!(page.set().iter().all(|cookie| cookie.split(';').next().unwrap().len() <= 4096));
        match leads_to {
            Some(leads_to) => {
                let back = world.allows(page.to(), "alice", "Alice");
                let page = alice.goes(&web, &back).await;
                assert_eq!(page.to(), leads_to);
                assert_eq!(world.rules(), if leads_to == "/" { vec!["LG-2"] } else { Vec::new() });
            }
            None => {
                assert_eq!((page.status, page.set().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
                assert_eq!(world.rules(), ["LG-2"; 2]);
            }
        }
    }
}

#[tokio::test]
async fn a_login_that_has_expired_ends_nowhere_though_its_cookie_was_kept_lg_2() {
    let world = World::new().await;
    let login = world.settings().client_asking(world.client(), |request| {
        Ok(request.scope("openid")?.valid_for(Duration::from_millis(1)))
    });
    let web = web(&login.build().unwrap());
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/login", "").await;
    // A browser forgets it by itself. This one is made to keep it.
    assert!(alice.cookies.is_empty());
    let (name, rest) = page.set()[0].split_once('=').unwrap();
    let value = rest.split_once(';').unwrap().0;
    alice.cookies.insert(name.to_owned(), value.to_owned());
    a_moment().await;
    a_moment().await;
    let back = world.allows(page.to(), "alice", "Alice");
    assert_eq!(alice.clone().goes(&web, &back).await.to(), "/login/failed?why=refused");
    assert_eq!((world.rules(), world.redeemed()), (vec!["AR-13".to_owned()], 0));
    // The next login takes it away.
    let page = alice.posts(&world.web(), "/login", "").await;
    assert!(page.set().iter().any(|cookie| cookie.starts_with(name) && cookie.contains("Max-Age=0")));
    assert_eq!(alice.waiting().len(), 1);
    assert!(!alice.waiting().contains(&name.to_owned()));
}

/// What is in a sealed cookie, and the way back.
pub(crate) fn opened(name: &str, value: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(value).unwrap();
    let (nonce, sealed) = bytes.strip_prefix(b"vkw1").unwrap().split_first_chunk::<24>().unwrap();
    let context = format!("vkw1{name}");
    let payload = Payload { msg: sealed, aad: context.as_bytes() };
    serde_json::from_slice(&cipher().decrypt(&XNonce::from(*nonce), payload).unwrap()).unwrap()
}

pub(crate) fn sealed(name: &str, plain: &Value) -> String {
    let (plain, context) = (plain.to_string(), format!("vkw1{name}"));
    let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
    let sealed = cipher().encrypt(&XNonce::from([7; 24]), payload).unwrap();
    URL_SAFE_NO_PAD.encode([&b"vkw1"[..], &[7; 24], &sealed].concat())
}

fn cipher() -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(KEY))
}

/// Begins a login whose cookie is as they were before version 0.1.0 was out: with names for all, and the record of the pending
/// authorization as it is.
async fn begun_formerly(world: &World, browser: &mut Browser, is_foreign: bool) -> Page {
    let page = browser.posts(&world.web(), "/login", "return_to=/orders").await;
    let [name] = &*browser.waiting() else { panic!("{:?}", browser.cookies) };
    let now = opened(name, &browser.cookies.remove(name).unwrap());
    let mut pending = now[5].clone();
    for (member, value) in [
        ("version", json!(1)),
        ("client_id", json!("s6BhdRkqt3")),
        ("issuer", json!("https://as.example")),
        ("token_endpoint", json!(world.server.url_of(Endpoint::Token).unwrap())),
        ("redirect_uri", json!("https://app.example/callback")),
        ("response_mode", json!("query")),
        ("spent", json!(false)),
    ] {
        assert_eq!(pending.as_object_mut().unwrap().insert(member.to_owned(), value), None, "{member}");
    }
    let former = json!({
        "provider": "", "binding": now[1], "return_to": "/orders", "begun_at": 1, "is_foreign": is_foreign,
        "expires_at": pending["expires_at"], "pending": pending.to_string(),
    });
    // Each had its name of its state.
    let digest = Sha256::digest(pending["state"].as_str().unwrap());
    let name = format!("__Host-login-{}", URL_SAFE_NO_PAD.encode(&digest[..12]));
    browser.cookies.insert(name.clone(), sealed(&name, &former));
    page
}

#[tokio::test]
async fn a_login_of_the_former_form_ends_as_it_would_have_lg_2() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let page = begun_formerly(&world, &mut alice, false).await;
    // It is one of those under way.
    alice.posts(&web, "/login", "").await;
    assert_eq!(alice.waiting().len(), 2);
    assert_eq!(alice.goes(&web, &world.allows(page.to(), "alice", "Alice")).await.to(), "/orders");
}

#[tokio::test]
async fn a_login_of_the_former_form_that_another_site_started_puts_nobody_in_anothers_place_tp_4() {
    let world = World::new().await;
    let web = world.web();
    for (is_foreign, leads_to, greeting) in
        [(true, "/login/failed?why=occupied", "Hello, Alice "), (false, "/orders", "Hello, Mallory ")]
    {
        let mut alice = world.browser_of(&web, "alice", "Alice").await;
        let page = begun_formerly(&world, &mut alice, is_foreign).await;
        assert_eq!(alice.goes(&web, &world.allows(page.to(), "mallory", "Mallory")).await.to(), leads_to);
        assert!(alice.goes(&web, "/").await.body.starts_with(greeting));
    }
    assert_eq!(world.rules(), ["TP-4"]);
}

#[tokio::test]
async fn a_silent_login_names_nobody_who_was_there_lg_2_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let alice = world.browser_of(&web, "alice", "Alice").await;
    let bob = world.browser_of(&web, "bob", "Bob").await;
    let mut beside = Vec::new();
    for browser in [&alice, &alice, &bob, &Browser::default()] {
        let mut browser = browser.clone();
        // Of a stranger, too, the server is asked.
        browser.goes(&web, "/login?prompt=none&return_to=/orders").await;
        let [name] = &*browser.waiting() else { panic!("{:?}", browser.cookies) };
        let plain = opened(name, &browser.cookies[name]);
        assert!(browser.session().is_none_or(|session| !plain.to_string().contains(session)));
        beside.push(plain[3]["r"].clone());
    }
    assert!(beside[0].is_string() && beside[2].is_string() && beside[3].is_null(), "{beside:?}");
    assert!(beside[0] == beside[1] && beside[0] != beside[2], "{beside:?}");
}

#[tokio::test]
async fn a_login_goes_on_in_no_process_with_another_client_or_server_ar_14() {
    let world = World::new().await;
    let mut alice = Browser::default();
    let page = alice.posts(&world.web(), "/login", "").await;
    let back = world.allows(page.to(), "alice", "Alice");
    let other = valetkey_async::Client::new(world.server.clone(), "another").secret("client-secret").unwrap();
    let elsewhere = world.server.clone().token_endpoint("https://as.example/other").unwrap();
    for client in [other, crate::world::client_of(elsewhere)] {
        let web = web(&world.settings().client(client).build().unwrap());
        assert_eq!(alice.clone().goes(&web, &back).await.to(), "/login/failed?why=refused");
    }
    assert_eq!((world.rules(), world.redeemed()), (vec!["AR-14".to_owned(); 2], 0));
    assert_eq!(parameters(page.to())["client_id"], "s6BhdRkqt3");
    assert_eq!(alice.goes(&world.web(), &back).await.to(), "/");
}
