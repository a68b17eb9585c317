//! People log in, as they do.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use valetkey_async::{UnixTime, now};

use crate::browser::Browser;
use crate::world::{World, parameters, web};

#[tokio::test]
async fn a_deep_link_leads_to_the_server_and_back_and_the_user_is_greeted_lg_5() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let page = alice.goes(&web, "/orders?of=may&sort=%2Fdate").await;
    let login = page.to().to_owned();
    assert_eq!(login, "/login?return_to=%2Forders%3Fof%3Dmay%26sort%3D%252Fdate");
    let page = alice.goes(&web, &login).await;
    let asked = page.to().to_owned();
    assert!(asked.starts_with("https://as.example/authorize?"), "{asked}");
    assert_eq!(parameters(&asked)["redirect_uri"], "https://app.example/callback");
    assert!(!asked.contains("orders"), "the place to return to is not the server's matter: {asked}");
    let back = world.allows(&asked, "alice", "Alice Archer");
    let page = alice.goes(&web, &back).await;
    // LG-5: a clean URL, which no cache has, and no other page is told.
    assert_eq!(page.to(), "/orders?of=may&sort=%2Fdate");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    // LG-1: the login is over, and its cookie gone.
    assert!(alice.waiting().is_empty());
    let page = alice.goes(&web, "/orders?of=may&sort=%2Fdate").await;
    assert_eq!(page.body, "Orders of Alice Archer, whose login is sid of alice");
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_page_of_the_applications_own_is_kept_by_no_cache_lg_5() {
    let world = World::new().await;
    let web = world.web();
    let page = world.browser_of(&web, "alice", "Alice").await.goes(&web, "/").await;
    let caches: Vec<_> =
        page.headers.get_all("cache-control").iter().map(|it| it.to_str().unwrap()).collect();
    assert_eq!((caches, page.header("x-frame-options")), (vec!["no-store"], "DENY"));
    assert!(page.body.starts_with("Hello, Alice "));
}

#[tokio::test]
async fn all_cookies_are_of_the_host_alone_and_no_script_sees_them_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    let page = alice.goes(&web, &back).await;
    for cookie in asked.set().into_iter().chain(page.set()) {
        assert!(cookie.starts_with("__Host-") && cookie.len() <= 4096, "{cookie}");
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(attributes.contains(&attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        // A login that nobody ends is forgotten when it cannot end any more.
        let is_waiting = cookie.starts_with("__Host-login-") && !cookie.contains("Max-Age=0");
        assert_eq!(attributes.contains(&"Max-Age=600"), is_waiting, "{cookie}");
    }
}

#[tokio::test]
async fn a_siblings_cookie_of_any_bytes_logs_nobody_out_lg_3() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).build().unwrap();
    let alice = world.browser_of(&web(&login), "alice", "Alice").await;
    let ours = format!("__Host-session={}", alice.session().unwrap());
    for sibling in ["n=J\u{fc}rgen".as_bytes(), b"n=J\xfcrgen", b"\xff", b"n", b""] {
        for field in [[sibling, b"; ", ours.as_bytes()].concat(), [ours.as_bytes(), b";", sibling].concat()] {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", HeaderValue::from_bytes(&field).unwrap());
            assert!(login.user(&headers).await.unwrap().is_some(), "{field:?}");
        }
    }
}

#[tokio::test]
async fn a_login_whose_browser_leaves_is_carried_to_its_end_lg_3() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).build().unwrap();
    let web = web(&login);
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "bob", "Bob");
    let before = alice.clone();
    // The tab is closed, and what waits for the answer is dropped, while the code is on its way.
    assert!(tokio::time::timeout(Duration::ZERO, alice.goes(&web, &back)).await.is_err());
    login.settled().await;
    assert_eq!(world.redeemed(), 2);
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn that_a_state_was_used_is_known_for_longer_than_a_login_lasts_ar_12() {
    let world = World::new().await;
    let web = world.web();
    world.browser_of(&web, "alice", "Alice").await;
    let minutes = |minutes: u64| now().after(Duration::from_secs(60 * minutes));
    let is_mark = |until: &UnixTime| minutes(14) < *until && *until <= minutes(15);
    assert_eq!(world.store.held().into_iter().flatten().filter(is_mark).count(), 1);
}

#[tokio::test]
async fn a_callback_that_is_loaded_again_redeems_nothing_twice_ar_12() {
    let world = World::new().await;
    let (web, other_process) = (world.web(), world.web());
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let before = alice.clone();
    let back = world.allows(asked.to(), "alice", "Alice");
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    // By the back button: the cookie is gone. She stays logged in.
    assert_eq!(alice.goes(&web, &back).await.to(), "/login/failed?why=refused");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // At once, in a browser that had not got the answer yet, at another process.
    assert_eq!(before.clone().goes(&other_process, &back).await.to(), "/login/failed?why=refused");
    assert_eq!(world.rules(), ["AR-14", "AR-12"]);
    assert_eq!(world.redeemed(), 1);
}

