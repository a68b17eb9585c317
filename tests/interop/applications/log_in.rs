//! People log in, and do what people do with a browser.

use maud::html;
use serde_json::json;

use crate::world::{ALICE, BOB, World, cookies, plant, session};

/// LG-1, LG-3: the session is in one cookie of this host alone, which no script sees; nothing of the login is left.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_person_logs_in_and_is_greeted_by_name() {
    let world = World::new().await;
    let mut visit = world.browser().await;
    assert_eq!(visit.text("#greeting").await, "Hello, stranger");
    assert_eq!(cookies(&visit).await, []);
    visit.press("form[action='/login'] button").await;
    visit.client.goto(&world.base).await.unwrap();
    let begun = cookies(&visit).await;
    assert!(begun.len() == 1 && begun[0].0.starts_with("__Host-login-"), "{begun:?}");
    visit.client.back().await.unwrap();
    visit.find("button[value=allow]").await;
    world.allow(&mut visit, ALICE).await;

    assert_eq!(visit.text("#greeting").await, "Hello, Alice Archer");
    assert_eq!(visit.client.current_url().await.unwrap().as_str(), format!("{}/", world.base));
    let kept = cookies(&visit).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (name, _, marks) = &kept[0];
    assert_eq!(name, "__Host-session");
    assert_eq!(*marks, json!({ "secure": true, "http_only": true, "path": "/", "same_site": "Lax" }));
    assert_eq!(visit.value_of("return document.cookie").await, "");
    // The store is the processes' own: the other one knows her too.
    assert_eq!(world.greeted(&visit, &world.other).await, "Hello, Alice Archer");
    assert_eq!(world.rules(), Vec::<String>::new());
    world.ends(visit).await;
}

/// LG-4: who wants to go to a page is there after the login, with the query that it had; two tabs do not disturb each other.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn two_tabs_log_in_and_each_gets_to_its_own_page() {
    let world = World::new().await;
    let mut visit = world.browser().await;
    let first = visit.client.window().await.unwrap();
    visit.client.goto(&format!("{}/orders?of=may&by=price%2Bdate", world.base)).await.unwrap();
    visit.find("button[value=allow]").await;
    let second = visit.client.new_window(true).await.unwrap().handle;
    visit.client.switch_to_window(second.clone()).await.unwrap();
    visit.client.goto(&format!("{}/orders?of=june", world.base)).await.unwrap();
    visit.find("button[value=allow]").await;

    visit.client.switch_to_window(first).await.unwrap();
    world.allow(&mut visit, ALICE).await;
    assert_eq!(visit.text("#asked").await, "of=may&by=price%2Bdate");
    visit.client.switch_to_window(second).await.unwrap();
    world.allow(&mut visit, ALICE).await;
    assert_eq!(visit.text("#greeting").await, "Orders of Alice Archer");
    assert_eq!(visit.text("#asked").await, "of=june");
    assert_eq!(visit.client.current_url().await.unwrap().as_str(), format!("{}/orders?of=june", world.base));
    assert_eq!(cookies(&visit).await.len(), 1, "no login waits any more");
    assert_eq!(world.rules(), Vec::<String>::new());
    world.ends(visit).await;
}

/// The button that goes back leads to the server's page of a login that is over, and what it says changes nothing.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn who_goes_back_stays_logged_in_and_who_went_out_stays_out() {
    let world = World::new().await;
    let mut visit = world.browser_of(ALICE).await;
    visit.client.back().await.unwrap();
    let at = visit.client.current_url().await.unwrap();
    assert!(at.as_str().starts_with(world.provider.issuer()), "{at}");
    assert_eq!(world.greeted(&visit, &world.base).await, "Hello, Alice Archer");

    visit.client.goto(&format!("{}/orders", world.base)).await.unwrap();
    assert_eq!(visit.text("#greeting").await, "Orders of Alice Archer");
    visit.client.goto(&world.base).await.unwrap();
    visit.press("form[action='/logout'] button").await;
    visit.press("#yes").await;
    assert_eq!(visit.text("#greeting").await, "Hello, stranger");
    // Back over the server's page and the first page, to the orders: they were kept nowhere, and nobody is sent to log in again
    // by what was kept.
    for _ in 0..4 {
        visit.client.back().await.unwrap();
        let page = visit.value_of("return document.body.textContent").await;
        assert!(!page.as_str().unwrap().contains("Alice"), "{page}");
    }
    world.ends(visit).await;
}

