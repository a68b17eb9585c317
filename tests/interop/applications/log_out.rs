//! Log-outs: by the person, by the server, through the browser.

use serde_json::json;

use crate::world::{ALICE, BOB, SERVER_BESIDE, World, cookies, plant, session};

/// LO-1, LO-6, LG-8: the session ends here first; then the browser is at the server, and back with the `state` that it left with.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_person_logs_out_here_and_then_at_the_server() {
    let world = World::new().await;
    let mut visit = world.browser_of(ALICE).await;
    let hers = session(&visit).await.unwrap();
    visit.press("form[action='/logout'] button").await;
    // She is at the server, which has asked her nothing yet.
    visit.find("#yes").await;
    let asked = world.provider.asked_to_end();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["post_logout_redirect_uri"], format!("{}/logout/return", world.base));
    assert_eq!(asked[0]["id_token_hint"].split('.').count(), 3);
    assert!(asked[0]["state"].len() > 20);
    let mut copy = world.browser().await;
    plant(&copy, &world.base, &hers).await;
    assert_eq!(world.greeted(&copy, &world.other).await, "Hello, stranger", "who has a copy of the cookie");

    visit.press("#yes").await;
    assert_eq!(visit.text("#greeting").await, "Hello, stranger");
    assert_eq!(visit.client.current_url().await.unwrap().as_str(), format!("{}/", world.base));
    assert_eq!(cookies(&visit).await, []);
    assert_eq!(world.rules(), Vec::<String>::new());
    // The return is good once, and for nobody else.
    let back = format!("{}/logout/return?state={}", world.base, asked[0]["state"]);
    visit.client.goto(&back).await.unwrap();
    assert_eq!(world.rules(), ["LO-6"]);
    assert_eq!(visit.text("#greeting").await, "Hello, stranger");
    world.log_in(&mut copy, BOB).await;
    assert_eq!(copy.text("#greeting").await, "Hello, Bob Baker");
    world.ends(copy).await;
    world.ends(visit).await;
}

/// LO-15, LO-16: the logout token comes to a process that did not log her in. Her next page is a stranger's in both, and Bob's is Bob's.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_logout_token_at_the_other_process_ends_the_session_in_both() {
    let world = World::new().await;
    let alice = world.browser_of(ALICE).await;
    let login = world.provider.last_login();
    let bob = world.browser_of(BOB).await;
    assert_eq!(world.announce(&world.other, &world.provider.notice(&login, "1")).await, (200, vec![]));
    for process in [&world.base, &world.other] {
        assert_eq!(world.greeted(&alice, process).await, "Hello, stranger");
        assert_eq!(world.greeted(&bob, process).await, "Hello, Bob Baker");
    }
    // A script of a page that is open yet is told, and no page.
    let told = "return fetch('/orders').then((answer) => answer.status)";
    assert_eq!(alice.value_of(told).await, 401);
    world.ends(alice).await;
    world.ends(bob).await;
}

/// LO-16: the token of her page is being renewed when the log-out comes. It counts; what the renewal brings, however late, does not.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_log_out_during_a_renewal_wins() {
    let world = World::new().await;
    let alice = world.browser_of(ALICE).await;
    let login = world.provider.last_login();
    world.provider.sandbox().expire_all();
    world.provider.answers_renewals(false);
    let begin = "window.answered = fetch('/me').then((answer) => answer.text()); return true";
    alice.value_of(begin).await;
    world.provider.renewals(1).await;
    assert_eq!(world.announce(&world.other, &world.provider.notice(&login, "1")).await, (200, vec![]));
    world.provider.answers_renewals(true);
    let page = alice.value_of("return window.answered").await;
    assert!(!page.as_str().unwrap().contains("200 OK"), "the late token was used: {page}");
    for process in [&world.base, &world.other] {
        assert_eq!(world.greeted(&alice, process).await, "Hello, stranger");
    }
    world.ends(alice).await;
}

/// LO-17: the server's page has the application in a frame. Of another site's frame Chromium leaves out the cookie, which is
/// `SameSite=Lax`: the session goes on. Of a server at the application's own site it ends.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_frame_of_the_servers_page_ends_the_session_where_its_cookie_comes_along() {
    for (is_one_site, host) in [(false, crate::world::SERVER), (true, SERVER_BESIDE)] {
        let world = World::set_up(host, |settings| settings.front_channel()).await;
        let mut visit = world.browser_of(ALICE).await;
        let login = world.provider.last_login();
        let frame = form_urlencoded::Serializer::new(format!("{}/logout/front-channel?", world.base))
            .append_pair("iss", world.provider.issuer())
            .append_pair("sid", login["sid"].as_str().unwrap())
            .finish();
        world.provider.frames(&frame);
        let hers = session(&visit).await.unwrap();
        // She logs out at the server, by another application that sent her there.
        let end = form_urlencoded::Serializer::new(format!("{}/oauth/end-session?", world.provider.issuer()))
            .append_pair("post_logout_redirect_uri", &format!("{}/logout/return", world.base))
            .append_pair("state", "of another application")
            .finish();
        visit.client.goto(&end).await.unwrap();
        visit.press("#yes").await;
        // The page is whole when its frame is.
        let mut late = world.browser().await;
        plant(&late, &world.base, &hers).await;
        let expected = if is_one_site { "Hello, stranger" } else { "Hello, Alice Archer" };
        assert_eq!(world.greeted(&late, &world.other).await, expected, "{host}");
        assert_eq!(world.greeted(&visit, &world.base).await, expected, "{host}");
        assert_eq!(session(&visit).await.is_some(), !is_one_site, "{host}");
        assert_eq!(world.rules(), Vec::<String>::new());
        if is_one_site {
            world.log_in(&mut late, ALICE).await;
            assert_eq!(late.text("#greeting").await, "Hello, Alice Archer");
        }
        world.ends(late).await;
        world.ends(visit).await;
    }
}

/// ID-9, ID-10, LO-10 to LO-14: logout tokens that are forged, for somebody else, too old, or used already end nothing.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/applications/run"]
async fn a_logout_token_that_is_forged_or_repeated_ends_nothing() {
    let world = World::new().await;
    let alice = world.browser_of(ALICE).await;
    let login = world.provider.last_login();
    let good = world.provider.notice(&login, "1");
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let of_old = good["iat"].as_u64().unwrap() - 3600;
    for (rule, claims) in [
        ("ID-9", with("iss", json!("https://evil.example"))),
        ("ID-10", with("aud", json!("another-client"))),
        ("LO-10", with("iat", json!(of_old))),
        ("LO-11", with("events", json!({}))),
        ("LO-13", with("nonce", json!("of an ID token"))),
    ] {
        assert_eq!(world.announce(&world.other, &claims).await, (400, vec![rule.to_owned()]), "{claims}");
    }
    let token = world.provider.signs(&good);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (status, rules) = world.post_logout(&world.other, &format!("{signed}.AAAA")).await;
    assert_eq!((status, rules.len()), (400, 1), "{rules:?}");
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");

    // LO-14: the good one ends the session. She logs in again, and somebody repeats it to the other process.
    assert_eq!(world.announce(&world.other, &good).await, (200, vec![]));
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, stranger");
    let mut alice = alice;
    world.log_in(&mut alice, ALICE).await;
    assert_eq!(world.announce(&world.base, &good).await, (400, vec!["LO-14".to_owned()]));
    assert_eq!(world.greeted(&alice, &world.base).await, "Hello, Alice Archer");
    world.ends(alice).await;
}
