//! TR-16: a token for a token.

use serde_json::json;
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};

use crate::introspection::introspect;
use crate::metadata::modern;
use crate::support::*;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchange(sandbox: &mut Sandbox, token_: &str, changes: Pairs<'_>) -> Answer {
    let gateway = Application::confidential("gateway", "s").flow(FlowKind::TokenExchange);
    sandbox.add_application(gateway.may_request(Rights::All));
    let pairs = [("grant_type", EXCHANGE), ("subject_token", token_), ("subject_token_type", ACCESS_TOKEN)];
    token(sandbox, By::Basic("gateway"), &with(&pairs, changes), NOW)
}

pub(crate) fn exchanged(sandbox: &mut Sandbox, token: &str) -> Answer {
    exchange(sandbox, token, &[])
}

#[test]
fn the_new_token_has_the_old_ones_subject_and_no_more_rights() {
    let mut sandbox = modern();
    let one = tokens(&mut sandbox, "bob", &[]).text("access_token").to_owned();
    let answer = exchange(&mut sandbox, &one, &[("scope", "global:Profile.View")]);
    assert_eq!((answer.status, answer.text("issued_token_type")), (200, ACCESS_TOKEN));
    assert_eq!((answer.text("scope"), answer.text("token_type")), ("global:Profile.View", "Bearer"));
    let two = answer.text("access_token").to_owned();
    assert_eq!(profile(&mut sandbox, &two, NOW).text("username"), "bob");
    assert_eq!(introspect(&mut sandbox, &two).text("client_id"), "gateway");
    assert_eq!(exchange(&mut sandbox, &two, &[("scope", "**")]).text("scope"), "global:Profile.View");
    assert_eq!(exchange(&mut sandbox, &two, &[("scope", ISSUES)]).error(), (400, "invalid_scope"));
    sandbox.revoke_token(&one);
    assert_eq!(profile(&mut sandbox, &two, NOW).status, 401, "it is of the old one's family");
}

#[test]
fn an_actor_is_named() {
    let mut sandbox = modern();
    let alice = sandbox.permanent_token_of_user("alice");
    let bot = sandbox.permanent_token_of_application("chatbot");
    let actor = [("actor_token", &*bot), ("actor_token_type", ACCESS_TOKEN)];
    let token = exchange(&mut sandbox, &alice, &actor).text("access_token").to_owned();
    assert_eq!(introspect(&mut sandbox, &token).body["act"], json!({ "sub": "chatbot" }));
}

#[test]
fn what_cannot_be_exchanged_is_refused() {
    let mut sandbox = modern();
    let alice = sandbox.permanent_token_of_user("alice");
    let table: &[(&str, Pairs<'_>)] = &[
        ("invalid_request", &[("subject_token", "")]),
        ("invalid_request", &[("subject_token", "unknown")]),
        ("invalid_request", &[("subject_token_type", "")]),
        ("invalid_request", &[("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")]),
        ("invalid_request", &[("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")]),
        ("invalid_request", &[("actor_token", "unknown"), ("actor_token_type", ACCESS_TOKEN)]),
        ("invalid_request", &[("actor_token", &alice)]),
        ("invalid_target", &[("resource", "https://other.example/")]),
    ];
    for (expected, changes) in table {
        assert_eq!(exchange(&mut sandbox, &alice, changes).error(), (400, *expected), "{changes:?}");
    }
    let pairs = [("grant_type", EXCHANGE), ("subject_token", &*alice), ("subject_token_type", ACCESS_TOKEN)];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &pairs, NOW).error(), (400, "unauthorized_client"));
}