/// AR-12, AR-14: a response is good once. Loaded again, by the history or by a bookmark, it changes nothing and reaches no server.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_callback_that_is_loaded_again_is_refused_and_nobody_is_logged_out() {
    let world = World::new().await;
    let visit = world.browser_of(ALICE).await;
    let before = session(&visit).await;
    let callback = world.provider.last_callback();
    assert_eq!(world.provider.granted("authorization_code"), 1);
    visit.client.goto(&callback).await.unwrap();
    let at = visit.client.current_url().await.unwrap();
    assert_eq!(
        (at.path(), at.query()),
        ("/login/failed", Some("why=refused")),
        "the code is out of the address bar"
    );
    visit.client.refresh().await.unwrap();
    assert_eq!(world.rules(), ["AR-14"]);
    assert_eq!(world.provider.granted("authorization_code"), 1);
    assert_eq!(world.greeted(&visit, &world.base).await, "Hello, Alice Archer");
    assert_eq!(session(&visit).await, before);
    world.ends(visit).await;
}

/// LG-3: another person logs in by the same browser: they have a session of their own, and the former one is over everywhere.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn another_users_login_ends_the_session_of_the_one_before() {
    let world = World::new().await;
    let mut visit = world.browser_of(ALICE).await;
    let hers = session(&visit).await.unwrap();
    visit.client.goto(&format!("{}/login?return_to=/orders", world.base)).await.unwrap();
    world.allow(&mut visit, BOB).await;
    assert_eq!(visit.text("#greeting").await, "Orders of Bob Baker");
    let his = session(&visit).await.unwrap();
    assert_ne!(hers, his);
    plant(&visit, &world.base, &hers).await;
    for process in [&world.base, &world.other] {
        assert_eq!(world.greeted(&visit, process).await, "Hello, stranger");
    }
    plant(&visit, &world.base, &his).await;
    assert_eq!(world.greeted(&visit, &world.other).await, "Hello, Bob Baker");
    assert_eq!(world.rules(), Vec::<String>::new());
    world.ends(visit).await;
}

/// Who says no is told so, and may say yes later.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_consent_that_is_refused_is_told_and_a_login_may_follow() {
    let world = World::new().await;
    let mut visit = world.browser().await;
    visit.press("form[action='/login'] button").await;
    visit.press("button[value=deny]").await;
    let at = visit.client.current_url().await.unwrap();
    assert_eq!((at.path(), at.query()), ("/login/failed", Some("why=cancelled")));
    assert!(visit.text("main").await.contains("The login was cancelled."));
    assert_eq!(cookies(&visit).await, []);
    assert_eq!(world.provider.granted("authorization_code"), 0);
    world.log_in(&mut visit, ALICE).await;
    assert_eq!(visit.text("#greeting").await, "Hello, Alice Archer");
    world.ends(visit).await;
}

/// The page's call of an API finds a token that is good no more: it is renewed behind the page, once, and the session is the same.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn an_expired_token_is_renewed_behind_the_page() {
    let world = World::new().await;
    let visit = world.browser_of(ALICE).await;
    let before = session(&visit).await;
    let me = |process: &str| format!("{process}/me");
    visit.client.goto(&me(&world.base)).await.unwrap();
    assert_eq!((visit.text("#said").await.as_str(), world.provider.granted("refresh_token")), ("200 OK", 0));
    world.provider.sandbox().expire_all();
    for process in [&world.base, &world.other] {
        visit.client.goto(&me(process)).await.unwrap();
        assert_eq!(visit.text("#said").await, "200 OK", "{process}");
    }
    assert_eq!(world.provider.granted("refresh_token"), 1);
    assert_eq!(session(&visit).await, before);
    assert_eq!(world.greeted(&visit, &world.base).await, "Hello, Alice Archer");
    world.ends(visit).await;
}

/// TP-1, TP-2, TP-4: another site starts a login, and its link to a page of the application is kept. Who is logged in is asked first.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn another_site_starts_a_login() {
    let world = World::new().await;
    let start = form_urlencoded::Serializer::new(format!("{}/login?", world.base))
        .append_pair("iss", world.provider.issuer())
        .append_pair("target_link_uri", &format!("{}/orders?of=may", world.base))
        .finish();
    let portal = world.elsewhere(html! { a #start href=(start) { "To the application" } });
    let mut visit = world.browser().await;
    visit.client.goto(&portal).await.unwrap();
    visit.press("#start").await;
    world.allow(&mut visit, ALICE).await;
    assert_eq!(visit.text("#greeting").await, "Orders of Alice Archer");
    assert_eq!(visit.text("#asked").await, "of=may");

    visit.client.goto(&portal).await.unwrap();
    visit.press("#start").await;
    assert!(visit.text("main").await.contains("You are logged in already."));
    // By the application's own page it is the person's own wish.
    visit.press("form[action='/login'] button").await;
    world.allow(&mut visit, BOB).await;
    assert_eq!(visit.text("#greeting").await, "Orders of Bob Baker");
    assert_eq!(world.rules(), Vec::<String>::new());
    world.ends(visit).await;
}
