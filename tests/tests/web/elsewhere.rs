//! Logins that another site starts, and several servers side by side.

use axum::Router;
use http::{Method, StatusCode};
use serde_json::json;
use valetkey_async::AuthorizationServer;
use valetkey_async::jose::{Algorithm, RustCrypto};
use valetkey_tests::jose::verification_keys;

use crate::browser::Browser;
use crate::world::{BASE, EVENT, World, client_of, jwt, parameters, web, whole};

#[tokio::test]
async fn another_site_starts_a_login_by_a_server_that_is_known_tp_1_tp_2_tp_3() {
    let world = World::new().await;
    let web = world.web();
    let start =
        "/login?iss=https://as.example&login_hint=alice&target_link_uri=https://app.example/orders?of=may";
    let mut alice = Browser::default();
    let cross_site = [("sec-fetch-site", "cross-site")];
    let page = alice.sends(&web, Method::GET, start, &cross_site, "").await;
    let asked = parameters(page.to());
    // TP-3, and TP-2: the place is not sent.
    assert_eq!(asked["login_hint"], "alice");
    assert!(asked.values().all(|value| !value.contains("orders")));
    let back = world.allows(page.to(), "alice", "Alice");
    assert_eq!(alice.goes(&web, &back).await.to(), "/orders?of=may");
    let page = Browser::default().posts(&web, "/login", "iss=https://as.example").await;
    assert_eq!(parameters(page.to())["client_id"], "s6BhdRkqt3");
    for (rule, query) in [
        ("TP-1", "iss=https://evil.example"),
        ("TP-1", "iss=https://as.example/"),
        ("TP-1", "iss="),
        ("TP-1", "iss=https://as.example&iss=https://as.example"),
        ("TP-2", "iss=https://as.example&target_link_uri=https://evil.example/"),
        ("TP-2", "iss=https://as.example&target_link_uri=//evil.example/"),
        ("TP-2", "iss=https://as.example&target_link_uri=https://app.example%5C@evil.example/"),
        ("AQ-21", "iss=https://as.example&login_hint=a%00b"),
    ] {
        let page =
            Browser::default().sends(&web, Method::GET, &format!("/login?{query}"), &cross_site, "").await;
        assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{query}");
        // TP-5
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(world.rules(), [rule], "{query}");
    }
}

#[tokio::test]
async fn another_site_puts_nobody_in_the_place_of_who_is_logged_in_tp_4() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let cross_site = [("sec-fetch-site", "cross-site")];
    // She is asked, whether the other site names a server or not.
    for start in ["/login?iss=https://as.example&login_hint=mallory", "/login"] {
        let page = alice.sends(&web, Method::GET, start, &cross_site, "").await;
        assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0));
        assert!(page.body.contains("You are logged in already.") && !page.body.contains("mallory"));
    }
    // Another host of the same site is another site, and an older browser says the origin alone.
    for elsewhere in [("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
        let page = alice.sends(&web, Method::GET, "/login", &[elsewhere], "").await;
        assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0), "{elsewhere:?}");
    }
    for ours in [("sec-fetch-site", "none"), ("sec-fetch-site", "same-origin"), ("origin", BASE)] {
        let page = alice.clone().sends(&web, Method::GET, "/login", &[ours], "").await;
        assert!(page.to().starts_with("https://as.example/authorize?"), "{ours:?}");
    }
    // One that was begun before she logged in in another tab.
    let mut browser = Browser::default();
    let page = browser.sends(&web, Method::GET, "/login?iss=https://as.example", &cross_site, "").await;
    let back = world.allows(page.to(), "mallory", "Mallory");
    assert_eq!(world.log_in(&web, &mut browser, "alice", "Alice").await.to(), "/");
    let page = browser.goes(&web, &back).await;
    assert_eq!(page.to(), "/login/failed?why=occupied");
    assert_eq!(world.rules(), ["TP-4"]);
    assert!(browser.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    assert_eq!(browser.goes(&web, "/login/failed?why=occupied").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn another_sites_form_comes_again_by_a_get_with_the_cookies_lg_1_tp_4() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let form = "return_to=/orders?of=m%c3%a4rz&by=&x=%0d%0aa:b";
    // The browser brings none that are `SameSite=Lax`: eight logins would not be known, nor who is logged in.
    for elsewhere in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let page = Browser::default().sends(&web, Method::POST, "/login", &[elsewhere], form).await;
        assert!(page.set().is_empty(), "{elsewhere:?}");
        let again = page.to().to_owned();
        assert_eq!(again, "/login?return_to=%2Forders%3Fof%3Dm%C3%A4rz&by=&x=%0D%0Aa%3Ab", "{elsewhere:?}");
        if elsewhere != ("origin", "null") {
            let page = alice.sends(&web, Method::GET, &again, &[elsewhere], "").await;
            assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0), "{elsewhere:?}");
            assert!(page.body.contains("You are logged in already."));
        }
    }
    // A page of ours tells no other page where it was, so that its origin is `null` too.
    let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    let page = Browser::default().sends(&web, Method::POST, "/login", &ours, "").await;
    assert!(page.to().starts_with("https://as.example/authorize?"));
    let long = format!("login_hint={}", "a".repeat(5000));
    let cross_site = [("sec-fetch-site", "cross-site")];
    let page = Browser::default().sends(&web, Method::POST, "/login", &cross_site, &long).await;
    assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0));
    assert_eq!(world.rules(), ["TP-1"]);
}

