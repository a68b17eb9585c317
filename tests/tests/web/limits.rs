//! The most that is taken, and the least that is too much.

use std::time::Duration;

use http::{Method, Request, StatusCode};
use serde_json::json;
use valetkey_async::authorize::ResponseMode;
use valetkey_async::now;
use valetkey_axum::MAX_BODY;

use crate::browser::{Browser, Page};
use crate::cookies::{bytes_of, opened, sealed};
use crate::world::{World, web};

#[tokio::test]
async fn a_body_has_128_kib_and_no_byte_more() {
    assert_eq!(MAX_BODY, 131_072);
    let world = World::new().await;
    let login = world.settings().client(world.client()).build().unwrap();
    let web = web(&login);
    for (bytes, status) in [(MAX_BODY, StatusCode::SEE_OTHER), (MAX_BODY + 1, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        let body = "a".repeat(bytes);
        let page = Browser::default().posts(&web, "/logout", &body).await;
        assert_eq!((page.status, page.header("cache-control")), (status, "no-store"), "{bytes}");
        let answer = login.answer(&Request::post("/logout").body(body.into_bytes()).unwrap()).await;
        assert_eq!(answer.status(), status, "{bytes}");
    }
}

/// Servers and proxies refuse requests with more than 8 KiB, and the application's own cookies come along too.
#[tokio::test]
async fn logins_under_way_take_6_kib_of_a_request_and_no_byte_more_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    alice.posts(&web, "/login", "return_to=/orders").await;
    let one = bytes_of(&alice);
    let (name, value) = alice.cookies.pop_first().unwrap();
    let plain = opened(&name, &value);
    for (more, is_kept) in [(0, true), (1, false)] {
        // It and one that is as long as it fill the room: its name is as long as that takes.
        let name = format!("{name}{}", "x".repeat(6 * 1024 + more - 2 * one));
        let mut browser = Browser::default();
        browser.cookies.insert(name.clone(), sealed(&name, &plain));
        browser.posts(&web, "/login", "return_to=/orders").await;
        assert_eq!(browser.cookies.contains_key(&name), is_kept, "{more}");
        assert_eq!(bytes_of(&browser), if is_kept { 6 * 1024 } else { one });
    }
}

/// Whatever they are called: those of former versions have other names.
#[tokio::test]
async fn of_nine_logins_the_oldest_goes_and_its_place_is_taken_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let opened_at = now().as_millis();
    let old = |browser: &mut Browser, name: &str, age: u64| {
        let name = format!("__Host-login-{name}");
        let at = opened_at + 300_000 + age;
        let value = sealed(&name, &json!(["", "b", "/", "o", "c", { "expires_at": at }]));
        browser.cookies.insert(name, value);
    };
    let mut alice = Browser::default();
    (0..8).for_each(|age| old(&mut alice, &format!("former-{age}"), age));
    let page = alice.posts(&web, "/login", "").await;
    let mut gone = page.set().into_iter().filter(|cookie| cookie.contains("Max-Age=0"));
    assert!(gone.next().unwrap().starts_with("__Host-login-former-0=") && gone.next().is_none());
    assert_eq!(alice.waiting().len(), 8);
    // All places are taken, and one that has none of them is the oldest.
    let mut alice = Browser::default();
    old(&mut alice, "former", 0);
    (0..8).for_each(|place| old(&mut alice, &place.to_string(), 8 - place));
    let before = alice.clone();
    alice.posts(&web, "/login", "").await;
    let places: Vec<String> = (0..8).map(|place| format!("__Host-login-{place}")).collect();
    assert_eq!(alice.waiting(), places);
    for name in &places {
        assert_eq!(alice.cookies[name] == before.cookies[name], name != "__Host-login-7", "{name}");
    }
}

