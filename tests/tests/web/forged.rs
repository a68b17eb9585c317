//! What an attacker sends a browser to, and what is refused of it.

use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};
use valetkey_axum::WebLogin;

use crate::browser::Browser;
use crate::world::{BASE, World, parameters};

#[tokio::test]
async fn a_response_in_another_browser_logs_nobody_in_ar_14() {
    let world = World::new().await;
    let web = world.web();
    let mut mallory = Browser::default();
    let asked = mallory.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "mallory", "Mallory");
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let page = alice.goes(&web, &back).await;
    assert_eq!(page.to(), "/login/failed?why=refused");
    assert!(page.set().is_empty());
    let page = alice.goes(&web, "/login/failed?why=refused").await;
    assert!(page.status == StatusCode::BAD_REQUEST && !page.body.contains("Mallory"));
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // A login of her own makes hers of nobody else's response.
    alice.posts(&web, "/login", "").await;
    assert_eq!(alice.goes(&web, &back).await.to(), "/login/failed?why=refused");
    assert_eq!(world.rules(), ["AR-14", "AR-14"]);
    assert_eq!(world.redeemed(), 1);
    // Nothing of Mallory's is lost by that, nor by a state that was guessed.
    assert_eq!(mallory.goes(&web, &back).await.to(), "/");
}

#[tokio::test]
async fn a_login_whose_cookie_was_changed_renamed_or_sealed_by_another_key_is_none_lg_2() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let other = alice.clone().posts(&web, "/login", "").await;
    let (name, value) =
        alice.cookies.iter().next().map(|(name, value)| (name.clone(), value.clone())).unwrap();
    let asked_state = parameters(asked.to())["state"].clone();
    assert!(!value.contains(&asked_state) && value.len() + name.len() < 4096);
    let back = world.allows(asked.to(), "alice", "Alice");
    for at in [0, 10, 60, value.len() / 2, value.len() - 2] {
        let mut changed = value.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let mut browser = alice.clone();
        browser.cookies.insert(name.clone(), String::from_utf8(changed).unwrap());
        assert_eq!(browser.goes(&web, &back).await.to(), "/login/failed?why=refused", "byte {at}");
    }
    // One login's under the name of another.
    let other_back = world.allows(other.to(), "alice", "Alice");
    let other_name = other.set()[0].split_once('=').unwrap().0;
    let mut browser = Browser::default();
    browser.cookies.insert(other_name.to_owned(), value.clone());
    assert_eq!(browser.goes(&web, &other_back).await.to(), "/login/failed?why=refused");
    // A process with another key.
    let foreign = WebLogin::builder(world.http.clone(), BASE, *b"another key of 32 random bytes..")
        .client(world.client());
    let page = alice.clone().goes(&crate::world::web(&foreign.build().unwrap()), &back).await;
    assert_eq!(page.to(), "/login/failed?why=refused");
    assert!(world.rules().iter().all(|rule| rule == "AR-14"));
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
}

#[tokio::test]
async fn a_place_to_return_to_is_the_applications_own_lg_4() {
    let world = World::new().await;
    let web = world.web();
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:/evil.example",
        "http://app.example/",
        "https://app.example@evil.example/",
        "https://mallory@app.example/",
        "https://:pw@app.example/",
        "https://app.example:8443/",
        "/\t/evil.example",
        // At our origin, and yet read otherwise than it is written.
        "/a\\b",
        "/a\tb",
        "/a\nb",
        "/a\u{7f}b",
        "/.//evil.example",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
    ] {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", to).finish();
        let mut alice = Browser::default();
        let page = alice.posts(&web, "/login", &form).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{to}");
        let page = alice.goes(&web, &format!("/login?{form}")).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{to}");
        assert!(!page.body.contains("evil"));
        assert_eq!(world.rules(), ["LG-4", "LG-4"], "{to}");
    }
}

#[tokio::test]
async fn a_place_to_return_to_that_is_too_long_is_said_to_be_lg_4() {
    let world = World::new().await;
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&said);
    let settings = world.settings().client(world.client());
    let settings = settings.on_failure(move |failure| heard.lock().unwrap().push(failure.to_string()));
    let web = crate::world::web(&settings.build().unwrap());
    // As it is sent, each of the letters that are not ASCII has six characters; and a long one may be short there.
    for to in
        ["a".repeat(1024), "\u{e4}".repeat(200), format!("aaaa{}", "\u{e4}".repeat(170)), "./".repeat(512)]
    {
        let page = Browser::default().posts(&web, "/login", &format!("return_to=/{to}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        let said = std::mem::take(&mut *said.lock().unwrap());
        assert_eq!(said, ["the place to return to is longer than 1 KiB (LG-4)"]);
    }
    for to in ["a".repeat(1023), format!("aaa{}", "\u{e4}".repeat(170)), format!("{}a", "./".repeat(511))] {
        let page = Browser::default().posts(&web, "/login", &format!("return_to=/{to}")).await;
        let (_, place) = page.to().split_once('?').unwrap();
        assert!(!place.is_empty() && said.lock().unwrap().is_empty(), "{to}");
    }
}

#[tokio::test]
async fn what_was_checked_of_the_place_is_what_is_sent_lg_4() {
    let world = World::new().await;
    let web = world.web();
    for (to, sent) in [
        ("https://app.example/orders", "/orders"),
        ("orders", "/orders"),
        ("/a/../orders", "/orders"),
        ("/ä?q=ü#top", "/%C3%A4?q=%C3%BC#top"),
        ("/to//evil.example", "/to//evil.example"),
        ("", "/"),
        ("/logouts", "/logouts"),
        // A link would log them out again, or in once more.
        ("/logout", "/"),
        ("/logout/front-channel?iss=https://as.example", "/"),
        ("https://app.example/a/../login?by=", "/"),
        ("/login#top", "/"),
    ] {
        let mut alice = Browser::default();
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", to).finish();
        let page = alice.posts(&web, "/login", &form).await;
        let back = world.allows(page.to(), "alice", "Alice");
        assert_eq!(alice.goes(&web, &back).await.to(), sent, "{to}");
    }
}

#[tokio::test]
async fn no_header_says_where_the_application_is_lg_6() {
    let world = World::new().await;
    let web = world.web();
    let games = [
        ("host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-original-url", "https://evil.example/"),
    ];
    let mut alice = Browser::default();
    let page = alice.sends(&web, Method::POST, "/login", &games, "").await;
    assert_eq!(parameters(page.to())["redirect_uri"], "https://app.example/callback");
    let back = world.allows(page.to(), "alice", "Alice");
    let page = alice.sends(&web, Method::GET, &back, &games, "").await;
    assert_eq!(page.to(), "/");
    let mut navigation = games.to_vec();
    navigation.push(("sec-fetch-mode", "navigate"));
    let page = Browser::default().sends(&web, Method::GET, "/orders", &navigation, "").await;
    assert_eq!(page.to(), "/login?return_to=%2Forders");
}

#[tokio::test]
async fn pages_do_not_say_what_a_request_says_and_are_not_framed_lg_5() {
    let world = World::new().await;
    let web = world.web();
    for path in [
        "/callback?error=%3Cscript%3Eevil&error_description=evil&state=evil",
        "/callback",
        "/callback?code=evil&code=evil&state=evil",
        "/login/failed?why=evil",
        "/login?return_to=//evil",
        "/login?iss=https://evil.example",
        "/logout?post_logout_redirect_uri=https://evil.example",
    ] {
        let page = Browser::default().goes(&web, path).await;
        assert!(
            !page.body.contains("evil") && !page.header("location").contains("evil"),
            "{path}: {}",
            page.body
        );
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}