/// Each would be in a cookie of its own, because none of before came along: any site would fill the browser with them, until servers
/// refuse its requests.
#[tokio::test]
async fn what_another_site_posts_that_is_no_form_begins_nothing_lg_1_tp_1() {
    let world = World::new().await;
    let web = world.web();
    let form = "application/x-www-form-urlencoded";
    for elsewhere in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        for types in [
            &[("content-type", "text/plain")][..],
            &[("content-type", "multipart/form-data; boundary=b")],
            &[("content-type", "")],
            &[("content-type", form), ("content-type", form)],
        ] {
            let headers = [&[elsewhere], types].concat();
            for body in ["", "iss=https://as.example", "by=&return_to=/orders"] {
                let page = Browser::default().sends(&web, Method::POST, "/login", &headers, body).await;
                assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{headers:?}");
                assert_eq!(world.rules(), ["TP-1"], "{headers:?}");
            }
        }
    }
    // A page of ours may post nothing at all.
    let ours = [("sec-fetch-site", "same-origin"), ("content-type", "text/plain")];
    let page = Browser::default().sends(&web, Method::POST, "/login", &ours, "").await;
    assert!(page.to().starts_with("https://as.example/authorize?"));
}

/// A server that is never asked.
pub(crate) fn other() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://other.example")
        .unwrap()
        .authorization_endpoint("https://other.example/authorize")
        .unwrap()
        .token_endpoint("https://other.example/token")
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256))
}

/// The application with two servers: the second has another issuer.
pub(crate) fn two(world: &World) -> Router {
    let settings = world.settings().client(world.client()).client_named("other", client_of(other()));
    web(&settings.build().unwrap())
}

