//! The server says that a login has ended there.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use valetkey_async::jose::{Algorithm, RustCrypto};
use valetkey_async::server::{Endpoint, ServerKeys};
use valetkey_async::{AuthorizationServer, Quirk, now};

use crate::browser::{Browser, Page};
use crate::world::{EVENT, World, claims_of, client_of, jwt, parameters, web, whole};

/// The claims of a logout token for a person's login.
fn claims(sub: &str, jti: &str) -> Value {
    json!({ "sub": sub, "sid": format!("sid of {sub}"), "jti": jti, "events": { EVENT: {} } })
}

async fn posts(web: &Router, claims: Value) -> Page {
    let form = format!("logout_token={}", jwt("logout+jwt", &whole(claims, 120)));
    Browser::default().sends(web, Method::POST, "/logout/back-channel", &[], &form).await
}

#[tokio::test]
async fn a_process_that_did_not_log_them_in_ends_their_session_lo_15_lo_16_lo_19() {
    let world = World::new().await;
    let (web, other_process) = (world.web(), world.web());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let mut bob = world.browser_of(&web, "bob", "Bob").await;
    let page = posts(&other_process, claims("alice", "1")).await;
    let held = world.store.held().len();
    // LO-8
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    for process in [&web, &other_process] {
        assert!(alice.goes(process, "/").await.body.starts_with("Hello, stranger "));
        assert!(bob.goes(process, "/").await.body.starts_with("Hello, Bob "));
    }
    // Her session was found over, so that nothing of it is left.
    assert_eq!(world.store.held().len(), held - 1);
    // LO-15: by `sub` alone, all of a person; somebody whom nobody knows is nobody, and that is well.
    let (mut one, mut two) =
        (world.browser_of(&web, "alice", "Alice").await, world.browser_of(&web, "alice", "Alice").await);
    let of_all = json!({ "sub": "alice", "jti": "2", "events": { EVENT: {} } });
    assert_eq!(posts(&web, of_all).await.status, StatusCode::OK);
    for browser in [&mut one, &mut two] {
        assert!(browser.goes(&web, "/").await.body.starts_with("Hello, stranger "));
    }
    assert_eq!(posts(&web, claims("carol", "3")).await.status, StatusCode::OK);
    assert!(bob.goes(&web, "/").await.body.starts_with("Hello, Bob "));
    assert!(world.rules().is_empty());
}

