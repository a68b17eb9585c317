//! What is shown of an adapter's values for a log: what they are, and no secret. One that shows nothing at all would pass every test
//! of what it must not show.

use std::fmt::Debug;
use std::sync::Arc;

use valetkey_core::store::MemoryStore;
use valetkey_tests::openid::client;

use crate::announced::login_at;
use crate::face::{Adapter, Async, Blocking, Place};
use crate::wire::permanent;

#[track_caller]
fn shows(value: &dyn Debug, texts: &[&str]) {
    let shown = format!("{value:?}");
    for text in texts {
        assert!(shown.contains(text), "{shown} says nothing of {text}");
    }
    for secret in ["a-248289761001-s1", "248289761001", "alice", valetkey_tests::SECRET] {
        assert!(!shown.contains(secret), "{shown} says {secret}");
    }
}

fn of_each<A: Adapter>(adapter: &A) {
    let api = adapter.api(permanent("http://127.0.0.1:9"));
    shows(&api, &["ApiClient { tokens: Tokens { session: "]);
    let loopback = adapter.bind(Place::Anywhere).unwrap();
    shows(&loopback, &["Loopback {", "authority: \"127.0.0.1:", "path: \"/callback\""]);
}

#[test]
fn what_threads_use_says_what_it_is() {
    of_each(&Blocking::new());
    let sessions =
        valetkey_blocking::Sessions::new(valetkey_blocking::http_client(), &client(), MemoryStore::new());
    let tokens = sessions.login("alice", &login_at(&client(), "s1")).unwrap();
    shows(&sessions, &["Sessions { client: Client {", "s6BhdRkqt3", "recent: "]);
    shows(&tokens, &["Tokens { session: "]);
    let who = sessions.logged_in("alice").unwrap().unwrap();
    shows(&who, &["LoggedIn { identity: Some(", "https://as.example"]);
    assert_eq!((who.session_id(), who.record().session_id()), (Some("s1"), Some("s1")));
    assert_eq!(who.identity().unwrap().subject(), "248289761001");
    shows(&valetkey_blocking::Upload::from(valetkey_tests::SECRET), &["Upload"]);
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    let server = valetkey_sandbox::RawFront::start([valetkey_sandbox::RawAnswer::new(ok)]).unwrap();
    let api = valetkey_blocking::ApiClient::new(valetkey_blocking::http_client(), permanent(server.url()));
    let answer = api.stream(http::Request::get(server.url()).body(Vec::new()).unwrap()).unwrap();
    shows(answer.body(), &["Download"]);
}

#[test]
fn what_tasks_use_says_what_it_is() {
    of_each(&Async::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let http = valetkey_async::http_client().unwrap();
        shows(&http, &["HttpClient"]);
        let sessions = valetkey_async::Sessions::new(http.clone(), &client(), Arc::new(MemoryStore::new()));
        let tokens = sessions.login("alice", &login_at(&client(), "s1")).await.unwrap();
        shows(&sessions, &["Sessions { client: Client {", "s6BhdRkqt3", "recent: "]);
        shows(&tokens, &["Tokens { session: "]);
        let who = sessions.logged_in("alice").await.unwrap().unwrap();
        shows(&who, &["LoggedIn { identity: Some(", "https://as.example"]);
        assert_eq!((who.session_id(), who.record().session_id()), (Some("s1"), Some("s1")));
        assert_eq!(who.identity().unwrap().subject(), "248289761001");
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        let server = valetkey_sandbox::RawFront::start([valetkey_sandbox::RawAnswer::new(ok)]).unwrap();
        let api = valetkey_async::ApiClient::new(http, permanent(server.url()));
        let request = http::Request::get(server.url()).body(Vec::new()).unwrap();
        let answer = api.stream(request).await.unwrap();
        shows(answer.body(), &["Download"]);
    });
}
