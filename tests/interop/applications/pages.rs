//! The pages of `valetkey-axum`, and those that core writes for browsers, as axe-core sees them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Html;
use fantoccini::Locator;
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use maud::html;
use serde_json::json;
use tokio::net::TcpListener;
use valetkey_async::authorize::receiver::fragment_page;
use valetkey_async::jose::Algorithm;
use valetkey_async::{
    AuthorizationRequest, AuthorizationServer, Client, Loopback, PendingAuthorization, entropy, now,
};

use crate::axe::violations;
use crate::chromium::Visit;
use crate::switched_store::SwitchedStore;
use crate::world::{ALICE, SERVER, World, plant};

/// No page of ours has a violation that is serious or critical.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/applications/run"]
async fn no_page_of_a_log_in_or_log_out_shuts_anybody_out() {
    let world = World::set_up(SERVER, |settings| settings.front_channel()).await;
    let visit = world.browser().await;
    let front = form_urlencoded::Serializer::new("/logout/front-channel?".to_owned())
        .append_pair("iss", world.provider.issuer())
        .append_pair("sid", "of nobody")
        .finish();
    for path in [
        "/login/failed?why=refused",
        "/login/failed?why=cancelled",
        "/login/failed?why=unavailable",
        "/login/failed?why=occupied",
        "/login?return_to=//evil.example",
        "/callback/nobody",
        &front,
    ] {
        visit.client.goto(&format!("{}{path}", world.base)).await.unwrap();
        assert_eq!(violations(&visit).await, Vec::<String>::new(), "{path}");
    }
    world.rules();
    // The question before another's place is taken, and the one before a log-out.
    let mut alice = world.browser_of(ALICE).await;
    let lure =
        world.elsewhere(html! { a #lure href=(format!("{}/login", world.base)) { "To the application" } });
    alice.client.goto(&lure).await.unwrap();
    alice.press("#lure").await;
    assert!(alice.text("main").await.contains("You are logged in already."));
    assert_eq!(violations(&alice).await, Vec::<String>::new());
    let form =
        html! { form method="post" action=(format!("{}/logout", world.base)) { button #lure { "Win" } } };
    alice.client.goto(&world.beside(form)).await.unwrap();
    alice.press("#lure").await;
    assert!(alice.text("main").await.contains("You are still logged in."));
    assert_eq!(violations(&alice).await, Vec::<String>::new());
    world.ends(alice).await;
    world.ends(visit).await;
}

/// Which server, too many logins, and a store that is down.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/applications/run"]
async fn no_page_between_a_person_and_a_login_shuts_anybody_out() {
    let store = Arc::new(SwitchedStore::default());
    let world = World::set_up(SERVER, |settings| {
        settings.client_named("second", second()).most_starts(1).store(Arc::clone(&store))
    })
    .await;
    let mut visit = world.browser().await;
    visit.client.goto(&format!("{}/login", world.base)).await.unwrap();
    assert_eq!(visit.client.find_all(Locator::Css("form button")).await.unwrap().len(), 2);
    assert_eq!(violations(&visit).await, Vec::<String>::new());
    visit.press("form button").await;
    visit.find("input[name=username]").await;
    visit.client.goto(&format!("{}/login?by=", world.base)).await.unwrap();
    assert!(visit.text("main").await.contains("Too many people"), "{}", visit.text("main").await);
    assert_eq!(violations(&visit).await, Vec::<String>::new());
    store.switch(false);
    plant(&visit, &world.base, "a-session").await;
    visit.client.goto(&format!("{}/orders", world.base)).await.unwrap();
    assert!(visit.text("main").await.contains("try again"), "{}", visit.text("main").await);
    assert_eq!(violations(&visit).await, Vec::<String>::new());
    world.rules();
    world.ends(visit).await;
}

/// Another server than the world's.
fn second() -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://second.example")
        .unwrap()
        .authorization_endpoint("https://second.example/authorize")
        .unwrap()
        .token_endpoint("https://second.example/token")
        .unwrap();
    let client = Client::new(server, "web").secret("another-SECRET-0123456789-0123456789").unwrap();
    client.id_token_algorithm(Algorithm::Hs256).unwrap()
}

/// What says that a page is well would say that another is not.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/applications/run"]
async fn a_page_that_shuts_people_out_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page = "<!doctype html><html><link rel=icon href=data:,><body><img src=data:,><input name=who>\
                <p style='color: #999; background: #aaa'>pale</p></body></html>";
    let router = Router::new().fallback(move || async move { Html(page) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let visit = Visit::of_page(&url).await;
    let found = violations(&visit).await.join("\n");
    for rule in [
        "color-contrast (serious)",
        "document-title",
        "html-has-lang",
        "image-alt (critical)",
        "label (critical)",
    ] {
        assert!(found.contains(rule), "{rule} is not in:\n{found}");
    }
    visit.end_with(|_| true).await;
}

/// A login that waits at a port, and where its browser comes with the response.
async fn waiting() -> (Loopback, PendingAuthorization, String) {
    let loopback = Loopback::bind().await.unwrap();
    let redirect_uri = loopback.redirect_uri();
    let server = AuthorizationServer::new()
        .issuer("https://login.example")
        .unwrap()
        .authorization_endpoint("https://login.example/authorize")
        .unwrap()
        .token_endpoint("https://login.example/token")
        .unwrap();
    let client = Client::new(server, "native");
    let request = AuthorizationRequest::new(&client, &redirect_uri).unwrap();
    let (_, pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let back = format!("{redirect_uri}?code=a&state={}", pending.state());
    (loopback, pending, back)
}

/// The pages of the loopback receiver: before the response, with it, and what is not one.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/applications/run"]
async fn no_page_of_the_loopback_receiver_shuts_anybody_out() {
    let (loopback, pending, back) = waiting().await;
    let redirect_uri = loopback.redirect_uri();
    let received =
        tokio::spawn(async move { loopback.receive(&pending, Duration::from_secs(60)).await.map(drop) });
    let visit = Visit::of_page(&format!("{redirect_uri}?code=a&state=forged")).await;
    let mut found = violations(&visit).await;
    assert_eq!(visit.text("h1").await, "Nothing here");
    // As a browser asks that fetches ahead.
    visit.chromium("Network.enable", json!({})).await;
    let ahead = json!({ "headers": { "Sec-Purpose": "prefetch" } });
    visit.chromium("Network.setExtraHTTPHeaders", ahead).await;
    visit.client.goto(&back).await.unwrap();
    assert_eq!(visit.text("h1").await, "Not yet");
    found.extend(violations(&visit).await);
    let large = json!({ "headers": { "X-Large": "a".repeat(33 * 1024) } });
    visit.chromium("Network.setExtraHTTPHeaders", large).await;
    visit.client.goto(&back).await.unwrap();
    assert_eq!(visit.text("h1").await, "Too many cookies");
    found.extend(violations(&visit).await);
    visit.chromium("Network.setExtraHTTPHeaders", json!({ "headers": {} })).await;
    visit.client.goto(&back).await.unwrap();
    assert_eq!(visit.text("h1").await, "Done");
    found.extend(violations(&visit).await);
    received.await.unwrap().unwrap();
    assert_eq!(found, Vec::<String>::new());
    visit.end_with(|told| told.contains("the server responded with a status of")).await;
}

/// The page that hands a fragment on: its script does not run here, so that it stays.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/applications/run"]
async fn the_page_that_hands_a_fragment_on_shuts_nobody_out() {
    let mut page = fragment_page(entropy().unwrap()).unwrap();
    page.headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; img-src data:"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(move || {
        let page = page.clone().map(Body::from);
        async move { page }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let visit = Visit::of_page(&url).await;
    assert_eq!(visit.client.title().await.unwrap(), "Logging in");
    assert_eq!(violations(&visit).await, Vec::<String>::new());
    visit.end_with(|told| told.contains("Content Security Policy")).await;
}
