//! PA and AQ-13, AQ-14: pushed authorization requests.

use valetkey_sandbox::{Application, Arrival, FlowKind, Rights, Sandbox};

use crate::metadata::modern;
use crate::support::*;

pub(crate) fn push(sandbox: &mut Sandbox, changes: Pairs<'_>) -> Answer {
    as_web(sandbox, post("/oauth/par", &with(REQUEST, changes)))
}

pub(crate) fn by_name(request_uri: &str) -> Vec<(&str, &str)> {
    vec![("client_id", "web"), ("request_uri", request_uri)]
}

#[test]
fn a_pushed_request_is_put_to_the_person_by_its_name() {
    let mut sandbox = modern();
    let pushed = push(&mut sandbox, &[("client_id", "")]);
    assert_eq!((pushed.status, &pushed.body["expires_in"]), (201, &60.into()));
    let request_uri = pushed.text("request_uri");
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    // Whatever else the browser brings is not looked at.
    let tampered = with(&by_name(request_uri), &[("scope", ISSUES), ("state", "abc")]);
    let arrival = arrive(&mut sandbox, "alice", &tampered);
    assert_eq!(arrival.parameter("state").as_deref(), Some("xyz"));
    let code = arrival.parameter("code").unwrap();
    let answer = token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW);
    assert_eq!((answer.status, answer.text("scope")), (200, "**"));
}

/// AQ-13: once, in time, and by its own client.
#[test]
fn a_request_uri_is_used_once_in_time_by_its_client() {
    let mut sandbox = modern();
    let pushed = push(&mut sandbox, &[]);
    let request_uri = pushed.text("request_uri");
    for (pairs, now) in [
        (with(&by_name(request_uri), &[("client_id", "native")]), NOW),
        (with(&by_name(request_uri), &[("client_id", "")]), NOW),
        (by_name("urn:ietf:params:oauth:request_uri:unknown"), NOW),
        (by_name("https://attacker.example/request"), NOW),
        (by_name(request_uri), after(60)),
        (by_name(request_uri), after(59)),
    ] {
        let url = authorization_url(&sandbox, &pairs);
        assert_eq!(sandbox.answer(&get(&url), now).status(), 400, "{pairs:?}");
    }
    let again = push(&mut sandbox, &[]);
    let pairs = by_name(again.text("request_uri"));
    assert_eq!(ask(&mut sandbox, &pairs).status(), 200);
    assert_eq!(ask(&mut sandbox, &pairs).status(), 400);
}

/// PA-2, PA-3: what the authorization endpoint would refuse is refused at once, in JSON.
#[test]
fn a_bad_request_is_refused_when_it_is_pushed() {
    let mut sandbox = modern();
    let table: &[(&str, Pairs<'_>)] = &[
        ("invalid_request", &[("request_uri", "urn:ietf:params:oauth:request_uri:x")]),
        ("invalid_request", &[("redirect_uri", "https://attacker.example/")]),
        ("invalid_request", &[("client_id", "native")]),
        ("invalid_scope", &[("scope", "a  b")]),
        ("unsupported_response_type", &[("response_type", "nonsense")]),
    ];
    for (expected, changes) in table {
        assert_eq!(push(&mut sandbox, changes).error(), (400, *expected), "{changes:?}");
    }
    let nobody = Answer::of(sandbox.answer(&post("/oauth/par", REQUEST), NOW));
    assert_eq!(nobody.error(), (401, "invalid_client"));
    assert_eq!(Answer::of(sandbox.answer(&get("/oauth/par"), NOW)).status, 405);
}

/// AQ-14: where it is required, nothing else is put to a person.
#[test]
fn pushing_can_be_required() {
    let refused = |sandbox: &mut Sandbox, client_id| {
        let arrival = Arrival::after(&ask(sandbox, &with(REQUEST, &[("client_id", client_id)])));
        arrival.ok().and_then(|arrival| arrival.parameter("error"))
    };
    let mut sandbox = modern();
    let strict = Application::confidential("strict", "s").flow(FlowKind::AuthorizationCode).require_pushed();
    sandbox.add_application(strict.redirect_uri(WEB).may_request(Rights::All));
    assert_eq!(refused(&mut sandbox, "web"), None);
    assert_eq!(refused(&mut sandbox, "strict").as_deref(), Some("invalid_request"));
    sandbox.settings_mut().require_pushed = true;
    assert_eq!(refused(&mut sandbox, "web").as_deref(), Some("invalid_request"));
    let metadata = Answer::of(sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW));
    assert_eq!(metadata.body["require_pushed_authorization_requests"], true);
    let pushed = push(&mut sandbox, &[]);
    assert_eq!(ask(&mut sandbox, &by_name(pushed.text("request_uri"))).status(), 200);
}