#[tokio::test]
async fn of_several_servers_the_person_chooses_one() {
    let world = World::new().await;
    let web = two(&world);
    let page = Browser::default().posts(&web, "/login", "return_to=/orders").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(">as.example<") && page.body.contains(">other.example<"), "{}", page.body);
    assert!(page.body.contains("name=\"by\" value=\"other\""));
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/login", "by=other&return_to=/orders").await;
    assert!(page.to().starts_with("https://other.example/authorize?"));
    assert_eq!(parameters(page.to())["redirect_uri"], "https://app.example/callback/other");
    let page = alice.posts(&web, "/login", "by=&return_to=/orders").await;
    let back = world.allows(page.to(), "alice", "Alice");
    assert_eq!(alice.goes(&web, &back).await.to(), "/orders");
    assert_eq!(alice.posts(&web, "/login", "by=third").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(alice.goes(&web, "/callback/third?code=1&state=2").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn by_which_server_somebody_has_logged_in_is_known() {
    let world = World::new().await;
    let other = client_of(world.server.clone().issuer("https://other.example").unwrap());
    let settings = world.settings().client(world.client()).client_named("other", other);
    let login = settings.build().unwrap();
    let web = web(&login);
    for (name, issuer) in [("other", "https://other.example"), ("", "https://as.example")] {
        let mut alice = Browser::default();
        let page = alice.posts(&web, "/login", &format!("by={name}")).await;
        let asked = parameters(page.to());
        let claims = json!({ "iss": issuer, "sub": "alice", "nonce": asked["nonce"] });
        assert_eq!(alice.goes(&web, &world.gives(&asked, claims)).await.to(), "/");
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", format!("__Host-session={}", alice.session().unwrap()).parse().unwrap());
        let user = login.user(&headers).await.unwrap().unwrap();
        assert_eq!((user.provider(), user.identity().issuer()), (name, issuer));
        // Neither a name nor a session of the server's was said.
        assert_eq!((user.name(), user.session_id()), ("alice", None));
    }
    assert!(login.user(&http::HeaderMap::new()).await.unwrap().is_none());
}

#[tokio::test]
async fn one_server_logs_nobody_out_who_logged_in_by_another_lo_9_lo_15() {
    let world = World::new().await;
    let web = two(&world);
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/login", "by=").await;
    assert_eq!(alice.goes(&web, &world.allows(page.to(), "alice", "Alice")).await.to(), "/");
    let token = |iss: &str, jti: &str| {
        let events = json!({ EVENT: {} });
        let claims =
            json!({ "iss": iss, "sub": "alice", "sid": "sid of alice", "jti": jti, "events": events });
        format!("logout_token={}", jwt("logout+jwt", &whole(claims, 120)))
    };
    let (own, other) = ("https://as.example", "https://other.example");
    for (path, iss, status) in [
        // Its own sessions of that name, of which there are none.
        ("/logout/back-channel/other", other, StatusCode::OK),
        ("/logout/back-channel", other, StatusCode::BAD_REQUEST),
        ("/logout/back-channel/other", own, StatusCode::BAD_REQUEST),
        ("/logout/back-channel/third", own, StatusCode::NOT_FOUND),
    ] {
        let page = Browser::default().sends(&web, Method::POST, path, &[], &token(iss, "1")).await;
        assert_eq!(page.status, status, "{path} {iss}");
        assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "), "{path} {iss}");
    }
    let page =
        Browser::default().sends(&web, Method::POST, "/logout/back-channel", &[], &token(own, "1")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn no_page_of_a_login_is_framed_tp_5() {
    let world = World::new().await;
    let web = two(&world);
    let cross_site = [("sec-fetch-site", "cross-site")];
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/login", "by=").await;
    let back = world.allows(page.to(), "alice", "Alice");
    let pages = [
        alice.goes(&web, &back).await,
        // The choice of a server, what another site started, and what was refused of it.
        alice.goes(&web, "/login").await,
        alice.sends(&web, Method::GET, "/login?iss=https://as.example", &cross_site, "").await,
        Browser::default().sends(&web, Method::GET, "/login?iss=https://as.example", &cross_site, "").await,
        alice.sends(&web, Method::GET, "/login?iss=https://evil.example", &cross_site, "").await,
        alice.goes(&web, "/login/failed?why=occupied").await,
    ];
    for page in pages {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{}: {policy}", page.status);
    }
}

#[tokio::test]
async fn the_response_of_one_server_is_never_the_others_ar_10() {
    let world = World::new().await;
    let web = two(&world);
    let mut alice = Browser::default();
    // The other server, which is evil, has her code of the honest one come to its own callback.
    let page = alice.posts(&web, "/login", "by=").await;
    let back = world.gives(&parameters(page.to()), json!({ "sub": "alice" }));
    let mixed = back.replace("/callback?", "/callback/other?");
    assert_eq!(alice.goes(&web, &mixed).await.to(), "/login/failed?why=refused");
    // And a login that was begun at the evil one does not end with the honest one's code.
    let begun = alice.posts(&web, "/login", "by=other").await;
    let state = &parameters(begun.to())["state"];
    let page = alice.goes(&web, &format!("/callback?code=code-0&state={state}")).await;
    assert_eq!(page.to(), "/login/failed?why=refused");
    assert_eq!(world.rules(), ["AR-10", "AR-10"]);
    assert_eq!(world.redeemed(), 0);
    assert_eq!(alice.session(), None);
}
