//! People log out, here and at the server.

use std::time::Duration;

use http::{Method, StatusCode};
use valetkey_async::server::Endpoint;

use crate::browser::Browser;
use crate::world::{World, client_of, parameters, web};

type Headers = &'static [(&'static str, &'static str)];

/// The field that the page's form brings along.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn only_a_page_of_ours_logs_out_lg_8() {
    let world = World::new().await;
    let web = world.web();
    let alice = world.browser_of(&web, "alice", "Alice").await;
    let bob = world.browser_of(&web, "bob", "Bob").await;
    let bobs = format!("csrf={}", token(&bob.clone().goes(&web, "/").await.body));
    let refused: [(Headers, &str); 6] = [
        (&[], ""),
        (&[("origin", "null")], ""),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], ""),
        (&[("origin", "https://app.example.evil.example")], ""),
        (&[("sec-fetch-site", "same-site")], "csrf="),
        (&[], &bobs),
    ];
    for (headers, form) in refused {
        let page = alice.clone().sends(&web, Method::POST, "/logout", headers, form).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::FORBIDDEN, 0), "{headers:?} {form}");
        assert!(alice.clone().goes(&web, "/").await.body.starts_with("Hello, Alice "));
    }
    assert_eq!(world.rules(), ["LG-8"; 6]);
}

#[tokio::test]
async fn who_is_told_to_log_out_by_the_button_gets_that_button_lg_8() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let page = alice.sends(&web, Method::POST, "/logout", &[("origin", "null")], "").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains(">Log out<") && !page.body.contains("action=\"/login\""), "{}", page.body);
    let form = format!("csrf={}", token(&page.body));
    assert_eq!(alice.sends(&web, Method::POST, "/logout", &[("origin", "null")], &form).await.to(), "/");
    assert_eq!(alice.session(), None);
}

