//! Wrong on purpose, and in just that way: each answer of the catalogue is as its description says, and right otherwise. What is
//! tested against an answer that is not as hostile as its name would prove nothing.

mod bodies;
mod documents;
mod redirects;
mod signed;

use serde_json::Value;
use valetkey_core::Response;
use valetkey_sandbox::{DEMO_USERS, Misbehaviour, Sandbox};

use crate::metadata::modern;
use crate::support::*;

/// One question, which is answered alike each time: the server's keys and tokens are of one seed.
type Ask = fn(&mut Sandbox) -> Response;

/// A server of today's at which Alice is signed in.
fn server() -> Sandbox {
    let mut sandbox = modern();
    sandbox.sign_in("alice");
    sandbox
}

/// What a server that behaves answers.
fn truth(ask: Ask) -> Response {
    ask(&mut server())
}

/// What one answers that misbehaves so.
fn lie(name: &str, ask: Ask) -> Response {
    let mut sandbox = server();
    sandbox.misbehave(name.parse::<Misbehaviour>().unwrap());
    ask(&mut sandbox)
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Holds the members that are told to be the truth's after this change.
#[track_caller]
fn told_with(name: &str, ask: Ask, change: impl FnOnce(&mut Value)) {
    let mut expected = body(&truth(ask));
    change(&mut expected);
    assert_eq!(body(&lie(name, ask)), expected, "{name}");
}

/// Tokens, a refresh token and a scope of two among them.
fn granted(sandbox: &mut Sandbox) -> Response {
    let scope = format!("{ISSUES} global:Profile.View");
    let pairs = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", DEMO_USERS[0].1),
        ("scope", &scope),
        ("access_type", "offline"),
    ];
    token(sandbox, By::Basic("web"), &pairs, NOW).response
}