#[tokio::test]
async fn a_session_has_a_new_name_at_each_login_and_the_old_one_is_dead_lg_3() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    // What an attacker planted is nobody's name.
    alice.cookies.insert("__Host-session".into(), "planted".into());
    assert_eq!(world.log_in(&web, &mut alice, "alice", "Alice").await.to(), "/");
    let first = alice.clone();
    assert_ne!(first.session().unwrap(), "planted");
    // Somebody else logs in, in the same browser.
    assert_eq!(world.log_in(&web, &mut alice, "bob", "Bob").await.to(), "/");
    assert_ne!(first.session(), alice.session());
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Bob "));
    assert!(first.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    let mut planted = Browser::default();
    planted.cookies.insert("__Host-session".into(), "planted".into());
    assert!(planted.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn who_says_no_is_told_so_at_a_clean_url() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let state = &parameters(asked.to())["state"];
    let back = format!("/callback?error=access_denied&error_description=%3Cscript%3E&state={state}");
    let page = alice.goes(&web, &back).await;
    assert_eq!(page.to(), "/login/failed?why=cancelled");
    assert!(alice.waiting().is_empty() && alice.session().is_none());
    let page = alice.goes(&web, "/login/failed?why=cancelled").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("The login was cancelled.") && page.body.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn a_script_is_answered_401_and_a_form_is_not_posted_again() {
    let world = World::new().await;
    let web = world.web();
    let mut nobody = Browser::default();
    let page = nobody.sends(&web, Method::GET, "/orders", &[("sec-fetch-mode", "cors")], "").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert_eq!(page.header("www-authenticate"), "Cookie");
    assert_eq!(
        (page.header("content-type"), &*page.body),
        ("application/json", r#"{"error":"login_required"}"#)
    );
    let page = nobody.sends(&web, Method::GET, "/orders", &[("accept", "application/json")], "").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let page = nobody.sends(&web, Method::POST, "/orders", &[("sec-fetch-mode", "navigate")], "").await;
    assert_eq!(page.to(), "/login");
}

#[tokio::test]
async fn a_head_and_a_prefetch_begin_nothing_and_spend_nothing_lg_1() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let prefetch = [("sec-purpose", "prefetch;prerender")];
    for path in ["/login", "/callback?code=1&state=2"] {
        let page = alice.sends(&web, Method::HEAD, path, &[], "").await;
        assert!(page.set().is_empty() && page.status == StatusCode::OK, "{path}");
        let page = alice.sends(&web, Method::GET, path, &prefetch, "").await;
        assert!(page.set().is_empty() && page.status == StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    alice.sends(&web, Method::HEAD, &back, &[], "").await;
    alice.sends(&web, Method::GET, &back, &prefetch, "").await;
    assert_eq!(world.redeemed(), 0);
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_store_that_is_down_is_a_503_and_logs_nobody_out() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "bob", "Bob");
    world.store.switch(false);
    let page = alice.goes(&web, &back).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.set().is_empty(), "the same request may come again");
    let page = alice.goes(&web, "/").await;
    assert_eq!((page.status, page.set().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    world.store.switch(true);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // The code was not sent: a reload is enough.
    assert_eq!(world.redeemed(), 1);
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Bob "));
}

#[tokio::test]
async fn logins_that_begin_are_bounded_and_nothing_else_is_lg_1() {
    let world = World::new().await;
    let web = web(&world.settings().client(world.client()).most_starts(0).build().unwrap());
    let page = Browser::default().posts(&web, "/login", "").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "2"));
    assert!(page.set().is_empty());
    assert_eq!(world.rules(), ["LG-1"]);
    // What the server is not asked for is not counted.
    let page = Browser::default().goes(&web, "/login?return_to=//evil.example").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_response_that_is_posted_comes_again_with_the_cookies_ar_22() {
    let world = World::new().await;
    let login = world.settings().client_asking(world.client(), |request| {
        Ok(request.scope("openid profile")?.response_mode(valetkey_async::authorize::ResponseMode::FormPost))
    });
    let web = web(&login.build().unwrap());
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    let (path, form) = back.split_once('?').unwrap();
    // Another site's POST brings no cookie that is `SameSite=Lax`.
    let page =
        Browser::default().sends(&web, Method::POST, path, &[("sec-fetch-site", "cross-site")], form).await;
    let again = page.to().to_owned();
    assert!(again.starts_with("/callback?posted=") && !again.contains("code-0"), "{again}");
    // In no other browser, and not when it was changed.
    assert_eq!(Browser::default().goes(&web, &again).await.to(), "/login/failed?why=refused");
    let changed = again.replace("posted=", "posted=A");
    assert_eq!(alice.goes(&web, &changed).await.to(), "/login/failed?why=refused");
    assert_eq!(world.rules(), ["AR-14", "AR-22"]);
    assert_eq!(alice.goes(&web, &again).await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}