#[tokio::test]
async fn the_token_of_a_log_out_is_in_its_form_alone_lg_8() {
    let world = World::new().await;
    let web = world.web();
    let alice = world.browser_of(&web, "alice", "Alice").await;
    let token = format!("csrf={}", token(&alice.clone().goes(&web, "/").await.body));
    let in_query = format!("/logout?{token}");
    let text: Headers = &[("content-type", "text/plain")];
    let twice: Headers = &[("origin", "https://app.example"), ("origin", "https://evil.example")];
    let first_is_wrong = format!("csrf=x&{token}");
    for (path, headers, form) in [
        (&*in_query, &[][..], ""),
        (&in_query, text, ""),
        ("/logout", text, &*token),
        ("/logout", &[], &first_is_wrong),
        // Whose page it is, is not said then.
        ("/logout", twice, ""),
    ] {
        let page = alice.clone().sends(&web, Method::POST, path, headers, form).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::FORBIDDEN, 0), "{path} {headers:?}");
    }
    assert_eq!(world.rules(), ["LG-8"; 5]);
    assert!(alice.clone().goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // A browser that says no more than the origin.
    let own: Headers = &[("origin", "https://app.example")];
    assert_eq!(alice.clone().sends(&web, Method::POST, "/logout", own, "").await.to(), "/");
    assert!(alice.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn a_log_out_is_a_post_whether_or_not_somebody_is_logged_in_lg_8() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    for mut browser in [alice.clone(), Browser::default()] {
        for method in [Method::GET, Method::HEAD] {
            let same_origin = [("sec-fetch-site", "same-origin")];
            let page = browser.sends(&web, method, "/logout", &same_origin, "").await;
            assert_eq!((page.status, page.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
        }
    }
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}

#[tokio::test]
async fn a_log_out_ends_the_session_in_all_processes_and_revokes_its_tokens_lo_7_lg_8() {
    let world = World::new().await;
    let (web, other_process) = (world.web(), world.web());
    let ours: [Headers; 3] =
        [&[("sec-fetch-site", "same-origin"), ("origin", "null")], &[("origin", "https://app.example")], &[]];
    for (round, headers) in ours.into_iter().enumerate() {
        let mut alice = world.browser_of(&web, "alice", "Alice").await;
        let before = alice.clone();
        let form = match headers {
            [] => format!("csrf={}", token(&alice.goes(&web, "/").await.body)),
            _ => String::new(),
        };
        let page = alice.sends(&web, Method::POST, "/logout", headers, &form).await;
        assert_eq!(page.to(), "/");
        assert_eq!(alice.session(), None);
        for process in [&web, &other_process] {
            assert!(before.clone().goes(process, "/").await.body.starts_with("Hello, stranger "));
        }
        assert!(world.revoked() > round);
    }
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn the_browser_is_sent_to_the_server_once_the_session_here_has_ended_lo_4_lo_5_lo_6() {
    let world = World::new().await;
    let server = world.server.clone().endpoint(Endpoint::EndSession, "https://as.example/logout").unwrap();
    let web = web(&world.settings().client(client_of(server)).build().unwrap());
    let mut alice = world.browser_of(&web, "alice", "Alice Archer").await;
    let before = alice.clone();
    let page = alice.posts(&web, "/logout", "").await;
    // LO-4: the hint has her name in it, so that it goes by a form and into no log of URLs.
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("action=\"https://as.example/logout\""), "{}", page.body);
    let field = |name: &str| {
        let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(field("id_token_hint").matches('.').count(), 2);
    assert_eq!(field("post_logout_redirect_uri"), "https://app.example/logout/return");
    // LO-5
    assert_eq!(alice.session(), None);
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    // LO-6: whatever comes back, she stays logged out.
    let state = field("state");
    for query in ["".to_owned(), "?state=other".to_owned(), format!("?state={state}&state={state}")] {
        assert_eq!(alice.goes(&web, &format!("/logout/return{query}")).await.to(), "/");
        assert_eq!(world.rules(), ["LO-6"], "{query}");
    }
    let back = format!("/logout/return?state={state}");
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(world.rules().is_empty());
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert_eq!(world.rules(), ["LO-6"], "once");
    assert_eq!(alice.goes(&web, "/orders").await.to(), "/login?return_to=%2Forders");
}

#[tokio::test]
async fn a_log_out_may_be_for_here_only() {
    let world = World::new().await;
    let server = world.server.clone().endpoint(Endpoint::EndSession, "https://as.example/logout").unwrap();
    let web = web(&world.settings().client(client_of(server)).logout_here_only().build().unwrap());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    assert_eq!(alice.posts(&web, "/logout", "").await.to(), "/");
    assert_eq!(alice.session(), None);
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    let world = World::new().await;
    let settings = world.settings().client(world.client()).session_lifetime(Duration::ZERO);
    let web = web(&settings.build().unwrap());
    let mut alice = Browser::default();
    assert_eq!(world.log_in(&web, &mut alice, "alice", "Alice").await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn a_log_out_while_the_store_is_down_is_not_said_to_be_done_lo_5() {
    let world = World::new().await;
    let server = world.server.clone().endpoint(Endpoint::EndSession, "https://as.example/logout").unwrap();
    let web = web(&world.settings().client(client_of(server)).build().unwrap());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    world.store.switch(false);
    let page = alice.posts(&web, "/logout", "").await;
    assert_eq!((page.status, page.set().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert!(
        page.body.contains("You are still logged in") && page.body.contains("try again"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("as.example") && !page.body.contains("action=\"/login\""), "{}", page.body);
    assert_eq!((world.revoked(), world.rules().len()), (0, 1));
    world.store.switch(true);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // The page that said so has the button for it.
    let before = alice.clone();
    let page = alice.posts(&web, "/logout", &format!("csrf={}", token(&page.body))).await;
    assert!(page.body.contains("action=\"https://as.example/logout\""));
    assert_eq!(alice.session(), None);
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

/// LO-18: session management by an iframe is not built.
#[tokio::test]
async fn there_is_no_iframe_that_watches_the_session_lo_18() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let back = format!("{}&session_state=abc.def", world.allows(asked.to(), "alice", "Alice"));
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(parameters(asked.to()).keys().all(|name| !name.contains("session")));
    for path in ["/check_session", "/session", "/logout/check-session"] {
        assert_eq!(alice.goes(&web, path).await.status, StatusCode::NOT_FOUND);
    }
    let page = alice.goes(&web, "/login/failed").await;
    assert!(!page.body.contains("iframe") && !page.body.contains("script"));
}
