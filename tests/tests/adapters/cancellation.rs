//! The async adapter alone: a future may be dropped at any time, and runs on any thread.

use std::future::Future;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use valetkey_async::{ApiClient, Loopback, http_client, run, send};
use valetkey_core::{AuthorizationRequest, PendingAuthorization};
use valetkey_sandbox::{Endpoint, Front, Sandbox};
use valetkey_tests::{client as registered, entropy, get};

use crate::wire::{SHORT, chatbot, stalling, token_request};

/// Long enough for whatever is under way to be under way; nothing depends on it.
const MOMENT: Duration = SHORT;

/// Drops the future after a moment, in which it must not have ended.
async fn cancel(future: impl Future) {
    assert!(tokio::time::timeout(MOMENT, future).await.is_err(), "it was to be cancelled");
}

fn pending(redirect_uri: String) -> PendingAuthorization {
    let request = AuthorizationRequest::new(&registered(), redirect_uri).unwrap();
    request.begin_unbound(entropy(1), valetkey_async::now()).unwrap().1
}

/// A task may be moved between threads while it waits for any of them.
#[test]
fn every_future_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    let (http, pending) = (http_client().unwrap(), pending("http://127.0.0.1:1/callback".to_owned()));
    is_send(run(&http, token_request("http://127.0.0.1:1")));
    is_send(send(&http, get("http://127.0.0.1:1")));
    is_send(Loopback::bind());
    is_send(async move { Loopback::bind().await.unwrap().receive(&pending, MOMENT).await });
    let front = Front::start(Sandbox::demo([1; 32])).unwrap();
    let api = ApiClient::new(http, chatbot(&front));
    is_send(api.send(get(front.url())));
}

/// LB-1: the port is open only while it is waited at.
#[tokio::test]
async fn a_cancelled_loopback_closes_its_port() {
    let loopback = Loopback::bind().await.unwrap();
    let pending = pending(loopback.redirect_uri());
    let address = pending.redirect_uri().strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap();
    let _silent = TcpStream::connect(address).unwrap();
    cancel(loopback.receive(&pending, Duration::from_secs(60))).await;
    assert!(TcpStream::connect(address).is_err());
}

/// A flow that was cancelled asks for the same again: nothing of it was lost with the future.
#[tokio::test]
async fn a_cancelled_run_leaves_its_flow_as_it_was() {
    let http = http_client().unwrap();
    let mut flow = token_request(&stalling(""));
    for _ in 0..2 {
        cancel(run(&http, &mut flow)).await;
    }
}

/// A renewal that was sent is received, whoever has stopped waiting for it: its token is used, and no other is asked for.
#[tokio::test]
async fn a_cancelled_call_cancels_no_renewal() {
    let (answer, may_answer) = mpsc::channel();
    let may_answer = std::sync::Mutex::new(may_answer);
    // The server has no time to give until the test lets it.
    let front = Front::start_with_clock(Sandbox::demo([1; 32]), move || {
        may_answer.lock().unwrap().recv().unwrap();
        valetkey_async::now()
    })
    .unwrap();
    let api = ApiClient::new(http_client().unwrap(), chatbot(&front));
    let absences = get(&format!("{}/api/http/absences", front.url()));
    cancel(api.send(absences.clone())).await;
    for _ in 0..2 {
        answer.send(()).unwrap();
    }
    assert_eq!(api.send(absences).await.unwrap().status(), 200);
    let sandbox = front.sandbox();
    let asked: Vec<_> = sandbox.log().iter().map(|exchange| exchange.endpoint()).collect();
    assert_eq!(asked, [Endpoint::Token, Endpoint::Api]);
}
