//! A login that is renewed without a word to the person (`prompt=none`): LG-7.

use std::sync::atomic::{AtomicBool, Ordering};

use http::{Method, StatusCode};

use crate::browser::Browser;
use crate::elsewhere::two;
use crate::world::{World, parameters, web};

const SILENT: &str = "/login?prompt=none&return_to=/orders?of=may";

#[tokio::test]
async fn a_silent_login_that_needs_the_person_changes_nothing_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    for error in ["login_required", "interaction_required", "consent_required", "account_selection_required"]
    {
        let before = alice.session().cloned();
        let page = alice.goes(&web, SILENT).await;
        let asked = parameters(page.to());
        assert_eq!(asked["prompt"], "none");
        let back = format!("/callback?error={error}&state={}", asked["state"]);
        assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may", "{error}");
        assert!(alice.waiting().is_empty());
        assert_eq!(alice.session().cloned(), before, "{error}");
        // It is an answer, and nothing that went wrong.
        assert!(world.rules().is_empty(), "{error}");
    }
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    assert_eq!((world.redeemed(), world.revoked()), (1, 0));
}

#[tokio::test]
async fn a_silent_login_that_goes_wrong_changes_nothing_and_is_noted_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let page = alice.goes(&web, SILENT).await;
    let state = &parameters(page.to())["state"];
    // A code that the server does not know, and a refusal that no person could change.
    for query in [format!("code=unknown&state={state}"), format!("error=server_error&state={state}")] {
        let mut alice = alice.clone();
        assert_eq!(alice.goes(&web, &format!("/callback?{query}")).await.to(), "/orders?of=may");
        assert_eq!(world.rules().len(), 1, "{query}");
        assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
        assert!(alice.waiting().is_empty());
    }
}

#[tokio::test]
async fn a_silent_login_of_the_same_person_gives_their_session_a_new_name_lg_3_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let before = alice.clone();
    let page = alice.goes(&web, SILENT).await;
    let back = world.allows(page.to(), "alice", "Alice Archer");
    assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may");
    assert_ne!(alice.session(), before.session());
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice Archer "));
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_silent_login_of_somebody_else_ends_the_session_and_begins_none_lg_7() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).build().unwrap();
    let (web, other_process) = (web(&login), world.web());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let before = alice.clone();
    let page = alice.goes(&web, SILENT).await;
    let back = world.allows(page.to(), "bob", "Bob");
    assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may");
    assert_eq!((alice.session(), world.rules()), (None, vec!["LG-7".to_owned()]));
    for process in [&web, &other_process] {
        assert!(before.clone().goes(process, "/").await.body.starts_with("Hello, stranger "));
    }
    // Bob's tokens are nobody's, and Alice's have ended with her session.
    login.settled().await;
    assert_eq!((world.redeemed(), world.revoked() >= 2), (2, true));
}

#[tokio::test]
async fn whom_the_server_knows_is_logged_in_silently_and_others_go_on_as_nobody_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let page = alice.goes(&web, "/login?prompt=none").await;
    let back = world.allows(page.to(), "alice", "Alice");
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    let mut nobody = Browser::default();
    let page = nobody.goes(&web, "/login?prompt=none").await;
    let back = format!("/callback?error=login_required&state={}", parameters(page.to())["state"]);
    assert_eq!(nobody.goes(&web, &back).await.to(), "/");
    assert!(nobody.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn another_site_has_nobody_log_in_silently_lg_7_tp_4() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let cross_site = [("sec-fetch-site", "cross-site")];
    let page = alice.sends(&web, Method::GET, "/login?prompt=none", &cross_site, "").await;
    assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0));
    assert!(page.body.contains("You are logged in already."));
    let page = Browser::default().sends(&web, Method::GET, "/login?prompt=none", &cross_site, "").await;
    assert!(!parameters(page.to()).contains_key("prompt"));
}

#[tokio::test]
async fn a_silent_login_that_cannot_begin_leads_on_lg_7() {
    let world = World::new().await;
    // Once it is built, it asks for nothing at all, which a login cannot.
    let is_built = AtomicBool::new(false);
    let login = world.settings().client_asking(world.client(), move |request| {
        request.scope(if is_built.swap(true, Ordering::Relaxed) { "" } else { "openid" })
    });
    let web = web(&login.build().unwrap());
    let mut alice = Browser::default();
    assert_eq!(alice.goes(&web, SILENT).await.to(), "/orders?of=may");
    assert_eq!(alice.goes(&web, "/login").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.rules().len(), 2);
}

#[tokio::test]
async fn a_log_out_beside_a_silent_login_stands_lg_7() {
    for (sub, name) in [("alice", "Alice"), ("bob", "Bob")] {
        let world = World::new().await;
        let login = world.settings().client(world.client()).build().unwrap();
        let web = web(&login);
        let mut alice = world.browser_of(&web, "alice", "Alice").await;
        let page = alice.goes(&web, SILENT).await;
        let back = world.allows(page.to(), sub, name);
        // In another tab.
        assert_eq!(alice.posts(&web, "/logout", "").await.to(), "/");
        assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may", "{sub}");
        assert_eq!((alice.session(), world.rules()), (None, vec!["LG-7".to_owned()]), "{sub}");
        assert!(alice.goes(&web, "/").await.body.starts_with("Hello, stranger "), "{sub}");
        assert!(alice.waiting().is_empty());
        // What was redeemed for nobody has ended.
        login.settled().await;
        assert_eq!((world.redeemed(), world.revoked() >= 2), (2, true), "{sub}");
    }
}

#[tokio::test]
async fn two_silent_logins_side_by_side_end_well_lg_3_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let (one, other) = (alice.goes(&web, SILENT).await, alice.goes(&web, SILENT).await);
    for page in [one, other] {
        let back = world.allows(page.to(), "alice", "Alice");
        assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may");
        assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    }
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_silent_login_shows_nothing_where_too_many_begin_lg_1_lg_7() {
    let world = World::new().await;
    let web = web(&world.settings().client(world.client()).most_starts(0).build().unwrap());
    assert_eq!(Browser::default().goes(&web, SILENT).await.to(), "/orders?of=may");
    assert_eq!(Browser::default().goes(&web, "/login").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.rules(), ["LG-1", "LG-1"]);
}

#[tokio::test]
async fn of_several_servers_a_silent_login_asks_the_one_by_which_the_person_is_logged_in_lg_7() {
    let world = World::new().await;
    let web = two(&world);
    // The choice would be a page.
    let page = Browser::default().goes(&web, SILENT).await;
    assert_eq!((page.to(), page.set().len()), ("/orders?of=may", 0));
    let page = Browser::default().goes(&web, &format!("{SILENT}&by=other")).await;
    assert!(page.to().starts_with("https://other.example/authorize?"));
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/login", "by=").await;
    assert_eq!(alice.goes(&web, &world.allows(page.to(), "alice", "Alice")).await.to(), "/");
    let page = alice.goes(&web, SILENT).await;
    assert!(page.to().starts_with("https://as.example/authorize?"));
    assert_eq!(parameters(page.to())["prompt"], "none");
    let back = world.allows(page.to(), "alice", "Alice");
    assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may");
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_silent_login_shows_nothing_while_the_store_is_down_lg_7() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    world.store.switch(false);
    let page = alice.goes(&web, SILENT).await;
    assert_eq!((page.to(), page.set().len()), ("/orders?of=may", 0));
    world.store.switch(true);
    assert_eq!(world.rules(), ["none"]);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}