async fn begun(world: &World, letters: usize) -> Page {
    let scope = format!("openid {}", "s".repeat(letters));
    let settings = world.settings().cookies_named("x");
    let login = settings.client_asking(world.client(), move |request| request.scope(&scope));
    Browser::default().posts(&web(&login.build().unwrap()), "/login", "").await
}

/// Browsers keep no longer one (RFC 6265 §6.1).
#[tokio::test]
async fn the_cookie_of_a_login_has_4_kib_and_no_byte_more_lg_2() {
    let world = World::new().await;
    let length = |page: &Page| page.set()[0].split(';').next().unwrap().len();
    // Of `name=value` the value is in base64, four letters of which are three bytes.
    let bytes = |length: usize| (length - "__Host-x-login-0=".len()) * 3 / 4;
    let letters = 1000 + bytes(4096) - bytes(length(&begun(&world, 1000).await));
    assert_eq!(length(&begun(&world, letters).await), 4096);
    assert!(world.rules().is_empty());
    let page = begun(&world, letters + 1).await;
    assert_eq!((page.status, page.set().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert_eq!(world.rules(), ["LG-2"; 2]);
}

#[tokio::test]
async fn so_many_logins_begin_in_a_second_and_no_more_lg_1() {
    let world = World::new().await;
    let web = web(&world.settings().client(world.client()).most_starts(2).build().unwrap());
    let mut begun = Vec::new();
    // A second that ends meanwhile lets two more begin.
    while begun.last() != Some(&StatusCode::TOO_MANY_REQUESTS) && begun.len() < 100 {
        begun.push(Browser::default().posts(&web, "/login", "").await.status);
    }
    assert_eq!(begun[..2], [StatusCode::SEE_OTHER; 2]);
    assert_eq!(begun.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(world.rules().iter().all(|rule| rule == "LG-1"));
}

#[tokio::test]
async fn another_sites_form_that_comes_again_has_4_kib_and_no_byte_more_tp_1() {
    let world = World::new().await;
    let web = world.web();
    let cross_site = [("sec-fetch-site", "cross-site")];
    for (bytes, status) in [(4096, StatusCode::SEE_OTHER), (4097, StatusCode::BAD_REQUEST)] {
        let form = format!("x={}", "a".repeat(bytes - 2));
        let page = Browser::default().sends(&web, Method::POST, "/login", &cross_site, &form).await;
        assert_eq!((page.status, page.set().len()), (status, 0), "{bytes}");
    }
    assert_eq!(world.rules(), ["TP-1"]);
}

#[tokio::test]
async fn a_response_that_is_posted_has_16_kib_and_no_byte_more_ar_22() {
    let world = World::new().await;
    let web = world.web();
    for (bytes, way) in [(16 * 1024, "/callback?posted="), (16 * 1024 + 1, "/login/failed?why=refused")] {
        let form = format!("x={}", "a".repeat(bytes - 2));
        let page = Browser::default().sends(&web, Method::POST, "/callback", &[], &form).await;
        assert!(page.to().starts_with(way), "{bytes}: {}", page.to());
    }
    assert_eq!(world.rules(), ["AR-22"]);
}

#[tokio::test]
async fn a_response_that_was_posted_waits_for_less_than_a_minute_ar_22() {
    let world = World::new().await;
    let login = world.settings().client_asking(world.client(), |request| {
        Ok(request.scope("openid profile")?.response_mode(ResponseMode::FormPost))
    });
    let web = web(&login.build().unwrap());
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    let (path, form) = back.split_once('?').unwrap();
    let posted = |ago: u64| {
        let at = now().before(Duration::from_secs(ago)).as_millis();
        format!("{path}?posted={}", sealed("posted", &json!({ "form": form, "at": at })))
    };
    // Often within one millisecond.
    for _ in 0..100 {
        assert_eq!(alice.goes(&web, &posted(60)).await.to(), "/login/failed?why=refused");
    }
    assert_eq!(world.rules(), vec!["AR-22"; 100]);
    assert_eq!(alice.goes(&web, &posted(20)).await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}
