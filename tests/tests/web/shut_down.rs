//! The program is told to stop, or a log-out comes, in the middle of a renewal.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use valetkey_axum::WebLogin;

use crate::browser::Browser;
use crate::world::{EVENT, World, jwt, web, whole};

fn login(world: &World) -> WebLogin {
    world.settings().client(world.client()).build().unwrap()
}

/// Whether nothing goes on any more that is not to be left half-way.
async fn is_settled(login: &WebLogin) -> bool {
    timeout(Duration::ZERO, login.settled()).await.is_ok()
}

/// The server's log-out of Alice.
async fn posts_a_log_out(web: &axum::Router) -> StatusCode {
    let claims = json!({ "sub": "alice", "sid": "sid of alice", "jti": "1", "events": { EVENT: {} } });
    let form = format!("logout_token={}", jwt("logout+jwt", &whole(claims, 120)));
    Browser::default().sends(web, Method::POST, "/logout/back-channel", &[], &form).await.status
}

/// A page over a real connection.
async fn page_at(place: SocketAddr, path: &str, browser: &Browser) -> String {
    let mut connection = TcpStream::connect(place).await.unwrap();
    let cookie = format!("__Host-session={}", browser.session().unwrap());
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: app.example\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_page_that_waits_for_a_renewal_when_the_program_is_told_to_stop_is_answered() {
    let world = World::new().await;
    let login = login(&world);
    let alice = world.browser_of(&web(&login), "alice", "Alice").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let program = axum::serve(listener, web(&login)).with_graceful_shutdown(async { stopped.await.unwrap() });
    let program = tokio::spawn(program.into_future());
    let held = world.holds();
    let browser = alice.clone();
    let page = tokio::spawn(async move { page_at(place, "/renewed", &browser).await });
    world.asked(1).await;
    stop.send(()).unwrap();
    // It takes no more from here on.
    while TcpStream::connect(place).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!page.is_finished() && !program.is_finished());
    held.add_permits(1);
    let page = page.await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200 ") && page.ends_with("renewed"), "{page}");
    program.await.unwrap().unwrap();
    login.settled().await;
    // Each refresh token is good once: another process has the new one.
    held.add_permits(1);
    assert_eq!(alice.clone().goes(&world.web(), "/renewed").await.body, "renewed");
    assert_eq!(world.renewed(), ["refresh-of-code-0", "refresh-of-code-0+"]);
}

#[tokio::test]
async fn a_renewal_whose_browser_has_left_is_waited_for_when_the_program_ends() {
    let world = World::new().await;
    let login = login(&world);
    let mut alice = world.browser_of(&web(&login), "alice", "Alice").await;
    assert!(is_settled(&login).await);
    let held = world.holds();
    let (mut browser, program) = (alice.clone(), web(&login));
    let page = tokio::spawn(async move { browser.goes(&program, "/renewed").await.status });
    world.asked(1).await;
    page.abort();
    assert!(page.await.unwrap_err().is_cancelled());
    assert!(!is_settled(&login).await, "the new refresh token would be lost");
    held.add_permits(1);
    login.settled().await;
    held.add_permits(1);
    assert_eq!(alice.goes(&world.web(), "/renewed").await.body, "renewed");
    assert_eq!(world.renewed(), ["refresh-of-code-0", "refresh-of-code-0+"]);
}

#[tokio::test]
async fn tokens_that_are_revoked_after_a_log_out_of_the_server_are_waited_for_lo_7() {
    let world = World::new().await;
    let login = login(&world);
    world.browser_of(&web(&login), "alice", "Alice").await;
    let held = world.holds();
    // The server is answered before.
    assert_eq!(posts_a_log_out(&web(&login)).await, StatusCode::OK);
    world.asked(1).await;
    assert!(!is_settled(&login).await);
    held.add_permits(2);
    login.settled().await;
    assert_ne!(world.revoked(), 0);
}

#[tokio::test]
async fn tokens_that_are_to_outlive_the_login_are_not_revoked_by_a_log_out_of_the_server_lo_7() {
    let world = World::new().await;
    let login = login(&world);
    let mut alice = Browser::default();
    let asked = alice.posts(&web(&login), "/login", "").await;
    let asked = crate::world::parameters(asked.to());
    let mut claims = crate::world::claims_of("alice", "Alice", &asked);
    claims["scope"] = json!("openid profile offline_access");
    assert_eq!(alice.goes(&web(&login), &world.gives(&asked, claims)).await.to(), "/");
    assert_eq!(posts_a_log_out(&web(&login)).await, StatusCode::OK);
    login.settled().await;
    assert_eq!(world.revoked(), 0);
    assert!(alice.goes(&web(&login), "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn a_log_out_in_the_middle_of_a_renewal_wins_in_whatever_process_it_comes_lo_16() {
    let world = World::new().await;
    let login = login(&world);
    let mut alice = world.browser_of(&web(&login), "alice", "Alice").await;
    let held = world.holds();
    let (mut browser, program) = (alice.clone(), web(&login));
    let page = tokio::spawn(async move { browser.goes(&program, "/renewed").await.status });
    world.asked(1).await;
    // Its revocation is held back too.
    assert_eq!(posts_a_log_out(&world.web()).await, StatusCode::OK);
    assert!(alice.clone().goes(&web(&login), "/").await.body.starts_with("Hello, stranger "));
    held.add_permits(4);
    assert_eq!(page.await.unwrap(), StatusCode::BAD_GATEWAY);
    login.settled().await;
    // What the renewal brought is no session again.
    for process in [web(&login), world.web()] {
        assert!(alice.goes(&process, "/").await.body.starts_with("Hello, stranger "));
        assert_eq!(alice.goes(&process, "/renewed").await.to(), "/login?return_to=%2Frenewed");
    }
}