#[tokio::test]
async fn a_logout_token_that_is_forged_or_for_another_ends_nothing_lo_9_lo_10_lo_11_lo_12_lo_13() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let with = |name: &str, value: Value| {
        let mut claims = claims("alice", "1");
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = whole(claims("alice", "1"), 120);
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let time = now().as_secs();
    let tokens = [
        ("LO-13", with("nonce", json!("n"))),
        ("LO-11", with("events", json!({}))),
        ("LO-11", with("events", json!([EVENT]))),
        ("LO-11", with("events", json!({ EVENT: "yes" }))),
        ("LO-11", with("events", json!({ EVENT.replace("http:", "https:"): {} }))),
        ("LO-10", with("iat", json!(time - 3600))),
        ("LO-12", json!({ "jti": "1", "events": { EVENT: {} } })),
    ];
    for (rule, claims) in tokens {
        let page = posts(&web, claims.clone()).await;
        assert_eq!(
            (page.status, page.header("cache-control")),
            (StatusCode::BAD_REQUEST, "no-store"),
            "{claims}"
        );
        assert_eq!(world.rules(), [rule], "{claims}");
    }
    for name in ["iat", "exp", "jti"] {
        let form = format!("logout_token={}", jwt("logout+jwt", &without(name)));
        let page = Browser::default().sends(&web, Method::POST, "/logout/back-channel", &[], &form).await;
        assert_eq!(
            (page.status, world.rules()),
            (StatusCode::BAD_REQUEST, vec!["LO-10".to_owned()]),
            "{name}"
        );
    }
    // Another issuer's, another client's, another key's, nobody's.
    for (name, value) in [("iss", "https://evil.example"), ("aud", "another-client")] {
        assert_eq!(posts(&web, with(name, json!(value))).await.status, StatusCode::BAD_REQUEST, "{name}");
    }
    let good = jwt("logout+jwt", &whole(claims("alice", "1"), 120));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let unsigned = good.split('.').nth(1).map(|payload| format!("eyJhbGciOiJub25lIn0.{payload}.")).unwrap();
    for token in [format!("{signed}."), format!("{signed}.AAAA"), unsigned] {
        let form = format!("logout_token={token}");
        let page = Browser::default().sends(&web, Method::POST, "/logout/back-channel", &[], &form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(world.rules().len(), 5);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // And it is the good one that ends it.
    assert_eq!(posts(&web, claims("alice", "1")).await.status, StatusCode::OK);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn a_logout_token_comes_once_by_a_post_of_a_form_lo_8() {
    let world = World::new().await;
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let token = jwt("logout+jwt", &whole(claims("alice", "1"), 120));
    let one = format!("logout_token={token}");
    let two = format!("{one}&{one}");
    let mut server = Browser::default();
    let path = "/logout/back-channel";
    for page in [
        server.sends(&web, Method::GET, &format!("{path}?{one}"), &[], "").await,
        server.sends(&web, Method::POST, path, &[], &two).await,
        server.sends(&web, Method::POST, path, &[], "").await,
        server.sends(&web, Method::POST, path, &[], &format!("logout_token={}", "a".repeat(70 * 1024))).await,
    ] {
        assert_eq!((page.status, page.header("cache-control")), (StatusCode::BAD_REQUEST, "no-store"));
    }
    assert_eq!(world.rules(), ["LO-8"; 4]);
    let page = server.sends(&web, Method::POST, path, &[], &"a".repeat(200 * 1024)).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}

#[tokio::test]
async fn a_logout_token_is_used_once_in_all_processes_lo_14() {
    let world = World::new().await;
    let (web, other_process) = (world.web(), world.web());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    assert_eq!(posts(&web, claims("alice", "1")).await.status, StatusCode::OK);
    // She logs in again, and somebody repeats the token elsewhere.
    assert_eq!(world.log_in(&web, &mut alice, "alice", "Alice").await.to(), "/");
    assert_eq!(posts(&other_process, claims("alice", "1")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.rules(), ["LO-14"]);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}

/// So it is for a store that fails, which the library asks again for half a minute before.
#[tokio::test]
async fn a_log_out_that_fails_for_now_is_a_503_and_may_be_sent_again_lo_8_lo_14() {
    let world = World::new().await;
    // Nobody listens where the keys are.
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let server = world.server.clone().endpoint(Endpoint::Jwks, &format!("http://{place}/jwks")).unwrap();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    let other_process = web(&world.settings().client(client_of(server.keys(keys))).build().unwrap());
    let web = world.web();
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let page = posts(&other_process, claims("alice", "1")).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::SERVICE_UNAVAILABLE, "no-store"));
    assert_eq!(world.rules().len(), 1);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // LO-14: its `jti` was not used by that.
    assert_eq!(posts(&web, claims("alice", "1")).await.status, StatusCode::OK);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn a_sid_alone_ends_that_login_of_the_person_and_no_other_lo_15_lo_19() {
    let world = World::new().await;
    let web = world.web();
    let mut at_home = world.browser_of(&web, "alice", "Alice").await;
    let mut at_work = Browser::default();
    let asked = parameters(at_work.posts(&web, "/login", "").await.to());
    let mut login = claims_of("alice", "Alice", &asked);
    login["sid"] = json!("at work");
    assert_eq!(at_work.goes(&web, &world.gives(&asked, login)).await.to(), "/");
    for (jti, names) in [("1", json!({ "sid": "at work" })), ("2", json!({ "sid": "at sea" }))] {
        let mut claims = names;
        claims["jti"] = json!(jti);
        claims["events"] = json!({ EVENT: {} });
        assert_eq!(posts(&web, claims).await.status, StatusCode::OK);
        assert!(at_work.goes(&web, "/").await.body.starts_with("Hello, stranger "));
        assert!(at_home.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    }
}

#[tokio::test]
async fn a_login_that_a_log_out_has_overtaken_leaves_no_session_lo_16() {
    let world = World::new().await;
    let web = world.web();
    let sessions = || {
        let later = now().after(Duration::from_secs(29 * 24 * 60 * 60));
        world.store.held().into_iter().flatten().filter(|until| *until > later).count()
    };
    let mut alice = Browser::default();
    let asked = parameters(alice.posts(&web, "/login", "").await.to());
    let claims_of_login = json!({
        "sub": "alice", "sid": "sid of alice", "nonce": asked["nonce"], "iat": now().as_secs() - 5,
    });
    let back = world.gives(&asked, claims_of_login);
    assert_eq!(posts(&web, claims("alice", "1")).await.status, StatusCode::OK);
    assert_eq!(alice.goes(&web, &back).await.to(), "/login/failed?why=refused");
    assert_eq!((world.redeemed(), alice.session(), sessions()), (1, None, 0));
    // Sessions are found so: who it is, and the tokens.
    world.browser_of(&web, "bob", "Bob").await;
    assert_eq!(sessions(), 2);
}

#[tokio::test]
async fn why_no_log_out_can_be_announced_is_noted_id_8() {
    let world = World::new().await;
    // People can log in without its keys, and logout tokens have none to be verified by.
    let server = AuthorizationServer::new()
        .admit(Quirk::IdTokenByTls)
        .issuer("https://as.example")
        .unwrap()
        .authorization_endpoint("https://as.example/authorize")
        .unwrap()
        .token_endpoint("https://as.example/token")
        .unwrap();
    let web = web(&world.settings().client(client_of(server)).build().unwrap());
    assert_eq!(posts(&web, claims("alice", "1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.rules(), ["ID-8"]);
}

/// The application, which listens to the front channel too.
fn framed(world: &World) -> Router {
    web(&world.settings().client(world.client()).front_channel().build().unwrap())
}

#[tokio::test]
async fn a_sid_may_be_required_lo_12_lo_17() {
    let world = World::new().await;
    let settings = world.settings().client(world.client()).front_channel();
    let web = web(&settings.sid_required().build().unwrap());
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let of_all = json!({ "sub": "alice", "jti": "1", "events": { EVENT: {} } });
    assert_eq!(posts(&web, of_all).await.status, StatusCode::BAD_REQUEST);
    let page = alice.goes(&web, "/logout/front-channel").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.rules(), ["LO-12", "LO-17"]);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
}

#[tokio::test]
async fn an_iframe_of_the_server_ends_the_session_of_its_browser_alone_lo_17() {
    let world = World::new().await;
    let web = framed(&world);
    let mut alice = world.browser_of(&web, "alice", "Alice").await;
    let mut bob = world.browser_of(&web, "bob", "Bob").await;
    let path = |iss: &str, sid: &str| format!("/logout/front-channel?iss={iss}&sid={sid}");
    for refused in [
        "/logout/front-channel?iss=https://as.example".to_owned(),
        "/logout/front-channel?sid=sid+of+alice".to_owned(),
        path("https://evil.example", "sid+of+alice"),
        format!("{}&sid=2", path("https://as.example", "sid+of+alice")),
    ] {
        let page = alice.goes(&web, &refused).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{refused}");
        assert_eq!(world.rules(), ["LO-17"], "{refused}");
    }
    let hers = path("https://as.example", "sid+of+alice");
    let page = bob.goes(&web, &hers).await;
    assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0));
    let before = alice.clone();
    let page = alice.goes(&web, &hers).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(page.header("content-security-policy").contains("frame-ancestors https://as.example"));
    assert_eq!(alice.session(), None);
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    assert!(bob.goes(&web, "/").await.body.starts_with("Hello, Bob "));
}

#[tokio::test]
async fn a_link_of_any_site_logs_nobody_out_lo_17() {
    let world = World::new().await;
    // Who does not ask for the front channel has none.
    let without = world.web();
    let mut alice = world.browser_of(&without, "alice", "Alice").await;
    let hers = "/logout/front-channel?iss=https://as.example&sid=sid+of+alice";
    for path in [hers, "/logout/front-channel"] {
        let page = alice.goes(&without, path).await;
        assert_eq!((page.status, page.set().len()), (StatusCode::NOT_FOUND, 0), "{path}");
    }
    let web = framed(&world);
    // What is gone to, or shown as an image, is no frame.
    for dest in ["document", "image", "empty"] {
        let page = alice.sends(&web, Method::GET, hers, &[("sec-fetch-dest", dest)], "").await;
        assert_eq!((page.status, page.set().len()), (StatusCode::BAD_REQUEST, 0), "{dest}");
        assert_eq!(world.rules(), ["LO-17"], "{dest}");
    }
    // A frame of any site's page, which cannot know her `sid`.
    let frame = [("sec-fetch-dest", "iframe")];
    let page = alice.sends(&web, Method::GET, "/logout/front-channel", &frame, "").await;
    assert_eq!((page.status, page.set().len()), (StatusCode::OK, 0));
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    assert_eq!(alice.sends(&web, Method::GET, hers, &frame, "").await.status, StatusCode::OK);
    assert_eq!(alice.session(), None);
}
